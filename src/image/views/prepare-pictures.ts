import { allocateMemory, lendMemory, releaseMemory } from "../../native/batch-memory.js";
import { elementBytes } from "../../shared/element-bytes.js";
import { PixtokError } from "../../shared/errors.js";
import { makeTensor } from "../../shared/make-tensor.js";
import type { ImageTensor } from "../../shared/tensor.js";
import { compileSizePlan, compileViewPlan } from "../compiled-plan.js";
import { collectDroppedResults } from "../dropped-results.js";
import { type ImagePlan, prepareImages } from "../image-batch.js";
import { type ImageInput, imageLabel, requireImage } from "../image-input.js";
import type { ImageProcessorConfig } from "../image-processor-options.js";
import { imageTensor } from "../image-tensors.js";
import type { Size } from "../output-size.js";
import type { PictureGeometry, PictureOutput } from "../picture-geometry.js";
import type { Picture } from "../view.js";
import { imageSizes } from "./image-sizes.js";
import { nativeViews, type UnitPlace } from "./native-views.js";
import { layOut, requirePossible } from "./picture-batch.js";

/** What a class makes of images. */
export interface PreparedViews {
  readonly pixels: ImageTensor;
  readonly outputs: Readonly<Record<string, PictureOutput>>;
}

/** What a class makes of the images of a call. */
export type PicturePreparation = (
  images: readonly ImageInput[],
  lists: readonly number[],
) => Promise<PreparedViews>;

/**
 * Prepares images in parallel, each taken apart as its size says: `lists` is how many images each list has. It throws
 * the PixtokError of the first image that cannot be read or taken apart; `index` is its position.
 */
export function picturePreparation(
  geometry: PictureGeometry,
  config: ImageProcessorConfig,
): PicturePreparation {
  const isBfloat16 = geometry.bfloat16 === true;
  const type = isBfloat16 ? "float16" : config.type;
  let compiled: { readonly sizes: ImagePlan; readonly views: ImagePlan } | undefined;
  return async (images, lists) => {
    compiled ??= {
      sizes: compileSizePlan(config),
      views: compileViewPlan(config, geometry.unit.layout, isBfloat16),
    };
    const request = {
      images: images.map((image, index) => requireImage(image, index)),
      indices: [...images.keys()],
      sources: images.map(imageLabel),
    };
    const sizes = await imageSizes(request, compiled.sizes);
    const counts = lists.flatMap((length) => new Array<number>(length).fill(length));
    const pictures = sizes.map((size, index) =>
      named(request.sources[index], index, () =>
        pictureOf(geometry, size, counts[index] as number, config.maxPixels),
      ),
    );
    const batch = layOut(pictures, lists, geometry, elementBytes[type]);
    const memory = allocateMemory(batch.bytes, true);
    try {
      const regions = pictures.map((picture, index) =>
        nativeViews(picture, batch.places[index] as UnitPlace, batch.zeros[index] ?? []),
      );
      const failed = await prepareImages(compiled.views, { ...request, regions }, memory);
      if (failed[0] !== undefined) throw failed[0].error;
      collectDroppedResults();
      const pixels = imageTensor(type, lendMemory(memory), batch.dims);
      // see ProcessedImages.pixel_values
      const ofClass = isBfloat16
        ? makeTensor("bfloat16", pixels.data as Uint16Array, batch.dims)
        : pixels;
      const outputs = geometry.outputs({ pictures, sizes, lists, ...batch });
      return { pixels: ofClass as ImageTensor, outputs };
    } catch (error) {
      releaseMemory(memory);
      throw error;
    }
  };
}

function pictureOf(
  geometry: PictureGeometry,
  size: Size,
  count: number,
  maxPixels: number,
): Picture {
  const picture = geometry.picture(size, count);
  requirePossible(picture, maxPixels);
  return picture;
}

/** With the image's name in an error. */
function named<T>(source: string | undefined, index: number, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof PixtokError)) throw cause;
    throw new PixtokError(cause.code, cause.reason, { index, source, cause });
  }
}
