import { allocateMemory, releaseMemory } from "../../native/batch-memory.js";
import { PixtokError } from "../../shared/errors.js";
import type { ImageBatchRequest, PrepareImagesOptions } from "../image-batch.js";
import type { RawPixels } from "../image-input.js";
import type { ImageProcessorConfig } from "../image-processor-options.js";
import { MAX_SIDE } from "../image-side.js";
import type { Size } from "../output-size.js";
import type { Picture } from "../view.js";
import type { MeasuredPicture, PicturePlan } from "./picture-plan.js";

/** Bytes of an image's units, one below the other, each of rows of red, green and blue; before they become numbers. */
export interface StoredUnits {
  readonly data: Uint8Array;
  readonly units: number;
  /** Of a unit. */
  readonly unit: Size;
  /** Of the image before it was taken apart. */
  readonly size: Size;
}

/** What is stored of an image. */
export interface StoredPicture extends StoredUnits {
  /** What its class says of it beside the pixels. */
  readonly facts: Picture["facts"];
}

/** A picture's stored units as an image, where they lie. */
export function stripOf({ data, units, unit: { width, height } }: StoredUnits): RawPixels {
  return { data, width, height: height * units, channels: 3 };
}

/** Requires what is stored to be so many units of this size. @throws {RangeError} */
export function requireUnits(
  count: number,
  { width, height }: Size,
  { data, units, unit }: StoredUnits,
) {
  if (units !== count || unit.width !== width || unit.height !== height) {
    const expected = `${count} of ${width}x${height} by its size`;
    throw new RangeError(
      `an image has ${units} units of ${unit.width}x${unit.height}, of ${expected}`,
    );
  }
  const bytes = 3 * width * height * units;
  if (data.length !== bytes) {
    throw new RangeError(`an image has ${data.length} bytes, of ${bytes} by its size`);
  }
}

/** Size of an image before it was prepared. @throws {RangeError} */
export function requireSize({ size }: StoredUnits, { maxPixels }: ImageProcessorConfig): Size {
  const { width, height } = size;
  if (Math.min(width, height) >= 1 && width * height <= maxPixels) return size;
  throw new RangeError(`an image was ${width}x${height}, of ${maxPixels} pixels at most`);
}

/**
 * Makes of images what is stored of them.
 *
 * @param request the images of one row.
 * @param measured what they are made into, where that is known.
 * @throws {PixtokError} the first image that cannot be read or taken apart; OUT_OF_MEMORY.
 */
export type StoringPictures = (
  request: ImageBatchRequest,
  measured: readonly MeasuredPicture[] | undefined,
  how: PrepareImagesOptions,
) => Promise<StoredPicture[]>;

/** Gives the memory of pictures back. */
export function releasePictures(pictures: readonly StoredPicture[]): void {
  for (const { data } of pictures) releaseMemory(data);
}

/**
 * @param plan makes bytes of them.
 * @param storedAs what is stored of what an image is made into.
 */
export function storingBy(
  plan: PicturePlan,
  storedAs: (picture: Picture) => Picture,
): StoringPictures {
  const storeOne = async (
    request: ImageBatchRequest,
    measured: MeasuredPicture,
    how: PrepareImagesOptions,
  ): Promise<StoredPicture> => {
    const { size } = measured;
    const picture = storedAs(measured.picture);
    const [index, source] = [request.indices[0], request.sources[0]];
    const given = { measured: [{ size, picture }], lists: [1] };
    const batch = plan.layOut(given);
    const { width, height } = batch.unitSize;
    if (picture.units * height > MAX_SIDE) {
      const what = `a pack does not store ${picture.units} units of ${width}x${height} of it`;
      throw new PixtokError("DOES_NOT_FIT", what, { index, source });
    }
    const data = allocateMemory(batch.bytes, true);
    try {
      const [failed] = await plan.prepare(request, given, batch, data, how);
      if (failed !== undefined) throw failed.error;
      how.signal?.throwIfAborted();
      return { data, units: picture.units, unit: { width, height }, size, facts: picture.facts };
    } catch (error) {
      releaseMemory(data);
      throw error;
    }
  };

  return async (request, measured, how) => {
    const { images, indices, sources } = request;
    if (images.length === 0) return [];
    const pictures = measured ?? (await plan.measure(request, [images.length], how));
    const settled = await Promise.allSettled(
      pictures.map((one, place) => {
        const some = <T>(list: readonly T[]): T[] => list.slice(place, place + 1);
        const own = { images: some(images), indices: some(indices), sources: some(sources) };
        return storeOne(own, one, how);
      }),
    );
    const made = settled.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    const failed = settled.find((one) => one.status === "rejected");
    if (failed === undefined) return made;
    releasePictures(made);
    throw failed.reason;
  };
}
