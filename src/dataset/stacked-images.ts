import { drawnAugmentation, keepDrawn } from "../image/drawn.js";
import { imageTensor } from "../image/image-tensors.js";
import { allocateMemory, releaseMemory } from "../native/batch-memory.js";
import { closeGaps } from "../shared/close-gaps.js";
import type { SignalledContext } from "../shared/sample-context.js";
import type { ImageTensor } from "../shared/tensor.js";
import type { ImagePart, ImageTensors, Lend, RowImages } from "./image-part.js";
import { batchDims, type ImagePipeline } from "./image-pipeline.js";
import { type PairImagesOptions, preparePairImages } from "./pair-images.js";

/** Images of one size, each in a slot of its row. */
export interface StackedImages extends ImagePart {
  readonly memory: Uint8Array;
  tensors(rows: number, lend: Lend): ImageTensors & { readonly pixels: ImageTensor };
}

/**
 * @param rows of the batch, at most.
 * @param drawnAs the place in a row whose numbers are drawn for each image. Default: the image's own.
 * @throws {PixtokError} OUT_OF_MEMORY
 */
export function stackedImages(
  { plan, processor, maxImages, rowImages, ...pipeline }: ImagePipeline,
  rows: number,
  { seed, epoch, signal }: SignalledContext,
  how: Pick<PairImagesOptions, "threads" | "times">,
  drawnAs?: number,
): StackedImages {
  const memory = allocateMemory(rows * rowImages * plan.slotBytes);
  const drawn = pipeline.drawn(rows);

  /** Into consecutive rows. */
  const prepareRun = async (pairs: readonly RowImages[], firstRow: number) => {
    const failed = await preparePairImages(pairs, {
      plan,
      memory,
      rowImages,
      firstRow,
      random: drawn && { seed, epoch, ...drawn },
      drawnAs,
      ...how,
      signal,
    });
    return failed.map(({ row, error }) => ({ row: firstRow + row, error }));
  };

  return {
    bytes: memory.length,
    memory,
    async prepare(pairs, rows) {
      const [first = 0] = rows;
      if (rows.at(-1) === first + rows.length - 1) return prepareRun(pairs, first);
      const runs = rows.map((row, place) => prepareRun([pairs[place] as RowImages], row));
      const settled = await Promise.allSettled(runs);
      return settled.flatMap((result) => {
        if (result.status === "rejected") throw result.reason;
        return result.value;
      });
    },
    async keep(kept) {
      closeGaps(memory, rowImages * plan.slotBytes, kept);
      if (drawn !== null) keepDrawn(drawn, rowImages, kept);
      return [];
    },
    tensors(count, lend) {
      const dims = batchDims(count, maxImages);
      const image = imageTensor(processor.config.type, lend(memory), [...dims, ...processor.dims]);
      return {
        pixels: image,
        fields: { image },
        ...(drawn && { augmentation: drawnAugmentation(drawn, dims) }),
      };
    },
    release: () => releaseMemory(memory),
  };
}
