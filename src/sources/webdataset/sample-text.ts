import { parseBoundedJson } from "../../shared/bounded-json.js";
import { describe, isObject } from "../../shared/validation.js";
import { textsOf, usualTextColumns } from "../columns.js";
import type { Texts } from "../pair-source.js";

/** A size comes from the file: one that is not true must not become memory. */
export const MOST_TEXT_BYTES = 1 << 24;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

function withoutLastLineEnds(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n" || text[end - 1] === "\r") end -= 1;
  return text.slice(0, end);
}

/**
 * The texts in the bytes of a file with this extension.
 *
 * @throws {Error} that says what is wrong with them.
 */
export function parseTexts(bytes: Buffer, extension: string, column: string | undefined): Texts {
  let text: string;
  try {
    text = strictUtf8.decode(bytes);
  } catch {
    throw new Error("not UTF-8");
  }
  const kind = extension.slice(extension.lastIndexOf(".") + 1);
  if (kind === "cls") {
    const digits = text.trim();
    if (/^-?\d+$/.test(digits)) return digits;
    throw new Error(`expected digits, got ${describe(digits)}`);
  }
  if (kind !== "json") return withoutLastLineEnds(text);

  const value = parseJson(text);
  if (!isObject(value)) return requireJsonTexts("", value);
  const name = column ?? usualTextColumns.find((usual) => Object.hasOwn(value, usual));
  if (name !== undefined && Object.hasOwn(value, name)) return requireJsonTexts(name, value[name]);
  const expected = name === undefined ? `one of ${usualTextColumns.join(", ")}` : describe(name);
  throw new Error(`expected ${expected} among the keys, got ${Object.keys(value).join(", ")}`);
}

function parseJson(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch (cause) {
    throw new Error(`not JSON: ${(cause as Error).message}`, { cause });
  }
}

function requireJsonTexts(name: string, value: unknown): Texts {
  const texts = textsOf(value);
  if (texts !== undefined) return texts;
  throw new Error(
    `${name === "" ? "" : `${name}: `}expected a text or several, got ${describe(value)}`,
  );
}
