/** Separated values as Python's csv module reads them: where records begin in bytes, and their fields. */

import type { RowFormat, RowScanner } from "./row-format.js";

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;

/**
 * Records with a separator of one character. A line ends at "\n", "\r" or both; within quotes it does not end a record.
 * Quotes open a field only at its start; elsewhere they are characters like any other. Lines with nothing in them are
 * left out.
 */
export function delimitedRecords(delimiter: string): RowFormat {
  const separator = delimiter.charCodeAt(0);
  return { name: `records-${separator}`, scanner: () => recordScanner(separator) };
}

function recordScanner(separator: number): RowScanner {
  let position = 0;
  let recordStart = 0;
  let blank = true;
  let quoted = false;
  let closed = false; // the byte before ended the quotes, unless another quote follows
  let fieldStart = true;
  return (chunk, found) => {
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      if ((byte === NEWLINE || byte === RETURN) && !quoted) {
        recordStart = position + at + 1;
        blank = true;
        fieldStart = true;
        continue;
      }
      if (blank) {
        blank = false;
        found(recordStart);
      }
      if (byte !== QUOTE) closed = false;
      else if (quoted) [quoted, closed] = [false, true];
      else if (fieldStart || closed) [quoted, closed] = [true, false];
      fieldStart = !quoted && byte === separator;
    }
    position += chunk.length;
  };
}

/** The fields of one record, without or with its line end; null where its quotes are not closed. */
export function fieldsOf(record: string, delimiter: string): string[] | null {
  let end = record.length;
  while (end > 0 && (record[end - 1] === "\n" || record[end - 1] === "\r")) end -= 1;
  const upTo = (text: string, from: number): number => {
    const found = record.indexOf(text, from);
    return found === -1 ? end : found;
  };
  const fields: string[] = [];
  for (let at = 0; ; ) {
    let field = "";
    if (record[at] === '"' && at < end) {
      for (at += 1; ; at += 2) {
        const close = record.indexOf('"', at);
        if (close === -1) return null;
        field += record.slice(at, close);
        at = close;
        if (record[at + 1] !== '"') break;
        field += '"';
      }
      at += 1;
    }
    const next = upTo(delimiter, at);
    fields.push(field + record.slice(at, next));
    if (next === end) return fields;
    at = next + 1;
  }
}
