import type { RemoteSettings } from "../../remote/remote-options.js";
import { describe, isObject } from "../../shared/validation.js";
import type { ReadableFile } from "../copied-file.js";
import { parsePythonJson } from "../python-json.js";
import type { TextBytes } from "../text-bytes.js";
import { type Columns, invalidRow, type ManifestRows, textOfRow } from "./manifest-rows.js";
import { openRowFile } from "./row-file.js";
import type { RowFormat, RowScanner } from "./row-format.js";
import { rowIndexStore } from "./row-index-store.js";

const NEWLINE = 0x0a;
const BLANKS = new Set([0x20, 0x09, 0x0d]);

function lineScanner(): RowScanner {
  let position = 0;
  let lineStart = 0;
  let blank = true;
  return (chunk, found) => {
    for (let at = 0; at < chunk.length; ) {
      if (blank) {
        const byte = chunk[at] as number;
        if (byte === NEWLINE) lineStart = position + at + 1;
        else if (!BLANKS.has(byte)) {
          blank = false;
          found(lineStart);
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
  };
}

/** Lines that hold more than white space. */
const lines: RowFormat = { name: "lines", scanner: lineScanner };

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

export async function openJsonLines(
  readable: ReadableFile,
  bytes: TextBytes,
  settings: RemoteSettings,
): Promise<ManifestRows> {
  const { path } = readable;
  const file = await openRowFile(
    path,
    bytes,
    lines,
    rowIndexStore(readable, bytes, lines, settings),
  );
  return {
    length: file.length,
    bytes: bytes.length,
    kind: "JSON Lines",
    requireUnchanged: bytes.requireUnchanged,
    read: async (row) => objectOf(path, row, await textOfRow(path, row, file.read(row))),
  };
}
