/**
 * What Arrow's parser may meet. It believes every number in a message's head, a flatbuffer: a list of 2^30
 * fields, or fields that hold each other, would take all memory there is. So heads are read here first, and
 * must be about as large as those that are written.
 *
 * Tables and their fields are those of Arrow's Message.fbs and Schema.fbs.
 */

import { field, list, type Table, table, tableAt } from "../flatbuffer.js";
import { MOST_AXES } from "./pack-columns.js";
import { MOST_TOKEN_COLUMNS } from "./pack-conversations.js";
import { MOST_FACTS, MOST_PACKED_COLUMNS } from "./pack-format.js";

const SCHEMA = 1;
const RECORD_BATCH = 3;

/** A column's own field, and one for each axis of an array. */
const MOST_DEPTH = 1 + MOST_AXES;
const MOST_FIELDS = 7 + MOST_FACTS + MOST_TOKEN_COLUMNS + MOST_PACKED_COLUMNS;
const MOST_METADATA = 8;
const MOST_NODES = MOST_FIELDS * MOST_DEPTH;
const MOST_BUFFERS = 3 * MOST_NODES;

function requireAbsent(parent: Table, ...numbers: readonly number[]): void {
  if (numbers.some((number) => field(parent, number) !== null)) {
    throw new RangeError("there is something in it that pixtok does not write");
  }
}

/** A number of 64 bits from 0 to `most`. */
function size(bytes: Buffer, position: number, most: number): number {
  // without a BigInt for each: opening a message is mostly this
  const value = bytes.readInt32LE(position + 4) * 2 ** 32 + bytes.readUInt32LE(position);
  if (value < 0 || value > most) throw new RangeError(`a length is ${value}, of ${most} at most`);
  return value;
}

function requireFields(parent: Table, number: number, depth: number): void {
  const { start, count } = list(parent, number, depth === MOST_DEPTH ? MOST_FIELDS : 1);
  if (count > 0 && depth === 0) throw new RangeError("a column is nested too deeply");
  for (let i = 0; i < count; i += 1) {
    const one = tableAt(parent.bytes, start + 4 * i);
    requireAbsent(one, 4); // a dictionary
    list(one, 6, MOST_METADATA);
    requireFields(one, 5, depth - 1);
  }
}

/** What a message of rows consists of. */
export interface BatchParts {
  readonly rows: number;
  /** Of each column and each column within one: how many values it has. */
  readonly nodes: readonly number[];
  /** Of each of their buffers: where it begins behind the head, and its bytes. */
  readonly buffers: readonly number[];
}

function requireBatch(batch: Table, rows: number, bodyBytes: number): BatchParts {
  const { bytes } = batch;
  requireAbsent(batch, 3, 4); // compression, variadic buffers
  const length = field(batch, 0);
  if (length === null || size(bytes, length, rows) !== rows) {
    throw new RangeError("it has not the rows that it should have");
  }
  const nodes: number[] = [];
  const ofNodes = list(batch, 1, MOST_NODES);
  for (let i = 0; i < ofNodes.count; i += 1) {
    const at = ofNodes.start + 16 * i;
    nodes.push(size(bytes, at, bodyBytes));
    size(bytes, at + 8, 0); // nothing is null
  }
  const buffers: number[] = [];
  const ofBuffers = list(batch, 2, MOST_BUFFERS);
  for (let i = 0; i < ofBuffers.count; i += 1) {
    const at = ofBuffers.start + 16 * i;
    const offset = size(bytes, at, bodyBytes);
    buffers.push(offset, size(bytes, at + 8, bodyBytes - offset));
  }
  return { rows, nodes, buffers };
}

/** The header of a message, which must be of this kind, and have a body of this length behind it. */
function header(head: Buffer, kind: number, bodyBytes: number): Table {
  const message = tableAt(head.subarray(8), 0);
  list(message, 4, MOST_METADATA);
  const type = field(message, 1);
  const found = table(message, 2);
  if (found === null || type === null || message.bytes[type] !== kind) {
    throw new RangeError("a message is of another kind than it should be");
  }
  const body = field(message, 3);
  const length = body === null ? 0 : size(message.bytes, body, bodyBytes);
  if (length !== bodyBytes)
    throw new RangeError("a message has another length than it should have");
  return found;
}

/** @throws {RangeError} */
export function requireSchemaHead(head: Buffer): void {
  const schema = header(head, SCHEMA, 0);
  list(schema, 2, MOST_METADATA);
  list(schema, 3, MOST_METADATA);
  requireFields(schema, 1, MOST_DEPTH);
}

/** @throws {RangeError} */
export function requireBatchHead(head: Buffer, rows: number, bodyBytes: number): BatchParts {
  return requireBatch(header(head, RECORD_BATCH, bodyBytes), rows, bodyBytes);
}
