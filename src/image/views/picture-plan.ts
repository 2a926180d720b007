import { elementBytes } from "../../shared/element-bytes.js";
import { PixtokError } from "../../shared/errors.js";
import { makeTensor } from "../../shared/make-tensor.js";
import type { ImageTensor } from "../../shared/tensor.js";
import { compileSizePlan, compileViewPlan } from "../compiled-plan.js";
import {
  type FailedImage,
  type ImageBatchRequest,
  type ImagePlan,
  type PrepareImagesOptions,
  prepareImages,
} from "../image-batch.js";
import type { ImageProcessorConfig } from "../image-processor-options.js";
import { imageTensor } from "../image-tensors.js";
import type { Size } from "../output-size.js";
import type { PictureGeometry, PictureOutput } from "../picture-geometry.js";
import type { Picture } from "../view.js";
import { imageSizes } from "./image-sizes.js";
import { nativeViews, type UnitPlace } from "./native-views.js";
import { layOut, type PictureBatch, requirePossible } from "./picture-batch.js";

/** What an image is made into, as its size says. */
export interface MeasuredPicture {
  /** Before the image is resized. */
  readonly size: Size;
  readonly picture: Picture;
}

/** Images that are put together, and how many of them each list has. */
export interface MeasuredLists {
  readonly measured: readonly MeasuredPicture[];
  readonly lists: readonly number[];
}

/** What images go through that are taken apart. */
export interface PicturePlan {
  readonly geometry: PictureGeometry;
  /**
   * Measures images by their headers alone; files that the addon's threads decline are decoded for it.
   *
   * @throws {PixtokError} the first image that cannot be read or taken apart.
   */
  measure(
    request: ImageBatchRequest,
    lists: readonly number[],
    how?: PrepareImagesOptions,
  ): Promise<MeasuredPicture[]>;
  /** @throws {PixtokError} DOES_NOT_FIT */
  layOut(images: MeasuredLists): PictureBatch;
  /**
   * Prepares images into the places that they have in a batch's memory, and makes zeros of what none writes.
   *
   * Settles when nothing writes into the memory any more.
   *
   * @param at which of the batch's images these are. Default: all.
   * @returns those that failed, by their places in the request, and in the order of these.
   */
  prepare(
    request: ImageBatchRequest,
    images: MeasuredLists,
    batch: PictureBatch,
    memory: Uint8Array,
    how?: PrepareImagesOptions,
    at?: readonly number[],
  ): Promise<FailedImage[]>;
  /**
   * What stands in a batch's memory, and what its class says of it.
   *
   * @param allocate gives memory for what has numbers for each pixel.
   */
  results(
    images: MeasuredLists,
    batch: PictureBatch,
    memory: Uint8Array,
    allocate: (bytes: number) => Uint8Array,
  ): {
    readonly pixels: ImageTensor;
    readonly outputs: Readonly<Record<string, PictureOutput>>;
  };
}

export function picturePlan(geometry: PictureGeometry, config: ImageProcessorConfig): PicturePlan {
  const isBfloat16 = geometry.bfloat16 === true;
  const type = isBfloat16 ? "float16" : config.type;
  let compiled: { readonly sizes: ImagePlan; readonly views: ImagePlan } | undefined;
  const plans = () => {
    compiled ??= {
      sizes: compileSizePlan(config),
      views: compileViewPlan(config, geometry.unit.layout, isBfloat16),
    };
    return compiled;
  };
  const pictureOf = (size: Size, count: number): Picture => {
    const picture = geometry.picture(size, count);
    requirePossible(picture, config.maxPixels);
    return picture;
  };
  return {
    geometry,
    async measure(request, lists, how) {
      const sizes = await imageSizes(request, plans().sizes, how);
      const counts = lists.flatMap((length) => new Array<number>(length).fill(length));
      return sizes.map((size, image) => ({
        size,
        picture: named(request, image, () => pictureOf(size, counts[image] as number)),
      }));
    },
    layOut: ({ measured, lists }) =>
      layOut(
        measured.map(({ picture }) => picture),
        lists,
        geometry,
        elementBytes[type],
      ),
    prepare(request, { measured }, { places, zeros }, memory, how, at = [...measured.keys()]) {
      const regions = at.map((image) => {
        const { picture } = measured[image] as MeasuredPicture;
        return nativeViews(picture, places[image] as UnitPlace, zeros[image] ?? []);
      });
      return prepareImages(plans().views, { ...request, regions }, memory, how);
    },
    results({ measured, lists }, batch, memory, allocate) {
      const pixels = imageTensor(type, memory, batch.dims);
      // see ProcessedImages.pixel_values
      const ofClass = isBfloat16
        ? makeTensor("bfloat16", pixels.data as Uint16Array, batch.dims)
        : pixels;
      const pictures = measured.map(({ picture }) => picture);
      const sizes = measured.map(({ size }) => size);
      return {
        pixels: ofClass as ImageTensor,
        outputs: geometry.outputs({ pictures, sizes, lists, allocate, ...batch }),
      };
    },
  };
}

/** With the image's name in an error. */
function named<T>({ indices, sources }: ImageBatchRequest, image: number, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof PixtokError)) throw cause;
    const [index, source] = [indices[image], sources[image]];
    throw new PixtokError(cause.code, cause.reason, { index, source, cause });
  }
}
