import { crc32 } from "node:zlib";

/**
 * The messages that a packed file's stream consists of, with their checksums. The list is a text in the first
 * of them, the schema, of a length that is known before the checksums are: numbers of eight hexadecimal
 * digits. It is found without a parser, so that nothing is parsed that is not what was written.
 */

export interface PackedMessage {
  /** Head and body. */
  readonly bytes: number;
  readonly headBytes: number;
  readonly rows: number;
  /** CRC-32; that of the schema is taken with a list of zeros in it. */
  readonly headCrc: number;
  readonly bodyCrc: number;
}

const MARK = "pixtok messages 1:";
const FIELDS = ["bytes", "headBytes", "rows", "headCrc", "bodyCrc"] as const;
const DIGITS = 8;
const ENTRY = DIGITS * FIELDS.length;

/**
 * Messages that a file's rows are in, at most: a reader keeps some 2 KB for each of them, and a schema
 * some 40 bytes.
 */
export const MOST_MESSAGES = 2 ** 16;

/** What is in a schema beside the list of messages, such as names of classes, is less than this. */
export const MOST_SCHEMA_BYTES = (MOST_MESSAGES + 1) * ENTRY + 2 ** 22;

/** @param room messages that there is room for. */
export function writeMessageList(messages: readonly PackedMessage[], room: number): string {
  const entries = messages.map((message) =>
    FIELDS.map((field) => message[field].toString(16).padStart(DIGITS, "0")).join(""),
  );
  return MARK + entries.join("").padEnd(room * ENTRY, "0");
}

function readMessageList(list: string): PackedMessage[] {
  const messages: PackedMessage[] = [];
  for (let at = MARK.length; at + ENTRY <= list.length; at += ENTRY) {
    const numbers = FIELDS.map((field, i) => [
      field,
      Number.parseInt(list.slice(at + i * DIGITS, at + (i + 1) * DIGITS), 16),
    ]);
    const message = Object.fromEntries(numbers) as unknown as PackedMessage;
    if (message.bytes === 0) break;
    messages.push(message);
  }
  return messages;
}

/** Bytes of a message's head: a mark, the length of what follows, and that. */
export function headBytes(message: Buffer): number {
  return message.length < 8 ? 0 : 8 + message.readUInt32LE(4);
}

/** A message in pieces, its head in the first. */
export type MessagePieces = readonly [Buffer, ...Buffer[]];

export function describeMessage(pieces: MessagePieces, rows: number): PackedMessage {
  const [first, ...rest] = pieces;
  const head = headBytes(first);
  return {
    bytes: pieces.reduce((sum, { length }) => sum + length, 0),
    headBytes: head,
    rows,
    headCrc: crc32(first.subarray(0, head)),
    bodyCrc: rest.reduce((crc, piece) => crc32(piece, crc), crc32(first.subarray(head))),
  };
}

/** Whether a file begins as pixtok's do, whatever has become of it. */
export function isPackedFile(file: Buffer): boolean {
  return file.subarray(0, MOST_SCHEMA_BYTES).includes(MARK);
}

/**
 * What a packed file consists of; undefined where its schema is not what was written.
 */
export function findMessages(file: Buffer): PackedMessage[] | undefined {
  const schemaBytes = headBytes(file);
  if (schemaBytes > Math.min(file.length, MOST_SCHEMA_BYTES)) return undefined;
  const schema = file.subarray(0, schemaBytes);
  const at = schema.indexOf(MARK);
  if (at < 4) return undefined;
  const length = schema.readUInt32LE(at - 4); // of a string in a flatbuffer
  const room = (length - MARK.length) / ENTRY;
  if (at + length > schema.length || !Number.isInteger(room)) return undefined;
  if (room < 1 || room > MOST_MESSAGES + 1) return undefined;
  const list = schema.subarray(at, at + length).toString("latin1");
  const messages = readMessageList(list);
  const blank = Buffer.from(schema);
  blank.write(writeMessageList([], room), at, "latin1");
  const expected = [describeMessage([blank], 0), ...messages.slice(1)];
  return list === writeMessageList(expected, room) ? messages : undefined;
}
