import type { MultimodalDataset } from "../dataset/dataset.js";
import { contentSize } from "../image/image-processor-options.js";
import { tokenizerConfig } from "../sources/packed/pack-config.js";
import type { PackConfig } from "../sources/packed/pack-format.js";

/** @throws {TypeError} where images would differ in size. */
export function packConfig(dataset: MultimodalDataset, shardPairs: number): PackConfig {
  const { image, tokenizer, length } = dataset;
  const { text, onMultipleTexts, source } = dataset.recipe;
  return {
    format: 1,
    size: contentSize("packDataset", image.config),
    processor: image.config,
    text: {
      clean: typeof text.clean === "function" ? "custom" : text.clean,
      maxLength: text.maxLength,
      several: onMultipleTexts === "random",
    },
    tokenizer: tokenizerConfig(tokenizer),
    source: { pairs: length, fingerprint: source.fingerprint ?? null },
    shardPairs,
  };
}
