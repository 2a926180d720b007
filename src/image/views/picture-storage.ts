import type { ImageLayout } from "../image-choices.js";
import {
  type ImageProcessorConfig,
  readImageProcessorOptions,
} from "../image-processor-options.js";
import { contentSize, type Size } from "../output-size.js";
import type { PictureGeometry } from "../picture-geometry.js";
import { type ProcessorCore, processorCore } from "../processor-core.js";
import type { Picture, View } from "../view.js";
import { unfilledUnits } from "./native-views.js";
import { requirePossible } from "./picture-batch.js";
import { type MeasuredPicture, type PicturePlan, picturePlan } from "./picture-plan.js";
import {
  isStorable,
  requireSize,
  requireUnits,
  type StoredUnits,
  type StoringPictures,
  storingBy,
} from "./stored-pictures.js";
import { WHOLE } from "./whole-images.js";

/** How images of rows are stored, and what becomes of them when they are read again. */
export interface PictureStorage {
  /** Names of what is stored beside the bytes of each image. */
  readonly facts: readonly string[];
  /** Bytes of an image, about: which rows are in which file is known before any image is read. */
  readonly imageBytes: number;
  readonly store: StoringPictures;
  /**
   * What the images of a row were made into, as their sizes say.
   *
   * @throws {RangeError | PixtokError} where that is not what is stored.
   */
  measured(stored: readonly StoredUnits[]): MeasuredPicture[];
  /** What stored images go through: rows bring what they were made into. */
  readonly plan: PicturePlan;
}

/** More pixels than any strip of units has. */
const ANY_PIXELS = 2 ** 31 - 1;

/** A size that a class takes apart, to see what it makes of images. */
const PROBE: Size = { width: 640, height: 640 };

/** Whether what a class makes of images can be stored. */
function storesPictures(geometry: PictureGeometry): boolean {
  return isStorable(geometry.picture(PROBE, 1));
}

/** Facts of a picture that its class gives by these names: its grid, how many tiles it has. */
function factNames(geometry: PictureGeometry): string[] {
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

/** What an image that is taken apart is taken to have: as many as 1024 x 1024 pixels. */
const PICTURE_BYTES = 3 * 2 ** 20;

/** Images that are taken apart. */
function takenApart(geometry: PictureGeometry, config: ImageProcessorConfig): PictureStorage {
  const { filter, resampler, convention, maxPixels, exifOrientation, alpha, decode } = config;
  const ofBytes = readImageProcessorOptions(
    { filter, resampler, convention, maxPixels, exifOrientation, alpha, decode, type: "uint8" },
    true,
  );
  const unit = { ...geometry.unit, size: "same", layout: "hwc", copies: 1, repeats: 1 } as const;
  const { picture: pictureOf } = geometry;
  const ofUnits = { picture: pictureOf, unit, rows: "none", outputs: () => ({}) } as const;
  const plan = picturePlan(geometry, { ...config, maxPixels: ANY_PIXELS });
  return {
    facts: factNames(geometry),
    imageBytes: PICTURE_BYTES,
    store: storingBy(picturePlan(ofUnits, ofBytes)),
    measured: (stored) =>
      stored.map((one) => {
        const size = requireSize(one, config);
        const picture = pictureOf(size, stored.length);
        requirePossible(picture, maxPixels);
        requireUnits(picture.units, unitOf(picture), one);
        return { size, picture };
      }),
    plan: {
      ...plan,
      prepare(request, given, batch, memory, how, at) {
        const measured = given.measured.map((one) => {
          return { ...one, picture: { ...one.picture, views: stripViews(one.picture) } };
        });
        return plan.prepare(request, { ...given, measured }, batch, memory, how, at);
      },
    },
  };
}

/** Images that are whole: each is one unit. */
function keptWhole(core: ProcessorCore): PictureStorage {
  const { config } = core;
  const size = contentSize("packDataset", config);
  const joined = core.joined();
  const stored = { ...config, resize: size, centerCrop: null, maxPixels: ANY_PIXELS };
  return {
    facts: [],
    imageBytes: 3 * size.width * size.height,
    store: storingBy(storingCore(config, "hwc").joined()),
    measured: (units) =>
      units.map((one) => {
        requireUnits(1, size, one);
        return { size: requireSize(one, config), picture: { ...WHOLE } };
      }),
    plan: { ...joined, prepare: processorCore(stored).joined().prepare },
  };
}

/** Makes images as they are stored: everything but what is done to bytes. Precondition: they have one size. */
export function storingCore(config: ImageProcessorConfig, layout: ImageLayout): ProcessorCore {
  const { resize, filter, resampler, centerCrop, convention, maxPixels } = config;
  const { exifOrientation, alpha, decode } = config;
  const geometry = { resize, filter, resampler, centerCrop, convention, maxPixels };
  const ofFiles = { exifOrientation, alpha, decode };
  return processorCore({ ...geometry, ...ofFiles, type: "uint8", layout });
}

/**
 * How a pack has the images of rows with any number of them.
 *
 * @returns null where bytes are not all that a class makes its numbers of.
 * @throws {TypeError} for a processor that looks at the size of each image and does not take it apart.
 */
export function pictureStorage(core: ProcessorCore): PictureStorage | null {
  const { pictures, config } = core;
  if (pictures === null) return keptWhole(core);
  const { geometry } = pictures;
  return storesPictures(geometry) ? takenApart(geometry, config) : null;
}
