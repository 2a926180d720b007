import { type DrawnAugmentation, nothingDrawn } from "../image/drawn.js";
import type { FailedImage } from "../image/image-batch.js";
import type { PictureOutput } from "../image/picture-geometry.js";
import { type MixedRow, mixRows, type RowMixingConfig } from "../image/row-mixing.js";
import type { SignalledContext } from "../shared/sample-context.js";
import type { ImageTensor } from "../shared/tensor.js";
import type { DatasetPipeline } from "./dataset-pipeline.js";
import type { ImagePart, Lend } from "./image-part.js";
import { batchDims } from "./image-pipeline.js";
import { joinedImages } from "./joined-images.js";
import { firstErrors, imagesOfPairs, type PairImagesOptions } from "./pair-images.js";
import type { ReadPair } from "./pair-reader.js";
import { type StackedImages, stackedImages } from "./stacked-images.js";

/** Images of a batch's rows, on their way into the memory of their tensors. */
export interface BatchImages extends Omit<ImagePart, "prepare" | "tensors"> {
  /** As an ImagePart's: the rows' own images, and those in columns. */
  prepare(pairs: readonly ReadPair[], rows: readonly number[]): Promise<FailedImage[]>;
  /** Mixes the rows' own images with each other. Settles when nothing writes into the memory any more. */
  mix(mixing: RowMixingConfig, indices: readonly number[]): Promise<MixedRow[]>;
  /** Tensors of so many rows, which are all that there are. */
  tensors(
    rows: number,
    lend: Lend,
  ): {
    readonly pixels: ImageTensor | undefined;
    /** Of the rows' own images, by name. */
    readonly fields: Readonly<Record<string, PictureOutput>>;
    readonly augmentation?: DrawnAugmentation;
    readonly columns: Readonly<Record<string, ImageTensor>>;
  };
}

/** Images in a column. */
interface ColumnPart {
  readonly name: string;
  readonly part: StackedImages;
}

/**
 * @param pairs of all rows.
 * @param most rows that batches like this one have.
 * @throws {PixtokError} OUT_OF_MEMORY; DOES_NOT_FIT
 */
export function batchImages(
  { image, imageColumns }: Pick<DatasetPipeline, "image" | "imageColumns">,
  pairs: readonly ReadPair[],
  most: number,
  context: SignalledContext,
  how: Pick<PairImagesOptions, "threads" | "times">,
): BatchImages {
  const { pictures } = image;
  const own: ImagePart & Partial<Pick<StackedImages, "memory">> =
    pictures === null
      ? stackedImages(image, most, context, how)
      : joinedImages(image, pictures, pairs, context, how);
  const columns: ColumnPart[] = [];
  const parts = (): ImagePart[] => [own, ...columns.map(({ part }) => part)];
  const release = () => {
    for (const part of parts()) part.release();
  };
  try {
    for (const { name, image: ofColumn, drawnAs } of imageColumns) {
      columns.push({ name, part: stackedImages(ofColumn, most, context, how, drawnAs) });
    }
  } catch (error) {
    release();
    throw error;
  }

  return {
    bytes: parts().reduce((sum, { bytes }) => sum + bytes, 0),
    async prepare(some, rows) {
      if (columns.length === 0) return own.prepare(some, rows);
      const prepared = columns.map(({ part }, column) =>
        part.prepare(imagesOfPairs(some, column), rows),
      );
      return allFailures([own.prepare(some, rows), ...prepared]);
    },
    keep: (rows) => allFailures(parts().map((part) => part.keep(rows))),
    mix: (mixing, indices) => {
      const { seed, epoch } = context;
      const { memory } = own;
      // augmentation, which mixing is part of, has images that are stacked
      if (memory === undefined) return Promise.resolve([]);
      return mixRows(mixing, image.processor.config, memory, { seed, epoch, indices });
    },
    tensors(count, lend) {
      const { augmentation: ofRows, ...tensors } = own.tensors(count, lend);
      const named = columns.map(({ name, part }) => [name, part.tensors(count, lend)] as const);
      const ofColumns = named.flatMap(([name, { augmentation }]) =>
        augmentation === undefined ? [] : [[name, augmentation] as const],
      );
      const augmentation =
        ofColumns.length === 0
          ? ofRows
          : Object.assign(ofRows ?? nothingDrawn(batchDims(count, image.maxImages)), {
              columns: Object.fromEntries(ofColumns),
            });
      return {
        ...tensors,
        ...(augmentation && { augmentation }),
        columns: Object.fromEntries(named.map(([name, { pixels }]) => [name, pixels])),
      };
    },
    release,
  };
}

/** Waits for all; gives one error for each row that has any. */
async function allFailures(work: readonly Promise<FailedImage[]>[]): Promise<FailedImage[]> {
  const settled = await Promise.allSettled(work);
  const failed = settled.flatMap((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
  return firstErrors(failed);
}
