import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { pipelineOf } from "../dataset/dataset.js";
import { walkOrder } from "../dataset/dataset-walk.js";
import { ImageProcessor } from "../image/image-processor.js";
import { runtimeInfo } from "../native/runtime-info.js";
import type { Fleet, PlanFigures, SetFigures } from "../planning/figures.js";
import { formatPlan, type PlanReport } from "../planning/format-plan.js";
import { growFiles } from "../planning/grown-files.js";
import type { ReadingOptions } from "../planning/measure-reading.js";
import { planFor } from "../planning/plan.js";
import { sampleBytes } from "../planning/sampled-bytes.js";
import { bytesOfFiles, filesOfSet } from "../planning/set-files.js";
import { repeat, select } from "../sets/select.js";
import { outOfRange, wrongType } from "../shared/validation.js";
import type { Found } from "../sources/found-source.js";
import { isPacked } from "../sources/packed/is-packed.js";
import type { PairSource } from "../sources/pair-source.js";
import {
  type DatasetArguments,
  datasetOfPairs,
  openDataset,
  type SampleArguments,
  withDataset,
  withSamples,
} from "./dataset-options.js";
import { type MadeSet, measurePacking, measureSet } from "./measure-set.js";
import { parseBytes } from "./parse-bytes.js";
import { parseCount } from "./parse-number.js";
import { resizedProcessor } from "./resized-processor.js";

interface PlanArguments extends DatasetArguments, SampleArguments {
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

/** Pairs that are looked at where their number is not given. */
const SAMPLES = 256;
/** How long reading is measured. */
const READING_SECONDS = 3;

function parsePairs(value: string): number[] {
  return value.split(",").map((text) => {
    const pairs = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(pairs) && pairs >= 1) return pairs;
    throw new InvalidArgumentError("Expected numbers of pairs, such as 1e6 or 1e6,1e9.");
  });
}

function fleetOf(given: PlanArguments): Fleet {
  const { ranks, nodes, bandwidth = null, batchSize, shuffle, window } = given;
  if (ranks < nodes) throw outOfRange("--ranks", `at least one for each of ${nodes} nodes`, ranks);
  return { ranks, nodes, bandwidth, batchSize, shuffle, window };
}

/** Opening is measured of whole sets: how many of their pairs are taken does not say how it grows with these. */
function requireWhole({ where, split, onMultipleTexts }: PlanArguments): void {
  const others = [
    where !== undefined && "--where",
    typeof split === "object" && "shares in --split",
    onMultipleTexts === "all" && "--on-multiple-texts all",
  ];
  const other = others.find((one) => one !== false);
  if (other !== undefined) throw wrongType("--measure", `none with ${other}`, true);
}

/** Bytes of pairs, and which of them are read together. */
async function bytesFigures(
  source: PairSource,
  found: Found,
  { samples = SAMPLES, seed, filePairs }: PlanArguments,
): Promise<Pick<SetFigures, "pairBytes" | "blockPairs">> {
  const inFiles = (await bytesOfFiles(found)) / source.length;
  const sample = isPacked(source) ? undefined : await sampleBytes(source, samples, seed);
  if (sample?.areFiles) return { pairBytes: sample.imageBytes + inFiles, blockPairs: null };
  const blocks = source.blockLengths?.().length ?? 1;
  return { pairBytes: inFiles, blockPairs: filePairs ?? source.length / blocks };
}

/** Random pairs of a source, in their order. */
function sampleOf(source: PairSource, samples: number, seed: number): PairSource {
  const { count, indexAt } = walkOrder(source.length, samples, seed);
  const indices = Array.from({ length: count }, (_, position) => indexAt(position));
  return select(
    source,
    indices.sort((a, b) => a - b),
  );
}

/** Files that were made are opened as what they are like: neither a split nor a configuration is looked for again. */
const asMade =
  ({ split: _, config: __, ...given }: PlanArguments, { kind, paths: [first] }: Found) =>
  (source: readonly string[]): MadeSet => {
    const root = given.root ?? (typeof first === "string" ? dirname(first) : ".");
    const ofKind = kind === "webdataset" ? { kind } : { kind, root };
    return { source, given: { ...given, ...ofKind }, folder: dirname(source[0] as string) };
  };

async function measuredFigures(
  paths: readonly string[],
  given: PlanArguments,
  found: Found,
  source: PairSource,
  bytes: Pick<SetFigures, "pairBytes" | "blockPairs">,
): Promise<PlanFigures> {
  const { batchSize, shuffle, window, threads, seed, samples = SAMPLES, processor, size } = given;
  const order = shuffle === "blocks" && source.blockLengths ? "blocks" : true;
  const reading: ReadingOptions = {
    batchSize,
    shuffle: order,
    window,
    threads,
    seconds: READING_SECONDS,
  };
  const folder = await mkdtemp(join(tmpdir(), "pixtok-plan-"));
  try {
    const files = await growFiles(found, await bytesOfFiles(found), source.length, folder);
    const grown = files && (files.map(asMade(given, found)) as [MadeSet, MadeSet]);
    const asItIs = { ...bytes, ...(await measureSet(paths, given, grown, reading)) };
    if (isPacked(source)) return { asItIs, packed: null };
    const named =
      processor === undefined
        ? ImageProcessor.standard()
        : await ImageProcessor.fromPretrained(processor);
    const image = size === undefined ? named : resizedProcessor(named, size);
    const count = Math.min(samples, source.length);
    const datasetOf = (pairs: number) => {
      const sample = sampleOf(source, Math.min(count, pairs), seed);
      return datasetOfPairs(repeat(sample, Math.ceil(pairs / sample.length)), given, { image });
    };
    const packing = { datasetOf, samples: count, fileBytes: given.fileSize, threads };
    return { asItIs, packed: await measurePacking(packing, given.texts, reading) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function reportOf(paths: readonly string[], given: PlanArguments): Promise<PlanReport> {
  const fleet = fleetOf(given);
  if (given.model !== undefined) {
    throw wrongType("--model", "none: plans are of pairs, not of conversations", given.model);
  }
  if (given.measure) requireWhole(given);
  const { kind, split, config, allowOutsideRoot, cacheDir, measure = false } = given;
  const dataset = await openDataset(paths, given, { tokenizerMayBeMissing: !measure });
  const { source } = pipelineOf(dataset);
  const name = typeof split === "string" ? split : undefined;
  const options = cacheDir === undefined ? {} : { cacheDir };
  const found = await filesOfSet(paths, { kind, split: name, config, allowOutsideRoot }, options);
  const bytes = await bytesFigures(source, found, given);
  const none = { opening: null, openingAgain: null, memory: null, readRate: null };
  const figures = measure
    ? await measuredFigures(paths, given, found, source, bytes)
    : { asItIs: { ...bytes, ...none }, packed: null };
  const { threads, kernel, version } = runtimeInfo();
  const machine = {
    threads: given.threads ?? threads,
    kernel,
    pixtok: version,
    node: process.version,
  };
  return {
    source: dataset.description,
    machine: measure ? machine : null,
    figures,
    fleet,
    plans: (given.pairs ?? [source.length]).map((pairs) => planFor(figures, pairs, fleet)),
  };
}

export function addPlan(program: Command): void {
  withSamples(withDataset(program.command("plan")))
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
    .option("--json", "print everything as JSON")
    .action(async (source: string[], given: PlanArguments) => {
      const report = await reportOf(source, given);
      console.log(given.json ? JSON.stringify(report, null, 2) : formatPlan(report));
    });
}
