import { ImageProcessor } from "../image/image-processor.js";
import { isObject, requireOptions, wrongType } from "../shared/validation.js";
import { openSource, type SourceOptions } from "../sources/open-source.js";
import { isPacked } from "../sources/packed/is-packed.js";
import type { Pack } from "../sources/packed/pack-format.js";
import { Tokenizer } from "../text/tokenizer.js";
import type { FromOptions, MultimodalDatasetOptions } from "./dataset-options.js";
import { everyText } from "./multiple-texts.js";

const ownOptionNames = ["tokenizer", "image", "augmentation", "text"] as const;
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

/** What a dataset of whatever there is at a path is made with: MultimodalDataset.from(). */
export async function openedOptions(
  data: string | readonly string[],
  options: FromOptions,
): Promise<MultimodalDatasetOptions> {
  const given = requireOptions("MultimodalDataset.from", options, [
    ...ownOptionNames,
    ...sourceOptionNames,
    "onMultipleTexts",
  ]);
  const { onMultipleTexts, tokenizer } = given;
  const source = await openSource(data, chosen(given, sourceOptionNames));
  if (tokenizer === undefined && !isPacked(source)) {
    throw wrongType("tokenizer", "a Tokenizer (only a packed set has its own)", tokenizer);
  }
  const ofDataset = {
    ...chosen(given, ownOptionNames),
    ...(onMultipleTexts !== undefined && onMultipleTexts !== "all" && { onMultipleTexts }),
  };
  const defaults = isPacked(source) ? await packedDefaults(source.pack, given.text) : {};
  return {
    ...defaults,
    ...ofDataset,
    ...("text" in defaults && { text: defaults.text }),
    source: onMultipleTexts === "all" ? await everyText(source) : source,
  } as MultimodalDatasetOptions;
}
