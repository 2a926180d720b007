import { makeTensor } from "../shared/make-tensor.js";
import type { Tensor } from "../shared/tensor.js";
import { joinedTokens, type TokenLayout, type TokenType, tokenTensor } from "../text/token-rows.js";
import { type EncodedRow, numbersOf } from "../vision-language/row-tensors.js";

/** Rows of a batch that are one row of its tokens together. */
export interface SequenceRows {
  /** How many rows each sequence has, in the order of the rows. */
  readonly rows: readonly number[];
  /** Tokens of a sequence at most. */
  readonly maxLength: number;
}

/** Lists of those that follow each other. */
export function grouped<T>(values: readonly T[], counts: readonly number[]): T[][] {
  let end = 0;
  return counts.map((count) => {
    end += count;
    return values.slice(end - count, end);
  });
}

/**
 * Rows as parts of longer ones. Nothing predicts the first token of a row: it is not learned, as transformers'
 * DataCollatorWithFlattening has it.
 *
 * @param counts of the rows of each.
 */
export function joinedRows(rows: readonly EncodedRow[], counts: readonly number[]): EncodedRow[] {
  return grouped(rows, counts).map((some) => ({
    ids: joinedTokens(some.map(({ ids }) => ids)),
    typeIds: joinedTokens(some.map(({ typeIds }) => typeIds)),
    learned: some.some(({ learned }) => learned !== null)
      ? joinedTokens(some.map(({ ids, learned }) => learnedBehindFirst(ids.length, learned)))
      : null,
  }));
}

/** What of a row is learned but for its first token. */
function learnedBehindFirst(length: number, learned: EncodedRow["learned"]): Int32Array {
  const own = learned === null ? new Int32Array(length) : new Int32Array(learned);
  return own.fill(0, 0, 1);
}

/** Which row of its sequence each token is of, and at which place. */
export function sequenceTensors<T extends TokenType>(
  rows: readonly EncodedRow[],
  sequences: readonly number[],
  { type, length, allocate }: Pick<TokenLayout<T>, "type" | "length" | "allocate">,
): {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly maxSeqlen: number;
  /** Where each row of each sequence begins. */
  readonly starts: readonly (readonly number[])[];
} {
  const lengths = grouped(
    rows.map(({ ids }) => ids.length),
    sequences,
  );
  const layout: TokenLayout<T> = {
    type,
    length,
    paddingSide: "right",
    ...(allocate && { allocate }),
  };
  const places = lengths.map((own) =>
    joinedTokens(own.map((one) => numbersOf(new Int32Array(one), (_, at) => at))),
  );
  const segments = lengths.map((own) =>
    joinedTokens(own.map((one, row) => new Int32Array(one).fill(row + 1))),
  );
  // padding is a segment of its own, so that flattened sequences are whole; a row without tokens is none
  const all = lengths.flatMap((own) => {
    const padding = length - own.reduce((sum, one) => sum + one, 0);
    return [...own, padding].filter((one) => one > 0);
  });
  const ends = new Int32Array(all.length + 1);
  for (const [at, one] of all.entries()) ends[at + 1] = (ends[at] as number) + one;
  return {
    tensors: {
      position_ids: tokenTensor(places, 0, layout),
      segment_ids: tokenTensor(segments, 0, layout),
      cu_seqlens: makeTensor("int32", ends, [ends.length]),
    },
    maxSeqlen: all.reduce((most, one) => Math.max(most, one), 0),
    starts: lengths.map((own) => {
      let end = 0;
      return own.map((one) => {
        end += one;
        return end - one;
      });
    }),
  };
}
