import { extname } from "node:path";
import { PixtokError } from "../../shared/errors.js";
import { isMachineFault } from "../../shared/machine-fault.js";
import {
  asGiven,
  type OptionReaders,
  oneOf,
  optional,
  type ReadOptions,
  readOptions,
} from "../../shared/options.js";
import type { SourceContext } from "../../shared/sample-context.js";
import { describe, wrongType } from "../../shared/validation.js";
import type { ColumnTypes } from "../column-types.js";
import { chooseColumn, columnAmong, textsOf, urlColumns, usualTextColumns } from "../columns.js";
import { type ConversationReading, conversationSource } from "../conversation-rows.js";
import { openOfFile, type ReadableFile } from "../copied-file.js";
import { type DataFile, dataFile } from "../data-files.js";
import { foundImages, imagesOf } from "../found-images.js";
import { columnsAmong, requireFewColumns, typeGuesser } from "../guessed-types.js";
import { type FoundImage, imageFinder } from "../image-root.js";
import { onceAnEpoch } from "../once-an-epoch.js";
import { makeFingerprint, type Pair, type PairSource, type Texts } from "../pair-source.js";
import { conversationImageColumns } from "../table-columns.js";
import { tableReaders } from "../table-options.js";
import { openDelimitedRows } from "./delimited-rows.js";
import { openJsonRows } from "./json-rows.js";
import type { ManifestOptions } from "./manifest-options.js";
import { type Columns, invalidRow, type ManifestRows } from "./manifest-rows.js";

const formats = ["jsonl", "csv", "tsv", "json"] as const;
const usualImageColumns = [
  "image",
  "image_path",
  "file_name",
  "filename",
  "path",
  "filepath",
  "images",
  "file_names",
  ...urlColumns,
];

/** By which a table of conversations is known. */
const conversationColumns = ["messages", "conversations", "conversation", "prompt"];

const readers = {
  format: optional(oneOf(formats)),
  imageColumn: asGiven,
  textColumn: asGiven,
  ...tableReaders,
} satisfies OptionReaders<ManifestOptions>;

type Format = (typeof formats)[number];

function formatOf(path: string): Format {
  const extension = extname(path).slice(1).toLowerCase();
  const format = extension === "ndjson" ? "jsonl" : formats.find((one) => one === extension);
  if (format !== undefined) return format;
  const expected = '"jsonl", "csv", "tsv" or "json", as the file\'s name does not say it';
  throw wrongType("format", expected, undefined);
}

/** What separates columns: what the format says, or else what spreadsheets write in its place. */
const delimiters = { csv: [",", ";", "\t"], tsv: ["\t", ",", ";"] } as const;

/** Rows in which keys are looked for. */
const MOST_FIRST_ROWS = 1000;

/** Names of columns: of a header, or else of the keys of the first rows; any of them may be bad. */
async function columnsOf(rows: ManifestRows): Promise<readonly string[]> {
  if (rows.header !== undefined) return rows.header;
  const names = new Set<string>();
  let problem: unknown;
  for (let row = 0; row < Math.min(rows.length, MOST_FIRST_ROWS); row += 1) {
    try {
      for (const name of Object.keys(await rows.read(row))) names.add(name);
    } catch (error) {
      if (!(error instanceof PixtokError) || isMachineFault(error)) throw error;
      problem ??= error;
    }
  }
  if (names.size === 0 && problem !== undefined) throw problem;
  return [...names];
}

/** Types of columns by the first rows. */
async function typesOf(names: readonly string[], rows: ManifestRows): Promise<ColumnTypes> {
  const guesser = typeGuesser(rows.header !== undefined);
  for (let row = 0; row < Math.min(rows.length, MOST_FIRST_ROWS); row += 1) {
    try {
      guesser.see(columnsAmong(names, await rows.read(row)));
    } catch (error) {
      if (!(error instanceof PixtokError) || isMachineFault(error)) throw error;
    }
  }
  return guesser.types();
}

/** The first row, if it can be read, to tell the file from others of its size. */
function firstRow(rows: ManifestRows): Promise<string> {
  return rows.read(0).then(JSON.stringify, (error: PixtokError) => {
    if (isMachineFault(error)) throw error;
    return "";
  });
}

/** Columns of `*_file_name` and `*_file_names`, by which imagefolder calls images, where there is just one. */
function withFileNameColumn(usual: readonly string[], columns: readonly string[]): string[] {
  const own = columns.filter((name) => /_file_names?$/.test(name));
  return own.length === 1 ? [...usual, ...own] : [...usual];
}

/** As openManifest(). */
export async function openManifestSource(
  path: string | URL,
  options: ManifestOptions = {},
): Promise<PairSource> {
  const given = readOptions("openManifest", options, readers);
  return openManifestFile(await dataFile("path", path, given), options);
}

/**
 * As openManifestSource(), of a file that is known.
 *
 * @param reading how rows are read as conversations, which need no images. Default: they are pairs.
 * @internal
 */
export function openManifestFile(
  file: DataFile,
  options: ManifestOptions,
  reading?: ConversationReading,
): Promise<PairSource> {
  const given = readOptions("openManifest", options, readers);
  const images = reading === undefined ? usualImageColumns : conversationImageColumns;
  return openOfFile(file, (readable) => openPairs(readable, given, images, reading));
}

/**
 * Pairs of the `metadata.jsonl` or `metadata.csv` of Hugging Face's imagefolder.
 *
 * @internal
 */
export async function openImageFolderMetadata(
  file: DataFile,
  options: ManifestOptions = {},
): Promise<PairSource> {
  const given = readOptions("imagefolder", options, readers);
  const names = ["file_name", "file_names"];
  const source = await openOfFile(file, (readable) => openPairs(readable, given, names));
  return { ...source, description: `imagefolder, ${source.length} pairs` };
}

async function openPairs(
  file: ReadableFile,
  given: ReadOptions<typeof readers>,
  usualImages: readonly string[],
  reading?: ConversationReading,
): Promise<PairSource> {
  const { path, name: nameOfFile, folder } = file;
  const { format = formatOf(nameOfFile), root = folder, imageColumn, textColumn } = given;
  const findImage = imageFinder(root, given.allowOutsideRoot);
  const imageOf = foundImages(given);
  const nameOf = (value: unknown) => (typeof value === "string" ? value : undefined);
  const areWanted = (columns: readonly string[]): boolean => {
    if (reading !== undefined) return conversationColumns.some((name) => columns.includes(name));
    const images = withFileNameColumn(usualImages, columns);
    return (
      columnAmong(nameOf(imageColumn), images, columns) !== undefined &&
      (!given.texts || columnAmong(nameOf(textColumn), usualTextColumns, columns) !== undefined)
    );
  };
  const rows =
    format === "csv" || format === "tsv"
      ? await openDelimitedRows(file, delimiters[format], areWanted, given)
      : await openJsonRows(file, format, given);
  const invalid = (message: string) =>
    new PixtokError("INVALID_MANIFEST", message, { source: path });
  if (rows.length < 1) throw invalid("there are no rows in it");
  const columns = await columnsOf(rows);
  const at = { code: "INVALID_MANIFEST", path } as const;
  const images = withFileNameColumn(usualImages, columns);
  const isRequired = reading === undefined || imageColumn !== undefined;
  const image = isRequired
    ? chooseColumn("imageColumn", imageColumn, images, columns, at)
    : columnAmong(undefined, images, columns);
  if (!given.texts && textColumn !== undefined) {
    throw wrongType("textColumn", "none with texts: false", textColumn);
  }
  const text = given.texts
    ? chooseColumn("textColumn", textColumn, usualTextColumns, columns, at)
    : undefined;
  const { imageColumns } = given;
  for (const name of imageColumns) chooseColumn("imageColumns", name, [], columns, at);
  const asked = given.columns === "auto" ? [...new Set(columns)] : given.columns;
  const others = asked.filter(
    (name) =>
      !imageColumns.includes(name) &&
      (given.columns !== "auto" || (name !== image && name !== text)),
  );
  if (given.columns === "auto" && reading === undefined) requireFewColumns(others.length, invalid);
  for (const name of others) chooseColumn("columns", name, [], columns, at);
  for (const name of [image, text, ...others, ...imageColumns].filter((one) => one !== undefined)) {
    if (columns.indexOf(name) !== columns.lastIndexOf(name)) {
      throw invalid(`there are several columns of the name ${describe(name)}; rename one`);
    }
  }

  const readTexts = (columns: Columns, row: number): Texts => {
    if (text === undefined) return "";
    const value = columns[text];
    // a whole number may be a class's
    const texts = Number.isSafeInteger(value) ? String(value) : textsOf(value);
    if (texts !== undefined) return texts;
    throw invalidRow(path, row, `${text}: expected a text or several, got ${describe(value)}`);
  };
  const readNames = (value: unknown, row: number): string | readonly (string | null)[] => {
    if (reading !== undefined && (value === undefined || value === null)) return [];
    const isName = (name: unknown) => typeof name === "string" && name !== "";
    if (isName(value)) return value as string;
    const isNames = Array.isArray(value) && value.every((name) => name === null || isName(name));
    if (isNames) return value;
    throw invalidRow(path, row, `${image}: expected a path or a list, got ${describe(value)}`);
  };
  const requireFound = (
    found: FoundImage,
    name: string,
    row: number,
    column = image ?? "messages",
  ) => {
    if (!("problem" in found)) return found;
    throw invalidRow(path, row, `${column}: ${found.problem}; got ${describe(name)}`);
  };
  /** The images of a row in columns; null where a value is. */
  const imagesInColumns = async (values: Columns, row: number, context: SourceContext) => {
    const made = imageColumns.map(async (column) => {
      const name = values[column] ?? null;
      if (name === null) return [column, null] as const;
      if (typeof name !== "string" || name === "") {
        throw invalidRow(path, row, `${column}: expected a path, got ${describe(name)}`);
      }
      const found = requireFound(await findImage(name), name, row, column);
      return [column, (await imageOf(found, row, context)).image] as const;
    });
    return Object.fromEntries(await Promise.all(made));
  };
  /** Rows that are kept in memory would go on as they were. */
  const requireUnchanged = rows.requireUnchanged && onceAnEpoch(rows.requireUnchanged);
  const source: PairSource = {
    length: rows.length,
    fingerprint: makeFingerprint([rows.bytes, rows.length, image, text, await firstRow(rows)]),
    description: `${rows.kind} manifest, ${rows.length} pairs`,
    blockLengths: () => [rows.length],
    ...(given.columns === "auto" &&
      reading === undefined && { columnTypes: await typesOf(others, rows) }),
    async get(row, context): Promise<Pair> {
      await requireUnchanged?.(context);
      const values = await rows.read(row);
      const names = readNames(image === undefined ? null : values[image], row);
      const texts = readTexts(values, row);
      const further = imageColumns.length > 0 && (await imagesInColumns(values, row, context));
      const own = (others.length > 0 || further) && {
        columns: { ...columnsAmong(others, values), ...further },
      };
      if (typeof names === "string") {
        // not awaited in vain: a path is there at once
        const made = imageOf(requireFound(await findImage(names), names, row), row, context);
        return {
          ...(made instanceof Promise ? await made : made),
          text: texts,
          key: names,
          ...own,
        };
      }
      const key = names.find((name) => name !== null);
      const made = names.map(async (name) =>
        name === null
          ? null
          : imageOf(requireFound(await findImage(name), name, row), row, context),
      );
      return { ...(await imagesOf(made)), text: texts, ...(key !== undefined && { key }), ...own };
    },
    async texts(row, context) {
      await requireUnchanged?.(context);
      return readTexts(await rows.read(row), row);
    },
  };
  if (reading === undefined) return source;
  return conversationSource(source, reading, async (name, row, context) => {
    const found = requireFound(await findImage(name), name, row, "messages");
    return (await imageOf(found, row, context)).image;
  });
}
