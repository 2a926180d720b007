import { field, list, longAt, longIn, type Table, table, tableAt } from "../flatbuffer.js";
import type { ArrowField, ArrowSchema } from "./arrow-schema.js";
import { readArrowSchema } from "./arrow-schema.js";

/** Tables are those of Arrow's Message.fbs. Every number is hostile until it is known to be within the file. */

/** From a byte of the file to before another. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The values of a column in a batch of rows, where they lie in the file. */
export interface ArrowVector {
  readonly field: ArrowField;
  readonly length: number;
  /** Bits of the rows that have a value; null where all have. */
  readonly validity: ByteRange | null;
  /** Offsets of bytes, strings and lists. */
  readonly offsets: ByteRange | null;
  /** Numbers, bits and bytes. */
  readonly data: ByteRange | null;
  readonly children: readonly ArrowVector[];
}

export interface ArrowBatch {
  readonly length: number;
  /** In the order of the schema's fields. */
  readonly columns: readonly ArrowVector[];
}

export interface ArrowTable {
  readonly schema: ArrowSchema;
  readonly batches: readonly ArrowBatch[];
}

const SCHEMA = 1;
const DICTIONARY = 2;
const RECORD_BATCH = 3;
const CONTINUATION = 0xffffffff;
const FILE_MAGIC = Buffer.from("ARROW1\0\0", "latin1");

const NO_END =
  "it ends early: there is no mark of its end, as where it has been cut or is still being written";

/** Nodes and buffers of a batch: as many as 4096 columns have. */
const MOST_PARTS = 4096 * 4;

interface Message {
  readonly kind: number;
  readonly header: Table;
  readonly body: ByteRange;
}

/** The message at a position; undefined where its length of 0 says that none comes any more. */
function messageAt(bytes: Buffer, position: number): Message | undefined {
  const isNew = position + 4 <= bytes.length && bytes.readUInt32LE(position) === CONTINUATION;
  const atLength = isNew ? position + 4 : position;
  if (atLength + 4 > bytes.length) throw new RangeError("it ends early");
  const length = bytes.readUInt32LE(atLength);
  if (length === 0) return undefined;
  const start = position + (isNew ? 8 : 4);
  if (start + length > bytes.length) throw new RangeError("it ends early");
  const head = tableAt(bytes.subarray(start, start + length), 0);
  const kind = field(head, 1);
  const header = table(head, 2);
  const end = start + length + longIn(head, 3);
  if (kind === null || header === null) throw new RangeError("a message has no header");
  if (end > bytes.length) throw new RangeError("it ends early");
  return { kind: head.bytes[kind] as number, header, body: { start: start + length, end } };
}

/** Buffers of each kind of column beside that of validity. */
const hasOffsets = new Set(["bytes", "string", "list"]);
const hasData = new Set(["bytes", "string", "integer", "float", "boolean", "other"]);

function readBatch(batch: Table, body: ByteRange, { fields }: ArrowSchema): ArrowBatch {
  if (field(batch, 3) !== null)
    throw new RangeError("its buffers are compressed, which is not read");
  const { bytes } = batch;
  const length = longIn(batch, 0);
  const nodes = list(batch, 1, MOST_PARTS);
  const buffers = list(batch, 2, MOST_PARTS);
  let node = 0;
  let buffer = 0;
  const nextBuffer = (): ByteRange => {
    if (buffer >= buffers.count) throw new RangeError("a buffer is missing");
    const at = buffers.start + 16 * buffer;
    buffer += 1;
    const start = body.start + longAt(bytes, at);
    const end = start + longAt(bytes, at + 8);
    if (end > body.end) throw new RangeError("a buffer is outside of its message");
    return { start, end };
  };
  const vectorOf = (own: ArrowField): ArrowVector => {
    if (node >= nodes.count) throw new RangeError("a column is missing");
    const at = nodes.start + 16 * node;
    node += 1;
    const rows = longAt(bytes, at);
    const hasNulls = longAt(bytes, at + 8) > 0;
    const validity = own.kind === "null" ? null : nextBuffer();
    const vector: ArrowVector = {
      field: own,
      length: rows,
      validity: hasNulls ? validity : null,
      offsets: hasOffsets.has(own.kind) ? nextBuffer() : null,
      data: hasData.has(own.kind) ? nextBuffer() : null,
      children: own.children.map(vectorOf),
    };
    requireRoom(vector);
    return vector;
  };
  const columns = fields.map(vectorOf);
  if (columns.some((column) => column.length !== length)) {
    throw new RangeError("columns have different lengths");
  }
  return { length, columns };
}

/** @throws {RangeError} where a column has less than its rows need. */
function requireRoom({ field: own, length, validity, offsets, data, children }: ArrowVector): void {
  const { kind, size } = own;
  const bits = Math.ceil(length / 8);
  const requireBytes = (range: ByteRange | null, bytes: number) => {
    if (range !== null && range.end - range.start < bytes)
      throw new RangeError("values are missing");
  };
  requireBytes(validity, bits);
  // a column without rows may have no offsets
  if (length > 0) requireBytes(offsets, (length + 1) * size);
  if (kind === "boolean") requireBytes(data, bits);
  if (kind === "integer" || kind === "float") requireBytes(data, length * size);
  const inRow = kind === "struct" ? 1 : kind === "fixed list" ? size : 0;
  if (children.some((child) => child.length < length * inRow)) {
    throw new RangeError("values are missing");
  }
}

/**
 * What there is in a file of Arrow's IPC, as a stream or with a table of contents at its end.
 *
 * @throws {RangeError} where it is damaged, or has what is not read.
 */
export function readArrowTable(bytes: Buffer): ArrowTable {
  const hasContents = bytes.subarray(0, FILE_MAGIC.length).equals(FILE_MAGIC);
  let position = hasContents ? FILE_MAGIC.length : 0;
  const first = messageAt(bytes, position);
  if (first?.kind !== SCHEMA) throw new RangeError("it does not begin with a schema");
  const schema = readArrowSchema(first.header);
  const batches: ArrowBatch[] = [];
  position = first.body.end;
  for (;;) {
    // rows that are missing would not be missed
    if (position === bytes.length) throw new RangeError(NO_END);
    const message = messageAt(bytes, position);
    if (message === undefined) return { schema, batches };
    if (message.kind === DICTIONARY) throw new RangeError("it has a dictionary, which is not read");
    if (message.kind !== RECORD_BATCH) throw new RangeError("a message is of an unknown kind");
    batches.push(readBatch(message.header, message.body, schema));
    position = message.body.end;
  }
}
