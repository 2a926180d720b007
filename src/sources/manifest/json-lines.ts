import { describe, isObject } from "../../shared/validation.js";
import { parsePythonJson } from "../python-json.js";
import type { TextBytes } from "../text-bytes.js";
import { type Columns, invalidRow, type ManifestRows, textOfRow } from "./manifest-rows.js";
import { openRowFile } from "./row-file.js";

const NEWLINE = 0x0a;
const BLANKS = new Set([0x20, 0x09, 0x0d]);

/** Byte offsets at which lines begin that hold more than white space, and after the last one the end. */
async function* scanLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<number> {
  let position = 0;
  let lineStart = 0;
  let blank = true;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      if (blank) {
        const byte = chunk[at] as number;
        if (byte === NEWLINE) lineStart = position + at + 1;
        else if (!BLANKS.has(byte)) {
          blank = false;
          yield lineStart;
        }
        at += 1;
        continue;
      }
      const end = chunk.indexOf(NEWLINE, at);
      if (end === -1) break;
      at = end + 1;
      lineStart = position + at;
      blank = true;
    }
    position += chunk.length;
  }
  yield position;
}

/** The object in a line of JSON Lines. */
function objectOf(path: string, row: number, text: string): Columns {
  let value: unknown;
  try {
    value = parsePythonJson(text.trim());
  } catch (cause) {
    throw invalidRow(path, row, `not JSON: ${(cause as Error).message}`, cause);
  }
  if (isObject(value)) return value;
  throw invalidRow(path, row, `expected a JSON object, got ${describe(value)}`);
}

export async function openJsonLines(path: string, bytes: TextBytes): Promise<ManifestRows> {
  const file = await openRowFile(bytes, scanLines);
  return {
    length: file.length,
    bytes: bytes.length,
    kind: "JSON Lines",
    read: async (row) => objectOf(path, row, await textOfRow(path, row, file.read(row))),
  };
}
