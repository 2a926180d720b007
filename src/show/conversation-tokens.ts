import { NOT_LEARNED } from "../vision-language/row-tensors.js";

/** A tensor of rows as it is shown. */
interface ShownRows {
  readonly data: ArrayLike<number | bigint>;
  readonly dims: readonly number[];
}

/** What of a batch has its tokens. */
export interface TokenRows {
  readonly input_ids?: ShownRows;
  readonly attention_mask?: Pick<ShownRows, "data">;
  /** Of conversations: −100 for what is not learned. */
  readonly labels?: Pick<ShownRows, "data"> | undefined;
  /** Of rows that are joined to sequences. */
  readonly segment_ids?: Pick<ShownRows, "data"> | undefined;
  readonly sequences?: readonly (readonly number[])[] | undefined;
}

/** A token as a batch has it. */
export interface BatchToken {
  readonly id: number;
  /** Whether no loss is computed of it. */
  readonly isMasked: boolean;
  /** How many of the same follow each other, as those of an image do. */
  readonly times: number;
}

/** The sequence that a row is in, and its number there, from 1. */
function segmentOf(sequences: readonly (readonly number[])[], row: number) {
  let left = row;
  for (const [sequence, { length }] of sequences.entries()) {
    if (left < length) return { sequence, segment: left + 1 };
    left -= length;
  }
  return undefined;
}

/** Places of a row's tokens in the tensors of a batch, without padding. */
export function placesOfRow(
  { input_ids, attention_mask, segment_ids, sequences }: TokenRows,
  row: number,
): number[] {
  const length = input_ids?.dims[1] ?? 0;
  const found = sequences && segmentOf(sequences, row);
  const first = (found?.sequence ?? row) * length;
  const places = Array.from({ length }, (_, at) => first + at);
  if (found === undefined) {
    return places.filter((place) => Number(attention_mask?.data[place] ?? 1) === 1);
  }
  return places.filter((place) => Number(segment_ids?.data[place]) === found.segment);
}

/** Tokens of a row of conversations, those that are the same and follow each other as one. */
export function conversationTokens(batch: TokenRows, row: number): BatchToken[] {
  const { input_ids, labels } = batch;
  const tokens: BatchToken[] = [];
  for (const place of placesOfRow(batch, row)) {
    const id = Number(input_ids?.data[place]);
    const isMasked = labels !== undefined && Number(labels.data[place]) === NOT_LEARNED;
    const last = tokens.at(-1);
    if (last?.id === id && last.isMasked === isMasked) {
      tokens[tokens.length - 1] = { ...last, times: last.times + 1 };
    } else tokens.push({ id, isMasked, times: 1 });
  }
  return tokens;
}
