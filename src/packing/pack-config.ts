import { type DatasetPipeline, requireTexts } from "../dataset/dataset-pipeline.js";
import { contentSize } from "../image/output-size.js";
import type { PackConfig } from "../sources/packed/pack-format.js";
import { tokenizerConfig } from "../sources/packed/pack-match.js";
import { cleaningName } from "../text/text-cleaning.js";

/** @throws {TypeError} where images would differ in size, or there are no texts. */
export function packConfig(dataset: DatasetPipeline, filePairs: number): PackConfig {
  const { pairs, source, onMultipleTexts, image } = dataset;
  const text = requireTexts(dataset);
  const { config } = image.processor;
  const { clean, maxLength } = text.config;
  return {
    format: 1,
    size: contentSize("packDataset", config),
    processor: config,
    text: {
      clean: cleaningName(clean),
      maxLength,
      several: onMultipleTexts === "random",
    },
    tokenizer: tokenizerConfig(text.tokenizer),
    source: { pairs: pairs.length, fingerprint: source.fingerprint ?? null },
    shardPairs: filePairs,
  };
}
