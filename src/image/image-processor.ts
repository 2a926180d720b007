import { resolvePretrained } from "../hub/pretrained-files.js";
import { allocateMemory, lendMemory, releaseMemory } from "../native/batch-memory.js";
import type { Resampler } from "../native/resampler.js";
import { PixtokError } from "../shared/errors.js";
import type { ImageTensor, Tensor } from "../shared/tensor.js";
import { outOfRange, requireOptions } from "../shared/validation.js";
import type { AugmentationConfig } from "./augmentation.js";
import { compilePlan } from "./compiled-plan.js";
import { turnPixels } from "./decode/turn-pixels.js";
import { type ImagePlan, prepareImages } from "./image-batch.js";
import { type ImageInput, imageLabel, type RawPixels, requireImage } from "./image-input.js";
import {
  type ImageProcessorConfig,
  type ImageProcessorOptions,
  readImageProcessorOptions,
} from "./image-processor-options.js";
import { imageSize } from "./image-size.js";
import { besideTensor, framed, imageTensor, padded, stacked } from "./image-tensors.js";
import { outputSize, type Size } from "./output-size.js";
import type { ImageSteps, ResizeStep } from "./pretrained/image-steps.js";
import {
  type PretrainedProcessorOptions,
  type PretrainedRequest,
  readPretrainedOptions,
} from "./pretrained/pretrained-options.js";
import {
  invalidProcessor,
  processorFiles,
  readProcessorFile,
} from "./pretrained/processor-files.js";
import type { ProcessorKeys } from "./pretrained/processor-keys.js";
import {
  type ProcessorBackend,
  type ProcessorDefinition,
  processorDefinition,
} from "./pretrained/processor-options.js";
import { type ProcessOptions, readProcessOptions } from "./process-options.js";

/** What a processor of Hugging Face was made from. */
export interface ProcessorOrigin {
  /** Keys of its file, with what was given in place of them. */
  readonly keys: ProcessorKeys;
  /** `model_type` of the model, where its file is beside. */
  readonly modelType: string | undefined;
  readonly backend: ProcessorBackend;
}

interface Definition extends Pick<ProcessorDefinition, "steps" | "padding" | "outputs"> {
  readonly origin: ProcessorOrigin | null;
}

/** By EXIF's numbers. */
const QUARTER_CLOCKWISE = 6;

const noDefinition: Definition = { steps: null, padding: null, outputs: {}, origin: null };

/** What `ImageProcessor.process` gives, by the name that Hugging Face's processors have for it. */
export interface ProcessedImages {
  /** Shape [n, 3, height, width], or [n, height, width, 3] with layout "hwc". */
  pixel_values: ImageTensor;
  /** Height and width of each image, before the resize: Sam, Sam2 and Sam3. */
  original_sizes?: Tensor<"int64">;
  /** Height and width of each image after the resize: Sam. */
  reshaped_input_sizes?: Tensor<"int64">;
  /** 1 for each pixel, 0 for each of the padding: detectors and others that pad to the largest image. */
  pixel_mask?: Tensor<"int64">;
  /** Crops of each image: Gemma3. */
  num_crops?: Tensor<"int64">;
  /** Patches of each image: GotOcr2. */
  num_patches?: Tensor<"int64">;
  /** Rows and columns of each image's patches: Ovis2. */
  grids?: Tensor<"int64">;
  /** Whose resize the images went through. Not enumerable: it is no input of a model. */
  readonly resampler: Resampler;
}

/** Decodes, resizes and normalizes images to the last bit as Pillow and torchvision do. */
export class ImageProcessor {
  /** All options with their values. Frozen. */
  readonly config: ImageProcessorConfig;
  readonly #definition: Definition;
  #plan: ImagePlan | undefined;

  /** @throws {TypeError | RangeError} for options that do not exist or have no possible value. */
  constructor(options?: ImageProcessorOptions);
  /** @internal */
  constructor(options: ImageProcessorOptions, definition: Definition);
  constructor(options: ImageProcessorOptions = {}, definition: Definition = noDefinition) {
    this.config = readImageProcessorOptions(options, definition.steps !== null);
    this.#definition = definition;
  }

  /**
   * The standard preset: 224 x 224, antialiased bilinear, `(u8 / 255 - mean) / std` with ImageNet's
   * mean and std, CHW float32. The same as torchvision's `Resize((224, 224))`, `ToTensor()`,
   * `Normalize(mean, std)`.
   */
  static standard(): ImageProcessor {
    return new ImageProcessor();
  }

  /**
   * The processor of a Hugging Face model, equal to what `AutoImageProcessor.from_pretrained` of transformers
   * 5.24 gives: docs/guides/processors.md lists the classes.
   *
   * @param idOrPath a folder with a `processor_config.json` or a `preprocessor_config.json`, such a file, or the
   *   id of a model on the hub.
   * @throws {PixtokError} PROCESSOR_NOT_FOUND; INVALID_PROCESSOR, naming the key or class that is
   *   not understood; and the codes that begin with HUB_.
   */
  static async fromPretrained(
    idOrPath: string,
    options: PretrainedProcessorOptions = {},
  ): Promise<ImageProcessor> {
    const request = readPretrainedOptions(options);
    const path = await resolvePretrained(idOrPath, processorFiles, request);
    const file = await readProcessorFile(path);
    const { backend, overrides } = request;
    const origin = { keys: { ...file.keys, ...overrides }, modelType: file.modelType, backend };
    return ImageProcessor.ofOrigin(origin, request, file.path);
  }

  /**
   * @param path of what the origin is from, for errors.
   * @throws {PixtokError} INVALID_PROCESSOR
   * @internal
   */
  static ofOrigin(
    origin: ProcessorOrigin,
    request: Pick<PretrainedRequest, "resampler" | "exifOrientation" | "alpha">,
    path: string,
  ): ImageProcessor {
    const definition = processorDefinition(origin.keys, { ...origin, path });
    const { resampler, exifOrientation, alpha = definition.options.alpha ?? "drop" } = request;
    try {
      return new ImageProcessor(
        { resampler, ...definition.options, exifOrientation, alpha },
        { ...definition, origin },
      );
    } catch (cause) {
      if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
      throw invalidProcessor(path, cause);
    }
  }

  /**
   * Null for what was made by options.
   *
   * @internal
   */
  get origin(): ProcessorOrigin | null {
    return this.#definition.origin;
  }

  /** Shape of one image: [3, height, width], or [height, width, 3] with layout "hwc". */
  get dims(): readonly [number, number, number] {
    const { width, height } = outputSize(this.config);
    return this.config.layout === "chw" ? [3, height, width] : [height, width, 3];
  }

  /** @internal */
  get plan(): ImagePlan {
    this.#requirePlan();
    this.#plan ??= compilePlan(this.config, null);
    return this.#plan;
  }

  /**
   * The plan with random choices in it; images have the same size and type.
   *
   * @internal
   */
  augmentedPlan(augmentation: AugmentationConfig): ImagePlan {
    this.#requirePlan();
    return compilePlan(this.config, augmentation);
  }

  #requirePlan(): void {
    if (this.#definition.steps === null) return;
    throw new TypeError(
      "this ImageProcessor looks at the size of each image first: only its process() prepares images",
    );
  }

  /**
   * One image or several, prepared in parallel.
   *
   * @returns `pixel_values` of shape [n, 3, height, width] ([n, height, width, 3] with layout "hwc");
   *   n is 1 for a single image.
   * @throws {PixtokError} the first image that cannot be read; `index` is its position.
   * @throws {TypeError | RangeError} for an empty array and for options that have no possible value.
   */
  async process(
    images: ImageInput | readonly ImageInput[],
    options: ProcessOptions = {},
  ): Promise<ProcessedImages> {
    const list = Array.isArray(images) ? (images as readonly ImageInput[]) : [images as ImageInput];
    if (list.length === 0) throw outOfRange("images", "at least one image", images);
    const { steps, outputs } = this.#definition;
    const needsSizes = steps !== null || Object.values(outputs).includes("size");
    const size = needsSizes ? await this.#sizesOf(list) : [];
    const ways = steps === null ? [] : size.map(steps);
    const resized = ways.map(({ resizes }) => (resizes.at(-1) as ResizeStep).to);
    const pixels =
      steps === null
        ? { pixel_values: await this.#prepare(list, options) }
        : await this.#prepareByStep(list, options, ways);
    const beside = Object.entries(outputs).map(([name, value]) => [
      name,
      besideTensor(typeof value === "string" ? { size, resized }[value] : value, list.length),
    ]);
    const result = { ...pixels, ...Object.fromEntries(beside) };
    return Object.defineProperty(result, "resampler", {
      value: this.config.resampler,
    }) as ProcessedImages;
  }

  async #prepare(list: readonly ImageInput[], options: ProcessOptions): Promise<ImageTensor> {
    const regions = readProcessOptions(options, list.length, this.config);
    const memory = allocateMemory(list.length * this.plan.slotBytes);
    try {
      const request = {
        images: list.map((image, index) => requireImage(image, index)),
        indices: [...list.keys()],
        sources: list.map(imageLabel),
        regions,
      };
      const failed = await prepareImages(this.plan, request, memory);
      if (failed[0] !== undefined) throw failed[0].error;
      collectDroppedResults();
      return imageTensor(this.config.type, lendMemory(memory), [list.length, ...this.dims]);
    } catch (error) {
      releaseMemory(memory);
      throw error;
    }
  }

  #sizesOf(list: readonly ImageInput[]): Promise<Size[]> {
    return Promise.all(list.map((image, index) => imageSize(image, index, this.config)));
  }

  /** Images one after the other, each by its own steps, all to the same size. */
  async #prepareByStep(
    list: readonly ImageInput[],
    options: ProcessOptions,
    steps: readonly ImageSteps[],
  ): Promise<Pick<ProcessedImages, "pixel_values" | "pixel_mask">> {
    requireOptions("process of this ImageProcessor", options, []);
    const tensors: ImageTensor[] = [];
    for (const [index, image] of list.entries()) {
      tensors.push(await preparedByStep(this.config, image, index, steps[index] as ImageSteps));
    }
    const { padding = null } = this.#definition;
    return padding === null ? { pixel_values: stacked(tensors) } : padded(tensors, padding);
  }
}

/** Bytes between the steps, and what the processor gives at the end. */
async function preparedByStep(
  config: ImageProcessorConfig,
  image: ImageInput,
  index: number,
  { turn = false, resizes, frame, margins }: ImageSteps,
): Promise<ImageTensor> {
  let current = turn ? await turned(config, image, index) : image;
  for (const [step, { crop, to }] of resizes.entries()) {
    requirePixels(to, index);
    const isLast = step === resizes.length - 1;
    const exifOrientation = step === 0 && !turn && config.exifOrientation;
    const options: ImageProcessorOptions = isLast
      ? { ...config, resize: to, centerCrop: frame?.size ?? config.centerCrop, exifOrientation }
      : { ...bytesOf(config), resize: to, exifOrientation };
    const window = isLast && frame !== undefined ? { top: -frame.top, left: -frame.left } : null;
    const { pixel_values } = await processOne(new ImageProcessor(options), current, index, {
      crop: crop ?? null,
      window,
    });
    if (isLast) return margins === undefined ? pixel_values : framed(pixel_values, margins);
    const data = pixel_values.data as Uint8Array;
    current = { data, width: to.width, height: to.height, channels: 3 };
  }
  throw new RangeError("an image takes at least one step");
}

/** Clockwise by a quarter. */
async function turned(
  config: ImageProcessorConfig,
  image: ImageInput,
  index: number,
): Promise<RawPixels> {
  const { exifOrientation } = config;
  const { width, height } = await imageSize(image, index, config);
  const upright = new ImageProcessor({
    ...bytesOf(config),
    resize: { width, height },
    exifOrientation,
  });
  const { pixel_values } = await processOne(upright, image, index, {});
  const pixels = { data: pixel_values.data as Uint8Array, width, height, format: "rgb" } as const;
  return { ...turnPixels(pixels, QUARTER_CLOCKWISE), channels: 3 };
}

/** @throws {PixtokError} DOES_NOT_FIT for an image that is cut to nothing. */
function requirePixels({ width, height }: Size, index: number): void {
  if (width >= 1 && height >= 1) return;
  const what = `nothing of it is left: it becomes ${width} x ${height}`;
  throw new PixtokError("DOES_NOT_FIT", what, { index });
}

async function processOne(
  processor: ImageProcessor,
  image: ImageInput,
  index: number,
  options: ProcessOptions,
): Promise<ProcessedImages> {
  try {
    return await processor.process(image, options);
  } catch (error) {
    if (!(error instanceof PixtokError)) throw error;
    throw new PixtokError(error.code, error.reason, {
      index,
      source: imageLabel(image),
      cause: error,
    });
  }
}

function bytesOf({
  filter,
  resampler,
  convention,
  alpha,
  maxPixels,
}: ImageProcessorConfig): ImageProcessorOptions {
  return { filter, resampler, convention, alpha, maxPixels, type: "uint8", layout: "hwc" };
}

/**
 * Results are mostly dropped young, by somebody who serves one image after the other. Before V8 gives
 * memory to an ordinary ArrayBuffer it looks for dropped ones among the young, where these hold more
 * than some 32 MB; their memory then goes back to the pool, still warm, and does not wait for a full
 * collection. That takes 0.1 ms off an image.
 */
function collectDroppedResults(): void {
  new ArrayBuffer(1);
}
