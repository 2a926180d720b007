import { type Command, Option } from "commander";
import type { ColumnOptions } from "../dataset/batch-columns.js";
import { type AnyDataset, MultimodalDataset, pipelineOf } from "../dataset/dataset.js";
import type { DatasetTexts } from "../dataset/dataset-options.js";
import { columnNames } from "../dataset/open-dataset.js";
import type { DatasetFromOptions } from "../dataset/open-options.js";
import { ImageProcessor } from "../image/image-processor.js";
import { wrongType } from "../shared/validation.js";
import { openSource, type SourceOptions } from "../sources/open-source.js";
import { isPacked } from "../sources/packed/is-packed.js";
import type { PairSource } from "../sources/pair-source.js";
import { type SourceKind, sourceKinds } from "../sources/source-kinds.js";
import type { AnyTokenizer, OwnTokenizer } from "../text/own-tokenizer.js";
import { Tokenizer } from "../text/tokenizer.js";
import { parseColumns } from "./parse-columns.js";
import { parseCount, parseWhole } from "./parse-number.js";
import { type PartArguments, wantedPairs, withPart } from "./part-of-set.js";
import { withProgress } from "./progress.js";

/** What the options of `withDataset` give. */
export interface DatasetArguments extends PartArguments {
  tokenizer?: string;
  processor?: string;
  model?: string;
  maxPixels?: number;
  kind?: SourceKind;
  config?: string;
  cacheDir?: string;
  imageColumn?: string;
  textColumn?: string;
  columns?: ColumnOptions;
  texts: boolean;
  root?: string;
  allowOutsideRoot?: true;
  onMultipleTexts?: "first" | "random" | "all";
  clean?: "alphanumeric" | "none";
  maxLength?: number;
}

/** What the options of `withSamples` give. */
export interface SampleArguments {
  samples?: number;
  seed: number;
}

/** Adds what says which pairs a command is about, and how they are prepared. */
export function withDataset(command: Command): Command {
  const described = command
    .argument(
      "<source...>",
      "a manifest, a folder, WebDataset shards, Parquet or Arrow files, COCO captions or a packed set: a path, a URL, or a dataset of the hub",
    )
    .option(
      "--tokenizer <path>",
      "folder, file or hub id of the tokenizer (a packed set has its own)",
    )
    .option("--processor <path>", "folder, file or hub id of an image processor")
    .option(
      "--model <path>",
      "folder or hub id of a vision–language model, whose processor prepares rows that are conversations",
    )
    .option("--max-pixels <count>", "of an image, with --model (default: the model's)", parseCount)
    .addOption(
      new Option("--kind <kind>", "of the source, where it is not found").choices(sourceKinds),
    )
    .option("--config <name>", "which of the sets that the README of a dataset names")
    .option("--image-column <name>", "column of the images")
    .option("--text-column <name>", "column of the texts")
    .option("--no-texts", "look for no texts: images, and columns, alone")
    .option(
      "--columns <list>",
      "what else rows have: auto, or names with types, such as label:int64,box:float32[4]",
      parseColumns,
    )
    .option("--root <folder>", "where relative paths start, if not beside the file that has them")
    .option("--allow-outside-root", "let paths of images lead out of that folder")
    .option("--cache-dir <folder>", "where copies of data elsewhere are kept")
    .addOption(
      new Option("--on-multiple-texts <how>", "which of an image's texts").choices([
        "first",
        "random",
        "all",
      ]),
    )
    .addOption(
      new Option("--clean <how>", 'what is done to texts first (default: "alphanumeric")').choices([
        "alphanumeric",
        "none",
      ]),
    )
    .option(
      "--max-length <tokens>",
      "tokens in a row (default: 128; with --model any number)",
      parseCount,
    );
  return withPart(described);
}

export function withSamples(command: Command): Command {
  return command
    .option("--samples <count>", "pairs that are looked at", parseCount)
    .option("--seed <number>", "which ones are random", parseWhole, 0);
}

/** What a command opens a dataset with, beside its options. */
interface OpenDatasetOptions {
  /** Instead of the processor that is named. */
  image?: ImageProcessor;
  /** Where no tokenizer is named, texts are read all the same, and have no tokens. */
  tokenizerMayBeMissing?: boolean;
  /** Where no columns are named, all that the source knows the types of. */
  allColumns?: boolean;
}

/** Gives no text any token. */
const noTokens: OwnTokenizer = { encode: () => [], pad_token_id: 0 };

/** How a source is opened, whatever its rows are. */
function sourceOptionsOf(given: DatasetArguments) {
  const { kind, imageColumn, root, allowOutsideRoot, split, config, cacheDir } = given;
  return {
    ...(kind && { kind }),
    ...(typeof split === "string" && { split }),
    ...(config !== undefined && { config }),
    ...(cacheDir !== undefined && { cacheDir }),
    ...(imageColumn !== undefined && { imageColumn }),
    ...(root !== undefined && { root }),
    ...(allowOutsideRoot && { allowOutsideRoot }),
  } satisfies SourceOptions;
}

/** Opens a source, as the options of a command say. */
export async function openPairs(
  source: readonly string[],
  given: DatasetArguments,
  { allColumns }: OpenDatasetOptions = {},
): Promise<PairSource> {
  const wanted = given.columns ?? (allColumns ? "auto" : undefined);
  const { texts, textColumn } = given;
  const options: SourceOptions = {
    ...columnNames(wanted),
    ...sourceOptionsOf(given),
    ...(!texts && { texts }),
    ...(textColumn !== undefined && { textColumn }),
  };
  return withProgress((onProgress) => openSource(source, { ...options, onProgress }));
}

type DatasetOptions = DatasetFromOptions<ColumnOptions, DatasetTexts, AnyTokenizer>;

/** How the pairs of a source are prepared. */
async function optionsFor(
  source: PairSource,
  given: DatasetArguments,
  { image, tokenizerMayBeMissing, allColumns }: OpenDatasetOptions,
): Promise<DatasetOptions> {
  const { tokenizer, processor, clean, maxLength, texts } = given;
  const chosen = image ?? (processor && (await ImageProcessor.fromPretrained(processor)));
  // not all sources know what columns they have
  const columns = given.columns ?? (allColumns && source.columnTypes ? "auto" : undefined);
  const hasTokenizer = tokenizer !== undefined || isPacked(source);
  const isBare = texts && !hasTokenizer && tokenizerMayBeMissing;
  const text = {
    ...(isBare && { clean: "none" as const, padding: "longest" as const }),
    ...(clean && { clean }),
    ...(maxLength && { maxLength }),
  };
  return {
    ...(isBare && { tokenizer: noTokens }),
    ...(tokenizer !== undefined && { tokenizer: await Tokenizer.fromPretrained(tokenizer) }),
    ...(chosen && { image: chosen }),
    ...(columns && { columns }),
    ...(!texts && { text: null }),
    ...(texts && Object.keys(text).length > 0 && { text }),
  };
}

/** Pairs that are made of those of a dataset, prepared as its own. */
function datasetOf(
  pairs: PairSource,
  { onMultipleTexts }: DatasetArguments,
  options: DatasetOptions,
): Promise<AnyDataset> {
  // a pair of each text has been made of pairs with "all"
  const chosenText = onMultipleTexts === "all" ? undefined : onMultipleTexts;
  return MultimodalDataset.from(pairs, {
    ...options,
    ...(chosenText && { onMultipleTexts: chosenText }),
  });
}

/** Other pairs than all that are asked for, such as some of them, prepared as openDataset() does it. */
export async function datasetOfPairs(
  pairs: PairSource,
  given: DatasetArguments,
  opening: OpenDatasetOptions = {},
): Promise<AnyDataset> {
  return datasetOf(pairs, given, await optionsFor(pairs, given, opening));
}

/** The rows of a dataset that are asked for; the dataset itself where all of them are. */
async function wantedOf(
  whole: AnyDataset,
  given: DatasetArguments,
  ofPart: (pairs: PairSource) => Promise<AnyDataset>,
): Promise<AnyDataset> {
  const { source: all } = pipelineOf(whole);
  const pairs = await wantedPairs(all, given);
  return pairs === all ? whole : ofPart(pairs);
}

export async function openDataset(
  source: readonly string[],
  given: DatasetArguments,
  opening: OpenDatasetOptions = {},
): Promise<AnyDataset> {
  const dataset = await openRows(source, given, opening);
  console.error(dataset.description);
  return dataset;
}

async function openRows(
  source: readonly string[],
  given: DatasetArguments,
  opening: OpenDatasetOptions,
): Promise<AnyDataset> {
  const { onMultipleTexts, model, maxPixels } = given;
  if (model !== undefined) {
    const { conversationsBy } = await import("./open-conversations.js");
    const datasetFrom = await conversationsBy(model, given);
    const whole = await withProgress((onProgress) =>
      datasetFrom(source, { ...sourceOptionsOf(given), onProgress }),
    );
    return wantedOf(whole, given, datasetFrom);
  }
  if (maxPixels !== undefined) throw wrongType("--max-pixels", "none without --model", maxPixels);
  const opened = await openPairs(source, given, opening);
  const options = await optionsFor(opened, given, opening);
  const whole = await MultimodalDataset.from(opened, {
    ...options,
    ...(onMultipleTexts && { onMultipleTexts }),
  });
  return wantedOf(whole, given, (pairs) => datasetOf(pairs, given, options));
}
