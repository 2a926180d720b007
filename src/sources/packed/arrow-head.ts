/**
 * What Arrow's parser may meet. It believes every number in a message's head, a flatbuffer: a list of 2^30
 * fields, or fields that hold each other, would take all memory there is. So heads are read here first, and
 * must be about as large as those that are written.
 *
 * Tables and their fields are those of Arrow's Message.fbs and Schema.fbs.
 */

import { field, list, longAt, longIn, type Table, table, tableAt } from "../flatbuffer.js";
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
  const value = bytes.readBigInt64LE(position);
  if (value < 0n || value > BigInt(most)) {
    throw new RangeError(`a length is ${value}, of ${most} at most`);
  }
  return Number(value);
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

function requireBatch(batch: Table, rows: number, bodyBytes: number): void {
  const { bytes } = batch;
  requireAbsent(batch, 3, 4); // compression, variadic buffers
  const length = field(batch, 0);
  if (length === null || size(bytes, length, rows) !== rows) {
    throw new RangeError("it has not the rows that it should have");
  }
  const nodes = list(batch, 1, MOST_NODES);
  for (let i = 0; i < nodes.count; i += 1) {
    size(bytes, nodes.start + 16 * i, bodyBytes);
    size(bytes, nodes.start + 16 * i + 8, 0); // nothing is null
  }
  const buffers = list(batch, 2, MOST_BUFFERS);
  for (let i = 0; i < buffers.count; i += 1) {
    const offset = size(bytes, buffers.start + 16 * i, bodyBytes);
    size(bytes, buffers.start + 16 * i + 8, bodyBytes - offset);
  }
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
export function requireBatchHead(head: Buffer, rows: number, bodyBytes: number): void {
  requireBatch(header(head, RECORD_BATCH, bodyBytes), rows, bodyBytes);
}

/** What a message of rows consists of. */
export interface BatchParts {
  readonly rows: number;
  /** Of each column and each column within one: how many values it has. */
  readonly nodes: readonly number[];
  /** Of each of their buffers: where it begins behind the head, and its bytes. */
  readonly buffers: readonly number[];
}

/** Precondition: requireBatchHead() takes it. */
export function batchParts(head: Buffer): BatchParts {
  const bytes = head.subarray(8);
  const batch = table(tableAt(bytes, 0), 2) as Table;
  const numbers = (number: number, most: number, of: (entry: number) => number[]): number[] => {
    const { start, count } = list(batch, number, most);
    return Array.from({ length: count }, (_, i) => of(start + 16 * i)).flat();
  };
  return {
    rows: longIn(batch, 0),
    nodes: numbers(1, MOST_NODES, (entry) => [longAt(bytes, entry)]),
    buffers: numbers(2, MOST_BUFFERS, (entry) => [longAt(bytes, entry), longAt(bytes, entry + 8)]),
  };
}
