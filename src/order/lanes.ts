/** More are of use to no number of ranks that there is. */
export const MOST_LANES = 2 ** 16;

/**
 * Lanes of an order: positions p and p + lanes are of one lane. The number of lanes is a power of two. Lanes are
 * numbered by the bits of p mod lanes, the lowest first, so that positions that follow each other are spread evenly
 * over the lanes (van der Corput's sequence), whatever the number of ranks that share them.
 */
export function laneOf(position: number, lanes: number): number {
  let lane = 0;
  let rest = position % lanes;
  for (let bit = 1; bit < lanes; bit *= 2) {
    lane = 2 * lane + (rest % 2);
    rest = Math.floor(rest / 2);
  }
  return lane;
}

/**
 * Of the `count` positions from `first` on, the `rank`-th when they are sorted by their lanes. Ranks that each take
 * theirs have few lanes each: neighbours share them, others do not.
 *
 * @param rank from 0 to count - 1.
 */
export function positionInLanes(rank: number, first: number, count: number, lanes: number): number {
  let before = rank;
  let residue = 0;
  for (let step = 1; step < lanes; step *= 2) {
    const lower = countOf(residue, 2 * step, first, count);
    if (before < lower) continue;
    before -= lower;
    residue += step;
  }
  return first + remainder(residue - first, lanes) + before * lanes;
}

/** How many of the `count` numbers from `first` on leave a remainder. */
function countOf(residue: number, divisor: number, first: number, count: number): number {
  return Math.ceil((count - remainder(residue - first, divisor)) / divisor);
}

function remainder(number: number, divisor: number): number {
  return number - Math.floor(number / divisor) * divisor;
}
