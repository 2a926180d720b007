import { allocateMemory, releaseMemory } from "../../native/batch-memory.js";
import { PixtokError } from "../../shared/errors.js";
import type { ImageBatchRequest, PrepareImagesOptions } from "../image-batch.js";
import type { RawPixels } from "../image-input.js";
import {
  type ImageProcessorConfig,
  readImageProcessorOptions,
} from "../image-processor-options.js";
import { MAX_SIDE } from "../image-side.js";
import type { Size } from "../output-size.js";
import type { PictureGeometry } from "../picture-geometry.js";
import type { Picture, View } from "../view.js";
import { unfilledUnits } from "./native-views.js";
import { requirePossible } from "./picture-batch.js";
import { type MeasuredPicture, type PicturePlan, picturePlan } from "./picture-plan.js";

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

/** More pixels than any strip of units has. */
const ANY_PIXELS = 2 ** 31 - 1;

/** A size that a class takes apart, to see what it makes of images. */
const PROBE: Size = { width: 640, height: 640 };

/** Whether bytes of units are all that a picture's numbers are made of. */
function isStorable({ views }: Picture): boolean {
  return views.every(({ cubic }) => cubic !== true);
}

/** Whether what a class makes of images can be stored. */
export function storesPictures(geometry: PictureGeometry): boolean {
  return isStorable(geometry.picture(PROBE, 1));
}

/** Facts of a picture that its class gives by these names: its grid, how many tiles it has. */
export function factNames(geometry: PictureGeometry): string[] {
  const picture = geometry.picture(PROBE, 1);
  const outputs = geometry.outputs({
    pictures: [picture],
    sizes: [PROBE],
    lists: [1],
    unitSize: unitOf(picture),
    rowUnits: picture.units,
    allocate: (bytes) => new Uint8Array(bytes),
  });
  return Object.keys(picture.facts).filter((name) => Object.hasOwn(outputs, name));
}

/** Size of a picture's units. Precondition: all have one, as layOut() has found. */
function unitOf({ views }: Picture): Size {
  return (views.find(({ cells }) => cells !== undefined)?.cells as { size: Size }).size;
}

/** A picture's stored units as an image, where they lie. */
export function stripOf({ data, units, unit: { width, height } }: StoredUnits): RawPixels {
  return { data, width, height: height * units, channels: 3 };
}

/** Requires what is stored to be the units of a picture. @throws {RangeError} */
function requireUnits(picture: Picture, { data, units, unit }: StoredUnits): void {
  const { width, height } = unitOf(picture);
  if (units !== picture.units || unit.width !== width || unit.height !== height) {
    const expected = `${picture.units} of ${width}x${height} by its size`;
    throw new RangeError(
      `an image has ${units} units of ${unit.width}x${unit.height}, of ${expected}`,
    );
  }
  const bytes = 3 * width * height * units;
  if (data.length !== bytes) {
    throw new RangeError(`an image has ${data.length} bytes, of ${bytes} by its size`);
  }
}

/**
 * What the images of a row were made into, as their sizes say.
 *
 * @throws {RangeError | PixtokError} where that is not what is stored.
 */
export function storedPictures(
  stored: readonly StoredUnits[],
  { picture: pictureOf }: PictureGeometry,
  { maxPixels }: ImageProcessorConfig,
): MeasuredPicture[] {
  return stored.map((one) => {
    const { size } = one;
    const { width, height } = size;
    if (Math.min(width, height) < 1 || width * height > maxPixels) {
      throw new RangeError(`an image was ${width}x${height}, of ${maxPixels} pixels at most`);
    }
    const picture = pictureOf(size, stored.length);
    requirePossible(picture, maxPixels);
    requireUnits(picture, one);
    return { size, picture };
  });
}

/** Views that make of a strip of a picture's units what its own views make of the image. */
function stripViews(picture: Picture): View[] {
  const { width, height } = unitOf(picture);
  const views: View[] = [];
  let next = 0;
  for (const [begin, end] of [
    ...unfilledUnits(picture, { width, height }),
    [picture.units, picture.units] as const,
  ]) {
    if (begin > next) {
      const to = { width, height: height * (begin - next) };
      const crop = { left: 0, top: height * next, ...to };
      views.push({ crop, to, cells: { size: { width, height }, first: next } });
    }
    next = end;
  }
  return views;
}

/** How images are taken apart whose units were stored: pairs bring what they are made into. */
export function storedPicturePlan(
  geometry: PictureGeometry,
  config: ImageProcessorConfig,
): PicturePlan {
  const plan = picturePlan(geometry, { ...config, maxPixels: ANY_PIXELS });
  return {
    ...plan,
    prepare(request, given, batch, memory, how, at) {
      const measured = given.measured.map((one) => {
        return { ...one, picture: { ...one.picture, views: stripViews(one.picture) } };
      });
      return plan.prepare(request, { ...given, measured }, batch, memory, how, at);
    },
  };
}

/** Makes of images what is stored of them. */
export interface StoringPictures {
  /**
   * @param request the images of one row.
   * @throws {PixtokError} the first image that cannot be read or taken apart; OUT_OF_MEMORY.
   */
  store(request: ImageBatchRequest, how: PrepareImagesOptions): Promise<StoredPicture[]>;
}

/** Gives the memory of pictures back. */
export function releasePictures(pictures: readonly StoredPicture[]): void {
  for (const { data } of pictures) releaseMemory(data);
}

export function storingPictures(
  geometry: PictureGeometry,
  config: ImageProcessorConfig,
): StoringPictures {
  const { filter, resampler, convention, maxPixels, exifOrientation, alpha, decode } = config;
  const ofBytes = readImageProcessorOptions(
    { filter, resampler, convention, maxPixels, exifOrientation, alpha, decode, type: "uint8" },
    true,
  );
  const unit = { ...geometry.unit, size: "same", layout: "hwc", copies: 1 } as const;
  const { picture } = geometry;
  const plan = picturePlan({ picture, unit, rows: "none", outputs: () => ({}) }, ofBytes);

  const storeOne = async (
    request: ImageBatchRequest,
    measured: MeasuredPicture,
    how: PrepareImagesOptions,
  ): Promise<StoredPicture> => {
    const { picture, size } = measured;
    const given = { measured: [measured], lists: [1] };
    const batch = plan.layOut(given);
    const { width, height } = batch.unitSize;
    if (!isStorable(picture) || picture.units * height > MAX_SIDE) {
      const what = `a pack does not store ${picture.units} units of ${width}x${height} of it`;
      throw new PixtokError("DOES_NOT_FIT", what, {
        index: request.indices[0],
        source: request.sources[0],
      });
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

  return {
    async store(request, how) {
      const { images, indices, sources } = request;
      if (images.length === 0) return [];
      const measured = await plan.measure(request, [images.length], how);
      const settled = await Promise.allSettled(
        measured.map((one, place) => {
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
    },
  };
}
