import { findSpan } from "../../shared/find-span.js";
import type { ParquetFile } from "./parquet-file.js";

/** Where a row is. */
export interface Place {
  readonly file: ParquetFile;
  readonly group: number;
  /** In the group. */
  readonly row: number;
  /** In the file, from 1. */
  readonly number: number;
}

/** Rows of all files in their order, found by binary search. */
export function placesOf(files: readonly ParquetFile[]) {
  const groups: { file: ParquetFile; group: number; first: number }[] = [];
  const ends: number[] = [];
  let length = 0;
  for (const file of files) {
    let first = 0;
    for (const [group, { rows }] of file.metadata.groups.entries()) {
      length += rows;
      ends.push(length);
      groups.push({ file, group, first });
      first += rows;
    }
  }
  const at = (index: number): Place => {
    const { span, indexInSpan: row } = findSpan(ends, index);
    const { file, group, first } = groups[span] as (typeof groups)[number];
    return { file, group, row, number: first + row + 1 };
  };
  return { length, at };
}
