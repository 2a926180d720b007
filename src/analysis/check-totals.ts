import { resolve } from "node:path";
import type { TextConfig } from "../dataset/dataset-options.js";
import { listOfImages } from "../dataset/multiple-images.js";
import type { ReadPair } from "../dataset/pair-reader.js";
import type { ImageFacts } from "../image/decode/image-facts.js";
import type { Size } from "../image/output-size.js";
import { MAX_LISTED } from "../shared/limits.js";
import { countLetters, countSigns } from "../text/text-cleaning.js";
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

/** What texts lose by cleaning of one kind of characters, which `count` counts. */
function losses(count: (text: string) => number) {
  const list: CleanedText[] = [];
  let losing = 0;
  let all = 0;
  let lost = 0;
  return {
    add(text: CleanedText): void {
      const { original, cleaned } = text;
      const before = count(original);
      all += before;
      if (original === cleaned) return;
      const fewer = before - count(cleaned);
      if (fewer <= 0) return;
      lost += fewer;
      losing += 1;
      if (list.length < MAX_LISTED) list.push(text);
    },
    get found() {
      return { all, lost, losing: { count: losing, list } };
    },
  };
}

/**
 * Adds up what is found of pairs.
 *
 * @param config of the texts; null where there are none.
 */
export function checkTotals(config: Pick<TextConfig, "maxLength" | "clean"> | null) {
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
  const letters = losses(countLetters);
  const signs = losses(countSigns);
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
      if (text === null || config === null) return;
      const { index, original, text: cleaned } = pair;
      // a conversation is not cleaned, and is written by a template
      if (config.clean !== "none") {
        letters.add({ index, original, cleaned });
        signs.add({ index, original, cleaned });
      }
      if (text.blank) empty.push(pair.index);
      longest = Math.max(longest, text.length);
      if (text.length > config.maxLength) truncated += 1;
      ownTokens += text.ownTokens;
      unknown += text.unknownTokens;
    },
    get images(): ImageSummary | null {
      if (pairs === 0) return null;
      return { formats, modes, smallest, largest, duplicates: listed(uses.duplicates()) };
    },
    get texts(): TextSummary | null {
      if (pairs === 0 || config === null) return null;
      const { all, lost, losing } = letters.found;
      const { lost: lostSigns, losing: losingSigns } = signs.found;
      return {
        maxLength: Number.isFinite(config.maxLength) ? config.maxLength : null,
        longest,
        truncated,
        truncatedShare: truncated / pairs,
        unknown,
        unknownShare: ownTokens === 0 ? 0 : unknown / ownTokens,
        lostLetters: lost,
        lostLetterShare: all === 0 ? 0 : lost / all,
        losing,
        lostSigns,
        losingSigns,
        empty: listed(empty),
      };
    },
  };
}
