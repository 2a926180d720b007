import type { FailedImage } from "../image/image-batch.js";
import {
  allocateMemory,
  lendMemory,
  lendMemoryAgain,
  releaseMemory,
} from "../native/batch-memory.js";
import { neverAborted, untilAborted } from "../shared/abort.js";
import type { PixtokError } from "../shared/errors.js";
import { makeTensor } from "../shared/make-tensor.js";
import { type SignalledContext, whileKept } from "../shared/sample-context.js";
import type { ImageTensor, Tensor } from "../shared/tensor.js";
import type { TokenIds } from "../text/token-rows.js";
import type { BatchFacts, BatchRows, BatchTexts, ImageMask } from "./batch.js";
import { pairBytes } from "./batch-bytes.js";
import { type ColumnOptions, stackColumns } from "./batch-columns.js";
import { type BatchImages, batchImages } from "./batch-images.js";
import { givenAway, type MessageRows, transferBatch } from "./batch-message.js";
import { rememberOrigin } from "./batch-origin.js";
import { type BatchRow, type BlockFinder, type PlacedError, rowReader } from "./batch-rows.js";
import type { BatchTimes } from "./batch-times.js";
import type { DatasetTexts } from "./dataset-options.js";
import type { DatasetPipeline } from "./dataset-pipeline.js";
import type { OnError, ReplacedRow } from "./error-policy.js";
import { pairCompleter } from "./measured-pictures.js";
import { listOfImages, type MaxImages } from "./multiple-images.js";
import { imagesWithTexts } from "./pair-images.js";
import type { ReadPair } from "./pair-reader.js";
import type { RowProcessor } from "./row-processor.js";
import { errorsOfSequences, rowsInSequences, sequencesOf } from "./rows-in-sequences.js";
import { grouped, type SequenceRows } from "./sequences.js";
import { softLabels } from "./soft-labels.js";

/** What a batch is made with. */
export interface BatchOptions {
  /** Threads that prepare images. */
  threads?: number | undefined;
  /** What random choices depend on, beside the index. Both default to 0. */
  seed?: number;
  epoch?: number;
  /** Default "throw". */
  onError?: OnError;
  /** Rows that are joined: how many each sequence has, in the order of the indices. Default: none are. */
  sequences?: SequenceRows | undefined;
  /** Where replacements of the pair at an index are looked for first. Default: the whole dataset. */
  blockOf?: BlockFinder | undefined;
  /** What a stream has given at the indices. Default: the dataset has no stream. */
  rows?: ReadonlyMap<number, unknown> | undefined;
  /** Whether rows are mixed where augmentation has that. Default true. */
  mixes?: boolean;
  /** Whether its memory is lent again and again. Default false. */
  reuse?: boolean;
  /** Called with the bytes that the batch has in memory, once its rows have been read. Default none. */
  onRead?: ((bytes: number) => void) | undefined;
  /** What the batch takes is noted there. Default: nowhere. */
  times?: BatchTimes | undefined;
  /** Gives the batch up. */
  signal?: AbortSignal | undefined;
}

export interface AssembledBatch
  extends BatchFacts<ColumnOptions, DatasetTexts, MaxImages, RowProcessor>,
    Partial<Omit<BatchRows, keyof BatchFacts>>,
    Partial<BatchTexts & ImageMask> {
  /** Share of the tokens that are padding, 0 to 1. */
  readonly paddingShare: number;
  /** Everything that could not be read, would-be replacements included. */
  readonly errors: readonly PlacedError[];
  /** Names of what has become of the rows' own images. */
  readonly imageFields: readonly string[];
}

/**
 * Images on the native threads and texts by the tokenizer, at the same time, into one batch. With
 * "skip" it may have no rows.
 *
 * Where it fails or is given up, the dataset's source is not waited for: its signal is aborted. What prepares and measures
 * images is waited for, as it writes into the batch's memory and reads what the source has given.
 */
export async function makeBatch(
  pipeline: DatasetPipeline,
  indices: readonly number[],
  options: BatchOptions = {},
): Promise<AssembledBatch> {
  const { seed = 0, epoch = 0, signal = neverAborted, rows } = options;
  const context = { seed, epoch, signal, ...(rows && { rows }) };
  const batch = await whileKept(context, (kept) => assemble(pipeline, indices, options, kept));
  rememberOrigin(batch, { pipeline, seed, epoch });
  return batch;
}

async function assemble(
  pipeline: DatasetPipeline,
  indices: readonly number[],
  options: BatchOptions,
  context: SignalledContext,
): Promise<AssembledBatch> {
  const { threads, onError = "throw", blockOf, onRead, mixes = true, times, sequences } = options;
  const { pairs, text, columns } = pipeline;
  const { maxImages, pictures } = pipeline.image;
  const { signal } = context;
  signal.throwIfAborted();
  const replaced: ReplacedRow[] = [];
  const complete = pairCompleter(pictures, text, threads, context);
  const reader = rowReader(pairs, { onError, blockOf, complete }, context);

  /** Tokens of each text. */
  const encode = async (some: readonly ReadPair[]): Promise<TokenIds[]> => {
    if (text === null) {
      if (times !== undefined) times.tokensAt = 0;
      return some.map(() => []);
    }
    const start = performance.now();
    const tokens = await text.tokensOf(some);
    if (times !== undefined) {
      times.tokensAt = performance.now();
      times.tokenize += times.tokensAt - start;
    }
    return tokens;
  };

  /** Which of the rows failed. */
  const failuresOf = (
    failed: readonly FailedImage[],
    rows: readonly BatchRow[],
  ): Map<BatchRow, PixtokError> => {
    const fatal = failed.find(({ error }) => reader.isFatal(error));
    if (fatal !== undefined) throw fatal.error;
    return new Map(failed.map(({ row, error }) => [rows[row] as BatchRow, error]));
  };

  /** Images of some of the batch's rows, and their tokens; gives what failed. */
  const prepare = async (
    some: readonly BatchRow[],
    rows: readonly BatchRow[],
    images: BatchImages,
  ): Promise<Map<BatchRow, PixtokError>> => {
    if (some.length === 0) return new Map();
    const pairs = some.map(({ pair }) => pair);
    const numbers =
      some.length === rows.length ? [...rows.keys()] : some.map((row) => rows.indexOf(row));
    const { failed, texts: tokenIds } = await imagesWithTexts(
      images.prepare(pairs, numbers),
      encode(pairs),
      signal,
      (bad) => void failuresOf(bad, rows),
    );
    if (times !== undefined) times.imagesAt = times.images.finishedAt;
    for (const [i, row] of some.entries()) row.tokenIds = tokenIds[i] as TokenIds;
    return failuresOf(failed, rows);
  };

  /** The rows that are left when those that failed have been dropped or replaced. */
  const resolveFailures = async (
    all: readonly BatchRow[],
    first: ReadonlyMap<BatchRow, PixtokError>,
    images: BatchImages,
  ): Promise<BatchRow[]> => {
    let rows = [...all];
    for (let failed = first; failed.size > 0; ) {
      if (onError === "skip") {
        for (const [row, error] of failed) reader.drop(row, error);
        const kept = [...rows.keys()].filter((at) => !failed.has(rows[at] as BatchRow));
        rows = kept.map((at) => rows[at] as BatchRow);
        failed = failuresOf(await images.keep(kept), rows);
      } else {
        await Promise.all([...failed].map(([row, error]) => reader.replace(row, error)));
        failed = await prepare([...failed.keys()], rows, images);
      }
    }
    return rows;
  };

  const lent: Uint8Array[] = [];
  const lend = (memory: Uint8Array): Uint8Array => {
    lent.push(options.reuse ? lendMemoryAgain(memory) : lendMemory(memory));
    return lent.at(-1) as Uint8Array;
  };
  let isGivenAway = false;
  const release = () => {
    if (isGivenAway) return;
    isGivenAway = true;
    for (const memory of lent) releaseMemory(memory);
  };
  const transfer = (message: MessageRows) => {
    if (isGivenAway) throw givenAway();
    const transferred = transferBatch(message);
    isGivenAway = true;
    return transferred;
  };
  let images: BatchImages | undefined;
  try {
    const found = await untilAborted(Promise.all(indices.map(reader.read)), signal);
    let rows = found.filter((row) => row !== undefined);
    if (sequences !== undefined) rows = rowsInSequences(rows, sequences, reader);
    const read = rows.map(({ pair }) => pair);
    const how = { threads, times: times?.images };
    images = batchImages(pipeline, read, indices.length, context, how);
    const sourceBytes = read.reduce((sum, pair) => sum + pairBytes(pair), 0);
    if (times !== undefined) {
      times.rowsAt = performance.now();
      times.rows = rows.length;
      times.sourceBytes = sourceBytes;
    }
    onRead?.(images.bytes + sourceBytes);
    const failed = await prepare(rows, rows, images);
    if (failed.size > 0) rows = await resolveFailures(rows, failed, images);
    for (const [row, { error, pair }] of rows.entries()) {
      if (error !== undefined) replaced.push({ ...error, row, by: pair.index });
    }
    const mixing = mixes ? pipeline.image.augmentation?.mixing : null;
    const shown = mixing ? rows.map(({ pair }) => pair) : [];
    if (mixing && times !== undefined) times.mixFrom = performance.now();
    const mixed =
      mixing &&
      (await images.mix(
        mixing,
        shown.map(({ index }) => index),
      ));
    if (mixed && times !== undefined) times.mixedAt = performance.now();
    signal.throwIfAborted();
    const inOrder = reader.errors.toSorted((a, b) => a.place - b.place);
    const errors = sequences === undefined ? inOrder : errorsOfSequences(inOrder, sequences);
    const lendNew = (bytes: number) => lend(allocateMemory(bytes));
    const { pixels, fields, augmentation, columns: ofImages } = images.tensors(rows.length, lend);
    const ofValues = stackColumns(
      columns,
      rows.map(({ pair }) => pair.columns),
      lendNew,
    );
    const joined = sequences && sequencesOf(rows, sequences);
    const padded = text?.pad(rows, lendNew, joined);
    const ofRows = padded && text?.imageFields ? text.imageFields(fields, padded) : fields;
    const message = {
      ...ofRows,
      ...(maxImages !== undefined &&
        pictures === null && { image_mask: imageMask(rows, maxImages, lendNew) }),
      ...padded?.tensors,
      ...(padded?.maxSeqlen !== undefined && { max_seqlen: padded.maxSeqlen }),
      ...(mixing && mixed && { soft_labels: softLabels(mixing, columns, shown, mixed, lendNew) }),
      ...(augmentation && { augmentation: Object.assign(augmentation, mixed && { mixed }) }),
      columns: { ...ofValues, ...ofImages },
      indices: rows.map(({ pair }) => pair.index),
      ...(joined && {
        sequences: grouped(
          rows.map(({ pair }) => pair.index),
          joined.rows,
        ),
      }),
      ...(text?.hasTexts && { texts: rows.map(({ pair }) => pair.text) }),
      keys: rows.map(({ pair }) => pair.key),
    };
    const told = {
      paddingShare: padded?.paddingShare ?? 0,
      dropped: onError === "skip" ? errors.map(({ error }) => error) : [],
      replaced,
      errors,
      imageFields: Object.keys(ofRows),
    };
    if (times !== undefined) {
      noteTensors(times, [pixels, ...Object.values(ofImages)], padded?.tensors);
    }
    const given = { release, [Symbol.dispose]: release, transfer: () => transfer(message) };
    return { ...message, ...told, ...given };
  } catch (error) {
    images?.release();
    release();
    throw error;
  }
}

/** Notes that a batch has its tensors. */
function noteTensors(
  times: BatchTimes,
  ofImages: readonly (ImageTensor | undefined)[],
  { input_ids, attention_mask }: Readonly<Record<string, Tensor>> = {},
): void {
  times.madeAt = performance.now();
  // where there are no rows, nothing else has said when these were there
  times.imagesAt = Math.min(times.imagesAt, times.madeAt);
  times.tokensAt = Math.min(times.tokensAt, times.madeAt);
  const sumOf = (size: "length" | "byteLength") =>
    ofImages.reduce((sum, tensor) => sum + (tensor?.data[size] ?? 0), 0);
  times.imageElements = sumOf("length");
  times.imageBytes = sumOf("byteLength");
  times.tokenBytes = (input_ids?.data.byteLength ?? 0) + (attention_mask?.data.byteLength ?? 0);
}

/** 1 for each image of each row, 0 for each that is missing. */
function imageMask(
  rows: readonly BatchRow[],
  maxImages: number,
  allocate: (bytes: number) => Uint8Array,
): Tensor<"uint8"> {
  const data = allocate(rows.length * maxImages).fill(0);
  for (const [row, { pair }] of rows.entries()) {
    for (const { place } of listOfImages(pair.images)) data[row * maxImages + place] = 1;
  }
  return makeTensor("uint8", data, [rows.length, maxImages]);
}
