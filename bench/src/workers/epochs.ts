/** A child process: epochs of one dataset in one way, on whatever Node runs it. Prints one JSON object. */
import { constants, PerformanceObserver, performance } from "node:perf_hooks";
import { DataLoader, MultimodalDataset, Tokenizer } from "pixtok";
import { readManifest } from "../setup/pairs.js";
import type { EpochsReport, EpochsRequest } from "./epochs-protocol.js";

let collections = 0;
new PerformanceObserver((list) => {
  // a full collection is reported once more for its weak callbacks
  for (const entry of list.getEntries()) {
    const { kind } = (entry as unknown as { detail: { kind: number } }).detail;
    if (kind !== constants.NODE_PERFORMANCE_GC_WEAKCB) collections += 1;
  }
}).observe({ entryTypes: ["gc"] });

async function openDataset(request: EpochsRequest): Promise<MultimodalDataset> {
  const { data, tokenizer, cacheDir } = request;
  if (tokenizer === null) return MultimodalDataset.from(data);
  if (!data.endsWith(".jsonl")) {
    return MultimodalDataset.from(data, {
      tokenizer: await Tokenizer.fromPretrained(tokenizer),
      ...(cacheDir !== undefined && { cacheDir }),
    });
  }
  const { pairs } = await readManifest(data);
  return new MultimodalDataset({
    imagePaths: pairs.map(({ image }) => image),
    texts: pairs.map(({ text }) => text),
    tokenizer: await Tokenizer.fromPretrained(tokenizer),
  });
}

async function measureEpochs(request: EpochsRequest): Promise<EpochsReport> {
  const { batchSize, batchEnd, seconds, shuffle, passes } = request;
  const dataset = await openDataset(request);
  const order = shuffle ? { shuffle } : { sampler: repeatedly(dataset.length, passes) };
  const reuseBatches = batchEnd === "reused";
  const loader = new DataLoader(dataset, { batchSize, reuseBatches, ...order });
  const run = async (least: number) => {
    const start = performance.now();
    let pairs = 0;
    do {
      for await (const batch of loader) {
        pairs += batch.indices.length;
        if (batchEnd === "released") batch.release();
      }
    } while (performance.now() - start < 1000 * least);
    return { pairs, elapsed: (performance.now() - start) / 1000 };
  };
  if (request.warmUp) await run(seconds / 2);
  collections = 0;
  const before = performance.eventLoopUtilization();
  const { pairs, elapsed } = await run(seconds);
  return {
    pairsPerSecond: pairs / elapsed,
    eventLoop: performance.eventLoopUtilization(before).utilization,
    collectionsPerBatch: (collections * batchSize) / pairs,
    residentMiB: process.memoryUsage.rss() / 2 ** 20,
  };
}

/** In order, several times over. */
function repeatedly(length: number, passes: number) {
  return { length: length * passes, indexAt: (position: number) => position % length };
}

const request = JSON.parse(process.argv[2] ?? "") as EpochsRequest;
process.stdout.write(`${JSON.stringify(await measureEpochs(request))}\n`);
