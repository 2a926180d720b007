import type { RemoteSettings } from "../../remote/remote-options.js";
import type { RemoteSet } from "../../remote/remote-set.js";
import { allDone } from "../../shared/all-done.js";
import { PixtokError } from "../../shared/errors.js";
import { textOfUrl } from "../../shared/location.js";
import {
  asGiven,
  integer,
  type OptionReaders,
  readOptions,
  withDefault,
} from "../../shared/options.js";
import type { SourceContext } from "../../shared/sample-context.js";
import { describe, wrongType } from "../../shared/validation.js";
import { textsOf } from "../columns.js";
import { type ConversationReading, conversationSource } from "../conversation-rows.js";
import { type DataFile, dataFiles } from "../data-files.js";
import { foundImages, type ImageOfPair, imagesOf } from "../found-images.js";
import { type ImageFinder, imageFinder } from "../image-root.js";
import { nameOfFile } from "../name-of-file.js";
import { openFiles } from "../open-files.js";
import { makeFingerprint, type Pair, type PairSource, type Texts } from "../pair-source.js";
import { tableReaders } from "../table-options.js";
import type { ImageBytes } from "./pair-values.js";
import { type ImageColumn, type PairColumns, pairColumns, signatureOf } from "./parquet-columns.js";
import { invalidParquet, isDamage, openParquetFile, type ParquetFile } from "./parquet-file.js";
import type { ParquetOptions } from "./parquet-options.js";
import { type FilesInIndex, goneParquet, openParquetRows, type Place } from "./parquet-rows.js";
import { type RowOthers, rowReader } from "./row-reader.js";
import { problemIn, type TextValue } from "./text-values.js";

const DEFAULT_CACHE_BYTES = 512 * 2 ** 20;

const readers = {
  imageColumn: asGiven,
  textColumn: asGiven,
  ...tableReaders,
  rowCacheBytes: withDefault(integer(0), DEFAULT_CACHE_BYTES),
} satisfies OptionReaders<ParquetOptions>;

/** Files that are kept open while they are read. */
const KEPT_OPEN = 16;

function readPatterns(files: unknown): readonly string[] {
  const list = (Array.isArray(files) ? files : [files]).map(textOfUrl);
  for (const path of list) {
    if (typeof path !== "string" || path === "") {
      throw wrongType("files", "paths or URLs of Parquet files", path);
    }
  }
  if (list.length === 0) throw wrongType("files", "at least one", files);
  return list as string[];
}

/** @see openParquet */
export async function openParquetSource(
  files: string | URL | readonly (string | URL)[],
  options: ParquetOptions,
): Promise<PairSource> {
  const given = readOptions("openParquet", options, readers);
  return openParquetFiles(await dataFiles("files", readPatterns(files), given), options);
}

/** Files that are looked at at the same time. */
const OPENED_AT_ONCE = 64;

async function openEach(
  files: readonly DataFile[],
  settings: RemoteSettings,
): Promise<ParquetFile[]> {
  const open = openFiles(KEPT_OPEN);
  const elsewhere = files.filter((file) => typeof file !== "string");
  const openRemote =
    elsewhere.length > 0 &&
    (await import("./remote-parquet.js")).openRemoteParquet(elsewhere, open, settings);
  const openOne = (file: DataFile) =>
    typeof file === "string" || !openRemote
      ? openParquetFile(file as string, open)
      : openRemote(file);
  const opened: ParquetFile[] = [];
  for (let first = 0; first < files.length; first += OPENED_AT_ONCE) {
    opened.push(...(await allDone(files.slice(first, first + OPENED_AT_ONCE).map(openOne))));
  }
  return opened;
}

/** Fetches the files that row groups, numbered over all files, are in. */
function groupsExpected(set: RemoteSet, files: readonly ParquetFile[], { fileOf }: FilesInIndex) {
  return (groups: readonly number[]) => {
    const places = groups.flatMap((group) => files[fileOf(group)]?.remote?.place ?? []);
    set.expect([...new Set(places)]);
  };
}

/**
 * As openParquet(), of files that are known.
 *
 * @param reading how rows are read as conversations, which need no images. Default: they are pairs.
 */
export async function openParquetFiles(
  dataFiles: readonly DataFile[],
  options: ParquetOptions,
  reading?: ConversationReading,
): Promise<PairSource> {
  const given = readOptions("openParquet", options, readers);
  const { root, allowOutsideRoot: allowOutside, rowCacheBytes } = given;
  const opened = await openEach(dataFiles, given);
  /** What a pair's columns are in each kind of files; as they must be the same in all, those of one kind say what a pair has. */
  const columnsByKind = (index: FilesInIndex): PairColumns[] => {
    /** The first file of each kind of columns. */
    const firstOf = new Map<number, string>();
    for (const [i, { path }] of opened.entries()) {
      const kind = index.columnsOf(i);
      if (!firstOf.has(kind)) firstOf.set(kind, path);
    }
    const kinds = index.columns.map((columns, kind) =>
      pairColumns(firstOf.get(kind) ?? "", columns, given, reading),
    );
    const first = kinds[index.columnsOf(0)] as PairColumns;
    for (const [kind, columns] of kinds.entries()) {
      if (signatureOf(columns) === signatureOf(first)) continue;
      throw invalidParquet(
        firstOf.get(kind) ?? "",
        `its columns are not those of ${firstOf.get(0)}`,
      );
    }
    if (index.rows === 0) {
      const paths = opened.map(({ path }) => path);
      throw invalidParquet(paths.join(", "), "there are no rows in it");
    }
    return kinds;
  };
  const files = await openParquetRows(opened, given, columnsByKind);
  const { index: found, found: kinds } = files;
  const columnsOf = ({ columns }: Place) => kinds[columns] as PairColumns;
  const first = kinds[found.columnsOf(0)] as PairColumns;
  const { rows: length } = found;
  const set = opened.find(({ remote }) => remote !== undefined)?.remote?.set;

  const rows = rowReader(rowCacheBytes);
  const { text } = first;
  const [image, ...further] = first.images;

  const invalidRow = (place: Place, index: number, message: string, cause?: unknown) =>
    invalidParquet(place.file.path, `row ${place.number}: ${message}`, index, cause);
  const attempt = async <T>(place: Place, index: number, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof PixtokError) throw cause;
      const gone = goneParquet(place.file.path, cause, index);
      if (gone !== undefined) throw gone;
      const reason = `row group ${place.groupNumber} cannot be read: ${(cause as Error).message}`;
      throw invalidRow(place, index, reason, cause);
    }
  };
  const othersOf = (place: Place, index: number): Promise<RowOthers> =>
    attempt(place, index, () => rows.others(place, columnsOf(place)));
  const textAt = ({ texts: value }: RowOthers, place: Place, index: number): Texts => {
    if (first.texts === undefined) return "";
    const found = textsOf(value);
    if (found !== undefined) return found;
    const problem = problemIn(value) ?? `expected a text or several, got ${describe(value)}`;
    throw invalidRow(place, index, `${text}: ${problem}`);
  };
  const columnsAt = ({ columns }: RowOthers, place: Place, index: number) => {
    const values = first.others.map(({ name }) => {
      let value: unknown;
      try {
        value = columns[name]?.();
      } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause;
        throw invalidRow(place, index, `${name}: ${cause.message}`, cause);
      }
      const problem = problemIn(value);
      if (problem !== undefined) throw invalidRow(place, index, `${name}: ${problem}`);
      return [name, value] as const;
    });
    return Object.fromEntries(values);
  };
  const classes = first.others.flatMap((one) =>
    one.classes === undefined ? [] : [[one.name, one.classes] as const],
  );
  /** Paths of the row's images in a column of images, in their places in a list. */
  const pathsAt = ({ paths }: RowOthers, column: number): readonly (TextValue | null)[] => {
    const value = paths[column] ?? [];
    const all = isList(value) ? value : [value];
    return all.map((path) => path || null);
  };
  const finders = new Map<string, ImageFinder>();
  const finderOf = (folder: string): ImageFinder => {
    const finder = finders.get(folder) ?? imageFinder(folder, allowOutside);
    finders.set(folder, finder);
    return finder;
  };
  const imageOf = foundImages(given);
  /** Bytes of the row's images in a column of images, in their places in a list. */
  const bytesAt = async (
    place: Place,
    index: number,
    column: number,
  ): Promise<readonly ImageBytes[]> => {
    const leaf = columnsOf(place).images[column]?.bytes;
    if (leaf === undefined) return [];
    const found = await attempt(place, index, () => rows.images(place, leaf));
    if (isList(found)) return found;
    return found === null ? [] : [found];
  };
  const imagesAt = async (
    row: RowOthers,
    place: Place,
    index: number,
    context: SourceContext | undefined,
  ): Promise<Pick<Pair, "image" | "origin">> => {
    if (image === undefined) return { image: [] };
    const bytes = await bytesAt(place, index, 0);
    const paths = pathsAt(row, 0);
    if (!image.inList) {
      if (reading !== undefined && !bytes[0] && !paths[0]) return { image: [] };
      return imageAt(image, bytes[0] ?? null, paths[0] ?? null, place, index, context);
    }
    const count = Math.max(bytes.length, paths.length);
    const found = Array.from({ length: count }, (_, number) => {
      const [own, path] = [bytes[number] ?? null, paths[number] ?? null];
      if (own === null && path === null) return null;
      return imageAt(image, own, path, place, index, context);
    });
    return imagesOf(found);
  };
  /** The row's further images, by the names of their columns; null where it has none. */
  const furtherImagesAt = async (
    row: RowOthers,
    place: Place,
    index: number,
    context: SourceContext | undefined,
  ) => {
    const found = further.map(async (column, before) => {
      const [bytes = null] = await bytesAt(place, index, before + 1);
      const [path = null] = pathsAt(row, before + 1);
      if (bytes === null && path === null) return [column.name, null] as const;
      const made = await imageAt(column, bytes, path, place, index, context);
      return [column.name, made.image] as const;
    });
    return Object.fromEntries(await Promise.all(found));
  };
  const imageAt = async (
    { name: column }: ImageColumn,
    bytes: ImageBytes,
    path: TextValue | null,
    place: Place,
    index: number,
    context: SourceContext | undefined,
  ): Promise<ImageOfPair> => {
    const { file } = place;
    if (bytes instanceof Uint8Array) return { image: bytes };
    if (bytes !== null) {
      const { remote, here: version } = file;
      if (remote === undefined)
        return { image: { path: file.path, ...bytes, ...(version && { version }) } };
      return {
        image: await remote.set.image(remote.place, bytes.offset, bytes.length, context),
      };
    }
    if (path === null) throw invalidRow(place, index, `${column}: there is no image`);
    if (typeof path !== "string") throw invalidRow(place, index, `${column}: ${path.problem}`);
    return imageOfPath(column, path, place, index, context);
  };
  const imageOfPath = async (
    column: string,
    path: string,
    place: Place,
    index: number,
    context: SourceContext | undefined,
  ): Promise<ImageOfPair> => {
    const found = await finderOf(root ?? place.file.folder)(path);
    if (!("problem" in found)) return imageOf(found, index, context);
    throw invalidRow(place, index, `${column}: ${found.problem}; got ${describe(path)}`);
  };
  const keyAt = (row: RowOthers, place: Place): string => {
    const path = pathsAt(row, 0).find((one) => one !== null);
    const named = [path, row.id];
    return (
      named.find((name) => typeof name === "string") ??
      `${nameOfFile(place.file.path)}:${place.number}`
    );
  };
  /** What is wrong with a row may be that the index is of another file. */
  const atRow = async <T>(index: number, work: (place: Place) => Promise<T>): Promise<T> => {
    const place = await files.at(index);
    try {
      return await work(place);
    } catch (error) {
      const isOfRow = error instanceof PixtokError && error.code === "INVALID_PARQUET";
      if (isOfRow && isDamage(error.cause)) await files.hold(place, index);
      throw error;
    }
  };
  const source: PairSource = {
    length,
    fingerprint: makeFingerprint([
      ...opened.flatMap(({ path, size }, i) => [nameOfFile(path), size, found.groupsOf(i)]),
      ...[length, image?.name, text],
    ]),
    description: `Parquet, ${opened.length} file${opened.length === 1 ? "" : "s"}, ${length} pairs`,
    ...(given.columns === "auto" && {
      columnTypes: Object.fromEntries(first.others.map(({ name, type }) => [name, type])),
    }),
    ...(classes.length > 0 && { classNames: Object.fromEntries(classes) }),
    blockLengths: found.blockLengths,
    ...(set && { readAhead: groupsExpected(set, opened, found) }),
    get: (index, context) =>
      atRow(index, async (place): Promise<Pair> => {
        const row = await othersOf(place, index);
        const text = textAt(row, place, index);
        const ofImages = further.length > 0 && (await furtherImagesAt(row, place, index, context));
        return {
          origin: `${place.file.path}#row ${place.number}`,
          ...(await imagesAt(row, place, index, context)),
          text,
          key: keyAt(row, place),
          ...((first.others.length > 0 || ofImages) && {
            columns: { ...columnsAt(row, place, index), ...ofImages },
          }),
        };
      }),
    texts: (index) =>
      atRow(index, async (place) => textAt(await othersOf(place, index), place, index)),
  };
  if (reading === undefined) return source;
  return conversationSource(
    source,
    reading,
    async (name, index, context) =>
      (await imageOfPath("messages", name, await files.at(index), index, context)).image,
  );
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
