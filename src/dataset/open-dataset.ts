import { ImageProcessor } from "../image/image-processor.js";
import { asGiven, type OptionReaders, readOptions } from "../shared/options.js";
import { isObject, wrongType } from "../shared/validation.js";
import { readColumnTypes } from "../sources/column-types.js";
import { openSource, sourceReaders } from "../sources/open-source.js";
import { isPacked } from "../sources/packed/is-packed.js";
import type { Pack } from "../sources/packed/pack-format.js";
import { type PairSource, requireSource } from "../sources/pair-source.js";
import { Tokenizer } from "../text/tokenizer.js";
import type { ColumnOptions } from "./batch-columns.js";
import type { DatasetTexts, MultimodalDatasetOptions } from "./dataset-options.js";
import { everyText } from "./multiple-texts.js";
import type { DatasetFromOptions } from "./open-options.js";
import { everyPackedText } from "./packed-pairs.js";

const ownReaders = {
  tokenizer: asGiven,
  image: asGiven,
  augmentation: asGiven,
  text: asGiven,
  columns: asGiven,
} as const;
const { columns: _columns, texts: _texts, ...pathReaders } = sourceReaders;
const readers = {
  ...ownReaders,
  ...pathReaders,
  onMultipleTexts: asGiven,
} satisfies OptionReaders<DatasetFromOptions>;

/** Those of the options that are given, and have one of the readers. */
function chosen(given: Record<string, unknown>, some: object) {
  return Object.fromEntries(
    Object.keys(some)
      .filter((name) => given[name] !== undefined)
      .map((name) => [name, given[name]]),
  );
}

/** What a dataset of a packed set does by default: the same as was asked for when it was packed. */
async function packedDefaults({ folder, config }: Pack, text: unknown) {
  const image = new ImageProcessor(config.processor);
  if (text === null || config.text === null) return { image, text: text ?? null };
  const { clean, maxLength, several } = config.text;
  return {
    tokenizer: await Tokenizer.fromPretrained(folder),
    image,
    text:
      text === undefined || isObject(text)
        ? // texts are stored cleaned
          { clean: clean === "custom" ? (one: string) => one : clean, maxLength, ...text }
        : text,
    ...(several && { onMultipleTexts: "random" as const }),
  };
}

/** @throws {TypeError} for options of what is opened, beside a source that is open. */
function requireOpened(data: object, options: Record<string, unknown>): PairSource {
  const [option] = Object.keys(options);
  if (option !== undefined) throw wrongType(option, "none with a source", options[option]);
  return requireSource(data);
}

const everyTextOf = (source: PairSource) =>
  isPacked(source) ? everyPackedText(source) : everyText(source);

/** Which columns the source is to give. */
function columnNames(columns: unknown): { columns?: readonly string[] | "auto" } {
  if (columns === undefined) return {};
  if (isObject(columns) && Object.keys(columns).length === 0) return {};
  return {
    columns:
      columns === "auto" ? columns : readColumnTypes("columns", columns).map(({ name }) => name),
  };
}

/** What a dataset of whatever there is at a path is made with: MultimodalDataset.from(). */
export async function openedOptions<C extends ColumnOptions, T extends DatasetTexts>(
  data: string | readonly string[] | PairSource,
  options: DatasetFromOptions<C, T>,
): Promise<MultimodalDatasetOptions<C, T>> {
  const given = readOptions("MultimodalDataset.from", options, readers);
  const { onMultipleTexts, tokenizer } = given;
  const ofSource = chosen(given, pathReaders);
  const source =
    typeof data === "object" && !Array.isArray(data)
      ? requireOpened(data, ofSource)
      : await openSource(data as string | readonly string[], {
          ...ofSource,
          ...columnNames(given.columns),
          ...(given.text === null && { texts: false }),
        });
  if (given.text === null && onMultipleTexts !== undefined) {
    throw wrongType("onMultipleTexts", "none with text: null", onMultipleTexts);
  }
  if (tokenizer === undefined && given.text !== null && !isPacked(source)) {
    throw wrongType(
      "tokenizer",
      "a Tokenizer (only a packed set has its own), or text: null for a dataset without texts",
      tokenizer,
    );
  }
  const ofDataset = {
    ...chosen(given, ownReaders),
    ...(onMultipleTexts !== undefined && onMultipleTexts !== "all" && { onMultipleTexts }),
  };
  const defaults = isPacked(source) ? await packedDefaults(source.pack, given.text) : {};
  return {
    ...defaults,
    ...ofDataset,
    ...("text" in defaults && { text: defaults.text }),
    source: onMultipleTexts === "all" ? await everyTextOf(source) : source,
  } as MultimodalDatasetOptions<C, T>;
}
