/**
 * Of parts that follow each other and end at `ends`, the one that has an index below the last end, and
 * the index within it. Parts may be empty.
 */
export function findPart(
  ends: ArrayLike<number>,
  index: number,
): { part: number; indexInPart: number } {
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ends[middle] as number) > index) high = middle;
    else low = middle + 1;
  }
  return { part: low, indexInPart: index - (low === 0 ? 0 : (ends[low - 1] as number)) };
}
