/** Byte offsets at which the rows of a text file begin, and after the last one its end. */

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const BLANKS = new Set([0x20, 0x09, RETURN]);

/** Lines that hold more than white space. */
export async function* scanLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<number> {
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

const BYTE_ORDER_MARK_BYTES = 3;
const NOT_ASCII = 0x80;

/**
 * Records as RFC 4180 has them: a line end within quotes does not end one. Quotes open a field only at
 * its start; elsewhere they are characters like any other.
 */
export async function* scanRecords(
  chunks: AsyncIterable<Buffer>,
  delimiter: string,
): AsyncGenerator<number> {
  const separator = delimiter.charCodeAt(0);
  let position = 0;
  let recordStart = 0;
  let blank = true;
  let quoted = false;
  let closed = false; // the byte before ended the quotes, unless another quote follows
  let fieldStart = true;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      if (byte === NEWLINE && !quoted) {
        recordStart = position + at + 1;
        blank = true;
        fieldStart = true;
        closed = false;
        continue;
      }
      if (blank && byte !== RETURN) {
        blank = false;
        yield recordStart;
      }
      const inMark = position + at < BYTE_ORDER_MARK_BYTES && byte >= NOT_ASCII;
      if (byte !== QUOTE) closed = false;
      else if (quoted) [quoted, closed] = [false, true];
      else if (fieldStart || closed) [quoted, closed] = [true, false];
      fieldStart = !quoted && (byte === separator || (fieldStart && inMark));
    }
    position += chunk.length;
  }
  yield position;
}
