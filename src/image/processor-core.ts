import { allDone } from "../shared/all-done.js";
import { limitAtOnce } from "../shared/limit-at-once.js";
import type { ImageTensor } from "../shared/tensor.js";
import { outOfRange, requireOptions } from "../shared/validation.js";
import type { AugmentationConfig } from "./augmentation.js";
import { compilePlan } from "./compiled-plan.js";
import type { ImagePlan } from "./image-batch.js";
import type { ImageInput } from "./image-input.js";
import { type ImagesGiven, listsOf } from "./image-lists.js";
import {
  type ImageProcessorConfig,
  type ImageProcessorOptions,
  readImageProcessorOptions,
} from "./image-processor-options.js";
import { imageSize } from "./image-size.js";
import { besideTensor, padded, stacked } from "./image-tensors.js";
import type { Size } from "./output-size.js";
import { prepareAtOnce } from "./prepare-at-once.js";
import { prepareBySteps } from "./prepare-by-steps.js";
import type { ImageSteps, ResizeStep } from "./pretrained/image-steps.js";
import type { ProcessorBackend } from "./pretrained/processor-backend.js";
import type { ProcessorKeys } from "./pretrained/processor-keys.js";
import type { ProcessorDefinition } from "./pretrained/processor-options.js";
import type { ProcessOptions } from "./process-options.js";
import type { ProcessedImages } from "./processed-images.js";
import { type PicturePlan, picturePlan } from "./views/picture-plan.js";
import { preparePictures } from "./views/prepare-pictures.js";
import { wholeImages } from "./views/whole-images.js";

/** What a processor of Hugging Face was made from. */
export interface ProcessorOrigin {
  /** Keys of its file, with what was given in place of them. */
  readonly keys: ProcessorKeys;
  /** `model_type` of the model, where its file is beside. */
  readonly modelType: string | undefined;
  readonly backend: ProcessorBackend;
}

/** Images whose files are in memory at a time while their sizes are read. */
const SIZES_AT_ONCE = 8;

function sizesOf(images: readonly ImageInput[], config: ImageProcessorConfig): Promise<Size[]> {
  const atOnce = limitAtOnce(SIZES_AT_ONCE);
  return allDone(images.map((image, index) => atOnce(() => imageSize(image, index, config))));
}

/** What a processor of Hugging Face has beside options. */
interface Definition
  extends Pick<ProcessorDefinition, "steps" | "padding" | "pictures" | "pixelValues" | "outputs"> {
  readonly origin: ProcessorOrigin | null;
}

const noDefinition: Definition = {
  steps: null,
  padding: null,
  pictures: null,
  pixelValues: "pixel_values",
  outputs: {},
  origin: null,
};

/** What an ImageProcessor consists of. */
export interface ProcessorCore {
  readonly config: ImageProcessorConfig;
  /** Null for what was made by options. */
  readonly origin: ProcessorOrigin | null;
  /** Whether an image's size decides what it goes through, so that only process() prepares images. */
  readonly sizeVaries: boolean;
  /** How images are taken apart; null where they are not. */
  readonly pictures: PicturePlan | null;
  /** What the class calls its pixels: "pixel_values" of nearly all. */
  readonly pixelsName: string;
  /**
   * What every image goes through.
   *
   * @throws {TypeError} where an image's size decides that.
   */
  plan(): ImagePlan;
  /**
   * The plan with random choices in it; images have the same size and type.
   *
   * @throws {TypeError} as `plan`.
   */
  augmentedPlan(augmentation: AugmentationConfig): ImagePlan;
  /**
   * How images of rows with any number of them are put together: as `pictures`, else whole, one behind the other.
   *
   * @throws {TypeError} as `plan`.
   */
  joined(): PicturePlan;
  /** As the ImageProcessor's. */
  process(images: ImagesGiven, options: ProcessOptions): Promise<ProcessedImages>;
}

/** @throws {TypeError | RangeError} for options that do not exist or have no possible value. */
export function processorCore(
  options: ImageProcessorOptions,
  definition: Definition = noDefinition,
): ProcessorCore {
  const { steps, padding = null, pixelValues: pixelsName, outputs, origin } = definition;
  const sizeVaries = steps !== null || definition.pictures !== null;
  const config = readImageProcessorOptions(options, sizeVaries);
  const pictures = definition.pictures && picturePlan(definition.pictures, config);
  let compiled: ImagePlan | undefined;

  const requirePlan = () => {
    if (!sizeVaries) return;
    throw new TypeError(
      "this ImageProcessor looks at the size of each image first: only its process() prepares images",
    );
  };

  const plan = () => {
    requirePlan();
    compiled ??= compilePlan(config, null);
    return compiled;
  };

  const augmentedPlan = (augmentation: AugmentationConfig) => {
    requirePlan();
    return compilePlan(config, augmentation);
  };

  const joined = () => {
    if (pictures !== null) return pictures;
    requirePlan();
    return wholeImages(config, plan, (size) => besideOf(size.length, { size, resized: [] }));
  };

  /** What stands beside the pixels of so many images. */
  const besideOf = (count: number, sizes: Record<"size" | "resized", readonly Size[]>) =>
    Object.fromEntries(
      Object.entries(outputs).map(([name, value]) => [
        name,
        besideTensor(typeof value === "string" ? sizes[value] : value, count),
      ]),
    );

  /** Images each by its own steps, all to the same size. */
  const prepareEach = async (
    images: readonly ImageInput[],
    given: ProcessOptions,
    ways: readonly ImageSteps[],
  ): Promise<Pick<ProcessedImages, "pixel_values" | "pixel_mask">> => {
    requireOptions("process of this ImageProcessor", given, []);
    const tensors = await prepareBySteps(images, ways, config);
    return padding === null ? { pixel_values: stacked(tensors) } : padded(tensors, padding);
  };

  /** The pixels by the name that the class has for them, and what stands beside them. */
  const resultOf = (pixel_values: ImageTensor, beside: object) => {
    const result: object = { [pixelsName]: pixel_values, ...beside };
    if (!("pixel_values" in result)) {
      Object.defineProperty(result, "pixel_values", { value: pixel_values });
    }
    return Object.defineProperty(result, "resampler", {
      value: config.resampler,
    }) as ProcessedImages;
  };

  const process = async (given: ImagesGiven, options: ProcessOptions) => {
    const { images, lists } = listsOf(given, pictures?.geometry);
    if (images.length === 0) throw outOfRange("images", "at least one image", images);
    if (pictures === null) return prepare(images, options);
    requireOptions("process of this ImageProcessor", options, []);
    const { pixels, outputs: beside } = await preparePictures(pictures, images, lists);
    return resultOf(pixels, beside);
  };

  const prepare = async (images: readonly ImageInput[], given: ProcessOptions) => {
    const needsSizes = steps !== null || Object.values(outputs).includes("size");
    const size = needsSizes ? await sizesOf(images, config) : [];
    const ways = steps === null ? [] : size.map(steps);
    const resized = ways.map(({ resizes }) => (resizes.at(-1) as ResizeStep).to);
    const pixels: Pick<ProcessedImages, "pixel_values" | "pixel_mask"> =
      steps === null
        ? { pixel_values: await prepareAtOnce(images, given, config, plan()) }
        : await prepareEach(images, given, ways);
    const { pixel_values, ...mask } = pixels;
    return resultOf(pixel_values, { ...mask, ...besideOf(images.length, { size, resized }) });
  };

  return { config, origin, sizeVaries, pictures, pixelsName, plan, augmentedPlan, joined, process };
}
