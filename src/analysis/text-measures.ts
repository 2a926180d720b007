import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import type { ReadPair } from "../dataset/pair-reader.js";
import type { TextMeasure } from "../text/text-measure.js";
import { coreOfTokenizer, Tokenizer } from "../text/tokenizer.js";

/** What the pairs' texts are like, whose images are measured where that says how long they are; null where there are none. */
export async function measuresOf(
  { text }: DatasetPipeline,
  pairs: readonly ReadPair[],
): Promise<TextMeasure[] | null> {
  if (text === null) return null;
  const { tokenizer, hasTexts, lengthOf } = text;
  if (tokenizer instanceof Tokenizer) {
    const measures = await coreOfTokenizer(tokenizer).measureTexts(pairs.map((pair) => pair.text));
    if (lengthOf === undefined) return measures;
    const lengths = await Promise.all(pairs.map(lengthOf));
    return measures.map((one, row) => ({ ...one, length: lengths[row] as number }));
  }
  // which of the tokens are unknown is not known
  return pairs.map(({ text: own, tokens: { whole } = { whole: 0 } }) => ({
    blank: hasTexts ? own.trim() === "" : whole === 0,
    length: whole,
    ownTokens: whole,
    unknownTokens: 0,
  }));
}
