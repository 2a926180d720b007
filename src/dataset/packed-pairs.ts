import type { LabelOptions } from "../image/row-mixing.js";
import type { ColumnConfig } from "../sources/column-types.js";
import type { PackedPair, PackedSource } from "../sources/packed/is-packed.js";
import type { Pair } from "../sources/pair-source.js";
import type { ImageChoice } from "./multiple-images.js";
import { everyText, type OnMultipleTexts } from "./multiple-texts.js";
import { type PairReader, pairReader, type TokensInPair } from "./pair-reader.js";

const idsAt = (pair: Pair, text: number) => (pair as PackedPair).tokenIds[text];

const NO_TOKENS = new Int32Array();

const tokensAt: TokensInPair = (pair, place) => {
  const ids = idsAt(pair, place) ?? NO_TOKENS;
  return { ids, whole: ids.length };
};

/** Packed rows have one image, and those in columns. */
const oneImage: ImageChoice = { onMultipleImages: "first", maxImages: undefined };

/** As pairReader(), for a packed set: texts are packed cleaned and tokenized. */
export function packedPairReader(
  source: PackedSource,
  onMultipleTexts: OnMultipleTexts,
  hasTexts: boolean,
  columns: readonly ColumnConfig[],
  imageColumns: readonly string[],
  labels: LabelOptions | undefined,
): PairReader {
  return pairReader({
    source,
    onMultipleTexts,
    imageChoice: oneImage,
    hasTexts,
    columns,
    imageColumns,
    labels,
    tokensAt,
  });
}

/** As everyText(): a packed set with a pair for each text of an image. */
export async function everyPackedText(source: PackedSource): Promise<PackedSource> {
  const pairs = await everyText(source, (pair, text): PackedPair => {
    const tokens = idsAt(pair, text);
    return { ...pair, tokenIds: tokens === undefined ? [] : [tokens] };
  });
  return { ...pairs, pack: source.pack };
}
