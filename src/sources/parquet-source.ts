import { basename, dirname } from "node:path";
import type { ColumnMetaData } from "hyparquet";
import { parquetReadObjects } from "hyparquet";
import { findPart } from "../find-part.js";
import type { ImageInput } from "../image-input.js";
import { digestOf, type Pair, type PairSource, type Texts } from "../pair-source.js";
import { isOfFileSystem, unreadableFile } from "../unreadable-file.js";
import {
  describe,
  isObject,
  requireBoolean,
  requireInteger,
  requireOptions,
  wrongType,
} from "../validation.js";
import { textsOf } from "./columns.js";
import { openFiles } from "./open-files.js";
import type { ParquetOptions } from "./parquet.js";
import { type PairColumns, pairColumns } from "./parquet-columns.js";
import { parquetCompressors } from "./parquet-compressors.js";
import { invalidParquet, openParquetFile, type ParquetFile, withLeaves } from "./parquet-file.js";
import { isStoredPlain, readValueRanges, requirePages } from "./parquet-pages.js";
import { type PictureFinder, pictureFinder } from "./picture-root.js";
import { boundedCache } from "./row-group-cache.js";
import { expandBraces } from "./shard-pattern.js";

const optionNames = [
  "imageColumn",
  "textColumn",
  "root",
  "allowOutsideRoot",
  "cacheBytes",
] as const satisfies (keyof ParquetOptions)[];

const DEFAULT_CACHE_BYTES = 512 * 2 ** 20;
/** Files that are kept open while they are read. */
const KEPT_OPEN = 16;
/** What a short row is taken to cost beside its characters. */
const ROW_BYTES = 200;

type Row = Record<string, unknown>;

/** A picture of a row; null where it has no bytes. */
type PictureAt = (row: number) => Uint8Array | { offset: number; length: number } | null;

/** Where a row is. */
interface Place {
  readonly file: ParquetFile;
  readonly group: number;
  /** In the group. */
  readonly row: number;
  /** In the file, from 1. */
  readonly number: number;
}

function columnOf({ metadata }: ParquetFile, group: number, leaf: string): ColumnMetaData {
  const found = metadata.row_groups[group]?.columns.find(
    ({ meta_data: column }) => column?.path_in_schema.join(".") === leaf,
  );
  if (found?.meta_data === undefined) throw new RangeError(`column ${leaf} is missing`);
  return found.meta_data;
}

/** Rows of a group, of some leaves alone. */
async function readGroup(
  file: ParquetFile,
  group: number,
  leaves: readonly string[],
  utf8: boolean,
): Promise<Row[]> {
  await requirePages(
    file,
    leaves.map((leaf) => columnOf(file, group, leaf)),
  );
  const rowStart = file.groupRows.slice(0, group).reduce((sum, rows) => sum + rows, 0);
  const rows = file.groupRows[group] as number;
  const read = await parquetReadObjects({
    file: file.buffer,
    metadata: withLeaves(file.metadata, leaves),
    rowStart,
    rowEnd: rowStart + rows,
    compressors: parquetCompressors,
    utf8,
  });
  if (read.length !== rows)
    throw new RangeError(`it has ${read.length} rows and should have ${rows}`);
  return read as Row[];
}

const bytesOf = (value: unknown) => (value instanceof Uint8Array ? value : null);

async function readPictures(
  file: ParquetFile,
  group: number,
  { image, bytes: leaf }: PairColumns,
): Promise<{ value: PictureAt; bytes: number }> {
  const column = columnOf(file, group, leaf);
  const count = file.groupRows[group] as number;
  if (isStoredPlain(column)) {
    const { offsets, sizes } = await readValueRanges(file, column, count);
    const value: PictureAt = (row) => {
      const length = sizes[row] as number;
      return length < 0 ? null : { offset: offsets[row] as number, length };
    };
    return { value, bytes: offsets.byteLength + sizes.byteLength };
  }
  const rows = await readGroup(file, group, [leaf], false);
  const pictures = rows.map(({ [image]: picture }) =>
    bytesOf(isObject(picture) && !(picture instanceof Uint8Array) ? picture.bytes : picture),
  );
  // views of unpacked pages, which stay in memory as long as any of them does
  return {
    value: (row) => pictures[row] ?? null,
    bytes: Number(column.total_uncompressed_size),
  };
}

function sizeOf(rows: readonly Row[]): number {
  const characters = (value: unknown): number => {
    if (typeof value === "string") return 2 * value.length;
    if (Array.isArray(value)) return value.reduce((sum, one) => sum + characters(one), 0);
    return isObject(value) ? characters(Object.values(value)) : 0;
  };
  return rows.reduce((sum, row) => sum + ROW_BYTES + characters(row), 0);
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
    for (const [group, rows] of file.groupRows.entries()) {
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
  const given = requireOptions("openParquet", options, optionNames);
  const { root } = given;
  if (root !== undefined && typeof root !== "string") {
    throw wrongType("root", "the path of a folder", root);
  }
  const allowOutside = requireBoolean("allowOutsideRoot", given.allowOutsideRoot ?? false);
  const cacheBytes = requireInteger("cacheBytes", given.cacheBytes ?? DEFAULT_CACHE_BYTES, 0);
  const paths = readPaths(files);
  const open = openFiles(KEPT_OPEN);
  const opened: ParquetFile[] = [];
  for (const path of paths) opened.push(await openParquetFile(path, open));
  const columns = opened.map((file) => pairColumns(file, given.imageColumn, given.textColumn));
  const [first] = columns as [PairColumns];
  for (const [i, one] of columns.entries()) {
    if (JSON.stringify(one) === JSON.stringify(first)) continue;
    throw invalidParquet(paths[i] as string, `its columns are not those of ${paths[0]}`);
  }
  const { length, at } = placesOf(opened);
  if (length === 0) throw invalidParquet(paths.join(", "), "there are no rows in it");

  // texts are small and wanted alone, so that pictures do not put them out of memory
  const pictures = boundedCache<PictureAt>(cacheBytes);
  const others = boundedCache<Row[]>(Math.max(cacheBytes / 8, 2 ** 24));
  const keyOf = ({ file, group }: Place) => `${group} ${file.path}`;
  const { image, path: pathLeaf, text, textLeaves, id } = first;
  const otherLeaves = [...textLeaves, ...[pathLeaf, id].filter((leaf) => leaf !== undefined)];

  const invalidRow = (place: Place, index: number, message: string, cause?: unknown) =>
    invalidParquet(place.file.path, `row ${place.number}: ${message}`, index, cause);
  const attempt = async <T>(place: Place, index: number, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      if (isOfFileSystem(cause)) throw unreadableFile(place.file.path, cause, { index });
      const reason = `row group ${place.group} cannot be read: ${(cause as Error).message}`;
      throw invalidRow(place, index, reason, cause);
    }
  };
  const readOthers = (place: Place, index: number): Promise<Row> =>
    attempt(place, index, async () => {
      const rows = await others.get(keyOf(place), async () => {
        const value = await readGroup(place.file, place.group, otherLeaves, true);
        return { value, bytes: sizeOf(value) };
      });
      return rows[place.row] as Row;
    });
  const textAt = (row: Row, place: Place, index: number): Texts => {
    const texts = textsOf(row[text]);
    if (texts !== undefined) return texts;
    throw invalidRow(
      place,
      index,
      `${text}: expected a text or several, got ${describe(row[text])}`,
    );
  };
  const pathAt = (row: Row): string | undefined => {
    const struct = row[image];
    const found = isObject(struct) ? struct.path : undefined;
    return typeof found === "string" && found !== "" ? found : undefined;
  };
  const finders = new Map<string, PictureFinder>();
  const finderOf = (folder: string): PictureFinder => {
    const finder = finders.get(folder) ?? pictureFinder(folder, allowOutside);
    finders.set(folder, finder);
    return finder;
  };
  const pictureAt = async (row: Row, place: Place, index: number): Promise<ImageInput> => {
    const { file, group } = place;
    const picture = await attempt(place, index, () =>
      pictures.get(keyOf(place), () => readPictures(file, group, first)),
    ).then((value) => value(place.row));
    if (picture instanceof Uint8Array) return picture;
    if (picture !== null) return { path: file.path, ...picture };
    const path = pathAt(row);
    if (path === undefined) throw invalidRow(place, index, `${image}: there is no picture`);
    const found = await finderOf(root ?? dirname(file.path))(path);
    if ("path" in found) return found.path;
    throw invalidRow(place, index, `${image}: ${found.problem}; got ${describe(path)}`);
  };
  const idAt = (row: Row, { file, number }: Place): string => {
    const own = id === undefined ? undefined : row[id];
    return pathAt(row) ?? (typeof own === "string" ? own : `${basename(file.path)}:${number}`);
  };
  return {
    length,
    fingerprint: digestOf([
      ...opened.flatMap(({ path, size, groupRows }) => [basename(path), size, groupRows.length]),
      ...[length, image, text],
    ]),
    description: `Parquet, ${opened.length} file${opened.length === 1 ? "" : "s"}, ${length} pairs`,
    async get(index): Promise<Pair> {
      const place = at(index);
      const row = await readOthers(place, index);
      const text = textAt(row, place, index);
      return { image: await pictureAt(row, place, index), text, id: idAt(row, place) };
    },
    async texts(index) {
      const place = at(index);
      return textAt(await readOthers(place, index), place, index);
    },
  };
}
