import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "commander";
import { type ContenderName, contenderNames, isContenderName } from "./contenders/index.js";
import { DRAWN_LABEL, drawPairs, readManifest } from "./pairs.js";
import { formatTable, publicPath, writeResults } from "./report.js";
import { runBench } from "./runner.js";

interface CommandLine {
  manifest?: string;
  tokenizer?: string;
  batchSize: number;
  rounds: number;
  seconds: number;
  pairs?: number;
  only: ContenderName[];
}

const MAX_LENGTH = 128;

const fromRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const SHARED_MANIFEST = fromRoot("../shared/data/manifest.jsonl");
const SHARED_TOKENIZER = fromRoot("../shared/data/bert-base-uncased");
const OWN_TOKENIZER = fromRoot("test/data/wordpiece");
const RESULTS_FILE = fromRoot("bench/results/latest.json");

function parsePositiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new InvalidArgumentError("Expected a whole number of at least 1.");
  }
  return number;
}

function parseSeconds(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgumentError("Expected a number above 0.");
  }
  return number;
}

function parseContenders(value: string): ContenderName[] {
  return [...new Set(value.split(","))].map((name) => {
    if (!isContenderName(name)) {
      throw new InvalidArgumentError(`Expected some of ${contenderNames.join(",")}.`);
    }
    return name;
  });
}

function parseCommandLine(): CommandLine {
  return new Command("npm run bench --")
    .description("Measures pixtok beside other ways to do the same work on Node.")
    .option("--manifest <file.jsonl>", 'lines of {"image": path, "text": string}')
    .option("--tokenizer <folder>", "with tokenizer.json and tokenizer_config.json")
    .option("--batch-size <count>", "pairs in a batch", parsePositiveInteger, 64)
    .option("--rounds <count>", "measurements of each contender", parsePositiveInteger, 5)
    .option("--seconds <time>", "shortest length of a round", parseSeconds, 3)
    .option("--pairs <count>", "use only the first of the pairs", parsePositiveInteger)
    .addOption(
      new Option("--only <names>", `comma-separated, of ${contenderNames.join(", ")}`)
        .argParser(parseContenders)
        .default(contenderNames, "all"),
    )
    .parse()
    .opts<CommandLine>();
}

const commandLine = parseCommandLine();
const shared = existsSync(SHARED_MANIFEST);
const manifest = commandLine.manifest ?? (shared ? SHARED_MANIFEST : undefined);
const tokenizerFolder = resolve(
  commandLine.tokenizer ?? (existsSync(SHARED_TOKENIZER) ? SHARED_TOKENIZER : OWN_TOKENIZER),
);
const { batchSize, rounds, seconds } = commandLine;

const list = manifest === undefined ? await drawPairs() : await readManifest(manifest);
try {
  const pairs = list.pairs.slice(0, commandLine.pairs);
  if (pairs.length === 0) throw new Error(`no pairs in ${manifest ?? DRAWN_LABEL}`);

  const results = await runBench({
    pairs,
    contenders: commandLine.only,
    options: { batchSize, tokenizerFolder, maxLength: MAX_LENGTH },
    rounds,
    seconds,
  });

  process.stdout.write(`\n${formatTable(results)}`);
  await writeResults(RESULTS_FILE, results, {
    manifest: manifest === undefined ? DRAWN_LABEL : publicPath(manifest),
    tokenizer: publicPath(tokenizerFolder),
    pairs: pairs.length,
    batchSize,
    maxLength: MAX_LENGTH,
    rounds,
    seconds,
  });
  process.stdout.write(`\nwritten to ${publicPath(RESULTS_FILE)}\n`);
  if (results.some(({ status }) => status === "failed")) process.exitCode = 1;
} finally {
  await list.dispose();
}
