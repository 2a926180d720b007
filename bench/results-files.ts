import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { KernelResults } from "./kernel-results.js";
import type { LatencyResults } from "./latency-results.js";
import type { MemoryResults } from "./memory-results.js";
import type { SourceResults } from "./source-results.js";
import type { ThroughputResults } from "./throughput-results.js";

const inBench = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export const RESULTS_FOLDER = inBench("./results/");
export const PAGE_FILE = inBench("./RESULTS.md");

const files = {
  throughput: inBench("./results/throughput.json"),
  latency: inBench("./results/latency.json"),
  memory: inBench("./results/memory.json"),
  sources: inBench("./results/sources.json"),
  kernels: inBench("./results/kernels.json"),
};

interface Results {
  throughput: ThroughputResults;
  latency: LatencyResults;
  memory: MemoryResults;
  sources: SourceResults;
  kernels: KernelResults;
}

export async function writeResults<Kind extends keyof Results>(
  kind: Kind,
  results: Results[Kind],
): Promise<string> {
  await mkdir(RESULTS_FOLDER, { recursive: true });
  await writeFile(files[kind], `${JSON.stringify(results, null, 2)}\n`);
  return files[kind];
}

/** Those of the latest run, if there has been one. */
export async function readResults<Kind extends keyof Results>(
  kind: Kind,
): Promise<Results[Kind] | undefined> {
  if (!existsSync(files[kind])) return undefined;
  return JSON.parse(await readFile(files[kind], "utf8")) as Results[Kind];
}
