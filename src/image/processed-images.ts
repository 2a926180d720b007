import type { Resampler } from "../native/resampler.js";
import type { ImageTensor, Tensor } from "../shared/tensor.js";
import type { ImageType } from "./image-choices.js";

/** What `ImageProcessor.process` gives, by the name that Hugging Face's processors have for it. */
export interface ProcessedImages<I extends ImageType = ImageType> extends VisionOutputs {
  /**
   * Shape [n, 3, height, width], or [n, height, width, 3] with layout "hwc". Of classes that take images apart
   * as each has it: docs/guides/vision-language.md. Of Llama4 this is a Tensor<"bfloat16">, which the runtimes that
   * ImageTensor is for do not have.
   */
  pixel_values: ImageTensor<I>;
  /** The same tensor under VideoLlava's name; pixel_values is not enumerable then. */
  pixel_values_images?: ImageTensor<I>;
  /** The same tensor under Phi4Multimodal's name; pixel_values is not enumerable then. */
  image_pixel_values?: ImageTensor<I>;
  /** The same tensor under Fuyu's name; pixel_values is not enumerable then. */
  images?: ImageTensor<I>;
  /** Height and width of each image, before the resize: Sam, Sam2 and Sam3. */
  original_sizes?: Tensor<"int64">;
  /** Height and width of each image after the resize: Sam. */
  reshaped_input_sizes?: Tensor<"int64">;
  /**
   * 1 for each pixel, 0 for each of the padding: detectors and others that pad to the largest image. Of Aria as
   * "bool", of each part of an image.
   */
  pixel_mask?: Tensor<"int64"> | Tensor<"bool">;
  /** Whose resize the images went through. Not enumerable: it is no input of a model. */
  readonly resampler: Resampler;
}

/** What stands beside the pixels of classes that take images apart. */
export interface VisionOutputs {
  /** Crops of each image: Gemma3. The most of an image, as one number without axes: Aria. */
  num_crops?: Tensor<"int64">;
  /** Patches of each image: GotOcr2. */
  num_patches?: Tensor<"int64">;
  /** Rows and columns of each image's tiles: Ovis2. As lists, of its slices, 0 where it is not cut: MiniCPMV4_6, MiniCPMOcr. */
  grids?: Tensor<"int64"> | readonly (readonly number[])[];
  /** Rows and columns of patches of each slice: MiniCPMV4_6, MiniCPMOcr. */
  target_sizes?: Tensor<"int32">;
  /** Slices of each image, the whole included: MiniCPMV4_6, MiniCPMOcr. */
  num_patches_per_image?: readonly number[];
  /** Frames, rows and columns of each image's patches: Qwen2VL and what shares its arithmetic. */
  image_grid_thw?: Tensor<"int64">;
  /** merge_size, for each image: VideoLlama3. */
  image_merge_sizes?: Tensor<"int64">;
  /** Height and width of each image: as it is resized of Pixtral, Phi4Multimodal and Lfm2Vl, else as it was. */
  image_sizes?: Tensor<"int64">;
  /** Height of each image after the resize, without what surrounds it: Fuyu. */
  image_unpadded_heights?: Tensor<"int64">;
  /** Width of each image, likewise. */
  image_unpadded_widths?: Tensor<"int64">;
  /** Height after the resize to that before, of each image: Fuyu. */
  image_scale_factors?: Tensor<"float32">;
  /** Images of each list: LlavaOnevision. */
  batch_num_images?: Tensor<"int64">;
  /** 1 for patches, or pixels, 0 for what they are filled up with: Siglip2, Lfm2Vl; Idefics2, Idefics3, SmolVLM. */
  pixel_attention_mask?: Tensor<"int64"> | Tensor<"int32">;
  /** Rows and columns of patches: Siglip2, Lfm2Vl. */
  spatial_shapes?: Tensor<"int64">;
  /** Column and row of each patch, −1 where there is none: Gemma4. */
  image_position_ids?: Tensor<"int64">;
  /** Tokens of each image: Gemma4. */
  num_soft_tokens_per_image?: Tensor<"int64">;
  /** Number of each image's arrangement of tiles, 0 where there is no image: Mllama. */
  aspect_ratio_ids?: Tensor<"int64">;
  /** 1 for each tile: Mllama. */
  aspect_ratio_mask?: Tensor<"int64">;
  /** Tiles of each image of each list: Mllama. */
  num_tiles?: readonly (readonly number[])[];
  /** Rows and columns of each image's tiles: Llama4. */
  aspect_ratios?: Tensor<"int64">;
  /** 1 for each patch of each tile that shows the image: Phi4Multimodal. */
  image_attention_mask?: Tensor<"float32">;
  /** Tokens of each image: Phi4Multimodal. */
  num_img_tokens?: Tensor<"int64">;
  /** Rows of tiles of each image of each list: Idefics3 and SmolVLM, with return_row_col_info. */
  rows?: readonly (readonly number[])[];
  /** Tiles in a row of each image of each list, likewise. */
  cols?: readonly (readonly number[])[];
  /** Rows of tiles of each image: Lfm2Vl, with return_row_col_info. */
  image_rows?: Tensor<"int64">;
  /** Tiles in a row of each image, likewise. */
  image_cols?: Tensor<"int64">;
}
