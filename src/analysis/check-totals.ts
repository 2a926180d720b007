import { resolve } from "node:path";
import { listOfImages } from "../dataset/multiple-images.js";
import type { ReadPair } from "../dataset/pair-reader.js";
import type { ImageFacts } from "../image/decode/image-facts.js";
import type { Size } from "../image/output-size.js";
import { MAX_LISTED } from "../shared/limits.js";
import { countLetters } from "../text/text-cleaning.js";
import type { TextMeasure } from "../text/text-measure.js";
import type { CleanedText, ImageSummary, ImageUse, Listed, TextSummary } from "./check-report.js";

function listed<T>(items: readonly T[]): Listed<T> {
  return { count: items.length, list: items.slice(0, MAX_LISTED) };
}

function countIn(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** The pairs that have the same image, or images, with different texts, by image. */
function imageUses() {
  const found = new Map<string, ImageUse[]>();
  /** One file with several texts is intended. */
  const isOneFile = ([first, ...others]: readonly ImageUse[]) =>
    first?.path != null && others.every(({ path }) => path === first.path);
  return {
    add({ index, images, text }: ReadPair, facts: readonly ImageFacts[]): void {
      const [first, ...others] = listOfImages(images);
      if (first === undefined) return;
      const { image } = first;
      const isFile = typeof image === "string" && others.length === 0;
      const digest = facts.map((one) => one.digest).join();
      const uses = found.get(digest) ?? [];
      if (uses.length === 0) found.set(digest, uses);
      if (uses.some((use) => use.text === text)) return;
      uses.push({ index, path: isFile ? resolve(image) : null, text });
    },
    duplicates(): ImageUse[][] {
      return [...found.values()].filter((uses) => uses.length > 1 && !isOneFile(uses));
    },
  };
}

/**
 * Adds up what is found of pairs.
 *
 * @param maxLength null where there are no texts.
 */
export function checkTotals(maxLength: number | null) {
  const formats: Record<string, number> = {};
  const modes: Record<string, number> = {};
  const uses = imageUses();
  const empty: number[] = [];
  let smallest: Size | null = null;
  let largest: Size | null = null;
  let pairs = 0;
  let longest = 0;
  let truncated = 0;
  let ownTokens = 0;
  let unknown = 0;
  let allLetters = 0;
  let lostLetters = 0;
  let losingCount = 0;
  const losing: CleanedText[] = [];
  const pixels = ({ width, height }: Size) => width * height;

  return {
    add(pair: ReadPair, images: readonly ImageFacts[], text: TextMeasure | null): void {
      pairs += 1;
      for (const { format, mode, size } of images) {
        countIn(formats, format);
        countIn(modes, mode);
        if (size === null) continue;
        if (smallest === null || pixels(size) < pixels(smallest)) smallest = size;
        if (largest === null || pixels(size) > pixels(largest)) largest = size;
      }
      uses.add(pair, images);
      if (text === null || maxLength === null) return;
      const { index, original, text: cleaned } = pair;
      const before = countLetters(original);
      const lost = original === cleaned ? 0 : Math.max(0, before - countLetters(cleaned));
      allLetters += before;
      lostLetters += lost;
      if (lost > 0) losingCount += 1;
      if (lost > 0 && losing.length < MAX_LISTED) losing.push({ index, original, cleaned });
      if (text.blank) empty.push(pair.index);
      longest = Math.max(longest, text.length);
      if (text.length > maxLength) truncated += 1;
      ownTokens += text.ownTokens;
      unknown += text.unknownTokens;
    },
    get images(): ImageSummary | null {
      if (pairs === 0) return null;
      return { formats, modes, smallest, largest, duplicates: listed(uses.duplicates()) };
    },
    get texts(): TextSummary | null {
      if (pairs === 0 || maxLength === null) return null;
      return {
        maxLength,
        longest,
        truncated,
        truncatedShare: truncated / pairs,
        unknown,
        unknownShare: ownTokens === 0 ? 0 : unknown / ownTokens,
        lostLetters,
        lostLetterShare: allLetters === 0 ? 0 : lostLetters / allLetters,
        losing: { count: losingCount, list: losing },
        empty: listed(empty),
      };
    },
  };
}
