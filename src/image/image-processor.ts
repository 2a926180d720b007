import { type PretrainedOptions, resolvePretrained } from "../hub/pretrained-files.js";
import type { NativePlanOptions } from "../native/addon.js";
import { allocateMemory, lendMemory, releaseMemory } from "../native/batch-memory.js";
import { type Resampler, STANDARD_RESAMPLER } from "../native/resampler.js";
import { runtime } from "../native/runtime.js";
import type { ImageTensor } from "../shared/tensor.js";
import { outOfRange, requireOneOf, requireOptions } from "../shared/validation.js";
import { type AugmentationConfig, augmentedConfig, nativeAugmentation } from "./augmentation.js";
import { type ImagePlan, prepareImages } from "./image-batch.js";
import { type ImageInput, imageSource, requireImage } from "./image-input.js";
import {
  type ImageProcessorConfig,
  type ImageProcessorOptions,
  outputSize,
  type ResizeTarget,
  readImageProcessorOptions,
} from "./image-processor-options.js";
import { type ProcessOptions, readProcessOptions } from "./process-options.js";
import { processorFiles, readProcessor } from "./processor-config.js";

type NativeResize = Pick<NativePlanOptions, "resize" | "width" | "height" | "shortest" | "longest">;

function nativeResize(target: ResizeTarget | null): NativeResize {
  const none: NativeResize = { resize: "none", width: 0, height: 0, shortest: 0, longest: 0 };
  if (target === null) return none;
  if ("width" in target) return { ...none, ...target, resize: "fixed" };
  if ("maxWidth" in target) {
    const { maxWidth: width, maxHeight: height } = target;
    return { ...none, width, height, resize: "fitWithin" };
  }
  const { longestEdge: longest = 0 } = target;
  if ("shortestEdge" in target) {
    return { ...none, shortest: target.shortestEdge, longest, resize: "shortestEdge" };
  }
  return { ...none, longest, resize: "longestEdge" };
}

const elementBytes = { float32: 4, float16: 2, uint8: 1 } as const;

function compile(
  processor: ImageProcessorConfig,
  augmentation: AugmentationConfig | null,
): ImagePlan {
  const config = augmentation === null ? processor : augmentedConfig(processor, augmentation);
  const { rescale, mean, std, type, centerCrop, exifOrientation, maxPixels } = config;
  const output = outputSize(config);
  const native = runtime().addon.compilePlan({
    ...nativeResize(config.resize),
    convention: config.convention,
    cropWidth: centerCrop?.width ?? 0,
    cropHeight: centerCrop?.height ?? 0,
    pad: config.pad !== null,
    outputWidth: output.width,
    outputHeight: output.height,
    exifOrientation,
    fastDecode: config.decode === "fast",
    augmentation: augmentation === null ? null : nativeAugmentation(augmentation),
    filter: config.filter,
    resampler: config.resampler,
    type,
    layout: config.layout,
    maxPixels,
    arithmetic: typeof rescale === "number" ? "huggingface" : "torchvision",
    rescale: rescale !== false,
    rescaleFactor: typeof rescale === "number" ? rescale : 1 / 255,
    normalize: mean !== null,
    mean: mean ?? [0, 0, 0],
    std: std ?? [1, 1, 1],
  });
  const slotBytes = 3 * output.width * output.height * elementBytes[type];
  return { native, slotBytes, maxPixels, exifOrientation };
}

/** What `ImageProcessor.fromPretrained` is given besides the name. */
export interface PretrainedProcessorOptions extends PretrainedOptions {
  /** Version of Pillow whose resize is followed. Default "pillow13". */
  resampler?: "pillow13" | "pillow12";
}

/** What `ImageProcessor.process` gives, by the name that Hugging Face's processors have for it. */
export interface ProcessedImages {
  /** Shape [n, 3, height, width], or [n, height, width, 3] with layout "hwc". */
  pixel_values: ImageTensor;
  /** Whose resize the images went through. Not enumerable: it is no input of a model. */
  readonly resampler: Resampler;
}

/** Decodes, resizes and normalizes images to the last bit as Pillow and torchvision do. */
export class ImageProcessor {
  /** All options with their values. Frozen. */
  readonly config: ImageProcessorConfig;
  #plan: ImagePlan | undefined;

  /** @throws {TypeError | RangeError} for options that do not exist or have no possible value. */
  constructor(options: ImageProcessorOptions = {}) {
    this.config = readImageProcessorOptions(options);
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
   * The processor of a Hugging Face model: CLIP, SigLIP, ViT, DeiT, BLIP, BiT (DINOv2), ConvNeXT and
   * others whose `preprocessor_config.json` has the same keys. Equal to the class that transformers
   * calls `...ImageProcessorPil` ("slow" before version 5).
   *
   * @param idOrPath a folder with a `preprocessor_config.json`, such a file, or the id of a model on
   *   the hub.
   * @throws {PixtokError} PROCESSOR_NOT_FOUND; INVALID_PROCESSOR, naming the key or class that is
   *   not understood; and the codes that begin with HUB_.
   */
  static async fromPretrained(
    idOrPath: string,
    options: PretrainedProcessorOptions = {},
  ): Promise<ImageProcessor> {
    const names = ["revision", "resampler"];
    const given = requireOptions("ImageProcessor.fromPretrained", options, names);
    const { resampler = STANDARD_RESAMPLER } = given;
    const expected = ["pillow13", "pillow12"] as const;
    const resampling = { resampler: requireOneOf("resampler", resampler, expected) };
    const path = await resolvePretrained(idOrPath, processorFiles, given);
    return readProcessor(path, (config) => new ImageProcessor({ ...config, ...resampling }));
  }

  /** Shape of one image: [3, height, width], or [height, width, 3] with layout "hwc". */
  get dims(): readonly [number, number, number] {
    const { width, height } = outputSize(this.config);
    return this.config.layout === "chw" ? [3, height, width] : [height, width, 3];
  }

  /** @internal */
  get plan(): ImagePlan {
    this.#plan ??= compile(this.config, null);
    return this.#plan;
  }

  /**
   * The plan with random choices in it; images have the same size and type.
   *
   * @internal
   */
  augmentedPlan(augmentation: AugmentationConfig): ImagePlan {
    return compile(this.config, augmentation);
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
    const regions = readProcessOptions(options, list.length, this.config);
    const memory = allocateMemory(list.length * this.plan.slotBytes);
    try {
      const request = {
        images: list.map((image, index) => requireImage(image, index)),
        indices: [...list.keys()],
        sources: list.map(imageSource),
        regions,
      };
      const failed = await prepareImages(this.plan, request, memory);
      if (failed[0] !== undefined) throw failed[0].error;
      collectDroppedResults();
      const dims = [list.length, ...this.dims];
      const result = { pixel_values: imageTensor(this, lendMemory(memory), dims) };
      return Object.defineProperty(result, "resampler", {
        value: this.config.resampler,
      }) as ProcessedImages;
    } catch (error) {
      releaseMemory(memory);
      throw error;
    }
  }
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

/** `memory`, from its start, as a tensor of the processor's type. */
export function imageTensor(
  processor: ImageProcessor,
  { buffer, byteOffset }: Uint8Array,
  dims: number[],
): ImageTensor {
  const length = dims.reduce((product, size) => product * size, 1);
  switch (processor.config.type) {
    case "float32":
      return { type: "float32", data: new Float32Array(buffer, byteOffset, length), dims };
    case "float16":
      return { type: "float16", data: new Uint16Array(buffer, byteOffset, length), dims };
    case "uint8":
      return { type: "uint8", data: new Uint8Array(buffer, byteOffset, length), dims };
  }
}
