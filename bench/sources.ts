/** What it costs where pairs come from, and how fast an epoch of a packed set is. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { DataLoader, type MultimodalDataset, Tokenizer } from "pixtok";
import { parsePositiveInteger, parseSeconds, pythonOption } from "./command-line.js";
import { defaultThreads } from "./entry.js";
import { memoryRate } from "./memory-program.js";
import { DRAWN_LABEL, drawPairs, readManifest } from "./pairs.js";
import { publicCommand, publicPath } from "./public-text.js";
import { installedPython } from "./python-interpreter.js";
import { writeResults } from "./results-files.js";
import { writeResultsPage } from "./results-page.js";
import { type SourceResults, sourceTable } from "./source-results.js";
import { makeSets } from "./source-sets.js";
import { spreadOf } from "./statistics.js";
import { describeSurroundings } from "./surroundings.js";
import { plainTable } from "./table.js";

const fromRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const SHARED_MANIFEST = fromRoot("../shared/data/manifest.jsonl");
const SHARED_TOKENIZER = fromRoot("../shared/data/bert-base-uncased");
const OWN_TOKENIZER = fromRoot("test/data/wordpiece");

/** Batches that are in memory at once: in use, prefetched and in the making. */
const BATCHES = 4;

const {
  rounds,
  seconds,
  batchSize,
  python = installedPython(),
  ...options
} = new Command("npm run bench:sources --")
  .description("Times epochs of the same pairs from files, shards, Parquet and a packed set.")
  .option("--manifest <file.jsonl>", 'lines of {"image": path, "text": string}')
  .option("--batch-size <count>", "pairs in a batch", parsePositiveInteger, 64)
  .option("--rounds <count>", "measurements of each", parsePositiveInteger, 7)
  .option("--seconds <time>", "shortest length of each in a round", parseSeconds, 2)
  .addOption(pythonOption())
  .parse()
  .opts<{
    manifest?: string;
    batchSize: number;
    rounds: number;
    seconds: number;
    python?: string;
  }>();
const manifest = options.manifest ?? (existsSync(SHARED_MANIFEST) ? SHARED_MANIFEST : undefined);

/** Pairs a second over whole epochs of at least that many seconds. */
async function epochRate(loader: DataLoader, least: number): Promise<number> {
  const start = performance.now();
  let pairs = 0;
  let elapsed = 0;
  while (elapsed < least) {
    for await (const batch of loader) {
      pairs += batch.indices.length;
      batch.release();
    }
    elapsed = (performance.now() - start) / 1000;
  }
  return pairs / elapsed;
}

const list = manifest === undefined ? await drawPairs() : await readManifest(manifest);
const tokenizerFolder = existsSync(SHARED_TOKENIZER) ? SHARED_TOKENIZER : OWN_TOKENIZER;
const tokenizer = await Tokenizer.fromPretrained(tokenizerFolder);
const { sets, dispose } = await makeSets(list.pairs, tokenizer, python);
try {
  const ways = sets.flatMap(({ name, dataset }) =>
    dataset === undefined
      ? []
      : (["in order", "shuffled"] as const).map((order) => ({
          name,
          order,
          loader: loaderOf(dataset, order === "shuffled"),
          rounds: [] as number[],
        })),
  );
  for (const { loader } of ways) await epochRate(loader, 0.5); // to warm up
  const threads = defaultThreads();
  const memoryFlags = { threads, pictures: list.pairs.length, rows: batchSize, batches: BATCHES };
  const memory: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
    // Another one goes first each round.
    for (let place = 0; place < ways.length; place += 1) {
      const way = ways[(round + place) % ways.length];
      way?.rounds.push(await epochRate(way.loader, seconds));
    }
    memory.push(await memoryRate({ ...memoryFlags, seconds }));
  }

  const filesIn = (order: string) => ways.find((way) => way.order === order)?.rounds ?? [];
  const ratios = (rates: readonly number[], others: readonly number[]) =>
    spreadOf(rates.map((rate, round) => rate / (others[round] ?? Number.NaN)));
  const results: SourceResults = {
    ...(await describeSurroundings(python)),
    command: publicCommand("bench:sources"),
    settings: {
      manifest: manifest === undefined ? DRAWN_LABEL : publicPath(manifest),
      pairs: list.pairs.length,
      batchSize,
      rounds,
      seconds,
      threads,
    },
    sources: ways.map(({ name, order, rounds: rates }) => ({
      name,
      order,
      rounds: rates,
      rate: spreadOf(rates),
      ofFiles: ratios(rates, filesIn(order)),
      ofMemory: ratios(rates, memory),
    })),
    memory: { rounds: memory, rate: spreadOf(memory) },
    missing: sets.flatMap(({ name, unavailable: reason }) =>
      reason === undefined ? [] : [{ name, reason }],
    ),
  };
  process.stdout.write(`\n${plainTable(sourceTable(results))}\n`);
  for (const { name, reason } of results.missing) process.stdout.write(`${name}: ${reason}\n`);
  const file = await writeResults("sources", results);
  process.stdout.write(`\nwritten to ${publicPath(file)}\n`);
  await writeResultsPage();
} finally {
  await dispose();
  await list.dispose();
}

function loaderOf(dataset: MultimodalDataset, shuffle: boolean): DataLoader {
  return new DataLoader(dataset, { batchSize, shuffle, dropLast: true });
}
