import {
  type DrawnAugmentation,
  type DrawnRoom,
  drawnAugmentation,
  keepDrawn,
  nothingDrawn,
} from "../image/drawn.js";
import type { FailedImage } from "../image/image-batch.js";
import { imageTensor } from "../image/image-tensors.js";
import { type MixedRow, mixRows, type RowMixingConfig } from "../image/row-mixing.js";
import { allocateMemory, releaseMemory } from "../native/batch-memory.js";
import { closeGaps } from "../shared/close-gaps.js";
import type { SignalledContext } from "../shared/sample-context.js";
import type { ImageTensor } from "../shared/tensor.js";
import type { DatasetPipeline } from "./dataset-pipeline.js";
import { batchDims, type ImagePipeline } from "./image-pipeline.js";
import {
  firstErrors,
  imagesOfPairs,
  type PairImagesOptions,
  preparePairImages,
} from "./pair-images.js";
import type { ReadPair } from "./pair-reader.js";

/** Images of a batch's rows, on their way into the memory of their tensors. */
export interface BatchImages {
  /** Bytes of that memory. */
  readonly bytes: number;
  /**
   * Prepares the images of pairs into the rows from `firstRow` on; gives the rows that failed, each once, counted from
   * there. Settles when nothing writes into the memory any more.
   */
  prepare(pairs: readonly ReadPair[], firstRow: number): Promise<FailedImage[]>;
  /** Moves rows up over those that are not kept. */
  keep(rows: readonly number[]): void;
  /** Mixes the rows' own images with each other. Settles when nothing writes into the memory any more. */
  mix(mixing: RowMixingConfig, indices: readonly number[]): Promise<MixedRow[]>;
  /** Tensors of the first rows. */
  tensors(
    rows: number,
    lend: (memory: Uint8Array) => Uint8Array,
  ): {
    readonly image: ImageTensor;
    readonly augmentation?: DrawnAugmentation;
    readonly columns: Readonly<Record<string, ImageTensor>>;
  };
  /** Gives back what was not lent. */
  release(): void;
}

/** What becomes one tensor: the rows' own images, or those in a column. */
interface Part {
  readonly image: ImagePipeline;
  /** Of a column: its place among those of images. */
  readonly column: number | undefined;
  /** Of a column: whose numbers are drawn. */
  readonly drawnAs: number | undefined;
  readonly memory: Uint8Array;
  /** Room for what is drawn for each image. */
  readonly drawn: DrawnRoom | null;
}

/** @throws {PixtokError} OUT_OF_MEMORY */
export function batchImages(
  { image, imageColumns }: Pick<DatasetPipeline, "image" | "imageColumns">,
  rows: number,
  { seed, epoch, signal }: SignalledContext,
  how: Pick<PairImagesOptions, "threads" | "times">,
): BatchImages {
  const parts: Part[] = [];
  const release = () => {
    for (const { memory } of parts) releaseMemory(memory);
  };
  const add = (pipeline: ImagePipeline, column?: number, drawnAs?: number) => {
    const memory = allocateMemory(rows * pipeline.rowImages * pipeline.plan.slotBytes);
    parts.push({ image: pipeline, column, drawnAs, memory, drawn: pipeline.drawn(rows) });
  };
  try {
    add(image);
    for (const [column, own] of imageColumns.entries()) add(own.image, column, own.drawnAs);
  } catch (error) {
    release();
    throw error;
  }

  const preparePart = (part: Part, pairs: readonly ReadPair[], firstRow: number) => {
    const { image: pipeline, column, drawnAs, memory, drawn } = part;
    return preparePairImages(imagesOfPairs(pairs, column), {
      plan: pipeline.plan,
      memory,
      rowImages: pipeline.rowImages,
      firstRow,
      random: drawn && { seed, epoch, ...drawn },
      drawnAs,
      ...how,
      signal,
    });
  };
  const tensorOf = (
    { image: { processor, maxImages }, memory }: Part,
    count: number,
    lend: (memory: Uint8Array) => Uint8Array,
  ) =>
    imageTensor(processor.config.type, lend(memory), [
      ...batchDims(count, maxImages),
      ...processor.dims,
    ]);

  const [main, ...others] = parts as [Part, ...Part[]];
  const nameOf = ({ column }: Part) => imageColumns[column as number]?.name as string;
  const drawnFor = (count: number): DrawnAugmentation | null => {
    const dims = batchDims(count, image.maxImages);
    const own = main.drawn && drawnAugmentation(main.drawn, dims);
    const columns = others.flatMap((part) =>
      part.drawn === null ? [] : [[nameOf(part), drawnAugmentation(part.drawn, [count])] as const],
    );
    if (columns.length === 0) return own;
    return Object.assign(own ?? nothingDrawn(dims), { columns: Object.fromEntries(columns) });
  };
  return {
    bytes: parts.reduce((sum, { memory }) => sum + memory.length, 0),
    async prepare(pairs, firstRow) {
      if (others.length === 0) return preparePart(main, pairs, firstRow);
      const prepared = parts.map((part) => preparePart(part, pairs, firstRow));
      const settled = await Promise.allSettled(prepared);
      const failed = settled.flatMap((result) => {
        if (result.status === "rejected") throw result.reason;
        return result.value;
      });
      return firstErrors(failed);
    },
    keep(kept) {
      for (const { image: pipeline, memory, drawn } of parts) {
        const { rowImages, plan } = pipeline;
        closeGaps(memory, rowImages * plan.slotBytes, kept);
        if (drawn !== null) keepDrawn(drawn, rowImages, kept);
      }
    },
    mix: (mixing, indices) =>
      mixRows(mixing, image.processor.config, main.memory, { seed, epoch, indices }),
    tensors(count, lend) {
      const columns = others.map((part) => [nameOf(part), tensorOf(part, count, lend)]);
      const augmentation = drawnFor(count);
      return {
        image: tensorOf(main, count, lend),
        ...(augmentation && { augmentation }),
        columns: Object.fromEntries(columns),
      };
    },
    release,
  };
}
