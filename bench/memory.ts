/** What becomes of batches' memory: epochs with and without release(), in large and small batches. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Command } from "commander";
import { MultimodalDataset, packDataset, runtimeInfo, Tokenizer } from "pixtok";
import { parsePositiveInteger, parseSeconds } from "./command-line.js";
import { jpegsAmong, prepareDecodeProgram } from "./decode-program.js";
import {
  type Design,
  type DesignReport,
  type DesignRequest,
  designs,
  type EpochsReport,
  type EpochsRequest,
} from "./memory-requests.js";
import { designTable, epochTable, type MemoryResults } from "./memory-results.js";
import { DRAWN_LABEL, drawPairs, readManifest } from "./pairs.js";
import { publicCommand, publicPath } from "./public-text.js";
import { installedPython } from "./python-interpreter.js";
import { writeResults } from "./results-files.js";
import { writeResultsPage } from "./results-page.js";
import { median, spreadOf } from "./statistics.js";
import { describeSurroundings } from "./surroundings.js";
import { plainTable } from "./table.js";

const fromRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const SHARED_MANIFEST = fromRoot("../shared/data/manifest.jsonl");
const SHARED_TOKENIZER = fromRoot("../shared/data/bert-base-uncased");
const OWN_TOKENIZER = fromRoot("test/data/wordpiece");
/** Fewer pairs are listed several times, so that an epoch has some large batches. */
const LEAST_PAIRS = 1500;
const PICTURE_BYTES = 3 * 224 * 224 * 4;
const DESIGN_BATCHES = 40;

const options = new Command("npm run bench:memory --")
  .description(
    "Times epochs with and without release() on this Node and on those of test/runtimes.",
  )
  .option("--manifest <file.jsonl>", 'lines of {"image": path, "text": string}')
  .option("--rounds <count>", "measurements of each", parsePositiveInteger, 5)
  .option("--seconds <time>", "shortest length of each in a round", parseSeconds, 3)
  .parse()
  .opts<{ manifest?: string; rounds: number; seconds: number }>();
const { rounds, seconds } = options;
const manifest = options.manifest ?? (existsSync(SHARED_MANIFEST) ? SHARED_MANIFEST : undefined);

async function ask<Report>(node: string, request: EpochsRequest | DesignRequest): Promise<Report> {
  const program = fromRoot("bench/memory-epochs.ts");
  const parameters = ["--import", "tsx", program, JSON.stringify(request)];
  const { stdout } = await promisify(execFile)(node, parameters, { cwd: fromRoot(".") });
  return JSON.parse(stdout) as Report;
}

const list = manifest === undefined ? await drawPairs() : await readManifest(manifest);
const folder = await mkdtemp(join(tmpdir(), "pixtok-bench-memory-"));
try {
  const jpegs = new Set(await jpegsAmong(list.pairs.map(({ image }) => image)));
  const once = list.pairs.filter(({ image }) => jpegs.has(image));
  const times = Math.ceil(LEAST_PAIRS / once.length);
  const pairs = Array.from({ length: times }, () => once).flat();
  const tokenizer = existsSync(SHARED_TOKENIZER) ? SHARED_TOKENIZER : OWN_TOKENIZER;
  const files = join(folder, "pairs.jsonl");
  await writeFile(files, pairs.map((pair) => JSON.stringify(pair)).join("\n"));
  const packed = join(folder, "packed");
  await packDataset(
    new MultimodalDataset({
      imagePaths: pairs.map(({ image }) => image),
      texts: pairs.map(({ text }) => text),
      tokenizer: await Tokenizer.fromPretrained(tokenizer),
    }),
    packed,
  );
  const program = await prepareDecodeProgram([...jpegs], runtimeInfo().threads);
  if ("unavailable" in program) throw new Error(program.unavailable);

  const nodes = [process.execPath, fromRoot("test/runtimes/node_modules/node-24/bin/node")].filter(
    (node) => existsSync(node),
  );
  const versionOf = async (node: string) =>
    (await promisify(execFile)(node, ["--version"])).stdout.trim().slice(1);
  const versions = new Map(
    await Promise.all(nodes.map(async (node) => [node, await versionOf(node)] as const)),
  );
  const ways = nodes.flatMap((node) =>
    (["JPEG files", "packed set"] as const).flatMap((data) =>
      [64, 256].flatMap((batchSize) =>
        [true, false].map((release) => ({
          node,
          data,
          batchSize,
          release,
          rounds: [] as EpochsReport[],
        })),
      ),
    ),
  );
  const costs = nodes.flatMap((node) =>
    designs.flatMap((design) =>
      [64, 256].map((batchSize) => ({
        node,
        design: design as Design,
        bytes: batchSize * PICTURE_BYTES,
        rounds: [] as DesignReport[],
      })),
    ),
  );

  const decode: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
    const { images, epochs } = await program.run(3);
    decode.push((3 * images) / epochs.reduce((sum, epoch) => sum + epoch.seconds, 0));
    // Another one goes first each round.
    for (let place = 0; place < ways.length; place += 1) {
      const way = ways[(round + place) % ways.length];
      if (way === undefined) continue;
      const isPacked = way.data === "packed set";
      const { batchSize, release } = way;
      const from = { data: isPacked ? packed : files, tokenizer: isPacked ? null : tokenizer };
      way.rounds.push(await ask(way.node, { ...from, batchSize, release, seconds }));
    }
    for (const { node, design, bytes, rounds: measured } of costs) {
      measured.push(await ask(node, { design, bytes, batches: DESIGN_BATCHES }));
    }
  }
  await program.close();

  const ratesOf = ({ rounds }: { rounds: EpochsReport[] }) =>
    rounds.map(({ pairsPerSecond }) => pairsPerSecond);
  const smallOf = ({ node, data, release }: (typeof ways)[number]) =>
    ratesOf(
      ways.find(
        (way) =>
          way.batchSize === 64 && way.node === node && way.data === data && way.release === release,
      ) ?? { rounds: [] },
    );
  const ratios = (rates: readonly number[], others: readonly number[]) =>
    spreadOf(rates.map((rate, round) => rate / (others[round] ?? Number.NaN)));
  const medianOf = <T>(reports: readonly T[], value: (report: T) => number) =>
    median(reports.map(value));
  const results: MemoryResults = {
    ...(await describeSurroundings(installedPython())),
    command: publicCommand("bench:memory"),
    settings: {
      manifest: manifest === undefined ? DRAWN_LABEL : publicPath(manifest),
      pairs: pairs.length,
      rounds,
      seconds,
    },
    decode: spreadOf(decode),
    epochs: ways.map((way) => ({
      node: versions.get(way.node) ?? "",
      data: way.data,
      batchSize: way.batchSize,
      release: way.release,
      rate: spreadOf(ratesOf(way)),
      ...(way.data === "JPEG files" && { ofDecode: ratios(ratesOf(way), decode) }),
      ofSmall: ratios(ratesOf(way), smallOf(way)),
      eventLoop: medianOf(way.rounds, (report) => report.eventLoop),
      collectionsPerBatch: medianOf(way.rounds, (report) => report.collectionsPerBatch),
      residentMiB: medianOf(way.rounds, (report) => report.residentMiB),
    })),
    designs: costs.map(({ node, design, bytes, rounds: measured }) => ({
      node: versions.get(node) ?? "",
      design,
      mebibytes: bytes / 2 ** 20,
      milliseconds: spreadOf(measured.map(({ milliseconds }) => milliseconds)),
      collectionsPerBatch: medianOf(measured, (report) => report.collectionsPerBatch),
    })),
  };
  process.stdout.write(`\n${plainTable(epochTable(results))}\n\n`);
  process.stdout.write(`${plainTable(designTable(results))}\n`);
  const file = await writeResults("memory", results);
  process.stdout.write(`\nwritten to ${publicPath(file)}\n`);
  await writeResultsPage();
} finally {
  await rm(folder, { recursive: true, force: true });
  await list.dispose();
}
