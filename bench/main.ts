import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "commander";
import { parsePositiveInteger, parseSeconds, pythonOption } from "./command-line.js";
import { type ContenderName, contenderNames, isContenderName } from "./contenders/index.js";
import { defaultThreads, listEntries, threadCountsBelow } from "./entry.js";
import { DRAWN_LABEL, drawPairs, readManifest } from "./pairs.js";
import { publicCommand, publicPath } from "./public-text.js";
import { installedPython } from "./python-interpreter.js";
import { writeResults } from "./results-files.js";
import { writeResultsPage } from "./results-page.js";
import { runBench } from "./runner.js";
import { describeSurroundings } from "./surroundings.js";
import { plainTable } from "./table.js";
import { recordResult, type ThroughputResults } from "./throughput-results.js";
import { contenderNotes, contendersTable, scalingTable } from "./throughput-tables.js";

interface CommandLine {
  manifest?: string;
  tokenizer?: string;
  batchSize: number;
  rounds: number;
  seconds: number;
  pairs?: number;
  only: readonly ContenderName[];
  threads: readonly number[];
  python?: string;
}

const MAX_LENGTH = 128;

const fromRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const SHARED_MANIFEST = fromRoot("../shared/data/manifest.jsonl");
const SHARED_TOKENIZER = fromRoot("../shared/data/bert-base-uncased");
const OWN_TOKENIZER = fromRoot("test/data/wordpiece");

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

function parseCommandLine(): CommandLine {
  return new Command("npm run bench --")
    .description("Measures pixtok beside other ways to do the same work.")
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
    .addOption(
      new Option("--threads <counts>", "comma-separated, for pixtok and decode-only; or none")
        .argParser(parseThreadCounts)
        .default(threadCountsBelow(defaultThreads()), "all below the number of cores"),
    )
    .addOption(pythonOption())
    .parse()
    .opts<CommandLine>();
}

const commandLine = parseCommandLine();
const shared = existsSync(SHARED_MANIFEST);
const manifest = commandLine.manifest ?? (shared ? SHARED_MANIFEST : undefined);
const tokenizerFolder = resolve(
  commandLine.tokenizer ?? (existsSync(SHARED_TOKENIZER) ? SHARED_TOKENIZER : OWN_TOKENIZER),
);
const { batchSize, rounds, seconds, python = installedPython() } = commandLine;

const list = manifest === undefined ? await drawPairs() : await readManifest(manifest);
try {
  const pairs = list.pairs.slice(0, commandLine.pairs);
  if (pairs.length === 0) throw new Error(`no pairs in ${manifest ?? DRAWN_LABEL}`);

  const surroundings = await describeSurroundings(python);
  const contenders = await runBench({
    pairs,
    entries: listEntries(commandLine.only, commandLine.threads),
    options: { batchSize, tokenizerFolder, maxLength: MAX_LENGTH },
    rounds,
    seconds,
    ...(python !== undefined && { python }),
  });
  const results: ThroughputResults = {
    ...surroundings,
    command: publicCommand("bench"),
    settings: {
      manifest: manifest === undefined ? DRAWN_LABEL : publicPath(manifest),
      tokenizer: publicPath(tokenizerFolder),
      pairs: pairs.length,
      batchSize,
      maxLength: MAX_LENGTH,
      rounds,
      seconds,
      threads: defaultThreads(),
    },
    contenders: contenders.map(recordResult),
  };

  const scaling = scalingTable(results);
  const parts = [
    plainTable(contendersTable(results.contenders)),
    ...(scaling === undefined ? [] : [plainTable(scaling)]),
    contenderNotes(results.contenders).join("\n"),
  ];
  process.stdout.write(`\n${parts.join("\n\n")}\n`);
  const file = await writeResults("throughput", results);
  process.stdout.write(`\nwritten to ${publicPath(file)}\n`);
  await writeResultsPage();
  if (contenders.some(({ status }) => status === "failed")) process.exitCode = 1;
} finally {
  await list.dispose();
}
