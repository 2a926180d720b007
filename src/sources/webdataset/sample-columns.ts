import { isObject } from "../../shared/validation.js";
import { parsePythonJson } from "../python-json.js";

/** Files of a sample that have columns: an object of values by name, and a class's number, which wins. */
export const columnExtensions = ["json", "cls"] as const;

export type ColumnExtension = (typeof columnExtensions)[number];

/** Values of a sample's columns by name, those of `cls` and the keys of `json`. */
export type SampleColumns = Readonly<Record<string, unknown>>;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The columns in the bytes of a file with this extension.
 *
 * @throws {Error} that says what is wrong with them.
 */
export function parseColumns(bytes: Buffer, extension: ColumnExtension): SampleColumns {
  let text: string;
  try {
    text = strictUtf8.decode(bytes);
  } catch {
    throw new Error("not UTF-8");
  }
  if (extension === "cls") return { cls: text.trim() };
  let value: unknown;
  try {
    value = parsePythonJson(text);
  } catch (cause) {
    throw new Error(`not JSON: ${(cause as Error).message}`, { cause });
  }
  // a list of texts, for one, has no columns
  return isObject(value) ? value : {};
}
