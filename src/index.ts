export { formatCheck } from "./analysis/check-format.js";
export type {
  BatchSummary,
  CheckProblem,
  CheckReport,
  CleanedText,
  ImageSummary,
  ImageUse,
  Listed,
  TensorSummary,
  TextSummary,
} from "./analysis/check-report.js";
export { type CheckDatasetOptions, checkDataset } from "./analysis/dataset-check.js";
export {
  type ComputeStatsOptions,
  computeStats,
  type DatasetStats,
} from "./analysis/dataset-stats.js";
export { type FitTfidfOptions, fitTfidf } from "./analysis/fit-tfidf.js";
export type { NormalizationFit } from "./analysis/normalization-fit.js";
export type { Tfidf, TfidfNorm } from "./analysis/tfidf.js";
export { loadTfidf, saveTfidf } from "./analysis/tfidf-file.js";
export { type TokenRows, tokenWeights } from "./analysis/token-weights.js";
export type { ChatMessage, ChatPart } from "./chat/chat-message.js";
export type { ChatOptions } from "./chat/chat-template.js";
export {
  type Conversation,
  type ConversationColumns,
  type Preference,
  readConversation,
  readPreference,
} from "./chat/rows/conversation-row.js";
export type {
  Batch,
  BatchFacts,
  BatchMessage,
  BatchRows,
  BatchTexts,
  BatchTokens,
  BatchTransfer,
  ConversationBatch,
  ConversationTokens,
  ImageMask,
  Item,
  ItemFacts,
  ItemMask,
  ItemRow,
  ItemText,
  JoinedImages,
  JoinedSequences,
  ManyJoinedImages,
  MaskOf,
  TextsOf,
  VisionBatch,
  VisionImages,
  VisionRows,
} from "./dataset/batch.js";
export type {
  AnyColumn,
  BatchColumn,
  BatchColumns,
  ColumnOption,
  ColumnOptions,
  ImageTypeOfColumn,
  ItemColumn,
  ItemColumns,
  NamedColumns,
  NoColumns,
} from "./dataset/batch-columns.js";
export type { ChatRowOptions } from "./dataset/chat-options.js";
export type { AnyDataset } from "./dataset/dataset.js";
export { MultimodalDataset, type MultimodalDatasetClass } from "./dataset/dataset-class.js";
export type {
  DatasetTexts,
  MultimodalDatasetOptions,
  NoTokenizer,
  ReadyTokens,
  TextOptions,
  TokenizerOption,
} from "./dataset/dataset-options.js";
export type { OnError, ReplacedRow } from "./dataset/error-policy.js";
export type { ImageColumn } from "./dataset/image-columns.js";
export type { MaxImages, OnMultipleImages } from "./dataset/multiple-images.js";
export type { OnMultipleTexts } from "./dataset/multiple-texts.js";
export type { DatasetFromOptions } from "./dataset/open-options.js";
export type { ChosenProcessor, ImageTypeOf, RowProcessor } from "./dataset/row-processor.js";
export type { TrainerName, TrainerTokens } from "./dataset/trainer-needs.js";
export type {
  ChosenTexts,
  ChosenTokenType,
  TokenTypeOf,
  TypedTexts,
} from "./dataset/typed-texts.js";
export type { PretrainedOptions } from "./hub/pretrained-files.js";
export type {
  AugmentationOptions,
  RandomCropOptions,
  RandomResizedCropOptions,
} from "./image/augmentation.js";
export { type AugmentationPreset, augmentationPreset } from "./image/augmentation-presets.js";
export type { DrawnAugmentation } from "./image/drawn.js";
export type { Fill } from "./image/fill.js";
export type {
  AlphaTreatment,
  ChannelOrder,
  GeometryConvention,
  ImageLayout,
  ImageType,
  JpegDecode,
  ResampleFilter,
} from "./image/image-choices.js";
export type { ImageInput, RawPixels } from "./image/image-input.js";
export type { ImagesGiven } from "./image/image-lists.js";
export type { ImageOperation, WarpFilter } from "./image/image-operation.js";
export {
  type AnyProcessor,
  isVisionProcessor,
  type VisionProcessor,
} from "./image/image-processor.js";
export {
  type ChosenImageType,
  ImageProcessor,
  type ImageProcessorClass,
} from "./image/image-processor-class.js";
export type {
  ImageProcessorConfig,
  ImageProcessorOptions,
} from "./image/image-processor-options.js";
export type { ImageRange } from "./image/image-range.js";
export type { PerChannel } from "./image/normalization-options.js";
export type { ResizeTarget, Size } from "./image/output-size.js";
export type {
  LongestEdge,
  PretrainedProcessorOptions,
  PretrainedSize,
  VisionOptions,
} from "./image/pretrained/pretrained-options.js";
export type { ProcessorBackend } from "./image/pretrained/processor-backend.js";
export type { Box, Crop, ImageWindow, ProcessOptions } from "./image/process-options.js";
export type { ProcessedImages, VisionOutputs } from "./image/processed-images.js";
export type {
  AutoAugmentOptions,
  ColorJitterOptions,
  GaussianBlurOptions,
  NumberRange,
  RandAugmentOptions,
  RandomAffineOptions,
  RandomErasingOptions,
  RandomOperationsOptions,
  RandomRotationOptions,
  TrivialAugmentOptions,
} from "./image/random-operations.js";
export type {
  LabelOptions,
  MixedRow,
  RowMixingOptions,
  RowMixOptions,
} from "./image/row-mixing.js";
export { DataLoader, type LoadedBatch } from "./loader/data-loader.js";
export type { LengthBuckets } from "./loader/length-buckets.js";
export type {
  LoaderBatchMessage,
  LoaderEpochMessage,
  LoaderErrorMessage,
} from "./loader/loader-channels.js";
export type { LoaderErrors } from "./loader/loader-errors.js";
export type { DataLoaderOptions } from "./loader/loader-options.js";
export type { LoaderState } from "./loader/loader-state.js";
export type {
  LoaderLimit,
  LoaderStage,
  LoaderStageName,
  LoaderStats,
  LoaderWait,
} from "./loader/loader-stats.js";
export {
  type OpenWeightedSamplerOptions,
  openWeightedSampler,
} from "./loader/open-weighted-sampler.js";
export type { SequencePacking } from "./loader/sequence-packing.js";
export type { FieldContext, FieldFunctions, Fields } from "./loader/user-fields.js";
export type { WeightType } from "./loader/weights-file.js";
export {
  type Attestation,
  type AttestLockOptions,
  attestLock,
  type LockDifference,
} from "./lock/attest-lock.js";
export { type CreateLockOptions, createLock } from "./lock/create-lock.js";
export { loadLock, saveLock } from "./lock/lock-file.js";
export type {
  Lock,
  LockedBatch,
  LockedImage,
  LockedOutput,
  LockedOutputs,
  LockedProcessor,
  LockedText,
  LockedTokenizer,
} from "./lock/lock-format.js";
export type { Resampler } from "./native/resampler.js";
export { type RuntimeInfo, runtimeInfo } from "./native/runtime-info.js";
export { type BlockSamplerOptions, blockSampler } from "./order/block-sampler.js";
export { type Block, type Sampler, sequentialSampler, shuffledSampler } from "./order/sampler.js";
export { type WeightedSamplerOptions, weightedSampler } from "./order/weighted-sampler.js";
export { attestPack, missingParts, packDataset, verifyPack } from "./packing/pack.js";
export type { PackResult } from "./packing/pack-dataset.js";
export type { PackDatasetOptions, PackPart } from "./packing/pack-options.js";
export type { PackProblem, PackReport, VerifyPackOptions } from "./packing/pack-report.js";
export type { RemoteOptions, ServerOptions, UnreachableImages } from "./remote/remote-options.js";
export { concat } from "./sets/concat.js";
export {
  filter,
  type Interval,
  type PairConditions,
  type PairPredicate,
} from "./sets/filter.js";
export { type MapOptions, map } from "./sets/map.js";
export { type Mix, type MixOptions, mix } from "./sets/mix.js";
export type { ScanOptions } from "./sets/scan.js";
export { repeat, select, take } from "./sets/select.js";
export { type SplitOptions, split } from "./sets/split.js";
export {
  PixtokError,
  type PixtokErrorCode,
  type PixtokErrorOptions,
  type SampleOrigin,
} from "./shared/errors.js";
export type { FileVersion } from "./shared/file-version.js";
export type { GivenOption, InferredFrom } from "./shared/given-option.js";
export type {
  ProgressCallback,
  WorkDetails,
  WorkProgressCallback,
} from "./shared/progress-callback.js";
export type { SampleContext, SourceContext } from "./shared/sample-context.js";
export type { SampleError, SampleErrors } from "./shared/sample-error.js";
export type { ImageTensor, Tensor, TensorData, TensorType, TokenTensor } from "./shared/tensor.js";
export type { BoxFormat } from "./show/boxes.js";
export { contactSheet } from "./show/contact-sheet.js";
export type { RowsToShow } from "./show/rows-to-show.js";
export { type ShowBatchOptions, showBatch } from "./show/show-batch.js";
export { showDataset } from "./show/show-dataset.js";
export type { ShowDatasetOptions, ShownAugmentation } from "./show/show-options.js";
export { statsPage } from "./show/stats-page.js";
export { openArrow } from "./sources/arrow/arrow.js";
export type { ArrowOptions } from "./sources/arrow/arrow-options.js";
export type {
  ColumnType,
  ColumnTypes,
  NumberColumn,
  NumberColumnType,
} from "./sources/column-types.js";
export { openImageFolder } from "./sources/folder/image-folder.js";
export type { ImageFolderOptions } from "./sources/folder/image-folder-options.js";
export { openCocoCaptions } from "./sources/manifest/coco.js";
export type { CocoOptions } from "./sources/manifest/coco-options.js";
export { openManifest } from "./sources/manifest/manifest.js";
export type { ManifestOptions } from "./sources/manifest/manifest-options.js";
export { openSource, type SourceOptions } from "./sources/open-source.js";
export type { Images, Pair, PairSource, Texts } from "./sources/pair-source.js";
export {
  type PairIterable,
  type StreamContext,
  type StreamOptions,
  stream,
} from "./sources/pair-stream.js";
export { openParquet } from "./sources/parquet/parquet.js";
export type { ParquetOptions } from "./sources/parquet/parquet-options.js";
export type { SourceKind } from "./sources/source-kinds.js";
export type { TableOptions } from "./sources/table-options.js";
export { openWebDataset } from "./sources/webdataset/webdataset.js";
export type { WebDatasetOptions } from "./sources/webdataset/webdataset-options.js";
export type { Encoded } from "./text/encoded.js";
export type { AnyTokenizer, EncodedIds, OwnTokenizer } from "./text/own-tokenizer.js";
export { cleanAlphanumeric, type TextCleaning } from "./text/text-cleaning.js";
export type { TokenType } from "./text/token-rows.js";
export { Tokenizer } from "./text/tokenizer.js";
export type {
  DecodeOptions,
  EncodeOptions,
  PretrainedTokenizerOptions,
} from "./text/tokenizer-options.js";
export type { TruncationStrategy } from "./text/truncation.js";
export {
  type EstimateBatchSizeOptions,
  estimateBatchSize,
} from "./training/estimate-batch-size.js";
export {
  type BatchSizeResult,
  type BatchSizeTrial,
  type FindBatchSizeOptions,
  findBatchSize,
} from "./training/find-batch-size.js";
export { type GpuMemory, gpuMemory } from "./training/gpu-memory.js";
export { isOutOfMemoryError } from "./training/out-of-memory.js";
export {
  type JaxLibrary,
  type JaxNumpy,
  type OrtLibrary,
  type TensorClass,
  type TensorsAs,
  type TfjsLibrary,
  type TransformersLibrary,
  toJax,
  toOrt,
  toTfjs,
  toTransformers,
} from "./training/tensor-adapters.js";
export type { ProcessedRows } from "./vision-language/processed-rows.js";
export { Processor } from "./vision-language/processor.js";
export type {
  ConversationOptions,
  ProcessorPretrainedOptions,
  ProcessorRow,
  ProcessorTokenizerOptions,
} from "./vision-language/processor-options.js";
export type { RowTensors } from "./vision-language/row-tensors.js";
