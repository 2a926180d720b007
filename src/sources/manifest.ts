import { stat } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { parse } from "csv-parse/sync";
import { PixtokError } from "../errors.js";
import { digestOf, type Pair, type PairSource, type Texts } from "../pair-source.js";
import {
  describe,
  isObject,
  requireBoolean,
  requireOneOf,
  requireOptions,
  wrongType,
} from "../validation.js";
import { chooseColumn, textsOf, usualTextColumns } from "./columns.js";
import { LEADS_OUT, pictureBelow } from "./picture-root.js";
import { openRowFile, type RowFile } from "./row-file.js";
import { scanLines, scanRecords } from "./row-scanners.js";

/** Options of `openManifest`. */
export interface ManifestOptions {
  /** "jsonl", "csv" or "tsv". Default: what the file's name says. */
  format?: "jsonl" | "csv" | "tsv";
  /** Column, or key, of the picture's path. Default: the first that is there of image, image_path, … */
  imageColumn?: string;
  /** Column of the text; in JSON it may be an array of texts. Default: the first of text, caption, … */
  textColumn?: string;
  /** Where relative paths start. Default: the manifest's folder. */
  root?: string;
  /** Whether paths may lead out of `root`; otherwise such a row is an error. Default false. */
  allowOutsideRoot?: boolean;
}

const optionNames = [
  "format",
  "imageColumn",
  "textColumn",
  "root",
  "allowOutsideRoot",
] as const satisfies (keyof ManifestOptions)[];

const formats = ["jsonl", "csv", "tsv"] as const;
const usualImageColumns = ["image", "image_path", "file_name", "filename", "path", "filepath"];

type Format = (typeof formats)[number];
type Columns = Record<string, unknown>;

/** A row's columns by name. */
type RowReader = (row: number) => Promise<Columns>;

function formatOf(path: string, given: unknown): Format {
  if (given !== undefined) return requireOneOf("format", given, formats);
  const extension = extname(path).slice(1).toLowerCase();
  const known: Record<string, Format> = { jsonl: "jsonl", ndjson: "jsonl", csv: "csv", tsv: "tsv" };
  const format = known[extension];
  if (format !== undefined) return format;
  throw wrongType("format", '"jsonl", "csv" or "tsv", as the file\'s name does not tell it', given);
}

/** The cause of an error in a row, with its line's place among the rows that hold something. */
function invalidRow(path: string, row: number, message: string, cause?: unknown): PixtokError {
  return new PixtokError("INVALID_MANIFEST", `row ${row + 1}: ${message}`, {
    index: row,
    source: path,
    cause,
  });
}

function withoutByteOrderMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function jsonRows(path: string, file: RowFile): RowReader {
  return async (row) => {
    const text = withoutByteOrderMark((await file.read(row)).toString("utf8")).trim();
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw invalidRow(path, row, `not JSON: ${(cause as Error).message}`, cause);
    }
    if (isObject(value)) return value;
    throw invalidRow(path, row, `expected a JSON object, got ${describe(value)}`);
  };
}

async function delimitedRows(
  path: string,
  file: RowFile,
  delimiter: string,
): Promise<{ length: number; read: RowReader }> {
  // The header is the first one; rows are counted from behind it.
  const record = async (row: number): Promise<string[]> => {
    const text = withoutByteOrderMark((await file.read(row + 1)).toString("utf8"));
    try {
      return (
        (
          parse(text, { delimiter, relax_column_count: true, relax_quotes: true }) as string[][]
        )[0] ?? []
      );
    } catch (cause) {
      throw invalidRow(path, row, (cause as Error).message, cause);
    }
  };
  const header = file.length === 0 ? [] : await record(-1);
  return {
    length: file.length - 1,
    async read(row) {
      const values = await record(row);
      if (values.length !== header.length) {
        const expected = `expected ${header.length} columns, as the header has`;
        throw invalidRow(path, row, `${expected}, got ${values.length}`);
      }
      return Object.fromEntries(header.map((name, i) => [name, values[i]]));
    },
  };
}

async function openRows(
  path: string,
  format: Format,
): Promise<{ length: number; read: RowReader }> {
  if (format === "jsonl") {
    const file = await openRowFile(path, scanLines);
    return { length: file.length, read: jsonRows(path, file) };
  }
  const delimiter = format === "csv" ? "," : "\t";
  const file = await openRowFile(path, (chunks) => scanRecords(chunks, delimiter));
  return delimitedRows(path, file, delimiter);
}

/**
 * Pairs of a file with a row for each: JSON Lines, or CSV or TSV with a header, quoted as RFC 4180 has
 * it. Only where rows begin is kept in memory, eight bytes each; rows are read when they are asked for.
 * What is wrong with a single row is an error of that row's.
 *
 * @throws {TypeError | RangeError} for misuse.
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE; INVALID_MANIFEST where there are no rows or no
 *   such columns.
 */
export async function openManifest(
  path: string,
  options: ManifestOptions = {},
): Promise<PairSource> {
  const given = requireOptions("openManifest", options, optionNames);
  const format = formatOf(path, given.format);
  const { root = dirname(path) } = given;
  if (typeof root !== "string") throw wrongType("root", "the path of a folder", root);
  const allowOutside = requireBoolean("allowOutsideRoot", given.allowOutsideRoot ?? false);
  const rows = await openRows(path, format);
  if (rows.length < 1) {
    throw new PixtokError("INVALID_MANIFEST", "there are no rows in it", { source: path });
  }
  const first = await rows.read(0);
  const columns = Object.keys(first);
  const at = { code: "INVALID_MANIFEST", path } as const;
  const image = chooseColumn("imageColumn", given.imageColumn, usualImageColumns, columns, at);
  const text = chooseColumn("textColumn", given.textColumn, usualTextColumns, columns, at);

  const readTexts = (value: unknown, row: number): Texts => {
    const texts = textsOf(value);
    if (texts !== undefined) return texts;
    throw invalidRow(path, row, `${text}: expected a text or several, got ${describe(value)}`);
  };
  const readPicture = (value: unknown, row: number): string => {
    if (typeof value !== "string" || value === "") {
      throw invalidRow(path, row, `${image}: expected a path, got ${describe(value)}`);
    }
    const picture = pictureBelow(root, value, allowOutside);
    if (picture !== undefined) return picture;
    throw invalidRow(path, row, `${image}: ${LEADS_OUT}; got ${describe(value)}`);
  };
  const { size } = await stat(path);
  return {
    length: rows.length,
    fingerprint: digestOf([size, rows.length, image, text, JSON.stringify(first)]),
    description: `${format === "jsonl" ? "JSON Lines" : format.toUpperCase()} manifest, ${rows.length} pairs`,
    async get(row): Promise<Pair> {
      const values = await rows.read(row);
      return {
        image: readPicture(values[image], row),
        text: readTexts(values[text], row),
        id: String(values[image]),
      };
    },
    async texts(row) {
      return readTexts((await rows.read(row))[text], row);
    },
  };
}
