import { type Command, InvalidArgumentError, Option } from "commander";
import { MultimodalDataset } from "../dataset.js";
import { ImageProcessor } from "../image-processor.js";
import { openManifest } from "../sources/manifest.js";
import { Tokenizer } from "../tokenizer.js";

/** What the options of `withDataset` give. */
export interface DatasetArguments {
  tokenizer: string;
  processor?: string;
  imageColumn?: string;
  textColumn?: string;
  root?: string;
  clean: "alphanumeric" | "none";
  maxLength: number;
  samples?: number;
  seed: number;
}

export function parseCount(value: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError("Expected a whole number of at least 1.");
}

function parseSeed(value: string): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isSafeInteger(number) && number >= 0) return number;
  throw new InvalidArgumentError("Expected a whole number of at least 0.");
}

/** Adds what says which pairs a command is about, and how they are prepared. */
export function withDataset(command: Command): Command {
  return command
    .argument("<manifest>", "JSON Lines, CSV or TSV with a row for each pair")
    .requiredOption("--tokenizer <path>", "folder, file or hub id of the tokenizer")
    .option("--processor <path>", "folder, file or hub id of an image processor")
    .option("--image-column <name>", "column of the pictures' paths")
    .option("--text-column <name>", "column of the texts")
    .option("--root <folder>", "where relative paths start, if not beside the manifest")
    .addOption(
      new Option("--clean <how>", "what is done to texts first")
        .choices(["alphanumeric", "none"])
        .default("alphanumeric"),
    )
    .option("--max-length <tokens>", "tokens in a row", parseCount, 128)
    .option("--samples <count>", "pairs that are looked at", parseCount)
    .option("--seed <number>", "which ones are random", parseSeed, 0);
}

export async function openDataset(
  manifest: string,
  given: DatasetArguments,
): Promise<MultimodalDataset> {
  const { imageColumn, textColumn, root, clean, maxLength } = given;
  const source = await openManifest(manifest, {
    ...(imageColumn !== undefined && { imageColumn }),
    ...(textColumn !== undefined && { textColumn }),
    ...(root !== undefined && { root }),
  });
  return new MultimodalDataset({
    source,
    tokenizer: await Tokenizer.fromPretrained(given.tokenizer),
    ...(given.processor !== undefined && {
      image: await ImageProcessor.fromPretrained(given.processor),
    }),
    text: { clean, maxLength },
  });
}
