import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { dirname, extname, isAbsolute, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { PixtokError } from "../errors.js";
import type { Pair, PairSource } from "../pair-source.js";
import { unitFraction } from "../permutation.js";
import type { SampleContext } from "../sample-context.js";
import { describe, isObject, requireOneOf, requireOptions, wrongType } from "../validation.js";
import { openRowFile, type RowFile } from "./row-file.js";
import { scanLines, scanRecords } from "./row-scanners.js";

export interface ManifestOptions {
  /** "jsonl", "csv" or "tsv". Default: what the file's name says. */
  format?: "jsonl" | "csv" | "tsv";
  /** Column, or key, of the picture's path. Default: the first that is there of image, image_path, … */
  imageColumn?: string;
  /** Column of the text; in JSON it may be an array of texts. Default: the first of text, caption, … */
  textColumn?: string;
  /** Where relative paths start. Default: the manifest's folder. */
  root?: string;
  /** Of several texts: the first, or one that seed, epoch and index decide. Default "first". */
  onMultipleTexts?: "first" | "random";
}

const optionNames = [
  "format",
  "imageColumn",
  "textColumn",
  "root",
  "onMultipleTexts",
] as const satisfies (keyof ManifestOptions)[];

const formats = ["jsonl", "csv", "tsv"] as const;
const usualImageColumns = ["image", "image_path", "file_name", "filename", "path", "filepath"];
const usualTextColumns = ["text", "caption", "captions", "texts", "sentence", "title", "label"];

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

function chooseColumn(
  path: string,
  option: string,
  given: unknown,
  usual: readonly string[],
  first: Columns,
): string {
  if (given !== undefined && typeof given !== "string") throw wrongType(option, "a name", given);
  const name = given ?? usual.find((candidate) => candidate in first);
  if (name !== undefined && name in first) return name;
  const expected = name === undefined ? `one of ${usual.join(", ")}` : describe(name);
  throw new PixtokError(
    "INVALID_MANIFEST",
    `${option}: expected ${expected} among the columns, got ${Object.keys(first).join(", ")}`,
    { source: path },
  );
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
  const onMultipleTexts = requireOneOf("onMultipleTexts", given.onMultipleTexts ?? "first", [
    "first",
    "random",
  ]);
  const rows = await openRows(path, format);
  if (rows.length < 1) {
    throw new PixtokError("INVALID_MANIFEST", "there are no rows in it", { source: path });
  }
  const first = await rows.read(0);
  const { imageColumn, textColumn } = given;
  const image = chooseColumn(path, "imageColumn", imageColumn, usualImageColumns, first);
  const text = chooseColumn(path, "textColumn", textColumn, usualTextColumns, first);

  const textOf = (
    value: unknown,
    row: number,
    { seed, epoch }: Required<SampleContext>,
  ): string => {
    if (typeof value === "string") return value;
    if (!Array.isArray(value) || !value.every((one) => typeof one === "string") || !value[0]) {
      throw invalidRow(path, row, `${text}: expected a text or several, got ${describe(value)}`);
    }
    const chosen = onMultipleTexts === "first" ? 0 : unitFraction(seed, epoch, row) * value.length;
    return value[Math.floor(chosen)] as string;
  };
  const { size } = await stat(path);
  const identity = [size, rows.length, image, text, JSON.stringify(first)].join("\0");
  return {
    length: rows.length,
    fingerprint: createHash("sha256").update(identity).digest("hex").slice(0, 32),
    async get(row, context): Promise<Pair> {
      const columns = await rows.read(row);
      const picture = columns[image];
      if (typeof picture !== "string" || picture === "") {
        throw invalidRow(path, row, `${image}: expected a path, got ${describe(picture)}`);
      }
      return {
        image: isAbsolute(picture) ? picture : resolve(root, picture),
        text: textOf(columns[text], row, context),
      };
    },
  };
}
