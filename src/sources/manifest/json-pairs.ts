import { PixtokError } from "../../shared/errors.js";
import { stringStore } from "../../shared/string-store.js";
import { describe, isObject } from "../../shared/validation.js";
import { textsOf } from "../columns.js";
import { isImageName } from "../image-names.js";
import { parsePythonJson } from "../python-json.js";
import type { TextBytes } from "../text-bytes.js";
import { decodeUtf8 } from "../text-encoding.js";
import { type Columns, invalidRow, type ManifestRows } from "./manifest-rows.js";

/** JSON that is not read row by row has to fit into a string. */
const MOST_BYTES = 2 ** 29 - 32;

export const KNOWN_JSON =
  'known are COCO captions ({"images": […], "annotations": […]}), an array of objects with an image and a text, an object of texts by image ({"1.jpg": "a cat"}), and JSON Lines of several such objects, each in a line';

/** How a JSON file begins decides what it is taken for. */
export type JsonShape = "lines" | "pairs" | "other";

const FIRST_KEY = /^\s*\{\s*"((?:[^"\\]|\\.)*)"\s*:\s*["[]/;

/** A line, and something behind it. */
const FIRST_LINE = /^\s*(\{.*\})[ \t\r]*\n\s*\S/;

/**
 * Whether JSON that begins so is an array, or an object of texts by image; or JSON Lines, as Hugging Face's `to_json` calls
 * them `.json`: one piece of JSON has nothing behind its object.
 */
export function jsonShape(start: string): JsonShape {
  const line = FIRST_LINE.exec(start)?.[1];
  if (line !== undefined && isJsonObject(line)) return "lines";
  if (/^\s*\[/.test(start)) return "pairs";
  const key = FIRST_KEY.exec(start)?.[1];
  return key !== undefined && isImageName(key) ? "pairs" : "other";
}

function isJsonObject(text: string): boolean {
  try {
    return isObject(parsePythonJson(text));
  } catch {
    return false;
  }
}

/** Rows of an array of objects, or of an object of texts by image; undefined where it is neither. */
function jsonEntries(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value);
  const areTexts = entries.every(([, texts]) => textsOf(texts) !== undefined);
  return areTexts && entries.some(([name]) => isImageName(name))
    ? entries.map(([image, text]) => ({ image, text }))
    : undefined;
}

/**
 * Pairs in one piece of JSON, which are kept in memory, as bytes.
 *
 * @throws {PixtokError} as the bytes' chunks(); FILE_TOO_LARGE; INVALID_MANIFEST where it is no JSON, or of
 *   another shape.
 */
export async function openJsonPairs(path: string, bytes: TextBytes): Promise<ManifestRows> {
  const invalid = (message: string, cause?: unknown) =>
    new PixtokError("INVALID_MANIFEST", message, { source: path, cause });
  if (bytes.length > MOST_BYTES) {
    throw new PixtokError(
      "FILE_TOO_LARGE",
      `JSON of ${bytes.length} bytes is not read as a whole; write JSON Lines, an object in each line`,
      { source: path },
    );
  }
  const chunks: Buffer[] = [];
  for await (const chunk of bytes.chunks()) chunks.push(Buffer.from(chunk));
  let value: unknown;
  try {
    value = parsePythonJson(decodeUtf8(Buffer.concat(chunks)));
  } catch (cause) {
    throw invalid(`not JSON: ${(cause as Error).message}`, cause);
  }
  const entries = jsonEntries(value);
  if (entries === undefined) throw invalid(`this JSON has no known shape; ${KNOWN_JSON}`);
  const kept = stringStore();
  for (const entry of entries) kept.push(JSON.stringify(entry));
  return {
    length: kept.length,
    bytes: bytes.length,
    kind: "JSON",
    async read(row) {
      const entry: unknown = JSON.parse(kept.at(row));
      if (isObject(entry)) return entry as Columns;
      throw invalidRow(path, row, `expected a JSON object, got ${describe(entry)}`);
    },
  };
}
