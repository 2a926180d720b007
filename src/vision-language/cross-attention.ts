import { makeTensor } from "../shared/make-tensor.js";
import type { Tensor } from "../shared/tensor.js";

type Range = readonly [begin: number, end: number];

/** Tokens that look at their own images alone: those of a text in a row. */
export interface AttendingTokens {
  /** Place of the first of them in the row. */
  readonly first: number;
  readonly ids: readonly number[];
}

/** Which tokens look at each image: those from it up to the next; of images one behind the other the same. */
function lookingAt({ ids, first }: AttendingTokens, imageId: number): Range[] {
  const places = ids.flatMap((id, at) => (id === imageId ? [first + at] : []));
  const end = first + ids.length;
  const ranges = places.map((place, at): [number, number] => [place, places[at + 1] ?? end]);
  for (let at = ranges.length - 2; at >= 0; at -= 1) {
    const [own, next] = [ranges[at] as [number, number], ranges[at + 1] as [number, number]];
    if (own[0] === own[1] - 1) own[1] = next[1];
  }
  return ranges;
}

/**
 * 1 where a token looks at a tile of an image: [rows, tokens, images of the row with the most, tiles].
 *
 * @param rows texts of each, the last of them with the row's padding.
 * @param length tokens of a row.
 * @param tiles of each image of each row.
 */
export function crossAttention(
  rows: readonly (readonly AttendingTokens[])[],
  length: number,
  tiles: readonly (readonly number[])[],
  imageId: number,
  mostTiles: number,
): Tensor<"int64"> {
  const ranges = rows.map((row) => row.flatMap((text) => lookingAt(text, imageId)));
  const images = Math.max(...ranges.map((some) => some.length));
  const data = new BigInt64Array(rows.length * length * images * mostTiles);
  for (const [row, some] of ranges.entries()) {
    for (const [image, [begin, end]] of some.entries()) {
      const own = tiles[row]?.[image] ?? 0;
      for (let token = begin; token < end; token += 1) {
        const start = ((row * length + token) * images + image) * mostTiles;
        data.fill(1n, start, start + own);
      }
    }
  }
  return makeTensor("int64", data, [rows.length, length, images, mostTiles]);
}
