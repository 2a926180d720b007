import type { ImageType } from "../image/image-choices.js";
import type { AnyProcessor, ImageProcessor } from "../image/image-processor.js";
import type { Processor } from "../vision-language/processor.js";

/** What rows go through: their images alone, or images and what is said about them together. */
export type RowProcessor = AnyProcessor | Processor;

/** Element type of the images that a processor gives. */
export type ImageTypeOf<P extends RowProcessor> = P extends ImageProcessor<infer I> ? I : ImageType;

/**
 * What rows go through where the option `image` is given as `Given`.
 *
 * @typeParam P what it, or the option `processor`, is.
 * @typeParam Standard what images go through where the option is left out.
 */
export type ChosenProcessor<P extends RowProcessor, Given, Standard extends ImageProcessor> = [
  P,
] extends [Processor]
  ? P
  : [Exclude<Given, undefined>] extends [never]
    ? Standard
    : undefined extends Given
      ? P | (Standard extends P ? never : Standard)
      : P;
