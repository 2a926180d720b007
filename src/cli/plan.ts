import { dirname } from "node:path";
import type { Command } from "commander";
import { pipelineOf } from "../dataset/dataset.js";
import { runtimeInfo } from "../native/runtime-info.js";
import type { PlanFigures, SetFigures } from "../planning/figures.js";
import { formatPlan, type PlanReport } from "../planning/format-plan.js";
import { growFiles } from "../planning/grown-files.js";
import type { ReadingOptions } from "../planning/measure-reading.js";
import { planFor } from "../planning/plan.js";
import { sampleBytes } from "../planning/sampled-bytes.js";
import { bytesOfFiles, filesOfSet } from "../planning/set-files.js";
import { wrongType } from "../shared/validation.js";
import type { Found } from "../sources/found-source.js";
import { isPacked } from "../sources/packed/is-packed.js";
import type { PairSource } from "../sources/pair-source.js";
import { openDataset } from "./dataset-options.js";
import type { MadeSet } from "./measure-openings.js";
import { measurePackedSet } from "./measure-packed-set.js";
import { measureRate, measureSet } from "./measure-set.js";
import { fleetOf, type PlanArguments, requireOptions, withPlan } from "./plan-options.js";
import { withTemporaryFolder } from "./temporary-folder.js";

/** Pairs that are looked at where their number is not given. */
const SAMPLES = 256;
/** How long reading is measured. */
const READING_SECONDS = 3;
const unmeasured = { opening: null, openingAgain: null, memory: null, readRate: null };

/** Bytes of pairs, and which of them are read together. */
interface BytesFigures extends Pick<SetFigures, "pairBytes" | "blockPairs"> {
  /** Whether files are planned that have as many pairs as the source's own. */
  readonly asInSource: boolean;
}

async function bytesFigures(
  source: PairSource,
  found: Found,
  { samples = SAMPLES, seed, filePairs }: PlanArguments,
): Promise<BytesFigures> {
  const inFiles = (await bytesOfFiles(found)) / source.length;
  const sample = isPacked(source) ? undefined : await sampleBytes(source, samples, seed);
  const pairBytes = inFiles + (sample?.imageBytes ?? 0);
  if (sample?.areFiles) {
    if (filePairs === undefined) return { pairBytes, blockPairs: null, asInSource: true };
    throw wrongType("--file-pairs", "none, as each image is a file of its own", filePairs);
  }
  const own = source.length / (source.blockLengths?.().length ?? 1);
  return { pairBytes, blockPairs: filePairs ?? own, asInSource: (filePairs ?? own) === own };
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
  { asInSource, ...bytes }: BytesFigures,
): Promise<PlanFigures> {
  const { batchSize, shuffle, window, threads, seed, samples = SAMPLES } = given;
  const order = shuffle === "blocks" && source.blockLengths ? "blocks" : true;
  const reading: ReadingOptions = {
    batchSize,
    shuffle: order,
    window,
    threads,
    seconds: READING_SECONDS,
  };
  const asItIs = async (folder: string): Promise<SetFigures> => {
    if (!asInSource) {
      // files of another size take another time to open, and other memory
      const { readRate } = await measureRate(paths, given, reading);
      return { ...bytes, ...unmeasured, readRate };
    }
    const files = await growFiles(found, await bytesOfFiles(found), source.length, folder);
    const grown = files && (files.map(asMade(given, found)) as [MadeSet, MadeSet]);
    return { ...bytes, ...(await measureSet(paths, given, grown, reading)) };
  };
  return withTemporaryFolder("pixtok-plan-", async (folder) => {
    const figures = await asItIs(folder);
    if (isPacked(source)) return { asItIs: figures, packed: null };
    const options = { fileBytes: given.fileSize, threads };
    const sample = { samples: Math.min(samples, source.length), seed };
    const packing = { paths, given, size: given.size, sample, options };
    return { asItIs: figures, packed: await measurePackedSet(packing, reading, folder) };
  });
}

async function reportOf(paths: readonly string[], given: PlanArguments): Promise<PlanReport> {
  const fleet = fleetOf(given);
  requireOptions(given);
  const { kind, split, config, allowOutsideRoot, cacheDir, measure } = given;
  const dataset = await openDataset(paths, given, { tokenizerMayBeMissing: !measure });
  const { source } = pipelineOf(dataset);
  const name = typeof split === "string" ? split : undefined;
  const options = cacheDir === undefined ? {} : { cacheDir };
  const found = await filesOfSet(paths, { kind, split: name, config, allowOutsideRoot }, options);
  const bytes = await bytesFigures(source, found, given);
  const { pairBytes, blockPairs } = bytes;
  const figures = measure
    ? await measuredFigures(paths, given, found, source, bytes)
    : { asItIs: { pairBytes, blockPairs, ...unmeasured }, packed: null };
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
  withPlan(program.command("plan")).action(async (source: string[], given: PlanArguments) => {
    const report = await reportOf(source, given);
    console.log(given.json ? JSON.stringify(report, null, 2) : formatPlan(report));
  });
}
