/** The most room of the bins from each place on a tree's leaves: the first bin with room is found in few steps. */
function roomTree(bins: number, room: number) {
  let leaves = 1;
  while (leaves < bins) leaves *= 2;
  const most = new Float64Array(2 * leaves).fill(room);
  return {
    /** The first bin that has room for `length`, which is taken from it. */
    take(length: number): number {
      let node = 1;
      while (node < leaves) {
        node *= 2;
        if ((most[node] as number) < length) node += 1;
      }
      most[node] = (most[node] as number) - length;
      const bin = node - leaves;
      for (node = Math.floor(node / 2); node >= 1; node = Math.floor(node / 2)) {
        most[node] = Math.max(most[2 * node] as number, most[2 * node + 1] as number);
      }
      return bin;
    },
  };
}

/**
 * Puts things into bins, the longest first, each into the first bin that has room for it.
 *
 * @param lengths from 0 to `room`.
 * @returns places of the things in each bin, in rising order; no bin is empty.
 */
export function firstFit(lengths: readonly number[] | Uint32Array, room: number): number[][] {
  const longestFirst = [...lengths.keys()].sort(
    (a, b) => (lengths[b] as number) - (lengths[a] as number) || a - b,
  );
  const tree = roomTree(lengths.length, room);
  const bins: number[][] = [];
  for (const place of longestFirst) {
    const bin = tree.take(lengths[place] as number);
    const own = bins[bin];
    if (own === undefined) bins[bin] = [place];
    else own.push(place);
  }
  return bins.map((bin) => bin.sort((a, b) => a - b));
}
