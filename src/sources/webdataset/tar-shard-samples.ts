import { outOfRange, wrongType } from "../../shared/validation.js";
import { imageExtensions, unreadImageExtensions } from "../image-names.js";
import type { TarFault } from "./tar-entries.js";
import { entryName, type ShardEntries } from "./tar-shard-entries.js";

/** Extensions of texts, those that win first. */
const textExtensions = ["txt", "json", "cls"];

/** Which files of a sample are its image and its text, if it has one: groups of extensions, the first that is there. */
export interface WantedFiles {
  image: readonly string[][];
  text: readonly string[][] | null;
  /** Names of columns of further images, in lower case. */
  imageColumns: readonly string[];
}

function givenExtension(option: string, value: unknown): string[][] | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw wrongType(option, 'an extension, such as "jpg"', value);
  const extension = value.replace(/^\./, "").toLowerCase();
  if (extension === "") throw outOfRange(option, 'an extension, such as "jpg"', value);
  return [[extension]];
}

/** @throws {TypeError | RangeError} */
export function readWantedFiles(
  given: Record<string, unknown> & { readonly imageColumns: readonly string[] },
): WantedFiles {
  for (const option of ["textExtension", "textColumn"]) {
    if (given.texts === false && given[option] !== undefined) {
      throw wrongType(option, "none with texts: false", given[option]);
    }
  }
  const text = givenExtension("textExtension", given.textExtension);
  // a column is named for the JSON file
  const usual = given.textColumn === undefined ? textExtensions : ["json"];
  return {
    image: givenExtension("imageExtension", given.imageExtension) ?? [
      [...imageExtensions],
      [...unreadImageExtensions],
    ],
    text: given.texts === false ? null : (text ?? usual.map((extension) => [extension])),
    imageColumns: given.imageColumns.map((name) => name.toLowerCase()),
  };
}

/** The files of a shard's samples, and what is wrong with those that are bad. */
export interface ShardSamples {
  readonly length: number;
  /** What is wrong with a sample, and with which; undefined where nothing is. */
  fault(sample: number): string | undefined;
  key(sample: number): string;
  /** Entry of its image. */
  image(sample: number): number;
  /** Entry of its text. */
  text(sample: number): number;
  /** Entry of its image in a column, or what is wrong with it; undefined where it has none. */
  imageIn(sample: number, column: string): number | string | undefined;
  /** Entry of its file with an extension; undefined where it has none. */
  entry(sample: number, extension: string): number | undefined;
}

/** Positions of what has one of these extensions; or, where none has, of what ends with one. */
function withExtension(extensions: readonly string[], wanted: readonly string[]): number[] {
  const where = (test: (extension: string) => boolean) =>
    extensions.flatMap((extension, i) => (test(extension) ? i : []));
  const exact = where((extension) => wanted.includes(extension));
  if (exact.length > 0) return exact;
  return where((extension) => wanted.some((last) => extension.endsWith(`.${last}`)));
}

const MOST_NAMED = 10;

/** Extensions as a message has them. */
function listed(extensions: readonly string[]): string {
  const named = extensions.slice(0, MOST_NAMED).map((extension) => `.${extension}`);
  const more = extensions.length - named.length;
  return named.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** The position of the one that is meant, or what is wrong. */
function chooseFile(
  extensions: readonly string[],
  groups: readonly string[][],
  what: string,
  option: string,
): number | string {
  for (const group of groups) {
    const [first, ...others] = withExtension(extensions, group);
    if (first === undefined) continue;
    if (others.length === 0) return first;
    const found = listed([first, ...others].map((i) => extensions[i] as string));
    return `it has several ${what}s, ${found}; the option ${option} chooses one`;
  }
  const wanted = groups.flat();
  const expected = `${wanted.length > 1 ? "one of " : ""}${listed(wanted)}`;
  return `it has no ${what}: expected ${expected}, got ${listed(extensions)}`;
}

const readable: readonly string[] = [...imageExtensions, ...unreadImageExtensions];

/** Positions of images in a column, which an extension names, such as "left.jpg", or what it is in front of the format. */
function inColumn(extensions: readonly string[], column: string): number[] {
  const exact = extensions.indexOf(column);
  if (exact >= 0) return [exact];
  return extensions.flatMap((extension, i) => {
    const isIn = extension.startsWith(`${column}.`);
    return isIn && readable.includes(extension.slice(column.length + 1)) ? i : [];
  });
}

/** The first that comes twice. */
function repeated(extensions: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return extensions.find((extension) => seen.size === seen.add(extension).size);
}

/** The image that is meant. What is in a column is none, unless there is no other. */
function chooseImage(extensions: readonly string[], { image, imageColumns }: WantedFiles) {
  const taken = new Set(imageColumns.flatMap((column) => inColumn(extensions, column)));
  const left = extensions.map((extension, i) => (taken.has(i) ? "" : extension));
  const chosen = taken.size > 0 ? chooseFile(left, image, "image", "imageExtension") : "";
  if (typeof chosen === "number") return chosen;
  return chooseFile(extensions, image, "image", "imageExtension");
}

/** Positions of image and text among a sample's files, or what is wrong with these. */
function chooseFiles(extensions: readonly string[], wanted: WantedFiles) {
  const twice = repeated(extensions);
  if (twice !== undefined) return `it has more than one .${twice}`;
  const image = chooseImage(extensions, wanted);
  if (typeof image === "string") return image;
  if (wanted.text === null) return { image, text: image };
  const text = chooseFile(extensions, wanted.text, "text", "textExtension");
  return typeof text === "string" ? text : { image, text };
}

/**
 * Finds image and text of each sample. A fault of the tar is one of its last entry's sample, or else an
 * extra sample at the end.
 */
export function chooseSamples(
  entries: ShardEntries,
  wanted: WantedFiles,
  tarFault: TarFault | undefined,
): ShardSamples {
  const images = new Uint32Array(entries.samples);
  const texts = new Uint32Array(entries.samples);
  const faults = new Map<number, string>();
  const keys = new Set<string>();
  const choices = new Map<string, ReturnType<typeof chooseFiles>>();
  const cutEntry = tarFault?.entry !== undefined && entryName(tarFault.entry) !== undefined;

  /** What is wrong with the sample; undefined where nothing is, and its files are noted. */
  const faultOf = (sample: number, key: string, extensions: readonly string[]) => {
    if (cutEntry && sample === entries.samples - 1) return tarFault.message;
    if (keys.has(key)) return "its key has come before in this shard";
    const alike = extensions.join("/");
    const chosen = choices.get(alike) ?? chooseFiles(extensions, wanted);
    choices.set(alike, chosen);
    if (typeof chosen === "string") return chosen;
    images[sample] = entries.first(sample) + chosen.image;
    texts[sample] = entries.first(sample) + chosen.text;
    return undefined;
  };

  for (let sample = 0; sample < entries.samples; sample += 1) {
    let key = "";
    const extensions: string[] = [];
    for (let entry = entries.first(sample); entry < entries.first(sample + 1); entry += 1) {
      const name = entryName(entries.name(entry));
      key = name?.key ?? "";
      extensions.push(name?.extension ?? "");
    }
    const fault = faultOf(sample, key, extensions);
    if (fault !== undefined) faults.set(sample, `${key}: ${fault}`);
    keys.add(key);
  }
  const extra = tarFault !== undefined && !cutEntry;
  if (extra) faults.set(entries.samples, tarFault.message);
  return samplesOf(entries, entries.samples + (extra ? 1 : 0), images, texts, faults);
}

/** Apart from where they were found: closures there would keep all keys in memory. */
function samplesOf(
  entries: ShardEntries,
  length: number,
  images: Uint32Array,
  texts: Uint32Array,
  faults: ReadonlyMap<number, string>,
): ShardSamples {
  const extensionsOf = (sample: number) =>
    Array.from(
      { length: entries.first(sample + 1) - entries.first(sample) },
      (_, i) => entryName(entries.name(entries.first(sample) + i))?.extension ?? "",
    );
  return {
    length,
    fault: (sample) => faults.get(sample),
    key: (sample) => entryName(entries.name(entries.first(sample)))?.key ?? "",
    image: (sample) => images[sample] as number,
    text: (sample) => texts[sample] as number,
    imageIn(sample, column) {
      const extensions = extensionsOf(sample);
      const [first, ...others] = inColumn(extensions, column.toLowerCase());
      if (first === undefined) return undefined;
      if (others.length === 0) return entries.first(sample) + first;
      const found = listed([first, ...others].map((i) => extensions[i] as string));
      return `it has several images ${column}, ${found}; name one of these`;
    },
    entry(sample, extension) {
      const [first] = withExtension(extensionsOf(sample), [extension]);
      return first === undefined ? undefined : entries.first(sample) + first;
    },
  };
}
