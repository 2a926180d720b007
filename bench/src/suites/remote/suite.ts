/** The same shards from here and from a web server on this machine. */
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { openWebDataset } from "pixtok";
import { severalTimesOver } from "../../measuring/spread.js";
import { median, ratioSpread, spreadOf } from "../../measuring/statistics.js";
import { takeTurns } from "../../measuring/turns.js";
import { bulletList, codeBlock, countOf, environmentLines } from "../../reporting/markdown.js";
import { markdownTable } from "../../reporting/table.js";
import {
  type BatchOptions,
  batchSizeOption,
  type LeastPairsOption,
  leastPairsOption,
  type RoundOptions,
  roundsOption,
} from "../../setup/options.js";
import type { Suite } from "../../suite.js";
import { runEpochs } from "../../workers/epochs-process.js";
import type { EpochsReport } from "../../workers/epochs-protocol.js";
import { startFileServer } from "../../workers/file-server-process.js";
import { writeShards } from "../sources/sets.js";
import { type RemoteResults, remoteTable } from "./results.js";

interface Options extends RoundOptions, BatchOptions, LeastPairsOption {}

const SHARDS = 16;

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

export const remote: Suite<Options, RemoteResults> = {
  name: "remote",
  description: "Epochs of shards that are here, and by HTTP with a warm and with a cold cache.",
  options: [roundsOption(5), batchSizeOption(), leastPairsOption(8000)],

  async run(setup, { rounds, batchSize, leastPairs }) {
    const folder = await mkdtemp(join(tmpdir(), "pixtok-bench-remote-"));
    const caches = await mkdtemp(join(tmpdir(), "pixtok-bench-cache-"));
    const server = await startFileServer(folder);
    try {
      const pairs = severalTimesOver(setup.pairs, leastPairs);
      const here = await writeShards(folder, pairs, SHARDS);
      // their indexes come to lie beside them, where the server has them, too
      await openWebDataset(here);
      const url = `${server.url}/${basename(here)}`;
      const warm = join(caches, "warm");
      const epoch = (data: string, cacheDir?: string) =>
        runEpochs({
          data,
          ...(cacheDir !== undefined && { cacheDir }),
          tokenizer: setup.tokenizerFolder,
          batchSize,
          shuffle: false,
          batchEnd: "released",
          passes: 1,
          seconds: 0,
          warmUp: false,
        });
      await epoch(url, warm);
      let round = 0;
      const ways = [
        { name: "shards here", run: () => epoch(here) },
        { name: "by HTTP, warm cache", run: () => epoch(url, warm) },
        {
          name: "by HTTP, cold cache",
          async run() {
            const cold = join(caches, `cold-${round}`);
            round += 1;
            const report = await epoch(url, cold);
            await rm(cold, { recursive: true });
            return report;
          },
        },
      ].map((way) => ({ ...way, reports: [] as EpochsReport[] }));
      const turns = ways.map(({ name, run, reports }) => ({
        name,
        run: async () => void reports.push(await run()),
      }));
      await takeTurns(turns, rounds);
      const ratesOf = (reports: readonly EpochsReport[]) =>
        reports.map(({ pairsPerSecond }) => pairsPerSecond);
      const ofHere = ratesOf(ways[0]?.reports ?? []);
      return {
        settings: {
          manifest: setup.manifest,
          pairs: pairs.length,
          shards: Math.min(SHARDS, pairs.length),
          mebibytes: Math.round((await bytesIn(folder)) / 2 ** 20),
          batchSize,
          rounds,
        },
        ways: ways.map(({ name, reports }) => ({
          name,
          rounds: ratesOf(reports),
          rate: spreadOf(ratesOf(reports)),
          ofHere: ratioSpread(ratesOf(reports), ofHere),
          eventLoop: median(reports.map(({ eventLoop }) => eventLoop)),
          residentMiB: median(reports.map(({ residentMiB }) => residentMiB)),
        })),
      };
    } finally {
      await server.close();
      await rm(folder, { recursive: true, force: true });
      await rm(caches, { recursive: true, force: true });
    }
  },

  tables: (results) => [{ table: remoteTable(results) }],

  notes: () => [],

  section(results) {
    const { settings, command } = results;
    return [
      "## Data elsewhere",
      `One epoch of ${countOf(settings.shards, "shard")} (${settings.mebibytes} MiB) in order, in a process of its own, ` +
        "from the page cache and from a web server on the same machine, which takes its share of the processor. " +
        `Medians of ${countOf(settings.rounds, "round")}; ratios are medians of those within a round.`,
      codeBlock(command),
      bulletList([
        ...environmentLines(results),
        `Pairs: ${settings.pairs}, those in ${settings.manifest}, several times over; ${settings.batchSize} a batch`,
      ]),
      markdownTable(remoteTable(results)),
    ];
  },
};
