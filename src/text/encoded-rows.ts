import { outOfRange } from "../shared/validation.js";
import type { TokenNumbers } from "./encode-texts.js";
import { keptAndOverflowing, keptPositions, type Truncation } from "./truncation.js";

/** A row of an encoded text: all of its tokens, or those at some positions. */
export interface EncodedRow {
  /** Which of the texts it is of. */
  readonly sample: number;
  /** Number of its tokens. */
  readonly length: number;
  /** Those of the values, one for each of the text's tokens, that are the row's. */
  of<T>(values: readonly T[]): readonly T[];
}

function rowAt(sample: number, positions: readonly number[]): EncodedRow {
  return {
    sample,
    length: positions.length,
    of: <T>(values: readonly T[]) => positions.map((position) => values[position] as T),
  };
}

/** Rows as long as their texts. */
export function wholeRows(encodings: readonly TokenNumbers[]): EncodedRow[] {
  return encodings.map(({ length }, sample) => ({ sample, length, of: (values) => values }));
}

function tooShort(sample: number, { strategy, maxLength }: Truncation): RangeError {
  const which = strategy === "only_first" ? "first" : "second";
  return outOfRange(
    "truncation",
    `"longest_first" or another, as the ${which} text of pair ${sample} has too few tokens to cut it to max_length ${maxLength}`,
    strategy,
  );
}

/**
 * A row for each text, cut where it is too long.
 *
 * @throws {RangeError} where the text that is to be cut is too short.
 */
export function truncatedRows(
  encodings: readonly TokenNumbers[],
  truncation: Truncation,
): EncodedRow[] {
  const whole = wholeRows(encodings);
  return whole.map((row, sample) => {
    if (row.length <= truncation.maxLength) return row;
    const positions = keptPositions((encodings[sample] as TokenNumbers).sequenceIds, truncation);
    if (positions === undefined) throw tooShort(sample, truncation);
    return rowAt(sample, positions);
  });
}

/**
 * The same, and behind each row one for every part that was cut off.
 *
 * @param stride tokens of a text that a part has in common with the one before it.
 * @throws {RangeError} also where max_length leaves no more tokens of a text than the stride.
 */
export function overflowingRows(
  encodings: readonly TokenNumbers[],
  truncation: Truncation,
  stride: number,
): EncodedRow[] {
  return wholeRows(encodings).flatMap((row, sample) => {
    if (row.length <= truncation.maxLength) return row;
    const { sequenceIds } = encodings[sample] as TokenNumbers;
    const ranges = keptAndOverflowing(sequenceIds, truncation, stride);
    if (ranges === undefined) throw tooShort(sample, truncation);
    if (typeof ranges === "number") {
      throw outOfRange(
        "stride",
        `less than ${ranges}, the tokens that max_length ${truncation.maxLength} leaves of text ${sample}`,
        stride,
      );
    }
    return ranges.map((positions) => rowAt(sample, positions));
  });
}
