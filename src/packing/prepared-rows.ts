import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import { listOfImages } from "../dataset/multiple-images.js";
import { columnsOfPair } from "../dataset/packed-conversations.js";
import {
  firstErrors,
  imagesOfPairs,
  imagesWithTexts,
  preparePairImages,
} from "../dataset/pair-images.js";
import type { PairWithTexts, TextWithTokens } from "../dataset/pair-reader.js";
import { readEach } from "../dataset/read-results.js";
import type { FailedImage, ImagePlan } from "../image/image-batch.js";
import type { ImageTimes } from "../image/image-times.js";
import {
  releasePictures,
  type StoredPicture,
  type StoringPictures,
} from "../image/views/stored-pictures.js";
import { allocateMemory, releaseMemory } from "../native/batch-memory.js";
import { allDone } from "../shared/all-done.js";
import { closeGaps } from "../shared/close-gaps.js";
import { PixtokError } from "../shared/errors.js";
import { isMachineFault } from "../shared/machine-fault.js";
import { plainContext, type SignalledContext, whileKept } from "../shared/sample-context.js";
import { type SampleError, sampleError } from "../shared/sample-error.js";
import { isWellFormed } from "../shared/well-formed.js";
import type { RowsToPack } from "../sources/packed/record-batch.js";
import { coreOfModelProcessor } from "../vision-language/processor.js";
import { columnsToPack, valuesToPack } from "./columns-to-pack.js";
import { retryFailures } from "./retries.js";

/** Rows that are ready to be written. */
export interface PreparedRows {
  rows: RowsToPack;
  /** Pairs that could not be read. */
  errors: SampleError[];
  /** Gives the images' memory back. */
  release(): void;
}

export interface PrepareOptions {
  /** Stores the pairs' own images one by one; null where `plans` begins with what they go through. */
  store: StoringPictures | null;
  /** Make images as they are stored: the pairs' own where `store` is null, then those of each column of images. */
  plans: readonly ImagePlan[];
  /** Whether a row has all texts of its image. */
  several: boolean;
  onError: "throw" | "skip";
  /** How often pairs are read again that a fault of the machine kept from being read. */
  retries: number;
  threads: number | undefined;
  /** What the images take is added to these. */
  times: ImageTimes;
}

function textsOf({ texts, tokens }: PairWithTexts): TextWithTokens[] {
  return texts.map((text, place) => {
    const own = tokens?.[place];
    return own === undefined ? { text } : { text, tokens: own };
  });
}

/** @throws {PixtokError} INVALID_TEXT for what would be another text when it is read. */
function requireWellFormed({ texts, index, source }: PairWithTexts): void {
  if (texts.every(isWellFormed)) return;
  const what =
    "its text, to be packed: expected one that UTF-8 can hold, got half of a surrogate pair";
  throw new PixtokError("INVALID_TEXT", what, { index, source });
}

/** Null where rows are pairs. */
function conversationsToPack(
  { processor, chat }: DatasetPipeline,
  pairs: readonly PairWithTexts[],
): RowsToPack["conversations"] {
  if (processor === undefined || chat === undefined) return null;
  const core = coreOfModelProcessor(processor);
  return {
    texts: pairs.map(({ texts }) => texts[0] as string),
    tokens: pairs.map((pair) => columnsOfPair(core, chat, pair)),
  };
}

/** What becomes one column of images. */
interface Part {
  readonly plan: ImagePlan;
  readonly memory: Uint8Array;
}

/** Images and tokens of the pairs at `indices`. */
export async function prepareRows(
  dataset: DatasetPipeline,
  indices: readonly number[],
  options: PrepareOptions,
  signal: AbortSignal,
): Promise<PreparedRows> {
  return whileKept(plainContext(signal), (context) => prepare(dataset, indices, options, context));
}

async function prepare(
  dataset: DatasetPipeline,
  indices: readonly number[],
  { store, plans, several, onError, retries, threads, times }: PrepareOptions,
  context: SignalledContext,
): Promise<PreparedRows> {
  const { signal } = context;
  const { text } = dataset;
  const refuse = (failures: readonly { error: PixtokError }[]) => {
    const fatal = failures.find(({ error }) => onError === "throw" || isMachineFault(error));
    if (fatal !== undefined) throw fatal.error;
  };
  const read = new Map<number, PairWithTexts>();
  const failures = await retryFailures(
    indices,
    { retries, signal },
    async (some) => {
      const readOne = async (index: number): Promise<PairWithTexts> => {
        const pair = await dataset.pairs.readEveryText(index, context);
        requireWellFormed(pair);
        return { ...pair, columns: valuesToPack(dataset.columns, pair.columns, pair) };
      };
      const found = await readEach(some, readOne, signal);
      for (const pair of found.pairs) read.set(pair.index, pair);
      return found.failures;
    },
    ({ index }) => index,
  );
  refuse(failures);
  const pairs = indices.flatMap((index) => read.get(index) ?? []);
  const texts = pairs.map((pair) => textsOf(pair).slice(0, several ? undefined : 1));
  const parts: Part[] = [];
  /** What the images of each pair are taken apart into. */
  const made: StoredPicture[][] = pairs.map(() => []);
  const release = () => {
    for (const row of made) releasePictures(row);
    for (const { memory } of parts) releaseMemory(memory);
  };
  const imagesOf = async (some: readonly PairWithTexts[], firstRow: number) => {
    const preparing = parts.map(({ plan, memory }, place) => {
      const column = store === null ? place - 1 : place;
      const images = imagesOfPairs(some, column < 0 ? undefined : column);
      const how = { plan, memory, rowImages: 1, firstRow, threads, signal, times };
      return preparePairImages(images, how);
    });
    const storing = store === null ? [] : some.map((_, at) => storeImages(firstRow + at));
    return firstErrors((await allDone([...preparing, ...storing])).flat());
  };
  const storeImages = async (row: number): Promise<FailedImage[]> => {
    const { index, images, pictures } = pairs[row] as PairWithTexts;
    const all = listOfImages(images);
    const request = {
      images: all.map(({ image }) => image),
      indices: all.map(() => index),
      sources: all.map(({ source }) => source),
    };
    try {
      const stored = await store?.(request, pictures, { threads, signal, times });
      releasePictures(made[row] ?? []); // of an attempt before
      made[row] = stored ?? [];
      return [];
    } catch (error) {
      if (!(error instanceof PixtokError)) throw error;
      return [{ row, error }];
    }
  };
  /** Into the slots of `rows`: all, or those that failed before. */
  const fill = async (rows: readonly number[]): Promise<FailedImage[]> => {
    if (rows.length === pairs.length) return imagesOf(pairs, 0);
    const one = async (row: number) =>
      (await imagesOf([pairs[row] as PairWithTexts], row)).map(({ error }) => ({ row, error }));
    return (await allDone(rows.map(one))).flat();
  };
  try {
    for (const plan of plans) {
      parts.push({ plan, memory: allocateMemory(pairs.length * plan.slotBytes) });
    }
    const { failed, texts: tokens } = await imagesWithTexts(
      retryFailures([...pairs.keys()], { retries, signal }, fill, ({ row }) => row),
      text === null ? Promise.resolve([]) : text.tokensOf(texts.flat()),
      signal,
      refuse,
    );
    const bad = new Set(failed.map(({ row }) => row));
    const kept = [...pairs.keys()].filter((row) => !bad.has(row));
    const ofKept = <T>(values: readonly T[]): T[] => kept.map((row) => values[row] as T);
    const stacked = parts.map(({ plan, memory }) => {
      closeGaps(memory, plan.slotBytes, kept);
      return memory.subarray(0, kept.length * plan.slotBytes);
    });
    const [images, imageColumns] =
      store === null ? [stacked[0] as Uint8Array, stacked.slice(1)] : [ofKept(made), stacked];
    const tokenIds = texts.map(({ length }) => tokens.splice(0, length));
    const conversations = conversationsToPack(dataset, ofKept(pairs));
    const columns = pairs.map((pair) => pair.columns);
    return {
      rows: {
        images,
        texts:
          conversations === null && text !== null
            ? {
                texts: text.hasTexts
                  ? ofKept(texts).map((all) => all.map((one) => one.text))
                  : null,
                tokenIds: ofKept(tokenIds),
              }
            : null,
        conversations,
        keys: ofKept(pairs.map(({ key }) => key)),
        indices: ofKept(pairs.map(({ index }) => index)),
        columns: columnsToPack(dataset.columns, ofKept(columns)),
        imageColumns,
      },
      errors: [
        ...failures.map(({ index, error }) => sampleError(index, error)),
        ...failed.map(({ row, error }) => sampleError((pairs[row] as PairWithTexts).index, error)),
      ],
      release,
    };
  } catch (error) {
    release();
    throw error;
  }
}
