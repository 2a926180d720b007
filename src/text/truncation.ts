// Why not by the Rust library itself: there the length is a setting of the tokenizer object, shared
// with encodings under way, and version 0.23.2 miscounts pairs of which both texts are too long.

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

/**
 * Positions of the tokens that are kept of a row, all special ones among them, even where these are
 * more than `maxLength`.
 *
 * @param sequenceIds of each token the text it is of, 0 or 1; what is neither is special.
 * @param side the end of each text that is cut.
 */
export function keptPositions(
  sequenceIds: readonly (number | null | undefined)[],
  maxLength: number,
  side: "left" | "right",
): number[] {
  const lengths: [number, number] = [0, 0];
  for (const id of sequenceIds) if (id === 0 || id === 1) lengths[id] += 1;
  const special = sequenceIds.length - lengths[0] - lengths[1];
  const kept = keptLengths(...lengths, Math.max(maxLength - special, 0));
  const dropped = [lengths[0] - kept[0], lengths[1] - kept[1]] as const;

  const seen: [number, number] = [0, 0];
  const positions: number[] = [];
  for (const [position, id] of sequenceIds.entries()) {
    if (id === 0 || id === 1) {
      const index = seen[id]++;
      if (side === "left" ? index < dropped[id] : index >= kept[id]) continue;
    }
    positions.push(position);
  }
  return positions;
}
