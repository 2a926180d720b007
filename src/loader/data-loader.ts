import type { Batch } from "../dataset/batch.js";
import type { ColumnOptions, NoColumns } from "../dataset/batch-columns.js";
import { type MultimodalDataset, pipelineOf } from "../dataset/dataset.js";
import type { DatasetTexts, TextOptions } from "../dataset/dataset-options.js";
import { requireDataset } from "../dataset/dataset-walk.js";
import type { MaxImages } from "../dataset/multiple-images.js";
import type { RowProcessor } from "../dataset/row-processor.js";
import { shownBatch } from "../dataset/shown-batch.js";
import type { ImageProcessor } from "../image/image-processor.js";
import { runtime } from "../native/runtime.js";
import { sliceLength } from "../order/rank-slice.js";
import { stopWith } from "../shared/abort.js";
import { sampleErrorList } from "../shared/sample-error.js";
import { shownAs } from "../shared/shown-as.js";
import type { Tensor } from "../shared/tensor.js";
import { requireInteger, wrongType } from "../shared/validation.js";
import { isStream } from "../sources/pair-stream.js";
import type { AnyTokenizer } from "../text/own-tokenizer.js";
import { epochBatches } from "./epoch-batches.js";
import { type EpochMeter, epochMeter } from "./epoch-meter.js";
import { type EpochRows, indexedRows } from "./epoch-rows.js";
import { publishBatch, publishEpoch, publishError } from "./loader-channels.js";
import { epochErrors, type LoaderErrors } from "./loader-errors.js";
import {
  type DataLoaderOptions,
  type LoaderConfig,
  readBatchSize,
  readLoaderOptions,
} from "./loader-options.js";
import { type EpochPosition, type LoaderPosition, loaderPosition } from "./loader-position.js";
import { type LoaderState, requireMatchingState } from "./loader-state.js";
import type { LoaderStats } from "./loader-stats.js";
import { batchesAhead } from "./prefetch.js";
import { type RowLengths, rowLengths, sequenceRows } from "./sequence-rows.js";
import { shownLoader } from "./shown-loader.js";
import { streamRows } from "./stream-rows.js";
import type { Fields } from "./user-fields.js";

/** A batch of a loader. */
export type LoadedBatch<
  F extends Fields = Fields,
  C extends ColumnOptions = NoColumns,
  T extends DatasetTexts = TextOptions,
  M extends MaxImages = undefined,
  P extends RowProcessor = ImageProcessor,
> = Batch<C, T, M, P> & {
  /** What the loader's `fields` make of this batch. */
  readonly fields: F;
  /** Share of the tokens that are padding, 0 to 1. */
  readonly paddingShare: number;
};

/** Tokens of a batch, and those that are padding. */
function tokensOf({ input_ids, paddingShare }: { input_ids?: Tensor; paddingShare: number }) {
  const all = input_ids?.data.length ?? 0;
  return { all, padding: all * paddingShare };
}

type AnyLoader = DataLoader<Fields, ColumnOptions, DatasetTexts, MaxImages, RowProcessor>;

/**
 * Batches of a dataset, prepared ahead and delivered in order:
 *
 * ```ts
 * for await (const batch of loader) { … }   // one epoch
 * ```
 *
 * Each such loop is the next epoch. Leaving it early stops the work under way. Where several loops are under way at once,
 * `state()`, `stats()` and `retry()` are of the one that delivered the last batch.
 */
export class DataLoader<
  F extends Fields = Record<never, never>,
  C extends ColumnOptions = NoColumns,
  T extends DatasetTexts = TextOptions,
  M extends MaxImages = undefined,
  P extends RowProcessor = ImageProcessor,
> {
  /** The dataset that the batches are made from. */
  readonly dataset: MultimodalDataset<C, T, AnyTokenizer, M, P>;
  readonly #config: LoaderConfig;
  readonly #errors = sampleErrorList<LoaderErrors["list"][number]>();
  readonly #position: LoaderPosition;
  /** Number of pairs of the epoch of a stream that has been gone through last. */
  #streamed: { readonly epoch: number; readonly length: number } | undefined;
  /** Of the loop that was begun or has delivered last. */
  #meter: EpochMeter | undefined;
  /** For `sequencePacking`. */
  readonly #lengths: RowLengths;
  #batchSize: number;

  static {
    shownAs<AnyLoader>((loader) => loader.#shown())(DataLoader.prototype);
  }

  /** @throws {TypeError | RangeError} for options that do not exist or have no possible value. */
  constructor(
    dataset: MultimodalDataset<C, T, AnyTokenizer, M, P>,
    options: DataLoaderOptions<F, C, T, M, P> = {},
  ) {
    requireDataset(dataset);
    const { config, batchSize } = readLoaderOptions(options, pipelineOf(dataset));
    if (config.buckets !== undefined && pipelineOf(dataset).text === null) {
      throw wrongType("lengthBuckets", "none, as the dataset has no texts", options.lengthBuckets);
    }
    this.dataset = dataset;
    this.#config = config;
    this.#lengths = rowLengths(dataset.length);
    this.#position = loaderPosition(config.slice.worldSize);
    this.#batchSize = batchSize;
  }

  /** Batches in an epoch, of this rank; Infinity with a stream, and with sequencePacking, where it is not known. */
  get length(): number {
    if (this.#config.packing !== undefined) return Number.POSITIVE_INFINITY;
    return this.#batchesIn(sliceLength(this.#config.sampler.length, this.#config.slice));
  }

  /** Number of the epoch that the next loop will be, from 0. */
  get epoch(): number {
    return this.#position.next.epoch;
  }

  /** Pairs in a batch; with sequencePacking sequences. */
  get batchSize(): number {
    return this.#batchSize;
  }

  /** Pairs that could not be read, with onError "skip" and "replace": all of them, since the start. */
  get errors(): LoaderErrors {
    return this.#errors.errors;
  }

  /**
   * Where the time goes of the epoch that is under way, or else of the last one: what limits, how long the loader and
   * the trainer wait for each other, and what each stage takes. Before the first loop all is 0.
   */
  stats(): LoaderStats {
    return (this.#meter ?? epochMeter(this.epoch, 0, () => 0)).stats();
  }

  /**
   * Makes the next loop epoch `epoch`: with the same seed, the same order as ever. From its start, unless
   * it is the one that resume() has put in its middle.
   */
  setEpoch(epoch: number): void {
    requireInteger("epoch", epoch, 0);
    const { next } = this.#position;
    this.#position.beginAt(epoch === next.epoch ? next : { epoch, position: 0 });
  }

  /**
   * Batches of another size from the next one on, also in the middle of an epoch: nothing is lost or
   * repeated.
   */
  setBatchSize(batchSize: number): void {
    this.#batchSize = readBatchSize("batchSize", batchSize);
    this.#position.restart();
  }

  /**
   * Delivers the pairs of the last batch once more, before all others: after setBatchSize(), where it
   * did not fit into memory. Within a loop only.
   *
   * @throws {Error} where the loop that delivered the last batch is not under way any more, or there is none.
   */
  retry(): void {
    this.#position.repeatBatch();
  }

  /**
   * Where this loader stands, to go on from with resume(): what has been delivered counts, what is only
   * prepared does not. Plain JSON, the same on every rank that has delivered as many batches.
   */
  state(): LoaderState {
    const { seed, sampler, slice, packing } = this.#config;
    const { delivered, next } = this.#position;
    const length =
      this.#streamed?.epoch === delivered.epoch ? this.#streamed.length : sampler.length;
    const left =
      packing === undefined
        ? sliceLength(length - delivered.position, slice)
        : (delivered.left ?? Number.POSITIVE_INFINITY);
    // whether a stream has a full batch more is known only where it has been read ahead
    const more = isStream(pipelineOf(this.dataset).source) ? left : this.#batchesIn(left);
    const isOver = delivered.position > 0 && more <= 0;
    const { epoch, position, lengths } = isOver ? next : delivered;
    const dataset = this.dataset.fingerprint;
    const of = lengths === undefined ? {} : { lengths };
    return { version: 1, epoch, position, seed, order: this.#order, dataset, ...of };
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
    const { epoch, position, lengths } = requireMatchingState(state, this.state(), length);
    this.#position.beginAt({ epoch, position, lengths });
  }

  /** The next epoch. */
  async *[Symbol.asyncIterator](): AsyncGenerator<LoadedBatch<F, C, T, M, P>, void, undefined> {
    const { signal, maxErrors, onSampleError, reuseBatches } = this.#config;
    const { defaultThreads, imagesUnderWay } = runtime();
    const { threads = defaultThreads } = this.#config;
    const begun = this.#position.next;
    const { epoch } = begun;
    const meter = epochMeter(epoch, threads);
    this.#meter = meter;
    const errors = epochErrors(maxErrors, (error) => {
      this.#errors.add([{ ...error, epoch }]);
      publishError(this, epoch, error);
      onSampleError?.(error);
    });
    const ending = stopWith(signal);
    const rows = this.#rowsFrom(begun, ending.signal);
    const loop = this.#position.begin(rows.reached);
    const ahead = () =>
      this.#config.prefetch ?? batchesAhead(threads, this.#batchSize, imagesUnderWay(threads));
    const of = { pipeline: pipelineOf(this.dataset), config: this.#config, ahead, rows, meter };
    const endOf = (first: number) => this.#endOf(first, rows.count);
    const batches = epochBatches({ ...of, endOf }, ending.signal);
    let hasFailed = false;
    /** Whether the epoch has given a batch: one that goes on from its middle has, before. */
    let hasDelivered = begun.position > 0;
    /** Gives the batch that was delivered last back, where batches are reused. */
    let release = () => {};
    try {
      while (true) {
        signal?.throwIfAborted();
        const restart = loop.takeRestart();
        if (restart !== undefined) {
          await batches.restartAt(restart);
          meter.discard();
        }
        const next = batches.next();
        if (next === undefined) break;
        release();
        meter.wait(next.positions.first);
        const { batch, fields } = await next.batch;
        signal?.throwIfAborted();
        const { errors: found, imageFields: _, ...delivered } = batch;
        errors.add(found, next.positions);
        if (loop.isRestarted) continue; // the batch is among those that are discarded
        batches.take();
        const { first } = next.positions;
        const end = Math.min(next.positions.end, rows.count);
        if (delivered.indices.length === 0) {
          delivered.release();
          meter.drop(first);
          loop.deliver({ first: end, end });
          continue;
        }
        loop.deliver({ first, end });
        rows.release(first);
        this.#meter = meter;
        hasDelivered = true;
        const pairs = delivered.indices.length;
        publishBatch(this, epoch, pairs, meter.deliver(first, pairs, tokensOf(delivered)));
        const loaded = shownBatch({ ...delivered, fields });
        yield loaded as unknown as LoadedBatch<F, C, T, M, P>;
        if (reuseBatches) release = delivered.release;
        meter.resume();
      }
      if (!hasDelivered) errors.requireNone();
      loop.complete();
    } catch (error) {
      hasFailed = true;
      throw signal?.aborted ? signal.reason : error;
    } finally {
      loop.end();
      ending.abort();
      ending.unlink();
      await batches.end();
      const closing = rows.close();
      await (hasFailed ? closing.catch(() => {}) : closing).finally(() => {
        meter.close();
        publishEpoch(this, meter);
      });
    }
  }

  /** This rank's rows of an epoch from a position on. */
  #rowsFrom(begun: EpochPosition, signal: AbortSignal): EpochRows {
    const { seed, slice, shuffleBuffer: buffer, packing } = this.#config;
    if (packing !== undefined) {
      return sequenceRows(this.dataset, this.#config, packing, this.#lengths, begun, signal);
    }
    const { source } = pipelineOf(this.dataset);
    if (!isStream(source)) return indexedRows(this.dataset, this.#config, begun, signal);
    const { epoch, position: start } = begun;
    const onEnd = (length: number) => {
      this.#streamed = { epoch, length };
    };
    return streamRows(source, { seed, epoch, signal }, { start, slice, buffer, onEnd });
  }

  /** Tells this order from others. */
  get #order(): string {
    const { sampler, buckets, packing } = this.#config;
    const order = `${sampler.fingerprint ?? "sampler"}, length ${sampler.length}`;
    if (packing !== undefined) return `${order}, sequences ${packing.window}/${packing.maxLength}`;
    return buckets === undefined ? order : `${order}, buckets ${buckets.window}/${buckets.size}`;
  }

  #shown(): string {
    const { length, batchSize, epoch, errors } = this;
    const { description } = this.dataset;
    const order = this.#order;
    const stats = this.#meter?.stats() ?? null;
    return shownLoader({
      length,
      batchSize,
      epoch,
      description,
      order,
      errors: errors.count,
      stats,
    });
  }

  /** Where a batch that begins at `first` ends; undefined where there is none. */
  #endOf(first: number, count: number): number | undefined {
    return this.#batchesIn(count - first) > 0
      ? Math.min(first + this.#batchSize, count)
      : undefined;
  }

  #batchesIn(pairs: number): number {
    const batches = pairs / this.#batchSize;
    return this.#config.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }
}
