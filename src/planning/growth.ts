/** How something grows with the number of pairs: a line, or two one behind the other. */
export interface Growth {
  /** Pairs that it was measured with. */
  readonly pairs: number;
  /** What it was then. */
  readonly value: number;
  /** What each pair more adds; null: that is not known. */
  readonly perPair: number | null;
  /** How it grows where there are more than so many pairs, as those are handled in another way. */
  readonly beyond?: { readonly pairs: number; readonly growth: Growth };
}

/** What it comes to; null where that is not known. */
export function valueAt({ pairs, value, perPair, beyond }: Growth, wanted: number): number | null {
  if (beyond !== undefined && wanted > beyond.pairs) return valueAt(beyond.growth, wanted);
  if (wanted === pairs) return value;
  return perPair === null ? null : Math.max(0, value + perPair * (wanted - pairs));
}

/** Several measurements with a number of pairs. */
export interface Measured {
  readonly pairs: number;
  readonly values: readonly number[];
}

/** The least value: whatever else the machine does makes a measurement larger. */
const least = (values: readonly number[]) => Math.min(...values);

/** How far the two least values are from each other. */
function noiseOf(values: readonly number[]): number {
  const [first = 0, second = first] = [...values].sort((a, b) => a - b);
  return second - first;
}

/** Noises that a difference may have by chance. */
const TIMES = 3;

/** Whether so little noise is in them that growthBetween() knows how they grow. */
export function areSettled(values: readonly number[], resolution: number): boolean {
  return TIMES * noiseOf(values) <= resolution;
}

/**
 * The line through two points. What differs by no more than `resolution` does not grow: a difference that is noise would be
 * multiplied by a billion pairs. Where the noise of the measurements is more, and so is what they differ by, it is not known.
 */
export function growthBetween(small: Measured, large: Measured, resolution: number): Growth {
  const { pairs } = large;
  const value = least(large.values);
  const difference = value - least(small.values);
  if (pairs <= small.pairs) return { pairs, value, perPair: 0 };
  const noise = Math.max(noiseOf(small.values), noiseOf(large.values));
  if (difference > Math.max(TIMES * noise, resolution)) {
    return { pairs, value, perPair: difference / (pairs - small.pairs) };
  }
  return { pairs, value, perPair: Math.max(difference, noise) > resolution ? null : 0 };
}
