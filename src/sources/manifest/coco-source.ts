import { JSONParser } from "@streamparser/json";
import { remoteReaders } from "../../remote/remote-options.js";
import { depthGuard } from "../../shared/bounded-json.js";
import { PixtokError } from "../../shared/errors.js";
import {
  type OptionReaders,
  optional,
  type ReadOptions,
  readOptions,
  stringOf,
  withDefault,
} from "../../shared/options.js";
import { stringStore } from "../../shared/string-store.js";
import { describe, isObject, requireBoolean, wrongType } from "../../shared/validation.js";
import { openOfFile, type ReadableFile } from "../copied-file.js";
import { type DataFile, dataFile } from "../data-files.js";
import { foundImages } from "../found-images.js";
import { imageFinder, rootReaders } from "../image-root.js";
import { makeFingerprint, type Pair, type PairSource, type Texts } from "../pair-source.js";
import { openTextBytes, type TextBytes } from "../text-bytes.js";
import type { CocoOptions } from "./coco-options.js";
import { KNOWN_JSON } from "./json-pairs.js";
import { karpathyImage, splitChoice } from "./karpathy.js";

type Id = number | string;

interface Visitor {
  image(entry: Record<string, unknown>): void;
  annotation(entry: Record<string, unknown>): void;
}

function invalid(path: string, message: string, index?: number, cause?: unknown): PixtokError {
  return new PixtokError("INVALID_MANIFEST", message, { source: path, index, cause });
}

/** Goes through the file without having all of it in memory. */
async function visit(path: string, bytes: TextBytes, visitor: Visitor): Promise<void> {
  const parser = new JSONParser({ paths: ["$.images.*", "$.annotations.*"], keepStack: false });
  // the parser itself puts a character of its own in the place of bytes that are no text
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  // the parser takes the square of a value's depth
  const requireShallow = depthGuard();
  let failure: unknown;
  parser.onError = (error) => {
    failure ??= error;
  };
  parser.onValue = ({ value, stack }) => {
    const list = stack[1]?.key;
    if (!isObject(value))
      failure ??= new TypeError(`${list}: expected objects, got ${describe(value)}`);
    else if (list === "images") visitor.image(value);
    else visitor.annotation(value);
  };
  for await (const chunk of bytes.chunks()) {
    try {
      requireShallow(utf8.decode(chunk, { stream: true }));
      parser.write(chunk);
    } catch (cause) {
      failure ??= cause;
    }
    if (failure !== undefined) break;
  }
  if (failure === undefined && !parser.isEnded) failure = new SyntaxError("it ends early");
  if (failure !== undefined) {
    throw invalid(path, `not COCO captions: ${(failure as Error).message}`, undefined, failure);
  }
}

const isId = (value: unknown): value is Id =>
  typeof value === "number" || typeof value === "string";

function readNoColumns(option: string, value: unknown): "auto" | undefined {
  if (value === undefined || value === "auto") return value;
  throw wrongType(option, 'none, or "auto", as COCO captions have no columns', value);
}

const readers = {
  ...rootReaders,
  texts: withDefault(requireBoolean, true),
  split: optional(stringOf("a name")),
  columns: readNoColumns,
  ...remoteReaders,
} satisfies OptionReaders<CocoOptions>;

/** As openCocoCaptions(). */
export async function openCocoSource(
  path: string | URL,
  options: CocoOptions = {},
): Promise<PairSource> {
  const given = readOptions("openCocoCaptions", options, readers);
  return openCocoFile(await dataFile("path", path, given), options);
}

/**
 * As openCocoSource(), of a file that is known.
 *
 * @internal
 */
export function openCocoFile(file: DataFile, options: CocoOptions): Promise<PairSource> {
  const given = readOptions("openCocoCaptions", options, readers);
  return openOfFile(file, (readable) => openPairs(readable, given));
}

async function openPairs(
  { path, folder }: ReadableFile,
  given: ReadOptions<typeof readers>,
): Promise<PairSource> {
  const { root = folder, allowOutsideRoot, texts: hasTexts } = given;
  const image = imageFinder(root, allowOutsideRoot);
  const imageOf = foundImages(given);

  const names = stringStore();
  const places = new Map<Id, number>();
  const captions = stringStore();
  const captioned: Id[] = [];
  const bad = new Map<number, string>();
  let others = 0;
  const splits = splitChoice(given.split);
  const bytes = await openTextBytes(path);
  await visit(path, bytes, {
    image(entry) {
      const place = names.length;
      const own = karpathyImage(entry);
      if (own !== undefined) {
        if (!splits.take(own.split)) return;
        names.push(own.path);
        places.set(`image ${place}`, place);
        for (const caption of own.captions) {
          captions.push(caption);
          captioned.push(`image ${place}`);
        }
        return;
      }
      const { id, file_name: name } = entry;
      names.push(typeof name === "string" ? name : "");
      if (typeof name !== "string" || name === "") {
        bad.set(place, `images[${place}].file_name: expected a path, got ${describe(name)}`);
      } else if (!isId(id)) {
        bad.set(place, `images[${place}].id: expected a number, got ${describe(id)}`);
      } else if (places.has(id)) {
        bad.set(place, `images[${place}]: id ${id} is also that of images[${places.get(id)}]`);
      } else {
        places.set(id, place);
      }
    },
    annotation({ image_id: id, caption }) {
      if (caption === undefined) others += 1;
      captions.push(typeof caption === "string" ? caption : "");
      // what is no caption must not go to an image
      captioned.push(isId(id) && typeof caption === "string" ? id : Number.NaN);
    },
  });

  const wrongSplit = splits.problem();
  if (wrongSplit !== undefined) throw invalid(path, wrongSplit);

  // captions in the order of images: how many each has, and from there where its first one stands
  const ends = new Uint32Array(names.length);
  let orphans = 0;
  for (const [annotation, id] of captioned.entries()) {
    const place = places.get(id);
    if (place !== undefined) {
      ends[place] = (ends[place] as number) + 1;
      continue;
    }
    const message = Number.isNaN(id)
      ? "has no image_id or no caption"
      : `is of image ${id}, which is not there`;
    bad.set(names.length + orphans, `annotations[${annotation}] ${message}`);
    orphans += 1;
  }
  let end = 0;
  for (const [place, count] of ends.entries()) {
    end += count;
    ends[place] = end;
  }
  const order = new Uint32Array(end);
  for (let annotation = captioned.length - 1; annotation >= 0; annotation -= 1) {
    const place = places.get(captioned[annotation] as Id);
    if (place === undefined) continue;
    end = (ends[place] as number) - 1;
    ends[place] = end; // they are the starts in the end
    order[end] = annotation;
  }
  const startOf = (place: number) => (place < ends.length ? (ends[place] as number) : order.length);

  // captions of images that are not there are pairs that cannot be read
  const length = names.length + (hasTexts ? orphans : 0);
  if (names.length === 0) throw invalid(path, `there are no images in it; ${KNOWN_JSON}`);
  if (hasTexts && others > 0 && others === captioned.length) {
    throw invalid(
      path,
      "its annotations have no captions, as those of objects or key points; expected a file of captions",
    );
  }
  const textsOf = (index: number): Texts => {
    const message = bad.get(index);
    if (message !== undefined) throw invalid(path, message, index);
    if (!hasTexts) return "";
    const found = order.subarray(startOf(index), startOf(index + 1));
    if (found.length > 0) return Array.from(found, (annotation) => captions.at(annotation));
    throw invalid(path, `images[${index}] has no caption`, index);
  };
  return {
    length,
    fingerprint: makeFingerprint([bytes.length, length, captions.length, names.at(0)]),
    description: `COCO captions, ${length} images with ${captions.length} captions`,
    ...(given.columns === "auto" && { columnTypes: {} }),
    blockLengths: () => [length],
    async get(index, context): Promise<Pair> {
      const text = textsOf(index);
      const name = names.at(index);
      const found = await image(name);
      if ("problem" in found) {
        const problem = `${found.problem}; got ${describe(name)}`;
        throw invalid(path, `images[${index}].file_name: ${problem}`, index);
      }
      return { ...(await imageOf(found, index, context)), text, key: name };
    },
    texts: textsOf,
  };
}
