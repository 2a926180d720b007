import { allocateMemory, lendMemory, releaseMemory } from "../../native/batch-memory.js";
import { PixtokError } from "../../shared/errors.js";
import type { ImageTensor } from "../../shared/tensor.js";
import { compileViewPlan } from "../compiled-plan.js";
import { collectDroppedResults } from "../dropped-results.js";
import { prepareImages } from "../image-batch.js";
import { type ImageInput, imageLabel, requireImage } from "../image-input.js";
import type { ImageProcessorConfig } from "../image-processor-options.js";
import { imageTensor } from "../image-tensors.js";
import type { Size } from "../output-size.js";
import type { PictureGeometry, PictureOutput } from "../picture-geometry.js";
import type { Picture } from "../view.js";
import { imageSizes } from "./image-sizes.js";
import { nativeViews } from "./native-views.js";
import { layOut, requirePossible } from "./picture-batch.js";

/** What a class makes of images. */
export interface PreparedViews {
  readonly pixels: ImageTensor;
  readonly outputs: Readonly<Record<string, PictureOutput>>;
}

const elementBytes = { float32: 4, float16: 2, uint8: 1 } as const;

/**
 * Images in parallel, each taken apart as its size says: what a class gives for all of them.
 *
 * @param lists how many images each list has.
 * @throws {PixtokError} the first image that cannot be read or taken apart; `index` is its position.
 */
export async function preparePictures(
  images: readonly ImageInput[],
  lists: readonly number[],
  geometry: PictureGeometry,
  config: ImageProcessorConfig,
): Promise<PreparedViews> {
  const request = {
    images: images.map((image, index) => requireImage(image, index)),
    indices: [...images.keys()],
    sources: images.map(imageLabel),
  };
  const sizes = await imageSizes(request, config);
  const counts = lists.flatMap((length) => new Array<number>(length).fill(length));
  const pictures = sizes.map((size, index) => {
    return named(request.sources[index], index, () => {
      return pictureOf(geometry, size, counts[index] as number, config.maxPixels);
    });
  });
  const type = geometry.bfloat16 === true ? "float16" : config.type;
  const batch = layOut(pictures, lists, geometry, elementBytes[type]);
  const memory = allocateMemory(batch.bytes, true);
  try {
    const regions = pictures.map((picture, index) =>
      nativeViews(
        picture,
        batch.places[index] as (typeof batch.places)[number],
        batch.zeros[index] as (typeof batch.zeros)[number],
      ),
    );
    const plan = compileViewPlan(config, geometry.unit.layout, geometry.bfloat16 === true);
    const failed = await prepareImages(plan, { ...request, regions }, memory);
    if (failed[0] !== undefined) throw failed[0].error;
    collectDroppedResults();
    const pixels = imageTensor(type, lendMemory(memory), batch.dims);
    // see ProcessedImages.pixel_values
    const named = geometry.bfloat16 === true ? { ...pixels, type: "bfloat16" } : pixels;
    return {
      pixels: named as ImageTensor,
      outputs: geometry.outputs({ pictures, sizes, lists, ...batch }),
    };
  } catch (error) {
    releaseMemory(memory);
    throw error;
  }
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
