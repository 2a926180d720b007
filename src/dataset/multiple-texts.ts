import { unitFraction } from "../order/permutation.js";
import { scan } from "../sets/scan.js";
import { findSpan } from "../shared/find-span.js";
import { plainContext, type SourceContext } from "../shared/sample-context.js";
import { wrongType } from "../shared/validation.js";
import { blocksFrom } from "../sources/block-lengths.js";
import { asErrorOf, columnsOf } from "../sources/derived-source.js";
import { type Pair, type PairSource, requireTexts, type Texts } from "../sources/pair-source.js";

/** Which of an image's texts is taken: the first, or one that seed, epoch and index decide. */
export type OnMultipleTexts = "first" | "random";

export const textChoices = ["first", "random"] as const satisfies OnMultipleTexts[];

/** Position among `count` texts. */
export function chooseText(
  count: number,
  how: OnMultipleTexts,
  index: number,
  { seed, epoch }: SourceContext,
): number {
  return how === "first" ? 0 : Math.floor(unitFraction(seed, epoch, index) * count);
}

/** Texts of the images of each block, of those that end at `ends`. */
function blocksOfTexts(lengths: ArrayLike<number>, ends: Float64Array): number[] {
  let images = 0;
  let before = 0;
  return Array.from(lengths, (length) => {
    images += length;
    const end = images === 0 ? 0 : (ends[images - 1] as number);
    const texts = end - before;
    before = end;
    return texts;
  });
}

/**
 * A source with a pair for each text of an image, images in their order. Reads all texts once, to
 * count them, and keeps eight bytes an image. A pair whose texts cannot be read stays one pair.
 *
 * @param pairOf what else of a pair, beside its text, belongs to one of its texts.
 */
export async function everyText(
  source: PairSource,
  pairOf: (pair: Pair, text: number) => Pair = (pair) => pair,
): Promise<PairSource> {
  if (!Number.isFinite(source.length)) {
    throw wrongType("onMultipleTexts", '"first" or "random" with a stream', "all");
  }
  const textsOf = async (index: number, context: SourceContext): Promise<Texts> => {
    if (source.texts !== undefined) return source.texts(index, context);
    return (await source.get(index, context)).text;
  };
  const countOf = async (index: number, context: SourceContext): Promise<number> => {
    const texts = requireTexts(await textsOf(index, context), index);
    return typeof texts === "string" ? 1 : texts.length;
  };

  const ends = new Float64Array(source.length);
  let length = 0;
  await scan(source.length, 1, countOf, (count, index) => {
    length += count;
    ends[index] = length;
  });

  /** The image that has the text at `index`, and which of its texts that is. */
  const placeOf = (index: number) => {
    const { span, indexInSpan } = findSpan(ends, index);
    return { image: span, text: indexInSpan };
  };
  const one = (texts: Texts, place: number): Texts =>
    typeof texts === "string" ? texts : (texts[place] as string);
  return {
    length,
    ...columnsOf([source]),
    ...blocksFrom(source, (lengths) => blocksOfTexts(lengths, ends)),
    fingerprint: `every text of ${source.fingerprint ?? "no fingerprint"}`,
    description: `${source.description ?? "a source"}, ${length} with every text of an image`,
    async get(index, context) {
      const { image, text } = placeOf(index);
      const pair = await asErrorOf(index, () => source.get(image, context));
      return { ...pairOf(pair, text), text: one(requireTexts(pair.text, index), text) };
    },
    async texts(index, context = plainContext()) {
      const { image, text } = placeOf(index);
      return one(await asErrorOf(index, () => textsOf(image, context)), text);
    },
  };
}
