import { resolvePretrained } from "../hub/pretrained-files.js";
import { shownAs } from "../shared/shown-as.js";
import { whenLoaded } from "../shared/when-loaded.js";
import type { ImageType } from "./image-choices.js";
import type { ImagesGiven } from "./image-lists.js";
import type { ImageProcessorConfig, ImageProcessorOptions } from "./image-processor-options.js";
import { imageDims } from "./image-tensors.js";
import {
  type PretrainedProcessorOptions,
  readPretrainedOptions,
} from "./pretrained/pretrained-options.js";
import { processorFiles, readProcessorFile } from "./pretrained/processor-files.js";
import type { ProcessOptions } from "./process-options.js";
import type { ProcessedImages } from "./processed-images.js";
import { type ProcessorCore, processorCore } from "./processor-core.js";
import { shownProcessor } from "./shown-processor.js";

/**
 * What a processor consists of. For other rooms: the class has no members for them.
 *
 * @internal
 */
export let coreOfProcessor: (processor: ImageProcessor) => ProcessorCore;

/** @internal */
export let processorOfCore: (core: ProcessorCore) => ImageProcessor;

/** Decodes, resizes and normalizes images to the last bit as Pillow and torchvision do. Its tensors are of type `I`. */
export class ImageProcessor<I extends ImageType = ImageType> {
  #core: ProcessorCore;

  static {
    shownAs<ImageProcessor>((processor) => `ImageProcessor: ${shownProcessor(processor.#core)}`)(
      ImageProcessor.prototype,
    );
    coreOfProcessor = (processor) => processor.#core;
    processorOfCore = (core) => {
      const processor = new ImageProcessor();
      processor.#core = core;
      return processor;
    };
  }

  /** @throws {TypeError | RangeError} for options that do not exist or have no possible value. */
  constructor(options: ImageProcessorOptions = {}) {
    this.#core = processorCore(options);
  }

  /** All options with their values. Frozen. */
  get config(): ImageProcessorConfig<I> {
    return this.#core.config as ImageProcessorConfig<I>;
  }

  /**
   * The standard preset: 224 x 224, antialiased bilinear, `(u8 / 255 - mean) / std` with ImageNet's
   * mean and std, CHW float32. The same as torchvision's `Resize((224, 224))`, `ToTensor()`,
   * `Normalize(mean, std)`.
   */
  static standard(): ImageProcessor<"float32"> {
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
    // the classes of transformers are only loaded when one is asked for
    const { coreOfOrigin } = await whenLoaded(import("./processor-of-origin.js"));
    return processorOfCore(coreOfOrigin(origin, request, file.path));
  }

  /**
   * Whether images are taken apart, into patches or tiles, for a vision–language model: batches of a dataset then have
   * what process() gives, and no `image`.
   */
  get takesApart(): boolean {
    return this.#core.pictures !== null;
  }

  /** Shape of one image: [3, height, width], or [height, width, 3] with layout "hwc". */
  get dims(): readonly [number, number, number] {
    return imageDims(this.#core.config);
  }

  /**
   * One image or several, prepared in parallel. Several lists of images, as those of several rows, are one after
   * the other, but for classes that give a row for each list: Idefics2, Idefics3, SmolVLM, Mllama.
   *
   * @returns `pixel_values` of shape [n, 3, height, width] ([n, height, width, 3] with layout "hwc");
   *   n is 1 for a single image.
   * @throws {PixtokError} the first image that cannot be read; `index` is its position.
   * @throws {TypeError | RangeError} for an empty array and for options that have no possible value.
   */
  async process(images: ImagesGiven, options: ProcessOptions = {}): Promise<ProcessedImages<I>> {
    return this.#core.process(images, options) as Promise<ProcessedImages<I>>;
  }
}

/** A processor that takes images apart, into patches or tiles, for a vision–language model. */
export interface VisionProcessor extends ImageProcessor {
  readonly takesApart: true;
}

/** A processor of either kind. */
export type AnyProcessor = ImageProcessor | VisionProcessor;

/**
 * Whether a processor takes images apart, and batches of a dataset have what it gives by the names of its class. A dataset
 * that is made with such a processor is typed so.
 */
export function isVisionProcessor(processor: ImageProcessor): processor is VisionProcessor {
  return processor.takesApart;
}
