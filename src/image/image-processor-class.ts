import type { GivenOption, InferredFrom } from "../shared/given-option.js";
import type { ImageType } from "./image-choices.js";
import { ImageProcessor as Implementation } from "./image-processor.js";
import type { ImageProcessorOptions } from "./image-processor-options.js";

/** Element type of the images of a processor with these options: all that are possible, where that is not said. */
export type ChosenImageType<O> =
  GivenOption<O, "type"> extends infer Given
    ? [ImageType] extends [Given]
      ? ImageType
      : ImageType & (Extract<ImageType, Given> | (undefined extends Given ? "float32" : never))
    : never;

/**
 * The class of ImageProcessor, with constructors whose types follow the options. A class cannot say that itself: what its
 * parameter is by default in an annotation, any type, it would also be where no `type` is given.
 */
export interface ImageProcessorClass
  extends Pick<typeof Implementation, "prototype" | "standard" | "fromPretrained"> {
  /** The standard preset. */
  new (): Implementation<"float32">;
  /** @throws {TypeError | RangeError} for options that do not exist or have no possible value. */
  new <O extends ImageProcessorOptions | undefined>(
    options: (ImageProcessorOptions | undefined) & InferredFrom<O>,
  ): Implementation<ChosenImageType<O>>;
}

/**
 * Decodes, resizes and normalizes images to the last bit as Pillow and torchvision do.
 *
 * @class
 */
export const ImageProcessor = Implementation as ImageProcessorClass;
/** Its tensors are of type `I`. */
export type ImageProcessor<I extends ImageType = ImageType> = Implementation<I>;
