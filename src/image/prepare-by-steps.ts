import { PixtokError } from "../shared/errors.js";
import type { ImageTensor } from "../shared/tensor.js";
import { compilePlan } from "./compiled-plan.js";
import { turnPixels } from "./decode/turn-pixels.js";
import { takeFloatSteps } from "./float-steps.js";
import { type ImageInput, imageLabel, type RawPixels } from "./image-input.js";
import {
  type ImageProcessorConfig,
  type ImageProcessorOptions,
  readImageProcessorOptions,
} from "./image-processor-options.js";
import { imageSize } from "./image-size.js";
import { framed } from "./image-tensors.js";
import type { Size } from "./output-size.js";
import { prepareAtOnce } from "./prepare-at-once.js";
import type { FloatSteps, ImageSteps } from "./pretrained/image-steps.js";
import type { ProcessOptions } from "./process-options.js";

/** By EXIF's numbers. */
const QUARTER_CLOCKWISE = 6;

/**
 * Images one after the other, each by its own steps: a tensor of each.
 *
 * @param steps of each image.
 * @throws {PixtokError} the first image that cannot be read or is cut to nothing; `index` is its position.
 */
export async function prepareBySteps(
  images: readonly ImageInput[],
  steps: readonly ImageSteps[],
  config: ImageProcessorConfig,
): Promise<ImageTensor[]> {
  const tensors: ImageTensor[] = [];
  for (const [index, image] of images.entries()) {
    tensors.push(await preparedByStep(config, image, index, steps[index] as ImageSteps));
  }
  return tensors;
}

/** Bytes between the steps, and what the processor gives at the end. */
async function preparedByStep(
  config: ImageProcessorConfig,
  image: ImageInput,
  index: number,
  { turn = false, resizes, frame, margins, floats }: ImageSteps,
): Promise<ImageTensor> {
  if (floats !== undefined && frame !== undefined) requireFrame(frame.size, index, config);
  let current = turn ? await turned(config, image, index) : image;
  for (const [step, { crop, to }] of resizes.entries()) {
    requirePixels(to, index);
    const isLast = step === resizes.length - 1;
    const options: ImageProcessorOptions = isLast
      ? {
          ...config,
          ...laterNumbers(floats),
          resize: to,
          centerCrop: frame?.size ?? config.centerCrop,
        }
      : { ...bytesOf(config), resize: to };
    const window = isLast && frame !== undefined ? { top: -frame.top, left: -frame.left } : null;
    const prepared = await prepareOne(options, current, index, { crop: crop ?? null, window });
    if (isLast && floats !== undefined) {
      requirePixels(floats.resize?.to ?? to, index);
      return takeFloatSteps(prepared, floats, config);
    }
    if (isLast) return margins === undefined ? prepared : framed(prepared, margins);
    const data = prepared.data as Uint8Array;
    current = { data, width: to.width, height: to.height, channels: 3 };
  }
  throw new RangeError("an image takes at least one step");
}

/** What is not normalized yet. */
function laterNumbers(floats: FloatSteps | undefined): Partial<ImageProcessorOptions> {
  return floats?.normalizesAfter === true ? { mean: null, std: null } : {};
}

/** Clockwise by a quarter. */
async function turned(
  config: ImageProcessorConfig,
  image: ImageInput,
  index: number,
): Promise<RawPixels> {
  const { width, height } = await imageSize(image, index, config);
  const upright = { ...bytesOf(config), resize: { width, height } };
  const { data } = await prepareOne(upright, image, index, {});
  const pixels = { data: data as Uint8Array, width, height, format: "rgb" } as const;
  return { ...turnPixels(pixels, QUARTER_CLOCKWISE), channels: 3 };
}

/** @throws {PixtokError} DOES_NOT_FIT for an image that is cut to nothing. */
function requirePixels({ width, height }: Size, index: number): void {
  if (width >= 1 && height >= 1) return;
  const what = `nothing of it is left: it becomes ${width} x ${height}`;
  throw new PixtokError("DOES_NOT_FIT", what, { index });
}

/** Of a frame that follows the image's size: a line of pixels may have a square of gigabytes. */
function requireFrame(
  { width, height }: Size,
  index: number,
  { maxPixels }: ImageProcessorConfig,
): void {
  if (width * height <= maxPixels) return;
  const what = `it is padded to ${width} x ${height} pixels, more than maxPixels = ${maxPixels}`;
  throw new PixtokError("TOO_MANY_PIXELS", what, { index });
}

async function prepareOne(
  processor: ImageProcessorOptions,
  image: ImageInput,
  index: number,
  options: ProcessOptions,
): Promise<ImageTensor> {
  const config = readImageProcessorOptions(processor);
  try {
    return await prepareAtOnce([image], options, config, compilePlan(config, null));
  } catch (error) {
    if (!(error instanceof PixtokError)) throw error;
    throw new PixtokError(error.code, error.reason, {
      index,
      source: imageLabel(image),
      cause: error,
    });
  }
}

/** Bytes of the same image, which are upright, whatever is asked for of them later. */
function bytesOf(config: ImageProcessorConfig): ImageProcessorOptions {
  const { filter, resampler, convention, exifOrientation, alpha, maxPixels } = config;
  const same = { filter, resampler, convention, exifOrientation, alpha, maxPixels };
  return { ...same, type: "uint8", layout: "hwc" };
}
