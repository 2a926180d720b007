import type { ImageLayout } from "../image-choices.js";
import {
  type ImageProcessorConfig,
  readImageProcessorOptions,
} from "../image-processor-options.js";
import { contentSize, type Size } from "../output-size.js";
import type { PictureGeometry } from "../picture-geometry.js";
import { type ProcessorCore, processorCore } from "../processor-core.js";
import { requirePossible } from "./picture-batch.js";
import { type MeasuredPicture, type PicturePlan, picturePlan } from "./picture-plan.js";
import {
  requireSize,
  requireUnits,
  type StoredUnits,
  type StoringPictures,
  storingBy,
} from "./stored-pictures.js";
import { storedViews } from "./stored-views.js";
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

/** Facts of a picture that its class gives by these names: its grid, how many tiles it has. */
function factNames(geometry: PictureGeometry): string[] {
  const picture = geometry.picture(PROBE, 1);
  const outputs = geometry.outputs({
    pictures: [picture],
    sizes: [PROBE],
    lists: [1],
    unitSize: storedViews(picture).unit,
    rowUnits: picture.units,
    allocate: (bytes) => new Uint8Array(bytes),
  });
  return Object.keys(picture.facts).filter((name) => Object.hasOwn(outputs, name));
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
  const unit = {
    size: "largest",
    layout: "hwc",
    copies: 1,
    dims: ({ width, height }: Size) => [height, width, 3],
  } as const;
  const { picture: pictureOf } = geometry;
  const ofUnits = { picture: pictureOf, unit, rows: "none", outputs: () => ({}) } as const;
  const plan = picturePlan(geometry, { ...config, maxPixels: ANY_PIXELS });
  return {
    facts: factNames(geometry),
    imageBytes: PICTURE_BYTES,
    store: storingBy(picturePlan(ofUnits, ofBytes), (picture) => storedViews(picture).picture),
    measured: (images) =>
      images.map((one) => {
        const size = requireSize(one, config);
        const picture = pictureOf(size, images.length);
        requirePossible(picture, maxPixels);
        const { picture: stored, unit: unitSize } = storedViews(picture);
        requireUnits(stored.units, unitSize, one);
        return { size, picture };
      }),
    plan: {
      ...plan,
      prepare(request, given, batch, memory, how, at) {
        const measured = given.measured.map((one) => {
          return { ...one, picture: { ...one.picture, views: storedViews(one.picture).views } };
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
  const stored = { ...config, resize: size, centerCrop: null };
  return {
    facts: [],
    imageBytes: 3 * size.width * size.height,
    store: storingBy(storingCore(config, "hwc").joined(), (picture) => picture),
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
 * @throws {TypeError} for a processor that looks at the size of each image and does not take it apart.
 */
export function pictureStorage(core: ProcessorCore): PictureStorage {
  const { pictures, config } = core;
  return pictures === null ? keptWhole(core) : takenApart(pictures.geometry, config);
}
