import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { fileMaps, mapFile } from "../../native/file-maps.js";
import type { RemoteFile } from "../../remote/remote-file.js";
import { folderOfUrl } from "../../remote/remote-location.js";
import type { RemoteSettings } from "../../remote/remote-options.js";
import { PixtokError } from "../../shared/errors.js";
import { type FileVersion, versionOf } from "../../shared/file-version.js";
import { findSpan } from "../../shared/find-span.js";
import { textOfUrl } from "../../shared/location.js";
import { asGiven, type OptionReaders, readOptions } from "../../shared/options.js";
import type { SourceContext } from "../../shared/sample-context.js";
import { describe, wrongType } from "../../shared/validation.js";
import { textsOf } from "../columns.js";
import { type ConversationReading, conversationSource } from "../conversation-rows.js";
import { type DataFile, dataFiles } from "../data-files.js";
import { foundImages, type ImageOfPair, imagesOf } from "../found-images.js";
import { type ImageFinder, imageFinder } from "../image-root.js";
import { nameOfFile } from "../name-of-file.js";
import { makeFingerprint, type Pair, type PairSource, type Texts } from "../pair-source.js";
import { tableReaders } from "../table-options.js";
import {
  type ArrowTable,
  type ArrowVector,
  type ByteRange,
  readArrowTable,
} from "./arrow-batches.js";
import { type ImageColumn, pairColumns } from "./arrow-columns.js";
import type { ArrowOptions } from "./arrow-options.js";
import { bytesAt, DamagedRow, elementsAt, isNull, nestedAt, valueAt } from "./arrow-values.js";

const readers = {
  imageColumn: asGiven,
  textColumn: asGiven,
  ...tableReaders,
} satisfies OptionReaders<ArrowOptions>;

/** A file that is mapped into memory. */
interface MappedFile {
  readonly bytes: Buffer;
  readonly table: ArrowTable;
}

interface ArrowFile {
  /** Its path, or the name of one that is elsewhere. */
  readonly path: string;
  /** The folder that it is in: a path or a URL. */
  readonly folder: string;
  readonly size: number;
  readonly table: ArrowTable;
  /** Of a file whose path is read by native threads. */
  readonly version?: FileVersion;
  /** Its bytes, which have to be fetched where it is elsewhere and not in use. */
  bytes(context?: SourceContext): Buffer | Promise<Buffer>;
}

/** Where an image's bytes are in the file, and what is in place of its path. */
interface StoredImage {
  readonly range: ByteRange | null;
  readonly path: unknown;
}

/** What a row has of images; null where it has none, or a list has none in a place. */
type StoredImages = StoredImage | null | readonly (StoredImage | null)[];

const firstOf = (found: StoredImages): StoredImage | null | undefined =>
  isList(found) ? found.find((one) => one !== null) : found;

const isList = (found: StoredImages): found is readonly (StoredImage | null)[] =>
  Array.isArray(found);

/** A row in a batch of a file. */
interface Place {
  readonly file: ArrowFile;
  /** Of the file. */
  readonly bytes: Buffer;
  readonly row: number;
  /** Of the row in its file, from 1. */
  readonly number: number;
  column(place: number): ArrowVector;
}

function invalidArrow(path: string, message: string, index?: number, cause?: unknown): PixtokError {
  return new PixtokError("INVALID_ARROW", message, { source: path, index, cause });
}

function readArrowFile(path: string, bytes: Buffer): MappedFile {
  try {
    const table = readArrowTable(bytes);
    if (!table.schema.isPacked) return { bytes, table };
    throw invalidArrow(path, "it is of a packed set; expected the folder of the set");
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw invalidArrow(path, `it cannot be read: ${cause.message}`, undefined, cause);
  }
}

/** @see openArrow */
export async function openArrowSource(
  files: string | URL | readonly (string | URL)[],
  options: ArrowOptions,
): Promise<PairSource> {
  const given = readOptions("openArrow", options, readers);
  const paths = (Array.isArray(files) ? files : [files]).map(textOfUrl);
  if (paths.length === 0 || !paths.every((path) => typeof path === "string" && path !== "")) {
    throw wrongType("files", "paths or URLs of Arrow files", files);
  }
  return openArrowFiles(await dataFiles("files", paths as string[], given), options);
}

/** Undefined for what is not there, whose error is told where it is mapped. */
const versionIfThere = (path: string): Promise<FileVersion | undefined> =>
  stat(path, { bigint: true }).then(versionOf, () => undefined);

/** Files of this machine, which are mapped. */
async function openHere(paths: readonly string[]): Promise<Map<DataFile, ArrowFile>> {
  // before they are mapped: images of a file that comes in the place of one meanwhile are not taken for its own
  const versions = await Promise.all(paths.map(versionIfThere));
  const map = fileMaps(versions.map((version) => version?.size ?? 0));
  const opened = paths.map((path, place): [DataFile, ArrowFile] => {
    const { bytes, table } = readArrowFile(path, map(place, path));
    const version = versions[place];
    const of = { path, folder: dirname(path), size: bytes.length, ...(version && { version }) };
    return [path, { ...of, table, bytes: () => bytes }];
  });
  return new Map(opened);
}

/** Files that are elsewhere, each fetched to find its rows, and what fetches them before they are read. */
async function openElsewhere(files: readonly RemoteFile[], settings: RemoteSettings) {
  const { mappedCopies } = await import("../mapped-copies.js");
  const copies = mappedCopies(files, settings, (path) => readArrowFile(path, mapFile(path)));
  const opened = new Map<DataFile, ArrowFile>();
  for (const [place, file] of files.entries()) {
    const { bytes, table } = await copies.at(place);
    opened.set(file, {
      path: file.name,
      folder: folderOfUrl(file.url),
      size: bytes.length,
      table,
      bytes(context) {
        const found = copies.at(place, context);
        return found instanceof Promise ? found.then((mapped) => mapped.bytes) : found.bytes;
      },
    });
  }
  return { opened, expect: copies.expect };
}

/**
 * As openArrow(), of files that are known.
 *
 * @param reading how rows are read as conversations, which need no images. Default: they are pairs.
 */
export async function openArrowFiles(
  files: readonly DataFile[],
  options: ArrowOptions,
  reading?: ConversationReading,
): Promise<PairSource> {
  const given = readOptions("openArrow", options, readers);
  const elsewhere = files.filter((file) => typeof file !== "string");
  const remote = elsewhere.length > 0 ? await openElsewhere(elsewhere, given) : undefined;
  const here = await openHere(files.filter((file) => typeof file === "string"));
  const opened = files.map((file) => (here.get(file) ?? remote?.opened.get(file)) as ArrowFile);
  const [first] = opened as [ArrowFile];
  const { schema } = first.table;
  const invalid = (message: string) => invalidArrow(first.path, message);
  const columns = pairColumns(schema, given, first.path, invalid, reading);
  for (const { path, table } of opened) {
    if (isDeepStrictEqual(table.schema, schema)) continue;
    throw invalidArrow(path, `its columns are not those of ${first.path}`);
  }
  const batches = opened.flatMap((file) => {
    let row = 0;
    return file.table.batches.map((batch) => {
      const start = row;
      row += batch.length;
      return { file, batch, start };
    });
  });
  const ends: number[] = [];
  let length = 0;
  for (const { batch } of batches) {
    length += batch.length;
    ends.push(length);
  }
  if (!Number.isSafeInteger(length) || length === 0) {
    throw invalidArrow(opened.map(({ path }) => path).join(", "), "there are no rows in it");
  }

  const at = (index: number, context: SourceContext | undefined): Place | Promise<Place> => {
    const { span, indexInSpan: row } = findSpan(ends, index);
    const { file, batch, start } = batches[span] as (typeof batches)[number];
    const column = (place: number) => batch.columns[place] as ArrowVector;
    const placeIn = (bytes: Buffer): Place => ({
      ...{ file, bytes, row, number: start + row + 1 },
      column,
    });
    const bytes = file.bytes(context);
    return bytes instanceof Promise ? bytes.then(placeIn) : placeIn(bytes);
  };
  const imageOf = foundImages(given);
  const finders = new Map(
    opened.map((file) => {
      const root = given.root ?? file.folder;
      return [file, imageFinder(root, given.allowOutsideRoot)] as const;
    }),
  );
  const invalidRow = ({ file, number }: Place, index: number, message: string, cause?: unknown) =>
    invalidArrow(file.path, `row ${number}: ${message}`, index, cause);
  /** What is read of a column; its damage is an error of the row. */
  const attempt = <T>(place: Place, index: number, name: string, read: () => T): T => {
    try {
      return read();
    } catch (cause) {
      if (!(cause instanceof DamagedRow || cause instanceof RangeError)) throw cause;
      throw invalidRow(place, index, `${name}: ${cause.message}`, cause);
    }
  };

  const { image, imageColumns, text, id, others } = columns;
  const textAt = (place: Place, index: number): Texts => {
    if (text === undefined) return "";
    const { name, classes } = text;
    const value = attempt(place, index, name, () =>
      valueAt(place.bytes, place.column(text.place), place.row),
    );
    const shown = (one: unknown): unknown => {
      if (typeof one !== "number" && typeof one !== "bigint") return one;
      if (classes === undefined) return String(one);
      const named = classes[Number(one)];
      if (named !== undefined) return named;
      const expected = `expected the number of one of ${classes.length} classes, got ${one}`;
      throw invalidRow(place, index, `${name}: ${expected}`);
    };
    const texts = textsOf(Array.isArray(value) ? value.map(shown) : shown(value));
    if (texts !== undefined) return texts;
    throw invalidRow(place, index, `${name}: expected a text or several, got ${describe(value)}`);
  };
  /** An image's bytes and path, of a column or of the child of a list; null where there is neither. */
  const storedAt = (
    column: ImageColumn,
    bytes: Buffer,
    vector: ArrowVector,
    row: number,
  ): StoredImage | null => {
    if (isNull(bytes, vector, row)) return null;
    const part = (which: number | "self") =>
      which === "self" ? vector : (vector.children[which] as ArrowVector);
    const range = column.bytes === undefined ? null : bytesAt(bytes, part(column.bytes), row);
    const path = column.path === undefined ? null : valueAt(bytes, part(column.path), row);
    return range === null && path === null ? null : { range, path };
  };
  /** What there is of the row's image, or images of a list. */
  const imageAt = (image: ImageColumn, { bytes, column, row }: Place): StoredImages => {
    const vector = column(image.place);
    if (!image.inList) return storedAt(image, bytes, vector, row);
    if (isNull(bytes, vector, row)) return [];
    const { start, end } = elementsAt(bytes, vector, row);
    const [child] = vector.children as readonly [ArrowVector];
    return Array.from({ length: end - start }, (_, number) =>
      storedAt(image, bytes, child, start + number),
    );
  };
  /** The row's image or images, and what the first one is called. */
  const imagesAt = async (
    place: Place,
    index: number,
    context: SourceContext | undefined,
  ): Promise<{ images: Pick<Pair, "image" | "origin">; path: unknown }> => {
    if (image === undefined) return { images: { image: [] }, path: undefined };
    const stored = attempt(place, index, image.name, () => imageAt(image, place));
    const path = firstOf(stored)?.path;
    if (isList(stored)) {
      const made = stored.map((one) => one && imageFile(image, one, place, index, context));
      return { images: await imagesOf(made), path };
    }
    if (reading !== undefined && !stored?.range && !isName(path)) {
      return { images: { image: [] }, path };
    }
    return { images: await imageFile(image, stored, place, index, context), path };
  };
  /** The row's further images, by the names of their columns; null where it has none. */
  const furtherImagesAt = async (
    place: Place,
    index: number,
    context: SourceContext | undefined,
  ) => {
    const { bytes } = place;
    const found = imageColumns.map(async (column) => {
      const stored = attempt(place, index, column.name, () =>
        storedAt(column, bytes, place.column(column.place), place.row),
      );
      if (stored === null || (stored.range === null && !isName(stored.path))) {
        return [column.name, null] as const;
      }
      return [column.name, (await imageFile(column, stored, place, index, context)).image] as const;
    });
    return Object.fromEntries(await Promise.all(found));
  };
  const columnsAt = (place: Place, index: number) => {
    const values = others.map(({ name, place: own }) => [
      name,
      attempt(place, index, name, () => nestedAt(place.bytes, place.column(own), place.row)),
    ]);
    return Object.fromEntries(values) as Readonly<Record<string, unknown>>;
  };
  const classes = others.flatMap((one) =>
    one.classes === undefined ? [] : [[one.name, one.classes] as const],
  );
  const isName = (value: unknown): value is string => typeof value === "string" && value !== "";
  const source: PairSource = {
    length,
    fingerprint: makeFingerprint([
      ...opened.flatMap(({ path, size, table }) => [nameOfFile(path), size, table.batches.length]),
      ...[length, image?.name, text?.name],
    ]),
    description: `Arrow, ${opened.length} file${opened.length === 1 ? "" : "s"}, ${length} pairs`,
    ...(given.columns === "auto" && {
      columnTypes: Object.fromEntries(others.map(({ name, type }) => [name, type])),
    }),
    ...(classes.length > 0 && { classNames: Object.fromEntries(classes) }),
    blockLengths: () =>
      opened.map(({ table }) => table.batches.reduce((rows, batch) => rows + batch.length, 0)),
    ...(remote && {
      readAhead: (blocks) => {
        const places = blocks.map((block) => elsewhere.indexOf(files[block] as RemoteFile));
        remote.expect(places.filter((place) => place >= 0));
      },
    }),
    async get(index, context): Promise<Pair> {
      const found = at(index, context);
      const place = found instanceof Promise ? await found : found;
      const { file, number, row } = place;
      const named =
        id === undefined
          ? undefined
          : attempt(place, index, "the row's name", () =>
              valueAt(place.bytes, place.column(id), row),
            );
      const { images, path } = await imagesAt(place, index, context);
      const further = imageColumns.length > 0 && (await furtherImagesAt(place, index, context));
      return {
        text: textAt(place, index),
        key: [path, named].find(isName) ?? `${nameOfFile(file.path)}:${number}`,
        ...((others.length > 0 || further) && {
          columns: { ...columnsAt(place, index), ...further },
        }),
        origin: `${file.path}#row ${number}`,
        ...images,
      };
    },
    async texts(index, context) {
      return textAt(await at(index, context), index);
    },
  };
  if (reading === undefined) return source;
  return conversationSource(source, reading, async (name, index, context) => {
    const place = await at(index, context);
    return (await imageOfPath("messages", name, place, index, context)).image;
  });

  async function imageFile(
    { name: column }: ImageColumn,
    found: StoredImage | null,
    place: Place,
    index: number,
    context: SourceContext | undefined,
  ): Promise<ImageOfPair> {
    const { range, path } = found ?? { range: null, path: null };
    if (range !== null) {
      const { start, end } = range;
      // a copy may be gone before it is opened, what is mapped may not
      const { path: file, version } = place.file;
      if (version === undefined) return { image: place.bytes.subarray(start, end) };
      return { image: { path: file, offset: start, length: end - start, version } };
    }
    if (!isName(path)) throw invalidRow(place, index, `${column}: there is no image`);
    return imageOfPath(column, path, place, index, context);
  }

  async function imageOfPath(
    column: string,
    path: string,
    place: Place,
    index: number,
    context: SourceContext | undefined,
  ): Promise<ImageOfPair> {
    const file = await (finders.get(place.file) as ImageFinder)(path);
    if (!("problem" in file)) return imageOf(file, index, context);
    throw invalidRow(place, index, `${column}: ${file.problem}; got ${describe(path)}`);
  }
}
