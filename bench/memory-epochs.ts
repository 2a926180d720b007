/**
 * A child process of bench/memory.ts: epochs of one dataset in one way, or batches' memory handed over in
 * one design, on whatever Node runs it. Prints one JSON object.
 */
import { constants, PerformanceObserver, performance } from "node:perf_hooks";
import { DataLoader, MultimodalDataset, Tokenizer } from "pixtok";
import type {
  Design,
  DesignReport,
  DesignRequest,
  EpochsReport,
  EpochsRequest,
} from "./memory-requests.js";
import { readManifest } from "./pairs.js";

let collections = 0;
new PerformanceObserver((list) => {
  // a full collection is reported once more for its weak callbacks
  for (const entry of list.getEntries()) {
    const { kind } = (entry as unknown as { detail: { kind: number } }).detail;
    if (kind !== constants.NODE_PERFORMANCE_GC_WEAKCB) collections += 1;
  }
}).observe({ entryTypes: ["gc"] });

async function openDataset({ data, tokenizer }: EpochsRequest): Promise<MultimodalDataset> {
  if (tokenizer === null) return MultimodalDataset.from(data);
  const { pairs } = await readManifest(data);
  return new MultimodalDataset({
    imagePaths: pairs.map(({ image }) => image),
    texts: pairs.map(({ text }) => text),
    tokenizer: await Tokenizer.fromPretrained(tokenizer),
  });
}

async function measureEpochs(request: EpochsRequest): Promise<EpochsReport> {
  const { batchSize, release, seconds } = request;
  const dataset = await openDataset(request);
  // Epochs of a packed set are over soon: longer ones, or it is their beginnings that are timed.
  const length = dataset.length * (request.tokenizer === null ? 16 : 1);
  const sampler = { length, indexAt: (position: number) => position % dataset.length };
  const loader = new DataLoader(dataset, { batchSize, sampler });
  const run = async (least: number) => {
    const start = performance.now();
    let pairs = 0;
    do {
      for await (const batch of loader) {
        pairs += batch.indices.length;
        if (release) batch.release();
      }
    } while (performance.now() - start < 1000 * least);
    return { pairs, elapsed: (performance.now() - start) / 1000 };
  };
  await run(seconds / 2); // to warm up
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

/** Batches of three in flight, each filled by the main thread and looked at by its user. */
async function measureDesign({ design, bytes, batches }: DesignRequest): Promise<DesignReport> {
  const pool = await import("../dist/batch-memory.js");
  const idle: ArrayBuffer[] = [];
  const ways: Record<
    Design,
    { make(): Uint8Array; lend?(memory: Uint8Array): Uint8Array; done?(memory: Uint8Array): void }
  > = {
    fresh: { make: () => new Uint8Array(bytes) },
    transfer: {
      make: () => new Uint8Array(idle.pop() ?? new ArrayBuffer(bytes)),
      done: ({ buffer }) => {
        const own = buffer as ArrayBuffer;
        idle.push(structuredClone(own, { transfer: [own] }));
      },
    },
    "lease, dropped": { make: () => pool.allocateMemory(bytes), lend: pool.lendMemory },
    "lease, released": {
      make: () => pool.allocateMemory(bytes),
      lend: pool.lendMemory,
      done: pool.releaseMemory,
    },
  };
  const { make, lend = (memory) => memory, done } = ways[design];
  const inFlight: Uint8Array[] = [];
  const run = async (count: number) => {
    for (let i = 0; i < count; i += 1) {
      while (inFlight.length < 3) inFlight.push(make().fill(i));
      const batch = lend(inFlight.shift() as Uint8Array);
      await new Promise(setImmediate);
      done?.(batch);
    }
  };
  await run(20);
  collections = 0;
  const start = performance.now();
  await run(batches);
  const milliseconds = (performance.now() - start) / batches;
  return { milliseconds, collectionsPerBatch: collections / batches };
}

const request = JSON.parse(process.argv[2] ?? "") as EpochsRequest | DesignRequest;
const report = "design" in request ? measureDesign(request) : measureEpochs(request);
process.stdout.write(`${JSON.stringify(await report)}\n`);
