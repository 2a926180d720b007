import { type AugmentationConfig, readAugmentation } from "../image/augmentation.js";
import { ImageProcessor } from "../image/image-processor.js";
import { requireOneOf, requireOptions, wrongType } from "../shared/validation.js";
import { isPacked } from "../sources/packed/is-packed.js";
import {
  readyProcessor,
  requireSame,
  requireStored,
  tokenizerConfig,
} from "../sources/packed/pack-config.js";
import type { Pack } from "../sources/packed/pack-format.js";
import type { PairSource } from "../sources/pair-source.js";
import { Tokenizer } from "../text/tokenizer.js";
import {
  datasetOptionNames,
  readSource,
  readTextConfig,
  type TextConfig,
} from "./dataset-options.js";
import { type ImagePipeline, imagePipeline } from "./image-pipeline.js";
import { type OnMultipleTexts, textChoices } from "./multiple-texts.js";
import { type PairReader, pairReader } from "./pair-reader.js";
import { type TextPipeline, textPipeline } from "./text-pipeline.js";

/** What a dataset consists of: for the rooms that make batches, packs and statistics of it. */
export interface DatasetPipeline {
  readonly source: PairSource;
  readonly onMultipleTexts: OnMultipleTexts;
  readonly pairs: PairReader;
  readonly image: ImagePipeline;
  readonly text: TextPipeline;
}

/**
 * @param options a user's `MultimodalDatasetOptions`.
 * @throws {TypeError | RangeError} for misuse.
 * @throws {PixtokError} INVALID_TOKENIZER, PACK_MISMATCH
 */
export function datasetPipeline(options: unknown): DatasetPipeline {
  const given = requireOptions("MultimodalDataset", options, datasetOptionNames);
  const { tokenizer, image = ImageProcessor.standard() } = given;
  if (!(tokenizer instanceof Tokenizer)) throw wrongType("tokenizer", "a Tokenizer", tokenizer);
  if (!(image instanceof ImageProcessor)) throw wrongType("image", "an ImageProcessor", image);
  const source = readSource(given);
  const onMultipleTexts = requireOneOf(
    "onMultipleTexts",
    given.onMultipleTexts ?? "first",
    textChoices,
  );
  const augmentation =
    given.augmentation === undefined ? null : readAugmentation(given.augmentation, image.config);
  const textConfig = readTextConfig(given.text ?? {});
  const text = textPipeline(tokenizer, textConfig);
  const asked = { image, text: textConfig, tokenizer, onMultipleTexts, augmentation };
  const applied = isPacked(source) ? processorOfPacked(source.pack, asked) : image;
  return {
    source,
    onMultipleTexts,
    pairs: pairReader({ source, onMultipleTexts, clean: textConfig.cleaner }),
    image: imagePipeline(image, applied, augmentation),
    text,
  };
}

/** What a dataset of a packed set has been asked for. */
interface Asked {
  image: ImageProcessor;
  text: TextConfig;
  tokenizer: Tokenizer;
  onMultipleTexts: OnMultipleTexts;
  augmentation: AugmentationConfig | null;
}

/**
 * What is left to be done to a pack's images.
 *
 * @throws {PixtokError} PACK_MISMATCH where the pack cannot give what is asked for.
 */
function processorOfPacked(
  { folder, config }: Pack,
  { image, text, tokenizer, onMultipleTexts, augmentation }: Asked,
): ImageProcessor {
  const { clean, maxLength } = text;
  const asked = {
    text: {
      clean: typeof clean === "function" ? "custom" : clean,
      maxLength,
      several: config.text.several || onMultipleTexts === "random",
    },
    tokenizer: tokenizerConfig(tokenizer),
  };
  requireSame(folder, { text: config.text, tokenizer: config.tokenizer }, asked);
  if (augmentation !== null) requireStored(folder, config, augmentation, image.config);
  return new ImageProcessor(readyProcessor(folder, config, image.config));
}
