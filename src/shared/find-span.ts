/**
 * The span that has an index, of spans that follow each other and end at `ends`, and the index within it.
 * Spans may be empty. Precondition: the index is below the last end.
 */
export function findSpan(
  ends: ArrayLike<number>,
  index: number,
): { span: number; indexInSpan: number } {
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ends[middle] as number) > index) high = middle;
    else low = middle + 1;
  }
  return { span: low, indexInSpan: index - (low === 0 ? 0 : (ends[low - 1] as number)) };
}
