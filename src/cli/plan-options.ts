import { type Command, InvalidArgumentError, Option } from "commander";
import type { Fleet } from "../planning/figures.js";
import { outOfRange, wrongType } from "../shared/validation.js";
import {
  type DatasetArguments,
  type SampleArguments,
  withDataset,
  withSamples,
} from "./dataset-options.js";
import { parseBytes } from "./parse-bytes.js";
import { parseCount } from "./parse-number.js";

export interface PlanArguments extends DatasetArguments, SampleArguments {
  pairs?: readonly number[];
  ranks: number;
  nodes: number;
  bandwidth?: number;
  batchSize: number;
  shuffle: Fleet["shuffle"];
  window: number;
  filePairs?: number;
  measure?: true;
  size?: number;
  fileSize?: number;
  threads?: number;
  json?: true;
}

/** What is planned for in some seconds: rows of a batch are looked up one by one, and turns of ranks in lanes. */
const MOST_PAIRS = 1e15;
const MOST_PAIRS_OF_BATCH = 2 ** 20;
const MOST_WINDOW = 2 ** 16;
const MOST_RANKS_BY_WINDOW = 2 ** 23;

function parsePairs(value: string): number[] {
  return value.split(",").map((text) => {
    const pairs = Number(text);
    if (text.trim() !== "" && Number.isInteger(pairs) && pairs >= 1 && pairs <= MOST_PAIRS) {
      return pairs;
    }
    throw new InvalidArgumentError(
      "Expected numbers of pairs, such as 1e6 or 1e6,1e9, and at most 1e15.",
    );
  });
}

/** A command with the options of a plan. */
export function withPlan(command: Command): Command {
  return withSamples(withDataset(command))
    .description(
      "say what a set of so many pairs like these comes to: bytes, cache, opening, memory, hours, and how well it is mixed",
    )
    .option(
      "--pairs <counts>",
      "numbers of pairs, such as 1e6,1e9 (default: those of the source)",
      parsePairs,
    )
    .option("--ranks <count>", "processes that share an epoch", parseCount, 1)
    .option("--nodes <count>", "machines like this one that they are on", parseCount, 1)
    .option(
      "--bandwidth <bytes>",
      "a second that each machine gets from where the set is, such as 1.25GB (default: not a limit)",
      parseBytes,
    )
    .option("--batch-size <count>", "pairs in a batch of a rank", parseCount, 64)
    .addOption(
      new Option("--shuffle <how>", "the order of an epoch: by blocks, or of all rows")
        .choices(["blocks", "full"])
        .default("blocks"),
    )
    .option("--window <count>", "blocks that are mixed", parseCount, 32)
    .option(
      "--file-pairs <count>",
      "pairs in a file, or in a part that is read as a whole (default: as in the source)",
      parseCount,
    )
    .option("--measure", "time opening, reading and packing of a sample on this machine")
    .option("--size <pixels>", "with --measure: of stored images, as of pixtok pack", parseCount)
    .option("--file-size <bytes>", "with --measure: of images in a packed file", parseBytes)
    .option("--threads <count>", "with --measure: that prepare images", parseCount)
    .option("--json", "print everything as JSON");
}

/** @throws {RangeError} for fleets that cannot be planned. */
export function fleetOf(given: PlanArguments): Fleet {
  const { ranks, nodes, bandwidth = null, batchSize, shuffle, window } = given;
  if (ranks % nodes !== 0) throw outOfRange("--ranks", `a multiple of ${nodes} nodes`, ranks);
  const limits = [
    ["--ranks times --batch-size", "pairs", ranks * batchSize, MOST_PAIRS_OF_BATCH],
    ["--window", "blocks", window, MOST_WINDOW],
    ["--ranks times --window", "blocks", ranks * window, MOST_RANKS_BY_WINDOW],
  ] as const;
  for (const [option, what, value, most] of limits) {
    if (value > most) throw outOfRange(option, `at most ${most} ${what}`, value);
  }
  return { ranks, nodes, bandwidth, batchSize, shuffle, window };
}

/** What says how pairs are measured, and is not given without that. */
const ofMeasuring = {
  "--size": "size",
  "--file-size": "fileSize",
  "--threads": "threads",
} as const;

/**
 * Refuses options that have no meaning in a plan, or none beside others.
 *
 * @throws {TypeError}
 */
export function requireOptions(given: PlanArguments): void {
  const { where, split, onMultipleTexts, model, measure } = given;
  if (model !== undefined) {
    throw wrongType("--model", "none: plans are of pairs, not of conversations", model);
  }
  if (onMultipleTexts === "all") {
    const expected = "first or random: plans are of images, each with one of its texts";
    throw wrongType("--on-multiple-texts", expected, onMultipleTexts);
  }
  if (measure) {
    // opening is measured of whole sets: how many of their pairs are taken does not say how it grows with these
    const others = [
      where !== undefined && "--where",
      typeof split === "object" && "shares in --split",
    ];
    const other = others.find((one) => one !== false);
    if (other !== undefined) throw wrongType("--measure", `none with ${other}`, true);
    return;
  }
  for (const [option, name] of Object.entries(ofMeasuring)) {
    if (given[name] !== undefined) throw wrongType(option, "none without --measure", given[name]);
  }
}
