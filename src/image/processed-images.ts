import type { Resampler } from "../native/resampler.js";
import type { ImageTensor, Tensor } from "../shared/tensor.js";

/** What `ImageProcessor.process` gives, by the name that Hugging Face's processors have for it. */
export interface ProcessedImages {
  /** Shape [n, 3, height, width], or [n, height, width, 3] with layout "hwc". */
  pixel_values: ImageTensor;
  /** The same tensor under VideoLlava's name; pixel_values is not enumerable then. */
  pixel_values_images?: ImageTensor;
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
