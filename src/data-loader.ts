import type { Batch } from "./batch.js";
import { type BatchTask, MultimodalDataset } from "./dataset.js";
import { identityPermutation, keyedPermutation } from "./permutation.js";
import { requireBoolean, requireInteger, requireOptions, wrongType } from "./validation.js";

export interface DataLoaderOptions {
  /** Pairs in a batch; the last one of an epoch may have fewer. Default 1, as torch's. */
  batchSize?: number;
  /** Another order every epoch, a function of seed and epoch alone. Default false. */
  shuffle?: boolean;
  /** Default 0. */
  seed?: number;
  /** Leave out a last batch that is not full. Default false. */
  dropLast?: boolean;
  /** Batches prepared ahead of the one that is being used. Default 2. */
  prefetch?: number;
  /** Threads that prepare pictures. Default: PIXTOK_THREADS, or else one a core. */
  threads?: number;
  /** Ends the epoch that is under way, which throws the signal's reason. */
  signal?: AbortSignal;
}

const optionNames = [
  "batchSize",
  "shuffle",
  "seed",
  "dropLast",
  "prefetch",
  "threads",
  "signal",
] as const satisfies (keyof DataLoaderOptions)[];

interface LoaderConfig {
  batchSize: number;
  shuffle: boolean;
  seed: number;
  dropLast: boolean;
  prefetch: number;
  threads: number | undefined;
  signal: AbortSignal | undefined;
}

function readConfig(options: DataLoaderOptions): LoaderConfig {
  const given = requireOptions("DataLoader", options, optionNames);
  const { signal, threads } = given;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw wrongType("signal", "an AbortSignal", signal);
  }
  return {
    batchSize: requireInteger("batchSize", given.batchSize ?? 1, 1, 1 << 20),
    shuffle: requireBoolean("shuffle", given.shuffle ?? false),
    seed: requireInteger("seed", given.seed ?? 0, 0),
    dropLast: requireBoolean("dropLast", given.dropLast ?? false),
    prefetch: requireInteger("prefetch", given.prefetch ?? 2, 0, 1024),
    threads: threads === undefined ? undefined : requireInteger("threads", threads, 1, 1024),
    signal,
  };
}

/**
 * Batches of a dataset, prepared ahead and delivered in order:
 *
 * ```ts
 * for await (const batch of loader) { … }   // one epoch
 * ```
 *
 * Each such loop is the next epoch. Leaving it early stops the work under way.
 */
export class DataLoader {
  readonly dataset: MultimodalDataset;
  readonly #config: LoaderConfig;
  #epoch = 0;

  /** @throws {TypeError | RangeError} for options that do not exist or have no possible value. */
  constructor(dataset: MultimodalDataset, options: DataLoaderOptions = {}) {
    if (!(dataset instanceof MultimodalDataset)) {
      throw wrongType("dataset", "a MultimodalDataset", dataset);
    }
    this.dataset = dataset;
    this.#config = readConfig(options);
  }

  /** Batches in an epoch. */
  get length(): number {
    const batches = this.dataset.length / this.#config.batchSize;
    return this.#config.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** Number of the epoch that the next loop will be, from 0. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Makes the next loop epoch `epoch`: with the same seed, the same order as ever. */
  setEpoch(epoch: number): void {
    this.#epoch = requireInteger("epoch", epoch, 0);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    const { prefetch, signal } = this.#config;
    const epoch = this.#epoch;
    this.#epoch += 1;
    const start = this.#batchStarter(epoch);
    const batches = this.length;
    const ahead: BatchTask[] = [];
    let next = 0;
    const fill = (most: number) => {
      while (next < batches && ahead.length < most) ahead.push(start(next++));
    };
    const cancelAll = () => {
      for (const task of ahead) task.cancel();
    };

    signal?.addEventListener("abort", cancelAll);
    try {
      while (true) {
        signal?.throwIfAborted();
        fill(prefetch + 1);
        const task = ahead[0];
        if (task === undefined) return;
        const batch = await task.done;
        ahead.shift();
        if (signal?.aborted) {
          batch.release();
          throw signal.reason;
        }
        fill(prefetch);
        yield batch;
      }
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    } finally {
      signal?.removeEventListener("abort", cancelAll);
      cancelAll();
      for (const result of await Promise.allSettled(ahead.map((task) => task.done))) {
        if (result.status === "fulfilled") result.value.release();
      }
    }
  }

  #batchStarter(epoch: number): (batch: number) => BatchTask {
    const { batchSize, shuffle, seed, threads } = this.#config;
    const { length } = this.dataset;
    const order = shuffle ? keyedPermutation(length, seed, epoch) : identityPermutation();
    return (batch) => {
      const first = batch * batchSize;
      const count = Math.min(batchSize, length - first);
      const indices = Array.from({ length: count }, (_, row) => order.indexAt(first + row));
      const task = this.dataset.startBatch(indices, threads);
      // it may fail long before its turn to be waited for
      task.done.catch(() => {});
      return task;
    };
  }
}
