import type { RemoteSettings } from "../../remote/remote-options.js";
import { PixtokError } from "../../shared/errors.js";
import type { ReadableFile } from "../copied-file.js";
import { openTextBytes, type TextBytes } from "../text-bytes.js";
import { decodeUtf8, NotText } from "../text-encoding.js";
import { delimitedRecords, fieldsOf } from "./delimited-records.js";
import { invalidRow, type ManifestRows, textOfRow } from "./manifest-rows.js";
import { openRowFile } from "./row-file.js";
import { rowIndexStore } from "./row-index-store.js";

/** A header is looked for in so much of the file, so much at a time. */
const MOST_HEADER_BYTES = 1 << 20;
const HEADER_BYTES = 1 << 12;

/** The column names that there are if this separates them; null where there is no whole header. */
function headerOf(start: Buffer, delimiter: string): string[] | null {
  const scan = delimitedRecords(delimiter).scanner();
  const starts: number[] = [];
  for (let at = 0; at < start.length && starts.length < 2; at += HEADER_BYTES) {
    scan(start.subarray(at, at + HEADER_BYTES), (found) => starts.push(found));
  }
  const [from, to] = starts;
  return from === undefined ? [] : fieldsOf(decodeUtf8(start.subarray(from, to)), delimiter);
}

/** The first of the delimiters with which the file has the columns that are wanted, or else just the first. */
async function chooseDelimiter(
  path: string,
  bytes: TextBytes,
  delimiters: readonly string[],
  areWanted: (columns: readonly string[]) => boolean,
): Promise<{ delimiter: string; header: readonly string[] }> {
  const start = await bytes.read(0, Math.min(bytes.length, MOST_HEADER_BYTES));
  const invalid = (message: string) =>
    new PixtokError("INVALID_MANIFEST", message, { source: path });
  if (start.subarray(0, 1024).includes(0)) {
    throw invalid("there are NUL bytes in it: this is no text, or UTF-16; save it as UTF-8");
  }
  const headers: { delimiter: string; header: readonly string[] }[] = [];
  try {
    for (const delimiter of delimiters) {
      const header = headerOf(start, delimiter);
      if (header !== null) headers.push({ delimiter, header });
    }
  } catch (cause) {
    throw cause instanceof NotText ? invalid(`the header: ${cause.message}`) : cause;
  }
  const chosen = headers.find(({ header }) => areWanted(header)) ?? headers[0];
  if (chosen === undefined) throw invalid("the header has a quote that is not closed");
  return chosen;
}

const SHOWN_DELIMITER: Record<string, string> = { "\t": "TSV", ",": "CSV" };

/**
 * Rows of a file of separated values with a header. Its separator is the first of `delimiters`, unless only
 * another one gives the columns that are wanted.
 *
 * @throws {PixtokError} as openTextBytes(), and INVALID_MANIFEST for a header that cannot be read.
 */
export async function openDelimitedRows(
  readable: ReadableFile,
  delimiters: readonly string[],
  areWanted: (columns: readonly string[]) => boolean,
  settings: RemoteSettings,
): Promise<ManifestRows> {
  const { path } = readable;
  const bytes = await openTextBytes(path);
  const { delimiter, header } = await chooseDelimiter(path, bytes, delimiters, areWanted);
  const records = delimitedRecords(delimiter);
  const store = rowIndexStore(readable, bytes, records, settings);
  const file = await openRowFile(path, bytes, records, store);
  return {
    // the header is the first one; rows are counted from behind it
    length: Math.max(0, file.length - 1),
    bytes: bytes.length,
    header,
    kind: SHOWN_DELIMITER[delimiter] ?? `CSV (separated by "${delimiter}")`,
    requireUnchanged: bytes.requireUnchanged,
    async read(row) {
      const values = fieldsOf(await textOfRow(path, row, file.read(row + 1)), delimiter);
      if (values === null) throw invalidRow(path, row, "it has a quote that is not closed");
      if (values.length !== header.length) {
        const expected = `expected ${header.length} columns, as the header has`;
        throw invalidRow(path, row, `${expected}, got ${values.length}`);
      }
      return Object.fromEntries(header.map((name, i) => [name, values[i]]));
    },
  };
}
