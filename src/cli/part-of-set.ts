import type { Command } from "commander";
import { filter, type PairConditions } from "../sets/filter.js";
import { split } from "../sets/split.js";
import { wrongType } from "../shared/validation.js";
import type { PairSource } from "../sources/pair-source.js";
import { parseWhole } from "./parse-number.js";
import { parseSplit } from "./parse-split.js";
import { parseWhere } from "./parse-where.js";
import { withProgress } from "./progress.js";

/** What the options of `withPart` give. */
export interface PartArguments {
  where?: PairConditions;
  /** The name of a split is read where the set is opened. */
  split?: string | Readonly<Record<string, number>>;
  splitPart?: string;
  splitSeed?: number;
}

/** Adds what says which of a source's pairs a command is about. */
export function withPart(command: Command): Command {
  return command
    .option(
      "--where <conditions>",
      'pairs alone that meet them, such as "minSide>=256,aspect<=3"; of minSide, maxSide, aspect, textLength',
      parseWhere,
    )
    .option(
      "--split <name or shares>",
      "which of several splits, such as train; or shares by a hash of keys, such as train:0.9,validation:0.1",
      parseSplit,
    )
    .option("--split-part <name>", "which of the shares the command is about")
    .option(
      "--split-seed <number>",
      "another one parts pairs in another way (default: 0)",
      parseWhole,
    );
}

/** The pairs of a source that are asked for; the source itself where all of them are. */
export async function wantedPairs(source: PairSource, given: PartArguments): Promise<PairSource> {
  const part = await partOf(source, given);
  const { where } = given;
  if (where === undefined) return part;
  return withProgress((onProgress) => filter(part, where, { onProgress }));
}

async function partOf(
  source: PairSource,
  { split: shares, splitPart: part, splitSeed: seed }: PartArguments,
): Promise<PairSource> {
  if (shares === undefined || typeof shares === "string") {
    if (part !== undefined) throw wrongType("--split-part", "none without shares in --split", part);
    if (seed !== undefined) throw wrongType("--split-seed", "none without shares in --split", seed);
    return source;
  }
  if (part === undefined || !Object.hasOwn(shares, part)) {
    throw wrongType("--split-part", `one of ${Object.keys(shares).join(", ")}`, part);
  }
  const parts = await withProgress((onProgress) =>
    split(source, shares, { onProgress, ...(seed !== undefined && { seed }) }),
  );
  return parts[part] as PairSource;
}
