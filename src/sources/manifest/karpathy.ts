import { isObject } from "../../shared/validation.js";
import { namesOfSplit } from "../splits.js";

/** An image of Karpathy's captions (dataset_coco.json, dataset_flickr30k.json), which names its own split. */
export interface KarpathyImage {
  readonly path: string;
  readonly split: string;
  readonly captions: readonly string[];
}

/** Undefined where an entry of `images` is of COCO's own format. */
export function karpathyImage(entry: Readonly<Record<string, unknown>>): KarpathyImage | undefined {
  const { file_name, filename, filepath, split, sentences } = entry;
  const isKarpathys = Array.isArray(sentences) || typeof split === "string";
  if (file_name !== undefined || typeof filename !== "string" || !isKarpathys) return undefined;
  const given: readonly unknown[] = Array.isArray(sentences) ? sentences : [];
  return {
    path: typeof filepath === "string" && filepath !== "" ? `${filepath}/${filename}` : filename,
    split: typeof split === "string" ? split : "",
    captions: given.flatMap((sentence) =>
      isObject(sentence) && typeof sentence.raw === "string" ? [sentence.raw] : [],
    ),
  };
}

/** Chooses images of one split, while all of them are seen. */
export function splitChoice(wanted: string | undefined) {
  const seen = new Set<string>();
  const taken = new Set<string>();
  return {
    take(split: string): boolean {
      seen.add(split);
      const isTaken = wanted === undefined || namesOfSplit([split], wanted).length > 0;
      if (isTaken) taken.add(split);
      return isTaken;
    },
    /** What is wrong with the choice, once all images were seen: undefined where nothing is. */
    problem(): string | undefined {
      const names = [...seen].filter((name) => name !== "");
      const expected = `split: expected one of ${names.join(", ")}`;
      if (wanted === undefined) return seen.size > 1 ? expected : undefined;
      if (names.length === 0) return "split: expected none, as the images name no splits";
      const got = JSON.stringify(wanted);
      if (taken.size === 0) return `${expected}, got ${got}`;
      return taken.size === 1
        ? undefined
        : `split: ${got} may be ${[...taken].join(" or ")}, and there are images of each; rename all but one of these splits`;
    },
  };
}
