import type { Batch } from "../dataset/batch.js";
import { makeBatch } from "../dataset/batch-assembly.js";
import { MultimodalDataset, pipelineOf } from "../dataset/dataset.js";
import { tokenCounts } from "../dataset/dataset-tokens.js";
import { type OnError, onErrorChoices } from "../dataset/error-policy.js";
import { readShard, type Shard, shardLength, shardPosition } from "../order/rank-slice.js";
import {
  requireSampler,
  type Sampler,
  sequentialSampler,
  shuffledSampler,
} from "../order/sampler.js";
import { stopWith, untilAborted } from "../shared/abort.js";
import { requireSignal } from "../shared/sample-context.js";
import type { SampleError } from "../shared/sample-error.js";
import {
  requireBoolean,
  requireInteger,
  requireOneOf,
  requireOptions,
  wrongType,
} from "../shared/validation.js";
import {
  type BatchWithFields,
  type FieldFunctions,
  type Fields,
  requireFields,
  withFields,
} from "./batch-fields.js";
import { errorLedger, type LoaderErrors, requireAtMost } from "./error-ledger.js";
import {
  bucketedOrder,
  type EpochOrder,
  type LengthBuckets,
  readLengthBuckets,
} from "./length-buckets.js";
import { type LoaderState, requireMatchingState } from "./loader-state.js";

/** Options of a `DataLoader`. Options that do not exist are refused. */
export interface DataLoaderOptions<F extends Fields = Fields> {
  /** Pairs in a batch; the last one of an epoch may have fewer. Default 1, as torch's. */
  batchSize?: number;
  /** Another order every epoch, a function of seed and epoch alone. Default false. */
  shuffle?: boolean;
  /** Of the order and of every random choice: an integer from 0. Default 0. */
  seed?: number;
  /** An order of the user's own; then without `shuffle`. Default: what `shuffle` says. */
  sampler?: Sampler;
  /**
   * Which of `worldSize` loaders this is, from 0, each of which takes its turn in the one order.
   * "environment": what torchrun (RANK, WORLD_SIZE), Slurm (SLURM_PROCID, SLURM_NTASKS) or a Kubernetes
   * indexed job (JOB_COMPLETION_INDEX) tell. Default 0 of 1.
   */
  rank?: number | "environment";
  /** Number of loaders that share the order. Default 1. Not beside rank "environment". */
  worldSize?: number;
  /**
   * Where the pairs cannot be shared evenly: true, the last ones are from the start of the order again,
   * as with torch's DistributedSampler; false, what is left over is dropped. Default true.
   */
  padShards?: boolean;
  /** Leave out a last batch that is not full. Default false. */
  dropLast?: boolean;
  /** Texts of similar length together, for `padding: "longest"`. Default none. */
  lengthBuckets?: LengthBuckets;
  /** What becomes of a pair that cannot be read. Default "throw". */
  onError?: OnError;
  /** Called with each pair that cannot be read, with "skip" and "replace". Default none. */
  onSampleError?: (error: SampleError) => void;
  /** More in one epoch than these are an error all the same. Default: no limit. */
  maxErrors?: number;
  /**
   * Functions of a batch, whose results it has as `batch.fields`. They are called ahead as batches are
   * prepared, for several at once, and again where a batch is made anew in another size. Default none.
   */
  fields?: FieldFunctions<F>;
  /** Batches prepared ahead of the one that is being used. Default 2. */
  prefetch?: number;
  /** Threads that prepare images. Default: PIXTOK_THREADS, or else one a core. */
  threads?: number;
  /** Ends the epoch that is under way, which throws the signal's reason. Default none. */
  signal?: AbortSignal;
}

const optionNames = [
  "batchSize",
  "shuffle",
  "seed",
  "sampler",
  "rank",
  "worldSize",
  "padShards",
  "dropLast",
  "lengthBuckets",
  "onError",
  "onSampleError",
  "maxErrors",
  "fields",
  "prefetch",
  "threads",
  "signal",
] as const satisfies (keyof DataLoaderOptions)[];

interface LoaderConfig {
  seed: number;
  sampler: Sampler;
  shard: Shard;
  dropLast: boolean;
  buckets: LengthBuckets | undefined;
  onError: OnError;
  onSampleError: ((error: SampleError) => void) | undefined;
  maxErrors: number;
  fields: FieldFunctions<Fields>;
  prefetch: number;
  threads: number | undefined;
  signal: AbortSignal | undefined;
}

const MAX_BATCH_SIZE = 1 << 20;

function requireBatchSize(value: unknown): number {
  return requireInteger("batchSize", value, 1, MAX_BATCH_SIZE);
}

function readSampler(given: Record<string, unknown>, length: number, seed: number): Sampler {
  const shuffle = requireBoolean("shuffle", given.shuffle ?? false);
  if (given.sampler === undefined) {
    return shuffle ? shuffledSampler(length, seed) : sequentialSampler(length);
  }
  if (shuffle) throw wrongType("shuffle", "false beside a sampler, which is the order", shuffle);
  return requireSampler(given.sampler);
}

function readConfig(given: Record<string, unknown>, length: number): LoaderConfig {
  const { signal, threads, lengthBuckets, onSampleError, maxErrors } = given;
  if (onSampleError !== undefined && typeof onSampleError !== "function") {
    throw wrongType("onSampleError", "a function", onSampleError);
  }
  const seed = requireInteger("seed", given.seed ?? 0, 0);
  return {
    seed,
    sampler: readSampler(given, length, seed),
    shard: readShard(given),
    dropLast: requireBoolean("dropLast", given.dropLast ?? false),
    buckets: lengthBuckets === undefined ? undefined : readLengthBuckets(lengthBuckets),
    onError: requireOneOf("onError", given.onError ?? "throw", onErrorChoices),
    onSampleError: onSampleError as LoaderConfig["onSampleError"],
    maxErrors: maxErrors === undefined ? Infinity : requireInteger("maxErrors", maxErrors, 0),
    fields: requireFields(given.fields ?? {}),
    prefetch: requireInteger("prefetch", given.prefetch ?? 2, 0, 1024),
    threads: threads === undefined ? undefined : requireInteger("threads", threads, 1, 1024),
    signal: signal === undefined ? undefined : requireSignal(signal),
  };
}

/** A batch of a loader. */
export type LoadedBatch<F extends Fields = Fields> = Batch & {
  /** What the loader's `fields` make of this batch. */
  readonly fields: F;
  /** Share of the tokens that are padding, 0 to 1. */
  readonly paddingShare: number;
};

/** Batches under way: a rank's positions from `first` on. */
interface Prefetched {
  made: Promise<BatchWithFields>;
  first: number;
  count: number;
}

/** An epoch under way. */
interface Loop {
  epoch: number;
  /** Position of the epoch's order that it began at. */
  start: number;
  /** `first` to `next` are this rank's positions in the batch delivered last. */
  first: number;
  next: number;
  /** This rank's position to go on from, with what is prepared ahead thrown away. */
  goOnFrom?: number | undefined;
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
export class DataLoader<F extends Fields = Record<never, never>> {
  /** The dataset that the batches are made from. */
  readonly dataset: MultimodalDataset;
  readonly #config: LoaderConfig;
  readonly #ledger = errorLedger();
  #batchSize: number;
  /** Of the next loop. */
  #epoch = 0;
  /** Position of the epoch's order that the next loop begins at. */
  #start = 0;
  /** What has been delivered: of an epoch's order, over all ranks. */
  #delivered = { epoch: 0, position: 0 };
  /** The one that was begun last, while it is under way. */
  #loop: Loop | undefined;

  /** @throws {TypeError | RangeError} for options that do not exist or have no possible value. */
  constructor(dataset: MultimodalDataset, options: DataLoaderOptions<F> = {}) {
    if (!(dataset instanceof MultimodalDataset)) {
      throw wrongType("dataset", "a MultimodalDataset", dataset);
    }
    const given = requireOptions("DataLoader", options, optionNames);
    this.dataset = dataset;
    this.#config = readConfig(given, dataset.length);
    this.#batchSize = requireBatchSize(given.batchSize ?? 1);
  }

  /** Batches in an epoch, of this rank. */
  get length(): number {
    return this.#batchesIn(shardLength(this.#config.sampler.length, this.#config.shard));
  }

  /** Number of the epoch that the next loop will be, from 0. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Pairs in a batch. */
  get batchSize(): number {
    return this.#batchSize;
  }

  /** Pairs that could not be read, with onError "skip" and "replace": all of them, since the start. */
  get errors(): LoaderErrors {
    return this.#ledger.errors;
  }

  /**
   * Makes the next loop epoch `epoch`: with the same seed, the same order as ever. From its start, unless
   * it is the one that resume() has put in its middle.
   */
  setEpoch(epoch: number): void {
    requireInteger("epoch", epoch, 0);
    this.#beginAt(epoch, epoch === this.#epoch ? this.#start : 0);
  }

  /**
   * Batches of another size from the next one on, also in the middle of an epoch: nothing is lost or
   * repeated.
   */
  setBatchSize(batchSize: number): void {
    this.#batchSize = requireBatchSize(batchSize);
    if (this.#loop !== undefined) this.#loop.goOnFrom ??= this.#loop.next;
  }

  /**
   * Delivers the pairs of the last batch once more, before all others: after setBatchSize(), where it
   * did not fit into memory. Within a loop only.
   *
   * @throws {Error} where no loop is under way that has delivered a batch.
   */
  retry(): void {
    if (this.#loop === undefined || this.#loop.next === 0) {
      throw new Error("retry(): expected a loop under way that has delivered a batch, got none");
    }
    const { first } = this.#loop;
    this.#loop.goOnFrom = first;
    this.#deliver(this.#loop, first, first);
  }

  /**
   * Where this loader stands, to go on from with resume(): what has been delivered counts, what is only
   * prepared does not. Plain JSON, the same on every rank that has delivered as many batches.
   */
  state(): LoaderState {
    const { seed, sampler, buckets, shard } = this.#config;
    const { epoch, position } = this.#delivered;
    const left = Math.max(0, sampler.length - position);
    const isOver = position > 0 && this.#batchesIn(shardLength(left, shard)) === 0;
    const order = `${sampler.fingerprint ?? "sampler"}, length ${sampler.length}`;
    return {
      version: 1,
      epoch: isOver ? this.#epoch : epoch,
      position: isOver ? this.#start : position,
      seed,
      order: buckets === undefined ? order : `${order}, buckets ${buckets.window}/${buckets.size}`,
      dataset: this.dataset.fingerprint,
    };
  }

  /**
   * Makes the next loop go on after the last pair that had been delivered when the state was taken. Batch
   * size and number of ranks may be others now, if all ranks had come as far.
   *
   * @throws {TypeError | RangeError} for what is no state.
   * @throws {PixtokError} STATE_MISMATCH, naming what differs.
   */
  resume(state: LoaderState): void {
    const { length } = this.#config.sampler;
    const { epoch, position } = requireMatchingState(state, this.state(), length);
    this.#beginAt(epoch, position);
  }

  /** Of the next loop. */
  #beginAt(epoch: number, position: number): void {
    this.#epoch = epoch;
    this.#start = position;
    if (this.#loop === undefined) this.#delivered = { epoch, position };
  }

  /** The next epoch. */
  async *[Symbol.asyncIterator](): AsyncGenerator<LoadedBatch<F>, void, undefined> {
    const { prefetch, signal, shard, sampler, maxErrors } = this.#config;
    const epoch = this.#epoch;
    const start = this.#start;
    this.#epoch = epoch + 1;
    this.#start = 0;
    const loop: Loop = { epoch, start, first: 0, next: 0 };
    this.#loop = loop;
    this.#deliver(loop, 0, 0);

    const count = shardLength(sampler.length - start, shard);
    const ahead: Prefetched[] = [];
    const ending = stopWith(signal);
    const order = this.#orderOf(epoch, ending.signal);
    /** Of the batches that are ahead. */
    let stop = stopWith(ending.signal);
    let next = 0;
    let judged = 0; // positions below this one have been looked at for errors, also if they come again
    let failures = 0;
    const fill = (most: number) => {
      while (ahead.length < most && this.#batchesIn(count - next) > 0) {
        const size = Math.min(this.#batchSize, count - next);
        const positions = Array.from({ length: size }, (_, i) =>
          shardPosition(next + i, start, sampler.length, shard),
        );
        const made = this.#makeBatch(order, positions, epoch, stop.signal);
        // it may fail long before its turn to be waited for
        made.catch(() => {});
        ahead.push({ made, first: next, count: size });
        next += size;
      }
    };
    const throwAway = async () => {
      stop.abort();
      stop.unlink();
      const results = await Promise.allSettled(ahead.splice(0).map(({ made }) => made));
      for (const result of results) if (result.status === "fulfilled") result.value.batch.release();
    };

    try {
      while (true) {
        signal?.throwIfAborted();
        if (loop.goOnFrom !== undefined) {
          next = loop.goOnFrom;
          loop.goOnFrom = undefined;
          await throwAway();
          stop = stopWith(ending.signal);
        }
        fill(prefetch + 1);
        const [first] = ahead;
        if (first === undefined) break;
        const { batch, fields } = await first.made;
        signal?.throwIfAborted();
        const { errors, ...rows } = batch;
        const end = first.first + first.count;
        const unjudged = errors.filter(({ place }) => first.first + place >= judged);
        judged = Math.max(judged, end);
        failures += unjudged.length;
        for (const { error } of unjudged) this.#note(error, epoch);
        requireAtMost(maxErrors, failures, unjudged.at(-1)?.error);
        if (loop.goOnFrom !== undefined) continue; // the batch is among those that are thrown away
        ahead.shift();
        if (rows.indices.length === 0) {
          rows.release();
          this.#deliver(loop, end, end);
          continue;
        }
        this.#deliver(loop, first.first, end);
        yield { ...rows, fields: fields as F, paddingShare: paddingShareOf(rows) };
      }
      if (this.#loop === loop) this.#delivered = { epoch: this.#epoch, position: this.#start };
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    } finally {
      if (this.#loop === loop) this.#loop = undefined;
      ending.abort();
      ending.unlink();
      await throwAway();
    }
  }

  /** Notes that this rank's positions up to `next` have been delivered, the last batch from `first` on. */
  #deliver(loop: Loop, first: number, next: number): void {
    loop.first = first;
    loop.next = next;
    if (this.#loop !== loop) return;
    const { epoch, start } = loop;
    this.#delivered = { epoch, position: start + next * this.#config.shard.worldSize };
  }

  #batchesIn(pairs: number): number {
    const batches = pairs / this.#batchSize;
    return this.#config.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  #orderOf(epoch: number, signal: AbortSignal): EpochOrder {
    const { sampler, seed, buckets } = this.#config;
    const { length } = sampler;
    const indexAt = (position: number) => {
      const index: unknown = sampler.indexAt(position, epoch);
      return requireInteger("sampler.indexAt(…)", index, 0, this.dataset.length - 1);
    };
    if (buckets === undefined) {
      return { length, indicesAt: (positions) => positions.map(indexAt) };
    }
    return bucketedOrder({ length, indexAt }, buckets, seed, epoch, (indices) =>
      tokenCounts(pipelineOf(this.dataset), indices, { seed, epoch, signal }),
    );
  }

  async #makeBatch(
    order: EpochOrder,
    positions: readonly number[],
    epoch: number,
    signal: AbortSignal,
  ): Promise<BatchWithFields> {
    const { threads, seed, onError, fields } = this.#config;
    const known = order.indicesAt(positions);
    const indices = Array.isArray(known) ? known : await untilAborted(known, signal);
    const options = { threads, seed, epoch, onError, signal };
    return withFields(makeBatch(pipelineOf(this.dataset), indices, options), fields, signal);
  }

  #note(error: SampleError, epoch: number): void {
    this.#ledger.add(error, epoch);
    this.#config.onSampleError?.(error);
  }
}

function paddingShareOf({ attention_mask }: Batch): number {
  const { data } = attention_mask;
  const words = new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  let tokens = 0;
  for (const word of words) tokens += word;
  return data.length === 0 ? 0 : 1 - tokens / data.length;
}
