import { findSpan } from "../../shared/find-span.js";
import type { PackedRows } from "./packed-rows.js";

/** The rows of a file: those of its messages. */
export interface FileRows {
  readonly messages: readonly PackedRows[];
  /** Row after the last one of each message. */
  readonly ends: Float64Array;
}

/** A row where it lies in its message. */
export interface FoundRow {
  readonly message: PackedRows;
  readonly row: number;
  /** Whether the message's memory stays for as long as somebody has it, or the context keeps it; else the row must be copied. */
  readonly stays: boolean;
  /** Whether its memory is a mapped file's, whose pages may have to be waited for. */
  readonly isMapped: boolean;
}

/** Sums of numbers up to and with each of them. */
export function endsOf(lengths: ArrayLike<number>): Float64Array {
  const ends = new Float64Array(lengths.length);
  let end = 0;
  for (let i = 0; i < ends.length; i += 1) {
    end += lengths[i] as number;
    ends[i] = end;
  }
  return ends;
}

export function fileRows(messages: readonly PackedRows[]): FileRows {
  return { messages, ends: endsOf(messages.map(({ length }) => length)) };
}

/**
 * A row of a file. Precondition: it has so many.
 *
 * @param stays whether it is given as it lies in the file. Default: true.
 */
export function rowOfFile({ messages, ends }: FileRows, index: number, stays = true): FoundRow {
  const { span, indexInSpan: row } = findSpan(ends, index);
  return { message: messages[span] as PackedRows, row, stays, isMapped: true };
}
