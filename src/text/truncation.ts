// Why not by the Rust library itself: there the length is a setting of the tokenizer object, shared
// with encodings under way, and version 0.23.2 miscounts pairs of which both texts are too long.

/**
 * Which text of a pair is cut. "longest_first": the longer one until it is as long as the other, then
 * both.
 */
export type TruncationStrategy = "longest_first" | "only_first" | "only_second";

export interface Truncation {
  /** Most tokens in a row, special ones included. */
  maxLength: number;
  strategy: TruncationStrategy;
  /** The end of each text that is cut. */
  side: "left" | "right";
}

/** Which text each token belongs to, 0 or 1; a token of neither is special. */
export type SequenceIds = readonly (number | null | undefined)[];

/** Tokens of a text from the first up to, and without, the second. */
type Range = readonly [from: number, to: number];

/**
 * How many tokens of two texts are kept where `most` may be: the longer text is cut until it is as
 * long as the shorter one, then both; of two equal ones the second keeps the odd token.
 */
export function keptLengths(first: number, second: number, most: number): [number, number] {
  const half = Math.floor(most / 2);
  if (first > second) {
    const kept = Math.min(second, half);
    return [Math.min(first, most - kept), kept];
  }
  const kept = Math.min(first, half);
  return [kept, Math.min(second, most - kept)];
}

interface Lengths {
  tokens: [number, number];
  /** Undefined where the text to cut has too few tokens. */
  kept: [number, number] | undefined;
}

function lengthsOf(sequenceIds: SequenceIds, { maxLength, strategy }: Truncation): Lengths {
  const tokens: [number, number] = [0, 0];
  for (const id of sequenceIds) if (id === 0 || id === 1) tokens[id] += 1;
  const [first, second] = tokens;
  const special = sequenceIds.length - first - second;
  const most = Math.max(maxLength - special, 0);
  if (strategy === "longest_first" || most === 0) {
    return { tokens, kept: keptLengths(first, second, most) };
  }
  const dropped = Math.max(first + second - most, 0);
  const cut = strategy === "only_first" ? 0 : 1;
  if (dropped > 0 && tokens[cut] <= dropped) return { tokens, kept: undefined };
  return { tokens, kept: cut === 0 ? [first - dropped, second] : [first, second - dropped] };
}

/** Positions of a row's tokens that are special or in their text's range. */
function positionsOf(sequenceIds: SequenceIds, ranges: readonly [Range, Range]): number[] {
  const seen: [number, number] = [0, 0];
  const positions: number[] = [];
  for (const [position, id] of sequenceIds.entries()) {
    if (id === 0 || id === 1) {
      const index = seen[id]++;
      const [from, to] = ranges[id];
      if (index < from || index >= to) continue;
    }
    positions.push(position);
  }
  return positions;
}

/** What is kept of a text, then what was cut off: each range begins with the last `stride` of the one before. */
function rangesOf(tokens: number, kept: number, side: "left" | "right", stride: number): Range[] {
  if (kept >= tokens) return [[0, tokens]];
  const ranges: Range[] = [];
  for (let from = 0; ; from += kept - stride) {
    const to = Math.min(from + kept, tokens);
    ranges.push(side === "right" ? [from, to] : [tokens - to, tokens - from]);
    if (to === tokens) return ranges;
  }
}

/**
 * Positions of the tokens that are kept of a row, all special ones among them, even where these are
 * more than `maxLength`; undefined where the text to cut is too short for it.
 */
export function keptPositions(
  sequenceIds: SequenceIds,
  truncation: Truncation,
): number[] | undefined {
  const { tokens, kept } = lengthsOf(sequenceIds, truncation);
  if (kept === undefined) return undefined;
  const range = (text: 0 | 1): Range =>
    truncation.side === "right" ? [0, kept[text]] : [tokens[text] - kept[text], tokens[text]];
  return positionsOf(sequenceIds, [range(0), range(1)]);
}

/**
 * The row that is kept and, behind it, rows of what was cut off, as Python's fast tokenizers order
 * them: each range of the first text with each of the second, those of the first range last.
 *
 * @param stride tokens of a text that a range has in common with the one before it.
 * @returns undefined where the text to cut is too short; the tokens that are kept of a text where
 *   these are no more than the stride.
 */
export function keptAndOverflowing(
  sequenceIds: SequenceIds,
  truncation: Truncation,
  stride: number,
): number[][] | number | undefined {
  const { tokens, kept } = lengthsOf(sequenceIds, truncation);
  if (kept === undefined) return undefined;
  const tooFew = kept.find((count, text) => count < (tokens[text] as number) && count <= stride);
  if (tooFew !== undefined) return tooFew;
  const [firsts, seconds] = [0, 1].map((text) =>
    rangesOf(tokens[text] as number, kept[text] as number, truncation.side, stride),
  ) as [Range[], Range[]];
  const [whole, ...overflowing] = firsts as [Range, ...Range[]];
  const [second, ...rest] = seconds as [Range, ...Range[]];
  return [
    [whole, second] as const,
    ...overflowing.flatMap((first) => seconds.map((other) => [first, other] as const)),
    ...rest.map((other) => [whole, other] as const),
  ].map((ranges) => positionsOf(sequenceIds, ranges));
}
