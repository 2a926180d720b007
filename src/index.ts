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
export {
  type ImageLayout,
  ImageProcessor,
  type ImageProcessorConfig,
  type ImageProcessorOptions,
  type ImageType,
  type PerChannel,
  type ResampleFilter,
} from "./image-processor.js";
export type { Pair, PairSource } from "./pair-source.js";
export { type RuntimeInfo, runtimeInfo } from "./runtime.js";
export type { ImageTensor, Tensor, TensorData, TensorType, TokenTensor } from "./tensor.js";
export { cleanAlphanumeric, type TextCleaning } from "./text-cleaning.js";
export { type Encoded, type EncodeOptions, Tokenizer } from "./tokenizer.js";
