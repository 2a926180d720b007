import { runtime } from "../../native/runtime.js";
import type { ColumnData } from "./batch-columns.js";

/**
 * Parts of a mapped file that are going to be looked at, which the system is asked for at once. From slow storage they come
 * together; each would be waited for when it is first touched.
 */

/** Columns of more bytes are read when their rows are. */
const MOST_COLUMN_BYTES = 2 ** 18;

/** What is between parts that are asked for as one: a page. */
const MOST_BETWEEN = 4096;

interface Part {
  readonly begin: number;
  readonly end: number;
}

/** Memory for few ranges: V8 looks for garbage whenever some is allocated, while it has young array buffers of maps. */
const few = new Float64Array(128);

/** Where parts begin, each with its bytes; those that are given one behind the other and lie next to each other are one. */
export function joinedParts(parts: Iterable<Part>): number[] {
  const ranges: number[] = [];
  let begin = Number.POSITIVE_INFINITY;
  let end = 0;
  const ask = () => {
    if (end > begin) ranges.push(begin, end - begin);
  };
  for (const part of parts) {
    if (part.begin < begin || part.begin > end + MOST_BETWEEN) {
      ask();
      begin = part.begin;
      end = part.end;
    } else {
      end = Math.max(end, part.end);
    }
  }
  ask();
  return ranges;
}

/** Precondition: the file is mapped, and the parts are within it. */
export function askForParts(file: ArrayBuffer, parts: Iterable<Part>): void {
  const ranges = joinedParts(parts);
  if (ranges.length === 0) return;
  const given =
    ranges.length <= few.length ? few.subarray(0, ranges.length) : new Float64Array(ranges.length);
  given.set(ranges);
  runtime().addon.askForPages(file, given);
}

/** Precondition: the bytes are in a file that is mapped. */
export function askForBytes(bytes: Uint8Array): void {
  askForParts(bytes.buffer as ArrayBuffer, [partOf(bytes)]);
}

const isSmall = (view: unknown): view is ArrayBufferView =>
  ArrayBuffer.isView(view) && view.byteLength <= MOST_COLUMN_BYTES;

const partOf = ({ byteOffset: begin, byteLength }: ArrayBufferView): Part => ({
  begin,
  end: begin + byteLength,
});

/** Where the offsets of a message's columns are, which are all looked at when it is opened. */
export function* offsetColumns({ valueOffsets, children }: ColumnData): Generator<Part> {
  if (isSmall(valueOffsets)) yield partOf(valueOffsets);
  for (const child of children) yield* offsetColumns(child);
}

/** Where the small columns of a message of rows are: all but images. */
export function* smallColumns({ values, valueOffsets, children }: ColumnData): Generator<Part> {
  if (isSmall(valueOffsets)) yield partOf(valueOffsets);
  if (isSmall(values)) yield partOf(values);
  for (const child of children) yield* smallColumns(child);
}
