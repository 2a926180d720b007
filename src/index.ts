export type { Batch, Item } from "./batch.js";
export { DataLoader, type DataLoaderOptions } from "./data-loader.js";
export {
  MultimodalDataset,
  type MultimodalDatasetOptions,
  type TextOptions,
} from "./dataset.js";
export {
  PixtokError,
  type PixtokErrorCode,
  type PixtokErrorOptions,
  type SampleOrigin,
} from "./errors.js";
export type { ImageInput, RawPixels } from "./image-input.js";
export { ImageProcessor, type ProcessOptions } from "./image-processor.js";
export type {
  Box,
  GeometryConvention,
  ImageLayout,
  ImageProcessorConfig,
  ImageProcessorOptions,
  ImageType,
  JpegDecode,
  PerChannel,
  ResampleFilter,
  ResizeTarget,
  Size,
} from "./image-processor-options.js";
export type { Pair, PairSource } from "./pair-source.js";
export { type RuntimeInfo, runtimeInfo } from "./runtime.js";
export type { ImageTensor, Tensor, TensorData, TensorType, TokenTensor } from "./tensor.js";
export { cleanAlphanumeric, type TextCleaning } from "./text-cleaning.js";
export {
  type DecodeOptions,
  type Encoded,
  type EncodeOptions,
  type FromPretrainedOptions,
  Tokenizer,
} from "./tokenizer.js";
