import type { NativeRegion } from "../native/addon.js";
import {
  asGiven,
  group,
  integer,
  type OptionReaders,
  readOptions,
  withDefault,
} from "../shared/options.js";
import { outOfRange, requireBoolean, wrongType } from "../shared/validation.js";
import { type Fill, requireFill } from "./fill.js";
import { type ImageOperation, nativeOperation, readOperation } from "./image-operation.js";
import type { ImageProcessorConfig } from "./image-processor-options.js";
import { MAX_SIDE } from "./image-side.js";
import { contentSize } from "./output-size.js";

/** A part of an image in its own pixels, from its upper left corner; fractions are allowed. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

/** A part of an image in whole pixels, from its upper left corner. */
export interface Crop {
  /** First row. */
  readonly top: number;
  /** First column. */
  readonly left: number;
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
}

/** Where the result starts in the resized image, in pixels. */
export interface ImageWindow {
  /** Negative above the image. */
  readonly top: number;
  /** Negative to the left of it. */
  readonly left: number;
  /** Colour of what lies outside of the image, before normalization. Default 0. */
  readonly fill?: Fill;
}

/** What is done to single images. An array has one entry for each image. */
export interface ProcessOptions {
  /**
   * The part that is cut out before everything else, as by torchvision's `crop` and `resized_crop`.
   * Default: all of it.
   */
  crop?: Crop | readonly (Crop | null)[] | null;
  /**
   * The part that is resized, as the `box` of Pillow's `Image.resize`: unlike with a crop, the filter
   * sees the pixels around it. Default: all of it. Not together with `crop`, nor with resampler "torch".
   */
  box?: Box | readonly (Box | null)[] | null;
  /**
   * What of the resized image is shown, instead of its middle (`centerCrop`), or of all of it: as
   * torchvision's `pad` and `crop` with those numbers. The size stays the same. Default: the middle.
   */
  window?: ImageWindow | readonly (ImageWindow | null)[] | null;
  /** Mirrored left to right, after all of that. Default false. */
  horizontalFlip?: boolean | readonly boolean[];
  /** What is done then, in this order: one list for all images, or one for each. Default none. */
  operations?: readonly ImageOperation[] | readonly (readonly ImageOperation[])[];
}

/** One value for all images or one for each; what is for one image is read for it. */
const readers = {
  crop: asGiven,
  box: asGiven,
  window: asGiven,
  horizontalFlip: asGiven,
  operations: asGiven,
} satisfies OptionReaders<ProcessOptions>;

const place = integer(0, MAX_SIDE);
const side = integer(1, MAX_SIDE);
const readCrop = group({
  top: place,
  left: place,
  height: side,
  width: side,
} satisfies OptionReaders<Crop>);

const offset = integer(-MAX_SIDE, MAX_SIDE);
const readWindow = group({
  top: offset,
  left: offset,
  fill: withDefault(requireFill, [0, 0, 0]),
} satisfies OptionReaders<ImageWindow>);

const noWindow = { window: null, fill: [0, 0, 0] } as const;

/**
 * The options of each of `count` images; null where there are none.
 *
 * @param processor what the images go through beside them.
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value.
 */
export function readProcessOptions(
  options: unknown,
  count: number,
  processor: ImageProcessorConfig,
): (NativeRegion | null)[] {
  const given = readOptions("process", options, readers);
  const { crop = null, box = null, window = null, horizontalFlip = false } = given;
  const { operations = [] } = given;
  if (!Array.isArray(operations)) throw wrongType("operations", "an array", operations);
  if (crop !== null && box !== null) throw wrongType("box", "nothing beside crop", box);
  if (box !== null && processor.resampler === "torch") {
    throw wrongType("box", 'null with resampler "torch", which has no such part', box);
  }
  if (window !== null) contentSize("window", processor);
  const isBoxList = Array.isArray(box) && typeof box[0] !== "number";
  const crops = perImage("crop", crop, Array.isArray(crop), count);
  const boxes = perImage("box", box, isBoxList, count);
  const windows = perImage("window", window, Array.isArray(window), count);
  const flips = perImage("horizontalFlip", horizontalFlip, Array.isArray(horizontalFlip), count);
  const changes = perImage("operations", operations, Array.isArray(operations[0]), count);
  return flips.map((each, row) => {
    const flip = requireBoolean("horizontalFlip", each);
    const changed = requireOperations(changes[row]);
    const [oneCrop, oneBox, oneWindow] = [crops[row], boxes[row], windows[row]];
    if (oneCrop === null && oneBox === null && oneWindow === null && !flip && changed.length === 0)
      return null;
    return {
      crop: oneCrop === null ? null : requireCrop(oneCrop),
      box: oneBox === null ? null : requireBox(oneBox),
      ...(oneWindow === null ? noWindow : requireWindow(oneWindow)),
      flip,
      operations: changed,
    };
  });
}

/** A value for each image, from one for all or from an array. */
function perImage(option: string, value: unknown, isArray: boolean, count: number): unknown[] {
  if (!isArray) return new Array(count).fill(value);
  const list = value as unknown[];
  if (list.length === count) return list;
  throw outOfRange(option, `${count} entries, one for each image`, list.length);
}

function requireCrop(value: unknown): [left: number, top: number, width: number, height: number] {
  const { left, top, width, height } = readCrop("crop", value);
  return [left, top, width, height];
}

function requireWindow(value: unknown): Pick<NativeRegion, "window" | "fill"> {
  const { left, top, fill } = readWindow("window", value);
  return { window: [left, top], fill };
}

function requireOperations(value: unknown): (readonly number[])[] {
  if (!Array.isArray(value)) throw wrongType("operations", "an array for each image", value);
  return value.map((one) => nativeOperation(readOperation("operations", one)));
}

function requireBox(value: unknown): Box {
  const numbers = Array.isArray(value) && value.length === 4 && value.every(Number.isFinite);
  if (!numbers) throw wrongType("box", "[left, top, right, bottom] or null", value);
  const [left, top, right, bottom] = value as unknown as Box;
  if (left < 0 || top < 0 || right <= left || bottom <= top) {
    throw outOfRange("box", "0 <= left < right and 0 <= top < bottom", value);
  }
  return [left, top, right, bottom];
}
