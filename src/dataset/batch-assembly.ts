import { DRAWN_NUMBERS } from "../image/augmentation.js";
import { imageTensor } from "../image/image-tensors.js";
import { allocateMemory, lendMemory, releaseMemory } from "../native/batch-memory.js";
import { keyedPermutation } from "../order/permutation.js";
import { stopWith, untilAborted } from "../shared/abort.js";
import { closeGaps } from "../shared/close-gaps.js";
import { PixtokError } from "../shared/errors.js";
import { isMachineFault } from "../shared/machine-fault.js";
import { type SampleError, sampleError } from "../shared/sample-error.js";
import type { Tensor } from "../shared/tensor.js";
import type { TokenIds } from "../text/token-rows.js";
import type { Batch } from "./batch.js";
import { transferBatch } from "./batch-message.js";
import type { DatasetPipeline } from "./dataset-pipeline.js";
import type { OnError, ReplacedRow } from "./error-policy.js";
import { imagesWithTexts, preparePairImages } from "./pair-images.js";
import type { ReadPair } from "./pair-reader.js";

/** What a batch is made with. */
export interface BatchOptions {
  /** Threads that prepare images. */
  threads?: number | undefined;
  /** What random choices depend on, beside the index. Both default to 0. */
  seed?: number;
  epoch?: number;
  /** Default "throw". */
  onError?: OnError;
  /** Gives the batch up. */
  signal?: AbortSignal | undefined;
}

export interface AssembledBatch extends Batch {
  /** Share of the tokens that are padding, 0 to 1. */
  readonly paddingShare: number;
  /**
   * Everything that could not be read, would-be replacements included, with its place in what was asked
   * for.
   */
  readonly errors: readonly { place: number; error: SampleError }[];
}

/** Pairs that are tried in the place of a bad one. */
const MOST_REPLACEMENTS = 20;

/** A pair of the order on its way to a row. */
interface Row {
  /** In what was asked for. */
  readonly place: number;
  /** Dataset index that the order has here. */
  readonly index: number;
  /** What is shown: that pair, or another. */
  pair: ReadPair;
  ids: TokenIds;
  /** Other pairs that have been tried. */
  replacements: number;
  /** Why another is shown. */
  error?: SampleError;
}

/**
 * Images on the native threads and texts by the tokenizer, at the same time, into one batch. With
 * "skip" it may have no rows.
 *
 * Where it fails or is given up, the dataset's source is not waited for: its signal is aborted. Native
 * threads are waited for, as they write into the batch's memory and read what the source has given.
 */
export async function makeBatch(
  pipeline: DatasetPipeline,
  indices: readonly number[],
  options: BatchOptions = {},
): Promise<AssembledBatch> {
  const stop = stopWith(options.signal);
  try {
    return await assemble(pipeline, indices, options, stop.signal);
  } catch (error) {
    stop.abort(error);
    throw error;
  } finally {
    stop.unlink();
  }
}

async function assemble(
  { pairs, image, text }: DatasetPipeline,
  indices: readonly number[],
  { threads, seed = 0, epoch = 0, onError = "throw" }: BatchOptions,
  signal: AbortSignal,
): Promise<AssembledBatch> {
  signal.throwIfAborted();
  const { plan, processor } = image;
  const drawn = image.drawn(indices.length);
  const errors: { place: number; error: SampleError }[] = [];
  const replaced: ReplacedRow[] = [];
  const note = (error: PixtokError, index: number, place: number): SampleError => {
    const noted = sampleError(index, error);
    errors.push({ place, error: noted });
    return noted;
  };
  const mustThrow = (error: PixtokError) => onError === "throw" || isMachineFault(error);

  const read = async (index: number): Promise<ReadPair | PixtokError> => {
    try {
      return await pairs.read(index, { seed, epoch, signal });
    } catch (error) {
      if (!(error instanceof PixtokError) || mustThrow(error)) throw error;
      return error;
    }
  };

  /** Shows another pair that can be read; `error` says what is wrong with the one before it. */
  const replace = async (row: Row, error: PixtokError): Promise<void> => {
    let last = error;
    const noted = note(error, row.pair.index, row.place);
    row.error ??= noted;
    while (row.replacements < MOST_REPLACEMENTS) {
      row.replacements += 1;
      const { indexAt } = keyedPermutation(pairs.length, seed, epoch, row.replacements);
      const index = indexAt(row.index);
      if (index === row.index) continue;
      const pair = await untilAborted(read(index), signal);
      if (!(pair instanceof PixtokError)) {
        row.pair = pair;
        return;
      }
      last = pair;
      note(pair, index, row.place);
    }
    throw new PixtokError(
      "TOO_MANY_BAD_SAMPLES",
      `it cannot be read, nor can any of ${MOST_REPLACEMENTS} others in its place`,
      { index: row.index, cause: last },
    );
  };

  /** Undefined where the pair is dropped. */
  const readRow = async (index: number, place: number): Promise<Row | undefined> => {
    const pair = await read(index);
    if (!(pair instanceof PixtokError)) return { place, index, pair, ids: [], replacements: 0 };
    if (onError === "skip") {
      note(pair, index, place);
      return undefined;
    }
    const nothing = { index, image: "", text: "", original: "", id: "", source: "" };
    const row: Row = { place, index, pair: nothing, ids: [], replacements: 0 };
    await replace(row, pair);
    return row;
  };

  /** Tokens of each text. */
  const encode = async (some: readonly ReadPair[]): Promise<TokenIds[]> => {
    const ready = some.map(({ tokenIds }) => tokenIds).filter((ids) => ids !== undefined);
    return ready.length === some.length ? ready : text.encode(some.map((pair) => pair.text));
  };

  /** Images of the rows into slots from `firstSlot` on, and their tokens; gives what failed. */
  const prepare = async (
    rows: readonly Row[],
    memory: Uint8Array,
    firstSlot = 0,
  ): Promise<Map<Row, PixtokError>> => {
    if (rows.length === 0) return new Map();
    const images = preparePairImages(
      rows.map(({ pair }) => pair),
      {
        plan,
        memory,
        firstSlot,
        random: drawn && { seed, epoch, drawn: rowsOf(drawn, firstSlot, rows.length) },
        threads,
        signal,
      },
    );
    const encoding = encode(rows.map(({ pair }) => pair));
    const { failed, texts: ids } = await imagesWithTexts(images, encoding, signal, (bad) => {
      const fatal = bad.find(({ error }) => mustThrow(error));
      if (fatal !== undefined) throw fatal.error;
    });
    for (const [i, row] of rows.entries()) row.ids = ids[i] as TokenIds;
    return new Map(failed.map(({ row, error }) => [rows[row] as Row, error]));
  };

  /** The rows that are left when those that failed have been dropped or replaced. */
  const resolveFailures = async (
    rows: readonly Row[],
    failed: ReadonlyMap<Row, PixtokError>,
    memory: Uint8Array,
  ): Promise<Row[]> => {
    if (onError === "skip") {
      for (const [row, error] of failed) note(error, row.index, row.place);
      const kept = [...rows.keys()].filter((at) => !failed.has(rows[at] as Row));
      closeGaps(memory, plan.slotBytes, kept);
      if (drawn !== null) closeGaps(drawn.data, DRAWN_NUMBERS, kept);
      return kept.map((at) => rows[at] as Row);
    }
    for (const [row, first] of failed) {
      for (let error: PixtokError | undefined = first; error !== undefined; ) {
        await replace(row, error);
        error = (await prepare([row], memory, rows.indexOf(row))).get(row);
      }
    }
    return [...rows];
  };

  const lent: Uint8Array[] = [];
  const lend = (memory: Uint8Array): Uint8Array => {
    lent.push(lendMemory(memory));
    return lent.at(-1) as Uint8Array;
  };
  const release = () => {
    for (const memory of lent) releaseMemory(memory);
  };
  let images: Uint8Array | undefined;
  try {
    const found = await untilAborted(Promise.all(indices.map(readRow)), signal);
    const memory = allocateMemory(indices.length * plan.slotBytes);
    images = memory;
    let rows = found.filter((row) => row !== undefined);
    const failed = await prepare(rows, memory);
    if (failed.size > 0) rows = await resolveFailures(rows, failed, memory);
    for (const [row, { error, pair }] of rows.entries()) {
      if (error !== undefined) replaced.push({ ...error, row, by: pair.index });
    }
    errors.sort((a, b) => a.place - b.place);
    const data = {
      image: imageTensor(processor.config.type, lend(memory), [rows.length, ...processor.dims]),
      ...text.pad(
        rows.map(({ ids }) => ids),
        (bytes) => lend(allocateMemory(bytes)),
      ),
      ...(drawn && {
        augmentation: {
          ...drawn,
          data: rowsOf(drawn, 0, rows.length),
          dims: [rows.length, DRAWN_NUMBERS],
        },
      }),
      indices: rows.map(({ pair }) => pair.index),
      texts: rows.map(({ pair }) => pair.text),
      ids: rows.map(({ pair }) => pair.id),
      dropped: onError === "skip" ? errors.map(({ error }) => error) : [],
      replaced,
      errors,
    };
    return { ...data, release, transfer: () => transferBatch(data) };
  } catch (error) {
    if (images !== undefined) releaseMemory(images);
    release();
    throw error;
  }
}

function rowsOf({ data }: Tensor<"int32">, first: number, count: number): Int32Array {
  return data.subarray(first * DRAWN_NUMBERS, (first + count) * DRAWN_NUMBERS);
}
