/** The same pairs on a file system that answers at once, and on one that answers each read late. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Option } from "commander";
import { Tokenizer } from "pixtok";
import { slowMounts, whyNoSlowMount } from "../../../../test/support/slow-mount.js";
import { severalTimesOver } from "../../measuring/spread.js";
import { ratioSpread, spreadOf } from "../../measuring/statistics.js";
import { type Turn, takeTurns } from "../../measuring/turns.js";
import { bulletList, codeBlock, countOf, environmentLines } from "../../reporting/markdown.js";
import { markdownTable } from "../../reporting/table.js";
import {
  type BatchOptions,
  batchSizeOption,
  type LeastPairsOption,
  leastPairsOption,
  parsePositiveInteger,
  type RoundOptions,
  roundsOption,
} from "../../setup/options.js";
import type { Suite } from "../../suite.js";
import { runEpochs } from "../../workers/epochs-process.js";
import { type StorageResults, type StorageSet, storageTable } from "./results.js";
import { writeStoredSets } from "./sets.js";

interface Options extends RoundOptions, BatchOptions, LeastPairsOption {
  readonly milliseconds: number;
}

export const storage: Suite<Options, StorageResults> = {
  name: "storage",
  description: "Epochs of files, tars and packed sets on storage that answers each read late.",
  options: [
    roundsOption(5),
    batchSizeOption(),
    leastPairsOption(16_000),
    new Option("--milliseconds <count>", "how late each read is answered")
      .argParser(parsePositiveInteger)
      .default(20),
  ],

  async run(setup, { rounds, batchSize, leastPairs, milliseconds }) {
    const pairs = severalTimesOver(setup.pairs, leastPairs);
    const { manifest, tokenizerFolder } = setup;
    const settings = { manifest, pairs: pairs.length, milliseconds, batchSize, rounds };
    const missing = whyNoSlowMount();
    if (missing !== undefined) return { settings, sets: [], missing };
    const root = await mkdtemp(join(tmpdir(), "pixtok-bench-storage-"));
    try {
      const folder = join(root, "sets");
      await mkdir(folder);
      const tokenizer = await Tokenizer.fromPretrained(tokenizerFolder);
      const sets = await writeStoredSets(folder, pairs, tokenizer);
      const mounts = slowMounts(root);
      const ways = sets.map((set) => ({ set, atOnce: [] as number[], late: [] as number[] }));
      // each epoch has a mount of its own, of which nothing is in the system's cache
      const turns = ways.flatMap(({ set: { name, data, shuffle, isPacked }, ...rates }): Turn[] => {
        const epoch = (late: number) =>
          mounts.during(folder, late, async (mount) => {
            const { pairsPerSecond } = await runEpochs({
              data: join(mount, data),
              tokenizer: isPacked ? null : tokenizerFolder,
              ...{ batchSize, shuffle, batchEnd: "released", passes: 1, seconds: 0, warmUp: false },
            });
            return pairsPerSecond;
          });
        return [
          { name: `${name}, at once`, run: async () => void rates.atOnce.push(await epoch(0)) },
          {
            name: `${name}, ${milliseconds} ms late`,
            run: async () => void rates.late.push(await epoch(milliseconds)),
          },
        ];
      });
      await takeTurns(turns, rounds);
      const measured = ways.map(
        ({ set: { name }, atOnce, late }): StorageSet => ({
          name,
          atOnce: spreadOf(atOnce),
          late: spreadOf(late),
          ofAtOnce: ratioSpread(late, atOnce),
        }),
      );
      return { settings, sets: measured, missing: null };
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  },

  tables: (results) => [{ table: storageTable(results) }],

  notes: ({ missing }) => (missing === null ? [] : [`not measured: ${missing}`]),

  section(results) {
    const { settings, command } = results;
    return [
      "## Slow storage",
      `One epoch in a process of its own, with default options, from a file system that answers each read ` +
        `${settings.milliseconds} ms late, and from the same one without the delay; none of it is in the system's cache. ` +
        `Medians of ${countOf(settings.rounds, "round")}; ratios are medians of those within a round.`,
      codeBlock(command),
      bulletList([
        ...environmentLines(results),
        `Pairs: ${settings.pairs}, those in ${settings.manifest}, several times over; ${settings.batchSize} a batch`,
      ]),
      markdownTable(storageTable(results)),
    ];
  },
};
