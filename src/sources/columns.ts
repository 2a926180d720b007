import { PixtokError, type PixtokErrorCode } from "../shared/errors.js";
import { describe, wrongType } from "../shared/validation.js";
import type { Texts } from "./pair-source.js";

/** Columns in which data sets have their texts, most telling first. */
export const usualTextColumns = [
  "text",
  "caption",
  "TEXT",
  "captions",
  "texts",
  "sentence",
  "sentences",
  "title",
  "txt",
  "label",
  "cls",
];

/** Columns in which lists of images of the web have their URLs, as img2dataset knows them. */
export const urlColumns = ["url", "URL", "image_url", "img_url"];

/** The column that is asked for, or else the first usual one that is there. */
export function columnAmong(
  given: string | undefined,
  usual: readonly string[],
  columns: readonly string[],
): string | undefined {
  return (given === undefined ? usual : [given]).find((name) => columns.includes(name));
}

/**
 * The column that an option names, or else the first usual one that is there.
 *
 * @throws {TypeError} where the option is no name.
 * @throws {PixtokError} `code`, where there is no such column.
 */
export function chooseColumn(
  option: string,
  given: unknown,
  usual: readonly string[],
  columns: readonly string[],
  { code, path }: { code: PixtokErrorCode; path: string },
): string {
  if (given !== undefined && typeof given !== "string") throw wrongType(option, "a name", given);
  const name = columnAmong(given, usual, columns);
  if (name !== undefined) return name;
  const expected = given === undefined ? `one of ${usual.join(", ")}` : describe(given);
  throw new PixtokError(
    code,
    `${option}: expected ${expected} among the columns, got ${columns.join(", ")}${given === undefined ? ofConversations(columns) : ""}`,
    { source: path },
  );
}

/** What is said of a table without a column of pairs that has one of conversations. */
function ofConversations(columns: readonly string[]): string {
  const found = ["messages", "conversations", "conversation", "chosen"].find((name) =>
    columns.includes(name),
  );
  if (found === undefined) return "";
  return `; ${found} is a column of conversations, which need processor: await Processor.fromPretrained(MODEL)`;
}

/** A column's value as a text or several; undefined where it is neither. */
export function textsOf(value: unknown): Texts | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.every((text) => typeof text === "string") ? value : undefined;
}
