/** What it costs where pairs come from, and how fast an epoch of a packed set is. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Option } from "commander";
import { Tokenizer } from "pixtok";
import { ratioSpread, spreadOf } from "../../measuring/statistics.js";
import { type Turn, takeTurns } from "../../measuring/turns.js";
import { memoryRates } from "../../programs/memory.js";
import { bulletList, codeBlock, countOf, environmentLines } from "../../reporting/markdown.js";
import { publicText } from "../../reporting/public-text.js";
import { markdownTable } from "../../reporting/table.js";
import {
  type BatchOptions,
  batchSizeOption,
  parsePositiveNumber,
  type RoundOptions,
  roundsOption,
  secondsOption,
  type TimeOptions,
} from "../../setup/options.js";
import type { Suite } from "../../suite.js";
import { measureCold } from "./cold.js";
import { startPackedContenders } from "./packed-contenders.js";
import {
  type ColdSet,
  coldTable,
  fastestLoop,
  type SourceResults,
  sourceTable,
} from "./results.js";
import { makeSets } from "./sets.js";

interface Options extends RoundOptions, TimeOptions, BatchOptions {
  readonly cold: readonly number[];
  readonly coldFolder: string;
}

/** Batches that are in memory at once: in use, prefetched and in the making. */
const BATCHES = 4;
const WARM_UP_SECONDS = 0.5;

export const sources: Suite<Options, SourceResults> = {
  name: "sources",
  description: "The same pairs from files, shards, Parquet and packed sets, beside the memory.",
  options: [
    batchSizeOption(),
    roundsOption(7),
    secondsOption(2, "shortest length of each in a round"),
    new Option(
      "--cold <sizes>",
      "comma-separated, in GiB: also packed sets of these sizes that are on the disk only, beside the " +
        "disk's own rate; one larger than memory never is anywhere else",
    )
      .argParser((value) => value.split(",").map(parsePositiveNumber))
      .default([], "none"),
    new Option("--cold-folder <folder>", "on the disk to be measured")
      .argParser((value) => resolve(value))
      .default(tmpdir(), "the system's temporary folder"),
  ],

  async run(setup, { rounds, seconds, batchSize, cold, coldFolder }) {
    const { pairs, tokenizerFolder, python, threads, manifest } = setup;
    const tokenizer = await Tokenizer.fromPretrained(tokenizerFolder);
    const folder = await mkdtemp(join(tmpdir(), "pixtok-bench-sources-"));
    const sets = await makeSets(folder, pairs, tokenizer, batchSize, python);
    try {
      sets.push(...(await startPackedContenders(pairs, batchSize, tokenizerFolder, python)));
      const ways = sets.flatMap(({ name, ways = [] }) =>
        ways.map((way) => ({ ...way, name, rounds: [] as number[] })),
      );
      for (const way of ways) await way.epochRate(Math.min(WARM_UP_SECONDS, seconds));

      const loops = new Map<string, number[]>();
      const measureMemory = async () => {
        const flags = { threads, images: pairs.length, rows: batchSize, batches: BATCHES };
        for (const { name, rate } of await memoryRates({ ...flags, seconds })) {
          loops.set(name, [...(loops.get(name) ?? []), rate]);
        }
      };
      const turns: Turn[] = [
        { name: "memory alone", run: measureMemory },
        ...ways.map((way) => ({
          name: `${way.name}, ${way.order}`,
          async run() {
            way.rounds.push(await way.epochRate(seconds));
          },
        })),
      ];
      await takeTurns(turns, rounds);

      const missing = sets.flatMap(({ name, unavailable }) =>
        unavailable === undefined ? [] : [{ name, reason: publicText(unavailable) }],
      );
      const coldSets: ColdSet[] = [];
      for (const gibibytes of cold) {
        const own = await mkdtemp(join(coldFolder, "pixtok-bench-cold-"));
        const settings = { pairs, tokenizer, batchSize, rounds, seconds };
        await measureCold(own, gibibytes, settings)
          .then((set) => coldSets.push(set))
          .catch((error: unknown) => {
            const reason = publicText(error instanceof Error ? error.message : String(error));
            missing.push({ name: `packed set of ${gibibytes} GiB, cold`, reason });
          })
          .finally(() => rm(own, { recursive: true, force: true }));
      }

      const loopRates = [...loops].map(([name, rates]) => ({
        name,
        rounds: rates,
        rate: spreadOf(rates),
      }));
      const memory = fastestLoop(loopRates)?.rounds ?? [];
      const filesIn = (order: string) => ways.find((way) => way.order === order)?.rounds ?? [];
      return {
        settings: { manifest, pairs: pairs.length, batchSize, rounds, seconds, threads },
        sources: ways.map(({ name, order, rounds: rates }) => ({
          name,
          order,
          rounds: rates,
          rate: spreadOf(rates),
          ofFiles: ratioSpread(rates, filesIn(order)),
          ofMemory: ratioSpread(rates, memory),
        })),
        memory: { loops: loopRates },
        cold: coldSets,
        missing,
      };
    } finally {
      for (const { close } of sets) await close?.();
      await rm(folder, { recursive: true, force: true });
    }
  },

  tables(results) {
    const cold = coldTable(results);
    return [{ table: sourceTable(results) }, ...(cold === undefined ? [] : [{ table: cold }])];
  },

  notes: ({ missing }) => missing.map(({ name, reason }) => `${name} is missing: ${reason}`),

  section(results) {
    const { settings, command, missing } = results;
    const cold = coldTable(results);
    return [
      "## Sources and the packed set",
      `Epochs of the same ${settings.pairs} pairs in batches of ${settings.batchSize}, the standard preset, ` +
        `${countOf(settings.threads, "thread")}, one source after the other in each of ` +
        `${countOf(settings.rounds, "round")} of at least ${settings.seconds} s; medians, and of ratios those within a ` +
        "round. “Memory alone” is a plain loop that makes float32 of bytes in memory, in batches as large and " +
        "on as many threads; the memory's rate is that of the fastest of these loops.",
      codeBlock(command),
      bulletList([
        ...environmentLines(results),
        `Pairs: those in ${settings.manifest}`,
        ...missing.map(({ name, reason }) => `Missing: ${name}: ${reason}`),
      ]),
      markdownTable(sourceTable(results)),
      ...(cold === undefined
        ? []
        : [
            "### From the disk",
            "One epoch in a new process, nothing of the set in memory when it begins. The disk's own rate is that " +
              "of reading the same files in large blocks past the page cache, the best of 1, 2, 4 and 8 threads.",
            markdownTable(cold),
          ]),
    ];
  },
};
