export type {
  AugmentationOptions,
  RandomCropOptions,
  RandomResizedCropOptions,
} from "./augmentation.js";
export type { Batch, Item } from "./batch.js";
export type { FieldContext, FieldFunctions, Fields } from "./batch-fields.js";
export type { BatchMessage, BatchTransfer } from "./batch-message.js";
export {
  type BatchSizeResult,
  type BatchSizeTrial,
  type EstimateBatchSizeOptions,
  estimateBatchSize,
  type FindBatchSizeOptions,
  findBatchSize,
} from "./batch-size.js";
export { formatCheck } from "./check-format.js";
export type {
  BatchSummary,
  CheckProblem,
  CheckReport,
  CleanedText,
  Listed,
  PictureSummary,
  PictureUse,
  TensorSummary,
  TextSummary,
} from "./check-report.js";
export { DataLoader, type DataLoaderOptions, type LoadedBatch } from "./data-loader.js";
export {
  MultimodalDataset,
  type MultimodalDatasetOptions,
  type TextOptions,
} from "./dataset.js";
export { type CheckDatasetOptions, checkDataset } from "./dataset-check.js";
export { type ComputeStatsOptions, computeStats, type DatasetStats } from "./dataset-stats.js";
export type { LoaderErrors } from "./error-ledger.js";
export type { OnError, ReplacedRow } from "./error-policy.js";
export {
  PixtokError,
  type PixtokErrorCode,
  type PixtokErrorOptions,
  type SampleOrigin,
} from "./errors.js";
export { type GpuMemory, gpuMemory } from "./gpu-memory.js";
export type { ImageInput, RawPixels } from "./image-input.js";
export { ImageProcessor, type ProcessedImages } from "./image-processor.js";
export type {
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
export type { ImageRange } from "./image-range.js";
export type { LengthBuckets } from "./length-buckets.js";
export type { LoaderState } from "./loader-state.js";
export type { OnMultipleTexts } from "./multiple-texts.js";
export type { NormalizationFit } from "./normalization-fit.js";
export { isOutOfMemoryError } from "./out-of-memory.js";
export { packDataset, verifyPack } from "./pack.js";
export type { PackDatasetOptions, PackResult } from "./packed/pack-dataset.js";
export type { PackProblem, PackReport, VerifyPackOptions } from "./packed/verify-pack.js";
export type { Pair, PairSource, Texts } from "./pair-source.js";
export type { PretrainedOptions } from "./pretrained-files.js";
export type { Box, Crop, Fill, PictureWindow, ProcessOptions } from "./process-options.js";
export type { ProgressCallback } from "./progress-callback.js";
export { type RuntimeInfo, runtimeInfo } from "./runtime.js";
export type { SampleContext, SourceContext } from "./sample-context.js";
export type { SampleError, SampleErrors } from "./sample-error.js";
export {
  type Sampler,
  sequentialSampler,
  shuffledSampler,
  type WeightedSamplerOptions,
  weightedSampler,
} from "./sampler.js";
export { type CocoOptions, openCocoCaptions } from "./sources/coco.js";
export { type ManifestOptions, openManifest } from "./sources/manifest.js";
export type { FromOptions } from "./sources/open-dataset.js";
export { openSource, type SourceOptions } from "./sources/open-source.js";
export { openParquet, type ParquetOptions } from "./sources/parquet.js";
export { openPictureFolder, type PictureFolderOptions } from "./sources/picture-folder.js";
export type { SourceKind } from "./sources/source-kinds.js";
export { openWebDataset, type WebDatasetOptions } from "./sources/webdataset.js";
export { statsPage } from "./stats-page.js";
export type { ImageTensor, Tensor, TensorData, TensorType, TokenTensor } from "./tensor.js";
export { cleanAlphanumeric, type TextCleaning } from "./text-cleaning.js";
export {
  type FitTfidfOptions,
  fitTfidf,
  loadTfidf,
  saveTfidf,
  type Tfidf,
  type TfidfNorm,
  type TokenRows,
  tokenWeights,
} from "./tfidf.js";
export type { TokenType } from "./token-rows.js";
export {
  type DecodeOptions,
  type Encoded,
  type EncodeOptions,
  type FromPretrainedOptions,
  Tokenizer,
} from "./tokenizer.js";
