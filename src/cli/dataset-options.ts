import { type Command, InvalidArgumentError, Option } from "commander";
import { MultimodalDataset } from "../dataset/dataset.js";
import type { DatasetFromOptions } from "../dataset/open-options.js";
import { ImageProcessor } from "../image/image-processor.js";
import { type SourceKind, sourceKinds } from "../sources/source-kinds.js";
import { Tokenizer } from "../text/tokenizer.js";
import { withProgress } from "./progress.js";

/** What the options of `withDataset` give. */
export interface DatasetArguments {
  tokenizer?: string;
  processor?: string;
  kind?: SourceKind;
  imageColumn?: string;
  textColumn?: string;
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

export function parseCount(value: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError("Expected a whole number of at least 1.");
}

export function parseWhole(value: string): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isSafeInteger(number) && number >= 0) return number;
  throw new InvalidArgumentError("Expected a whole number of at least 0.");
}

/** Adds what says which pairs a command is about, and how they are prepared. */
export function withDataset(command: Command): Command {
  return command
    .argument(
      "<source...>",
      "a manifest, a folder, WebDataset shards, Parquet files, COCO captions or a packed set",
    )
    .option(
      "--tokenizer <path>",
      "folder, file or hub id of the tokenizer (a packed set has its own)",
    )
    .option("--processor <path>", "folder, file or hub id of an image processor")
    .addOption(
      new Option("--kind <kind>", "of the source, where it is not found").choices(sourceKinds),
    )
    .option("--image-column <name>", "column of the images")
    .option("--text-column <name>", "column of the texts")
    .option("--root <folder>", "where relative paths start, if not beside the file that has them")
    .option("--allow-outside-root", "let paths of images lead out of that folder")
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
    .option("--max-length <tokens>", "tokens in a row (default: 128)", parseCount);
}

export function withSamples(command: Command): Command {
  return command
    .option("--samples <count>", "pairs that are looked at", parseCount)
    .option("--seed <number>", "which ones are random", parseWhole, 0);
}

/** @param image instead of the processor that is named. */
export async function openDataset(
  source: readonly string[],
  given: DatasetArguments,
  image?: ImageProcessor,
): Promise<MultimodalDataset> {
  const { tokenizer, processor, clean, maxLength } = given;
  const { kind, imageColumn, textColumn, root, allowOutsideRoot, onMultipleTexts } = given;
  const chosen = image ?? (processor && (await ImageProcessor.fromPretrained(processor)));
  const text = { ...(clean && { clean }), ...(maxLength && { maxLength }) };
  const options: DatasetFromOptions = {
    ...(tokenizer !== undefined && { tokenizer: await Tokenizer.fromPretrained(tokenizer) }),
    ...(chosen && { image: chosen }),
    ...(kind && { kind }),
    ...(imageColumn !== undefined && { imageColumn }),
    ...(textColumn !== undefined && { textColumn }),
    ...(root !== undefined && { root }),
    ...(allowOutsideRoot && { allowOutsideRoot }),
    ...(onMultipleTexts && { onMultipleTexts }),
    text,
  };
  const dataset = await withProgress((onProgress) =>
    MultimodalDataset.from(source, { ...options, onProgress }),
  );
  console.error(dataset.description);
  return dataset;
}
