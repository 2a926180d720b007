/**
 * Moves rows of `size` elements up over those that are not kept.
 *
 * @param kept rows, in rising order.
 */
export function closeGaps(
  data: Uint8Array | Int32Array | Float64Array,
  size: number,
  kept: readonly number[],
): void {
  for (const [to, from] of kept.entries()) {
    if (to !== from) data.copyWithin(to * size, from * size, (from + 1) * size);
  }
}
