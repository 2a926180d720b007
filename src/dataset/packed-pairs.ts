import { coreOfProcessor, type ImageProcessor } from "../image/image-processor.js";
import type { LabelOptions } from "../image/row-mixing.js";
import type { MeasuredPicture } from "../image/views/picture-plan.js";
import type { ColumnConfig } from "../sources/column-types.js";
import type { PackedPair, PackedSource } from "../sources/packed/is-packed.js";
import { invalidPack, type Pack } from "../sources/packed/pack-format.js";
import { storageIn } from "../sources/packed/packed-pictures.js";
import type { Pair } from "../sources/pair-source.js";
import type { ImageChoice, MaxImages } from "./multiple-images.js";
import { everyText, type OnMultipleTexts } from "./multiple-texts.js";
import {
  type PairReader,
  type PairReaderOptions,
  pairReader,
  type TokensInPair,
} from "./pair-reader.js";

const idsAt = (pair: Pair, text: number) => (pair as PackedPair).tokenIds[text];

const NO_TOKENS = new Int32Array();

const tokensAt: TokensInPair = (pair, place) => {
  const ids = idsAt(pair, place) ?? NO_TOKENS;
  return { ids, whole: ids.length };
};

/**
 * What the images of packed rows were made into, where they were taken apart: by the processor, held to what is there.
 *
 * @param maxImages that a row has; undefined: each row has one.
 */
function picturesIn(
  pack: Pack,
  image: ImageProcessor,
  maxImages: MaxImages,
): PairReaderOptions["picturesAt"] {
  if (coreOfProcessor(image).pictures === null) return undefined;
  const storage = storageIn(pack, image);
  const { folder } = pack;
  return (pair, index) => {
    const { stored = [] } = pair as PackedPair;
    return measuredInPack(folder, index, () => {
      const isPossible = maxImages === undefined ? stored.length === 1 : stored.length <= maxImages;
      if (isPossible) return storage.measured(stored);
      throw new RangeError(`a row has ${stored.length} images, of ${maxImages ?? 1}`);
    });
  };
}

/** @throws {PixtokError} INVALID_PACK of the row, where its images are not what their sizes say. */
export function measuredInPack(
  folder: string,
  index: number,
  measured: () => readonly MeasuredPicture[],
): readonly MeasuredPicture[] {
  try {
    return measured();
  } catch (cause) {
    throw invalidPack(folder, (cause as Error).message, cause, index);
  }
}

/** Stacked images of packed rows are one each, and those in columns. */
const oneImage: ImageChoice = { onMultipleImages: "first", maxImages: undefined };

/** As pairReader(), for a packed set: texts are packed cleaned and tokenized. */
export function packedPairReader(
  source: PackedSource,
  onMultipleTexts: OnMultipleTexts,
  hasTexts: boolean,
  columns: readonly ColumnConfig[],
  imageColumns: readonly string[],
  labels: LabelOptions | undefined,
  image: ImageProcessor,
  maxImages: MaxImages,
): PairReader {
  const picturesAt = picturesIn(source.pack, image, maxImages);
  return pairReader({
    source,
    onMultipleTexts,
    imageChoice: picturesAt === undefined ? oneImage : { ...oneImage, maxImages },
    hasTexts,
    columns,
    imageColumns,
    labels,
    tokensAt,
    ...(picturesAt && { picturesAt }),
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
