import { isUtf8 } from "node:buffer";
import { basename, dirname } from "node:path";
import type { ImageInput } from "../../image/image-input.js";
import { PixtokError } from "../../shared/errors.js";
import { findPart } from "../../shared/find-part.js";
import { machineFault } from "../../shared/machine-fault.js";
import {
  asGiven,
  integer,
  type OptionReaders,
  readOptions,
  withDefault,
} from "../../shared/options.js";
import { isOfFileSystem, unreadableFile } from "../../shared/unreadable-file.js";
import { describe, isObject, wrongType } from "../../shared/validation.js";
import { textsOf } from "../columns.js";
import { expandBraces } from "../file-pattern.js";
import { type ImageFinder, imageFinder, rootReaders } from "../image-root.js";
import { openFiles } from "../open-files.js";
import { digestOf, type Pair, type PairSource, type Texts } from "../pair-source.js";
import type { ClassNames } from "./class-names.js";
import { readColumn, readValueRanges } from "./parquet-column.js";
import { type PairColumns, pairColumns, signatureOf } from "./parquet-columns.js";
import { invalidParquet, isDamage, openParquetFile, type ParquetFile } from "./parquet-file.js";
import type { ParquetLeaf } from "./parquet-metadata.js";
import type { ParquetOptions } from "./parquet-options.js";
import type { Maker } from "./parquet-values.js";
import { boundedCache } from "./row-group-cache.js";

const DEFAULT_CACHE_BYTES = 512 * 2 ** 20;

const readers = {
  imageColumn: asGiven,
  textColumn: asGiven,
  ...rootReaders,
  cacheBytes: withDefault(integer(0), DEFAULT_CACHE_BYTES),
} satisfies OptionReaders<ParquetOptions>;

/** Files that are kept open while they are read. */
const KEPT_OPEN = 16;
/** What an array of a row's texts costs beside them. */
const LIST_BYTES = 64;

/** An image of a row; null where it has no bytes. */
type ImageAt = (row: number) => Uint8Array | { offset: number; length: number } | null;

/** Where a row is. */
interface Place {
  readonly file: ParquetFile;
  readonly group: number;
  /** In the group. */
  readonly row: number;
  /** In the file, from 1. */
  readonly number: number;
}

/** In place of a text that is none. */
interface BadText {
  readonly problem: string;
}

type TextValue = string | BadText;

const REPLACEMENT = "\uFFFD";

/** Strings; those that are not UTF-8 are marked. */
function textMaker(classes: ClassNames | undefined): Maker<TextValue> {
  return {
    bytes(page, start, end) {
      const text = page.toString("utf8", start, end);
      const isDamaged = text.includes(REPLACEMENT) && !isUtf8(page.subarray(start, end));
      return isDamaged ? { problem: "this is not UTF-8" } : text;
    },
    integer(value) {
      if (classes === undefined) return String(value);
      const name = classes[Number(value)];
      return (
        name ?? { problem: `expected the number of one of ${classes.length} classes, got ${value}` }
      );
    },
  };
}

/** Views of a page, which stay in memory as long as any of them does. */
const viewMaker: Maker<Buffer | null> = {
  bytes: (page, start, end) => page.subarray(start, end),
  integer: () => null,
};

/** What a row has beside its image's bytes. */
interface Others {
  readonly texts: readonly (TextValue | readonly (TextValue | null)[] | null)[];
  readonly paths: readonly (TextValue | null)[] | undefined;
  readonly ids: readonly (TextValue | null)[] | undefined;
}

/** Rows of a column, of lists their first element. */
async function readFirst<T>(
  file: ParquetFile,
  group: number,
  leaf: ParquetLeaf,
  make: Maker<T>,
): Promise<{ value: (T | null)[]; bytes: number }> {
  const value: (T | null)[] = [];
  const bytes = await readColumn(file, group, leaf, make, (row, one, first) => {
    if (first) value[row] = one;
  });
  return { value, bytes };
}

async function readTexts(file: ParquetFile, group: number, { texts: leaf, classes }: PairColumns) {
  const make = textMaker(classes);
  if (leaf.lists === 0) return readFirst(file, group, leaf, make);
  const value: (TextValue | null)[][] = [];
  let elements = 0;
  const bytes = await readColumn(file, group, leaf, make, (row, one, first, isElement) => {
    if (first) value[row] = [];
    if (isElement) value[row]?.push(one);
    elements += 1;
  });
  return { value, bytes: bytes + LIST_BYTES * value.length + 8 * elements };
}

async function readOthers(
  file: ParquetFile,
  group: number,
  columns: PairColumns,
): Promise<{ value: Others; bytes: number }> {
  const texts = await readTexts(file, group, columns);
  const strings = async (leaf: ParquetLeaf | undefined) =>
    leaf === undefined ? undefined : readFirst(file, group, leaf, textMaker(undefined));
  const paths = await strings(columns.path);
  const ids = await strings(columns.id);
  return {
    value: { texts: texts.value, paths: paths?.value, ids: ids?.value },
    bytes: texts.bytes + (paths?.bytes ?? 0) + (ids?.bytes ?? 0),
  };
}

async function readImages(
  file: ParquetFile,
  group: number,
  leaf: ParquetLeaf,
): Promise<{ value: ImageAt; bytes: number }> {
  const ranges = await readValueRanges(file, group, leaf);
  if (ranges !== undefined) {
    const { offsets, sizes } = ranges;
    const value: ImageAt = (row) => {
      const length = sizes[row] as number;
      return length < 0 ? null : { offset: offsets[row] as number, length };
    };
    return { value, bytes: offsets.byteLength + sizes.byteLength };
  }
  const { value: images, bytes } = await readFirst(file, group, leaf, viewMaker);
  return { value: (row) => images[row] ?? null, bytes };
}

/** What became of a row group: gives it, or throws what is wrong with it. */
type Outcome<T> = () => T;

/** Damage is kept as well: not every row of a group is to read it anew. */
async function outcomeOf<T>(
  read: () => Promise<{ value: T; bytes: number }>,
): Promise<{ value: Outcome<T>; bytes: number }> {
  try {
    const { value, bytes } = await read();
    return { value: () => value, bytes };
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    const fail = () => {
      throw cause;
    };
    return { value: fail, bytes: 0 };
  }
}

function readPaths(files: unknown): string[] {
  const list: unknown[] = Array.isArray(files) ? files : [files];
  for (const path of list) {
    if (typeof path !== "string" || path === "") {
      throw wrongType("files", "paths of Parquet files", path);
    }
  }
  if (list.length === 0) throw wrongType("files", "at least one", files);
  return (list as string[]).flatMap(expandBraces);
}

/** Rows of all files in their order, found by binary search. */
function placesOf(files: readonly ParquetFile[]) {
  const groups: { file: ParquetFile; group: number; first: number }[] = [];
  const ends: number[] = [];
  let length = 0;
  for (const file of files) {
    let first = 0;
    for (const [group, { rows }] of file.metadata.groups.entries()) {
      length += rows;
      ends.push(length);
      groups.push({ file, group, first });
      first += rows;
    }
  }
  const at = (index: number): Place => {
    const { part, indexInPart: row } = findPart(ends, index);
    const { file, group, first } = groups[part] as (typeof groups)[number];
    return { file, group, row, number: first + row + 1 };
  };
  return { length, at };
}

/** @see openParquet */
export async function openParquetSource(
  files: string | readonly string[],
  options: ParquetOptions,
): Promise<PairSource> {
  const given = readOptions("openParquet", options, readers);
  const { root, allowOutsideRoot: allowOutside, cacheBytes } = given;
  const paths = readPaths(files);
  const open = openFiles(KEPT_OPEN);
  const opened: ParquetFile[] = [];
  for (const path of paths) opened.push(await openParquetFile(path, open));
  const columns = new Map(
    opened.map((file) => [file, pairColumns(file, given.imageColumn, given.textColumn)] as const),
  );
  const columnsOf = (file: ParquetFile) => columns.get(file) as PairColumns;
  const first = columnsOf(opened[0] as ParquetFile);
  for (const file of opened) {
    if (signatureOf(columnsOf(file)) === signatureOf(first)) continue;
    throw invalidParquet(file.path, `its columns are not those of ${paths[0]}`);
  }
  const { length, at } = placesOf(opened);
  if (length === 0) throw invalidParquet(paths.join(", "), "there are no rows in it");

  // texts are small and wanted alone, so that images do not put them out of memory
  const images = boundedCache<Outcome<ImageAt>>(cacheBytes);
  const others = boundedCache<Outcome<Others>>(Math.max(cacheBytes / 8, 2 ** 24));
  const keyOf = ({ file, group }: Place) => `${group} ${file.path}`;
  const { image, text } = first;

  const invalidRow = (place: Place, index: number, message: string, cause?: unknown) =>
    invalidParquet(place.file.path, `row ${place.number}: ${message}`, index, cause);
  const attempt = async <T>(place: Place, index: number, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof PixtokError) throw cause;
      if (isOfFileSystem(cause) || machineFault(cause) !== null) {
        throw unreadableFile(place.file.path, cause, { index });
      }
      const reason = `row group ${place.group} cannot be read: ${(cause as Error).message}`;
      throw invalidRow(place, index, reason, cause);
    }
  };
  const othersOf = (place: Place, index: number): Promise<Others> =>
    attempt(place, index, async () => {
      const { file, group } = place;
      const make = () => outcomeOf(() => readOthers(file, group, columnsOf(file)));
      return (await others.get(keyOf(place), make))();
    });
  const textAt = ({ texts }: Others, place: Place, index: number): Texts => {
    const value = texts[place.row];
    const found = textsOf(value);
    if (found !== undefined) return found;
    const problem = problemIn(value) ?? `expected a text or several, got ${describe(value)}`;
    throw invalidRow(place, index, `${text}: ${problem}`);
  };
  const pathAt = ({ paths }: Others, { row }: Place): TextValue | undefined =>
    paths?.[row] || undefined;
  const finders = new Map<string, ImageFinder>();
  const finderOf = (folder: string): ImageFinder => {
    const finder = finders.get(folder) ?? imageFinder(folder, allowOutside);
    finders.set(folder, finder);
    return finder;
  };
  const imageAt = async (row: Others, place: Place, index: number): Promise<ImageInput> => {
    const { file, group } = place;
    const leaf = columnsOf(file).bytes;
    if (leaf !== undefined) {
      const image = await attempt(place, index, async () => {
        const make = () => outcomeOf(() => readImages(file, group, leaf));
        return (await images.get(keyOf(place), make))()(place.row);
      });
      if (image instanceof Uint8Array) return image;
      if (image !== null) return { path: file.path, ...image };
    }
    const path = pathAt(row, place);
    if (path === undefined) throw invalidRow(place, index, `${image}: there is no image`);
    if (typeof path !== "string") throw invalidRow(place, index, `${image}: ${path.problem}`);
    const found = await finderOf(root ?? dirname(file.path))(path);
    if ("path" in found) return found.path;
    throw invalidRow(place, index, `${image}: ${found.problem}; got ${describe(path)}`);
  };
  const idAt = (row: Others, place: Place): string => {
    const named = [pathAt(row, place), row.ids?.[place.row]];
    return (
      named.find((name) => typeof name === "string") ??
      `${basename(place.file.path)}:${place.number}`
    );
  };
  return {
    length,
    fingerprint: digestOf([
      ...opened.flatMap(({ path, size, metadata }) => [
        basename(path),
        size,
        metadata.groups.length,
      ]),
      ...[length, image, text],
    ]),
    description: `Parquet, ${opened.length} file${opened.length === 1 ? "" : "s"}, ${length} pairs`,
    async get(index): Promise<Pair> {
      const place = at(index);
      const row = await othersOf(place, index);
      const text = textAt(row, place, index);
      return {
        image: await imageAt(row, place, index),
        text,
        id: idAt(row, place),
        origin: `${place.file.path}#row ${place.number}`,
      };
    },
    async texts(index) {
      const place = at(index);
      return textAt(await othersOf(place, index), place, index);
    },
  };
}

/** What is wrong with a text, or with the first bad one of several. */
function problemIn(value: unknown): string | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  for (const one of list) if (isObject(one) && typeof one.problem === "string") return one.problem;
  return undefined;
}
