import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import type { ReadPair } from "../dataset/pair-reader.js";
import type { TextMeasure } from "../text/text-measure.js";
import { coreOfTokenizer } from "../text/tokenizer.js";

/** What the pairs' texts are like; null where the dataset has none. */
export async function measuresOf(
  { text }: DatasetPipeline,
  pairs: readonly ReadPair[],
): Promise<TextMeasure[] | null> {
  if (text === null) return null;
  return coreOfTokenizer(text.tokenizer).measureTexts(pairs.map((pair) => pair.text));
}
