import { InvalidArgumentError, Option } from "commander";
import { type ContenderName, contenderNames, isContenderName } from "../../contenders/index.js";
import { bulletList, codeBlock, countOf, environmentLines } from "../../reporting/markdown.js";
import { publicPath } from "../../reporting/public-text.js";
import { markdownTable } from "../../reporting/table.js";
import {
  type BatchOptions,
  batchSizeOption,
  parsePositiveInteger,
  type RoundOptions,
  roundsOption,
  secondsOption,
  type TimeOptions,
} from "../../setup/options.js";
import { defaultThreads } from "../../setup/setup.js";
import type { Suite } from "../../suite.js";
import { listEntries, threadCountsBelow } from "./entry.js";
import { drawPlots } from "./plots.js";
import { runRace } from "./race.js";
import { recordResult, type ThroughputResults } from "./results.js";
import { contenderNotes, contendersTable, scalingTable } from "./tables.js";

interface Options extends RoundOptions, TimeOptions, BatchOptions {
  readonly only: readonly ContenderName[];
  readonly threads: readonly number[];
}

const MAX_LENGTH = 128;

function parseContenders(value: string): ContenderName[] {
  return [...new Set(value.split(","))].map((name) => {
    if (!isContenderName(name)) {
      throw new InvalidArgumentError(`Expected some of ${contenderNames.join(",")}.`);
    }
    return name;
  });
}

function parseThreadCounts(value: string): number[] {
  return value === "none" ? [] : value.split(",").map(parsePositiveInteger);
}

export const throughput: Suite<Options, ThroughputResults> = {
  name: "throughput",
  description: "Pairs a second: pixtok beside other ways to do the same work.",
  options: [
    batchSizeOption(),
    roundsOption(5),
    secondsOption(3, "shortest length of a round"),
    new Option("--only <names>", `comma-separated, of ${contenderNames.join(", ")}`)
      .argParser(parseContenders)
      .default(contenderNames, "all"),
    new Option("--threads <counts>", "comma-separated, for pixtok and decoding alone; or none")
      .argParser(parseThreadCounts)
      .default(threadCountsBelow(defaultThreads()), "all below the number of cores"),
  ],

  async run({ pairs, manifest, tokenizerFolder, python, threads }, options) {
    const { batchSize, rounds, seconds } = options;
    const contenders = await runRace({
      pairs,
      entries: listEntries(options.only, options.threads),
      options: { batchSize, tokenizerFolder, maxLength: MAX_LENGTH },
      rounds,
      seconds,
      ...(python !== undefined && { python }),
    });
    const tokenizer = publicPath(tokenizerFolder);
    const settings = { manifest, tokenizer, pairs: pairs.length, batchSize };
    return {
      settings: { ...settings, maxLength: MAX_LENGTH, rounds, seconds, threads },
      contenders: contenders.map(recordResult),
    };
  },

  tables(results) {
    const scaling = scalingTable(results);
    return [
      { table: contendersTable(results.contenders) },
      ...(scaling === undefined ? [] : [{ table: scaling }]),
    ];
  },

  notes: ({ contenders }) => contenderNotes(contenders),

  hasFailed: ({ contenders }) => contenders.some(({ status }) => status === "failed"),

  section(results) {
    const { settings, contenders, command } = results;
    const scaling = scalingTable(results);
    return [
      "## Throughput",
      `JPEG files and captions to float32 [${settings.batchSize}, 3, 224, 224] and int64 ` +
        `[${settings.batchSize}, ${settings.maxLength}] batches, the standard preset. Medians of ` +
        `${countOf(settings.rounds, "round")} of at least ${settings.seconds} s, one contender after the other in ` +
        "each, every one in a process of its own. Ratios are medians of the ratios within a round.",
      codeBlock(command),
      bulletList([
        ...environmentLines(results),
        `Pairs: whole batches of the ${settings.pairs} in ${settings.manifest}; tokenizer: ${settings.tokenizer}`,
      ]),
      "![Pairs a second of each contender](results/throughput.svg)",
      markdownTable(contendersTable(contenders)),
      "Peak memory is that of a contender's whole tree of processes. “Event loop” is its utilization: " +
        "the share of the time that Node's main thread was busy. Differences are of normalized values, " +
        "where one step of a byte is about 0.017.",
      bulletList(contenderNotes(contenders)),
      ...(scaling === undefined
        ? []
        : [
            "### Threads",
            "![Pairs a second by the number of threads](results/scaling.svg)",
            markdownTable(scaling),
          ]),
    ];
  },

  plots: drawPlots,
};
