import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import type { ReadPair } from "../dataset/pair-reader.js";
import type { TextMeasure } from "../text/text-measure.js";
import { coreOfTokenizer, Tokenizer } from "../text/tokenizer.js";

/** What the pairs' texts are like; null where the dataset has none. */
export async function measuresOf(
  { text }: DatasetPipeline,
  pairs: readonly ReadPair[],
): Promise<TextMeasure[] | null> {
  if (text === null) return null;
  const { tokenizer, hasTexts } = text;
  if (tokenizer instanceof Tokenizer) {
    return coreOfTokenizer(tokenizer).measureTexts(pairs.map((pair) => pair.text));
  }
  // which of the tokens are unknown is not known
  return pairs.map(({ text: own, tokens: { whole } = { whole: 0 } }) => ({
    blank: hasTexts ? own.trim() === "" : whole === 0,
    length: whole,
    ownTokens: whole,
    unknownTokens: 0,
  }));
}
