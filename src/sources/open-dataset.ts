import { MultimodalDataset, type MultimodalDatasetOptions } from "../dataset.js";
import { ImageProcessor } from "../image-processor.js";
import { everyText, type OnMultipleTexts } from "../multiple-texts.js";
import type { Pack } from "../packed/pack-format.js";
import { Tokenizer } from "../tokenizer.js";
import { isObject, requireOptions, wrongType } from "../validation.js";
import { openSource, type SourceOptions } from "./open-source.js";

type DatasetOptions = Omit<
  MultimodalDatasetOptions,
  "imagePaths" | "texts" | "source" | "tokenizer" | "onMultipleTexts"
>;

/** What is left out is the packed set's, or else the standard preset's. */
export interface FromOptions extends DatasetOptions, SourceOptions {
  /** What texts go through. Default: that of a packed set; other sources need one. */
  tokenizer?: Tokenizer;
  /**
   * Where a picture has several texts: the first; one that seed, epoch and index decide; or a pair for
   * each, for which all texts are read once. Default "first", of a packed set what it was packed for.
   */
  onMultipleTexts?: OnMultipleTexts | "all";
}

const datasetOptionNames = ["tokenizer", "image", "augmentation", "text"] as const;
const sourceOptionNames = [
  "kind",
  "imageColumn",
  "textColumn",
  "imageExtension",
  "textExtension",
  "cacheBytes",
  "root",
  "allowOutsideRoot",
  "onProgress",
] as const satisfies (keyof SourceOptions)[];

function chosen(given: Record<string, unknown>, names: readonly string[]) {
  return Object.fromEntries(
    names.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );
}

/** What a dataset of a packed set does by default: the same as was asked for when it was packed. */
async function packedDefaults({ folder, config }: Pack, text: unknown) {
  const { clean, maxLength, several } = config.text;
  return {
    tokenizer: await Tokenizer.fromPretrained(folder),
    image: new ImageProcessor(config.processor),
    text:
      text === undefined || isObject(text)
        ? // texts are stored cleaned
          { clean: clean === "custom" ? (one: string) => one : clean, maxLength, ...text }
        : text,
    ...(several && { onMultipleTexts: "random" as const }),
  };
}

/** @see MultimodalDataset.from */
export async function openDataset(
  data: string | readonly string[],
  options: FromOptions,
): Promise<MultimodalDataset> {
  const given = requireOptions("MultimodalDataset.from", options, [
    ...datasetOptionNames,
    ...sourceOptionNames,
    "onMultipleTexts",
  ]);
  const { onMultipleTexts, tokenizer } = given;
  const source = await openSource(data, chosen(given, sourceOptionNames));
  if (tokenizer === undefined && source.pack === undefined) {
    throw wrongType("tokenizer", "a Tokenizer (only a packed set has its own)", tokenizer);
  }
  const ofDataset = {
    ...chosen(given, datasetOptionNames),
    ...(onMultipleTexts !== undefined && onMultipleTexts !== "all" && { onMultipleTexts }),
  };
  const defaults = source.pack === undefined ? {} : await packedDefaults(source.pack, given.text);
  return new MultimodalDataset({
    ...defaults,
    ...ofDataset,
    ...("text" in defaults && { text: defaults.text }),
    source: onMultipleTexts === "all" ? await everyText(source) : source,
  } as MultimodalDatasetOptions);
}
