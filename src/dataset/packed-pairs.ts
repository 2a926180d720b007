import type { ColumnConfig } from "../sources/column-types.js";
import type { PackedPair, PackedSource } from "../sources/packed/is-packed.js";
import type { Pair } from "../sources/pair-source.js";
import { everyText, type OnMultipleTexts } from "./multiple-texts.js";
import { type PairReader, pairReader } from "./pair-reader.js";

const tokensAt = (pair: Pair, text: number) => (pair as PackedPair).tokenIds[text];

/** As pairReader(), for a packed set: texts are packed cleaned and tokenized. */
export function packedPairReader(
  source: PackedSource,
  onMultipleTexts: OnMultipleTexts,
  hasTexts: boolean,
  columns: readonly ColumnConfig[],
): PairReader {
  return pairReader({ source, onMultipleTexts, hasTexts, columns, tokensAt });
}

/** As everyText(): a packed set with a pair for each text of an image. */
export async function everyPackedText(source: PackedSource): Promise<PackedSource> {
  const pairs = await everyText(source, (pair, text): PackedPair => {
    const tokens = tokensAt(pair, text);
    return { ...pair, tokenIds: tokens === undefined ? [] : [tokens] };
  });
  return { ...pairs, pack: source.pack };
}
