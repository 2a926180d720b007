import { PixtokError } from "../shared/errors.js";
import { makeTensor } from "../shared/make-tensor.js";
import type { Tensor } from "../shared/tensor.js";
import { type TokenLayout, type TokenType, tokenTensor } from "../text/token-rows.js";
import type { EncodedRow } from "../vision-language/row-tensors.js";

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

function requireRoom(rows: readonly EncodedRow[], maxLength: number): number[] {
  const all = rows.flatMap(({ ids }) => ids);
  if (all.length <= maxLength) return all;
  const what = `rows that were joined to a sequence of at most ${maxLength} tokens have ${all.length} now`;
  throw new PixtokError("SOURCE_CHANGED", what);
}

/**
 * Rows as parts of longer ones. Nothing predicts the first token of a row: it is not learned, as transformers'
 * DataCollatorWithFlattening has it.
 *
 * @throws {PixtokError} SOURCE_CHANGED where they are longer than when they were counted.
 */
export function joinedRows(
  rows: readonly EncodedRow[],
  { rows: counts, maxLength }: SequenceRows,
): EncodedRow[] {
  return grouped(rows, counts).map((some) => ({
    ids: requireRoom(some, maxLength),
    typeIds: some.flatMap(({ typeIds }) => typeIds),
    learned: some.some(({ learned }) => learned !== null)
      ? some.flatMap(({ ids, learned }) => (learned ?? ids.map(() => 0)).with(0, 0))
      : null,
  }));
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
    own.flatMap((one) => Array.from({ length: one }, (_, at) => at)),
  );
  const segments = lengths.map((own) =>
    own.flatMap((one, row) => Array.from({ length: one }, () => row + 1)),
  );
  // padding is a segment of its own, so that flattened sequences are whole
  const all = lengths.flatMap((own) => {
    const padding = length - own.reduce((sum, one) => sum + one, 0);
    return padding === 0 ? own : [...own, padding];
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
    starts: lengths.map((own) =>
      own.map((_, row) => own.slice(0, row).reduce((sum, one) => sum + one, 0)),
    ),
  };
}
