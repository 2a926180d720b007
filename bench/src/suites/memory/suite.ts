/** What becomes of batches' memory: epochs with and without release(), in small and large batches. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Option } from "commander";
import { MultimodalDataset, packDataset, Tokenizer } from "pixtok";
import type { Pair } from "../../contenders/contender.js";
import { severalTimesOver } from "../../measuring/spread.js";
import { median, ratioSpread, spreadOf } from "../../measuring/statistics.js";
import { type Turn, takeTurns } from "../../measuring/turns.js";
import { jpegsAmong, prepareDecodeProgram } from "../../programs/decode.js";
import { bulletList, codeBlock, countOf, environmentLines } from "../../reporting/markdown.js";
import { markdownTable } from "../../reporting/table.js";
import {
  leastPairsOption,
  parsePositiveInteger,
  type RoundOptions,
  roundsOption,
  secondsOption,
  type TimeOptions,
} from "../../setup/options.js";
import { fromRoot } from "../../setup/paths.js";
import type { Setup } from "../../setup/setup.js";
import type { Suite } from "../../suite.js";
import { runEpochs } from "../../workers/epochs-process.js";
import { type BatchEnd, batchEnds, type EpochsReport } from "../../workers/epochs-protocol.js";
import { epochTable, type MemoryResults } from "./results.js";

interface Options extends RoundOptions, TimeOptions {
  readonly batchSizes: readonly number[];
  readonly leastPairs: number;
  readonly thisNode: boolean;
}

type Data = "JPEG files" | "packed set";

/** Epochs of one dataset in one way on one Node, round after round. */
interface Way {
  readonly node: string;
  readonly data: Data;
  readonly batchSize: number;
  readonly batchEnd: BatchEnd;
  readonly rounds: EpochsReport[];
}

/** Epochs of a packed set are over soon: longer ones, or it is their beginnings that are timed. */
const PACKED_PASSES = 16;

const OTHER_NODE = fromRoot("test/runtimes/node_modules/node-24/bin/node");

async function versionOf(node: string): Promise<string> {
  return (await promisify(execFile)(node, ["--version"])).stdout.trim().slice(1);
}

/** The pairs' JPEG files, listed several times where they are fewer. */
async function enoughPairs(setup: Setup, least: number): Promise<Pair[]> {
  const jpegs = new Set(await jpegsAmong(setup.pairs.map(({ image }) => image)));
  const once = setup.pairs.filter(({ image }) => jpegs.has(image));
  return severalTimesOver(once, least);
}

/** The same pairs as a list of files and as a packed set. */
async function writeData(folder: string, pairs: readonly Pair[], tokenizer: string) {
  const files = join(folder, "pairs.jsonl");
  await writeFile(files, pairs.map((pair) => JSON.stringify(pair)).join("\n"));
  const packed = join(folder, "packed");
  const dataset = new MultimodalDataset({
    imagePaths: pairs.map(({ image }) => image),
    texts: pairs.map(({ text }) => text),
    tokenizer: await Tokenizer.fromPretrained(tokenizer),
  });
  await packDataset(dataset, packed);
  return {
    "JPEG files": { data: files, tokenizer, passes: 1 },
    "packed set": { data: packed, tokenizer: null, passes: PACKED_PASSES },
  };
}

function listWays(nodes: readonly string[], batchSizes: readonly number[]): Way[] {
  return nodes.flatMap((node) =>
    (["JPEG files", "packed set"] as const).flatMap((data) =>
      batchSizes.flatMap((batchSize) =>
        batchEnds.map((batchEnd) => ({ node, data, batchSize, batchEnd, rounds: [] })),
      ),
    ),
  );
}

const ratesOf = ({ rounds }: Way) => rounds.map(({ pairsPerSecond }) => pairsPerSecond);
const medianOf = ({ rounds }: Way, value: (report: EpochsReport) => number) =>
  median(rounds.map(value));

export const memory: Suite<Options, MemoryResults> = {
  name: "memory",
  description:
    "Epochs whose batches are released, collected or reused, on this Node and on that of test/runtimes.",
  options: [
    roundsOption(5),
    secondsOption(3, "shortest length of each in a round"),
    new Option("--batch-sizes <counts>", "comma-separated, the smallest first")
      .argParser((value) => value.split(",").map(parsePositiveInteger))
      .default([64, 256], "64,256"),
    leastPairsOption(1500),
    new Option("--this-node", "leave out the Node of test/runtimes").default(false),
  ],

  async run(setup, { rounds, seconds, batchSizes, leastPairs, thisNode }) {
    const folder = await mkdtemp(join(tmpdir(), "pixtok-bench-memory-"));
    try {
      const pairs = await enoughPairs(setup, leastPairs);
      const sets = await writeData(folder, pairs, setup.tokenizerFolder);
      const jpegs = [...new Set(pairs.map(({ image }) => image))];
      const program = await prepareDecodeProgram(jpegs, setup.threads, "rgb");
      if ("unavailable" in program) throw new Error(program.unavailable);

      const others = thisNode || !existsSync(OTHER_NODE) ? [] : [OTHER_NODE];
      const nodes = [process.execPath, ...others];
      const versions = new Map<string, string>();
      for (const node of nodes) versions.set(node, await versionOf(node));
      const ways = listWays(nodes, batchSizes);
      const decode: number[] = [];
      const measureDecoding = async () => {
        const { images, seconds: elapsed } = await program.run(1);
        decode.push(images / elapsed);
      };
      const turns: Turn[] = [
        { name: "decode-only", run: measureDecoding },
        ...ways.map((way) => {
          const { batchSize, batchEnd, node, data } = way;
          return {
            name: `${data}, ${batchSize} a batch, ${batchEnd}, Node ${versions.get(node)}`,
            async run() {
              const settings = { batchSize, batchEnd, seconds, shuffle: false, warmUp: true };
              way.rounds.push(await runEpochs({ ...sets[data], ...settings }, node));
            },
          };
        }),
      ];
      await takeTurns(turns, rounds);
      await program.close();

      const smallOf = (way: Way) =>
        ways.find(
          ({ node, data, batchEnd, batchSize }) =>
            batchSize === batchSizes[0] &&
            node === way.node &&
            data === way.data &&
            batchEnd === way.batchEnd,
        ) ?? way;
      return {
        settings: { manifest: setup.manifest, pairs: pairs.length, rounds, seconds },
        decode: spreadOf(decode),
        epochs: ways.map((way) => ({
          node: versions.get(way.node) ?? "",
          data: way.data,
          batchSize: way.batchSize,
          batchEnd: way.batchEnd,
          rate: spreadOf(ratesOf(way)),
          ...(way.data === "JPEG files" && { ofDecode: ratioSpread(ratesOf(way), decode) }),
          ofSmall: ratioSpread(ratesOf(way), ratesOf(smallOf(way))),
          eventLoop: medianOf(way, (report) => report.eventLoop),
          collectionsPerBatch: medianOf(way, (report) => report.collectionsPerBatch),
          residentMiB: medianOf(way, (report) => report.residentMiB),
        })),
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },

  tables: (results) => [{ table: epochTable(results) }],

  notes: () => [],

  section(results) {
    const { settings, command, decode } = results;
    return [
      "## Memory of batches",
      "Epochs of the standard preset in processes of their own; batches are released, left to the garbage collector, " +
        `or reused (\`reuseBatches\`); beside libjpeg-turbo alone to RGB, ${decode.median.toFixed(0)} images a second. Medians of ` +
        `${countOf(settings.rounds, "round")} of at least ${settings.seconds} s; ratios are medians of those within a ` +
        "round. [docs/decisions/batch-memory.md](../docs/decisions/batch-memory.md) has the design.",
      codeBlock(command),
      bulletList([
        ...environmentLines(results),
        `Pairs: ${settings.pairs}, those in ${settings.manifest}, several times over`,
      ]),
      markdownTable(epochTable(results)),
    ];
  },
};
