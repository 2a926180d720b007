import type { SampleErrorList } from "../shared/sample-error.js";
import type { BatchCounts } from "./pixel-counts.js";

/** The sums of all batches. */
export interface Totals {
  readonly bytes: BigUint64Array;
  readonly tokenLengths: number[];
  readonly unreadable: SampleErrorList;
}

/** Adds what a batch has. */
export function addCounts(totals: Totals, counts: BatchCounts): void {
  const { bytes, tokenLengths, unreadable } = totals;
  for (const [i, times] of counts.bytes.entries()) bytes[i] = (bytes[i] as bigint) + times;
  for (const length of counts.tokenLengths) {
    while (tokenLengths.length <= length) tokenLengths.push(0);
    tokenLengths[length] = (tokenLengths[length] as number) + 1;
  }
  unreadable.add(counts.errors);
}

/** Mean and standard deviation of a channel, from whole sums; rounded at the end. */
export function moments(histogram: BigUint64Array): { mean: number; std: number } {
  let count = 0n;
  let sum = 0n;
  let squares = 0n;
  for (const [value, times] of histogram.entries()) {
    count += times;
    sum += times * BigInt(value);
    squares += times * BigInt(value * value);
  }
  const scale = 255 * Number(count);
  return {
    mean: Number(sum) / scale,
    std: Math.sqrt(Number(count * squares - sum * sum)) / scale,
  };
}
