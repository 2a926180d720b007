// A user's `lib` need not have Symbol.dispose.
/// <reference lib="esnext.disposable" preserve="true" />

import type { DrawnAugmentation } from "../image/drawn.js";
import type { ImageType } from "../image/image-choices.js";
import type { ImageProcessor, VisionProcessor } from "../image/image-processor.js";
import type { VisionOutputs } from "../image/processed-images.js";
import type { SampleError } from "../shared/sample-error.js";
import type { ImageTensor, Tensor, TokenTensor } from "../shared/tensor.js";
import type { TokenType } from "../text/token-rows.js";
import type { Processor } from "../vision-language/processor.js";
import type { RowTensors } from "../vision-language/row-tensors.js";
import type { BatchColumns, ColumnOptions, ItemColumns, NoColumns } from "./batch-columns.js";
import type { DatasetTexts, ReadyTokens, TextOptions } from "./dataset-options.js";
import type { ReplacedRow } from "./error-policy.js";
import type { MaxImages } from "./multiple-images.js";
import type { ImageTypeOf, RowProcessor } from "./row-processor.js";
import type { TokenTypeOf } from "./typed-texts.js";

/** Tokens of a batch. */
export interface BatchTokens<Y extends TokenType = TokenType> {
  /** Shape [n, length]. */
  readonly input_ids: TokenTensor<Y>;
  /** Shape [n, length]: 1 for a token, 0 for padding. */
  readonly attention_mask: TokenTensor<Y>;
}

/** Texts of a batch. */
export interface BatchTexts<Y extends TokenType = TokenType> extends BatchTokens<Y> {
  /** Text of each row, as it was tokenized. */
  readonly texts: readonly string[];
}

/** What a batch has of texts: nothing with `text: null`, tokens alone where these are ready. */
export type TextsOf<T extends DatasetTexts> = T extends null
  ? unknown
  : T extends ReadyTokens
    ? BatchTokens<TokenTypeOf<T>>
    : BatchTexts<TokenTypeOf<T>>;

/** Which images of a batch are there. */
export interface ImageMask {
  /** Shape [n, maxImages]: 1 for an image, 0 for one that the row does not have, whose numbers are zeros. */
  readonly image_mask: Tensor<"uint8">;
}

/** A batch has a mask of its images where these are stacked: with `maxImages`. */
export type MaskOf<M extends MaxImages> = M extends number ? ImageMask : unknown;

/** What every batch has of its rows. */
export interface BatchFacts<
  C extends ColumnOptions = NoColumns,
  T extends DatasetTexts = TextOptions,
  M extends MaxImages = undefined,
  P extends RowProcessor = ImageProcessor,
> {
  /**
   * The dataset's `columns`: numbers are tensors of shape [n, …], strings and what JSON can say are arrays of a
   * value a row.
   */
  readonly columns: BatchColumns<C>;
  /** Dataset index of each row. */
  readonly indices: readonly number[];
  /** What each row's pair is called in its source: a path, a key, or else its index. */
  readonly keys: readonly string[];
  /** Pairs that should be here and could not be read, with onError "skip". */
  readonly dropped: readonly SampleError[];
  /** Rows that show another pair than the one that could not be read, with onError "replace". */
  readonly replaced: readonly ReplacedRow[];
  /**
   * Gives the batch's memory back for a later batch; the `data` of its tensors is empty from then on, unless the loader
   * has `reuseBatches`.
   * Without it the garbage collector does so, later. May be called more than once.
   */
  release(): void;
  /** As release(), at the end of the block: `using batch = …`. */
  [Symbol.dispose](): void;
  /**
   * The batch for another thread, without a copy:
   *
   * ```ts
   * const { message, transferList } = batch.transfer();
   * worker.postMessage(message, transferList);
   * ```
   *
   * Its memory is the receiver's then; the `data` of this batch's own tensors is empty, as after
   * release(). (Do not put these themselves into a transfer list: their memory is the pool's.)
   *
   * @throws {TypeError} for a batch that was released or transferred before.
   */
  transfer(): BatchTransfer<C, T, M, P>;
}

/** A batch's rows without their texts. */
export interface BatchRows<
  C extends ColumnOptions = NoColumns,
  T extends DatasetTexts = TextOptions,
  M extends MaxImages = undefined,
  I extends ImageType = ImageType,
> extends BatchFacts<C, T, M, ImageProcessor<I>> {
  /**
   * Shape [n, 3, height, width], or [n, height, width, 3] with layout "hwc". With `maxImages`: [n, maxImages, 3,
   * height, width], zeros where a row has no image.
   */
  readonly image: ImageTensor<I>;
  /**
   * What was drawn for each row, where the dataset has augmentation. Shape [n, 5]: top, left, height
   * and width of the part that the row shows, and 1 where it is flipped. In pixels of the image
   * itself; with a randomCrop of the resized image, whose border begins at negative numbers. With `maxImages`:
   * [n, maxImages, 5], zeros where a row has no image. `operations` are what was done to each image then;
   * `columns` has the same of each column of images, by its name.
   */
  readonly augmentation?: DrawnAugmentation;
  /**
   * The share of each class in each row, where the dataset's augmentation mixes rows: mixUp, cutMix. Shape
   * [n, classes].
   */
  readonly soft_labels?: Tensor<"float32">;
}

/**
 * Images of a batch whose processor takes them apart: what its class gives for the images of all rows, by its names, as
 * `process()` does for a list of images a row.
 */
export interface JoinedImages extends VisionOutputs {
  /** Units of all images, as the class puts them together. Of Phi4Multimodal this is `image_pixel_values`, of Fuyu `images`. */
  readonly pixel_values: ImageTensor;
  /** Phi4Multimodal's pixels. */
  readonly image_pixel_values?: ImageTensor;
  /** Fuyu's pixels. */
  readonly images?: ImageTensor;
  /** 1 for each pixel, 0 for each of the padding, of each part of an image: Aria. */
  readonly pixel_mask?: Tensor<"int64"> | Tensor<"bool">;
}

/** With `maxImages`, images of several a row; nothing of them but their numbers where no row of a batch has any. */
export interface ManyJoinedImages extends Partial<JoinedImages> {
  /** Shape [n]: images of each row. */
  readonly num_images: Tensor<"int64">;
}

/** What a batch has of images that are taken apart. */
export type VisionImages<M extends MaxImages = undefined> = M extends number
  ? ManyJoinedImages
  : JoinedImages;

/** As BatchRows, where the dataset's processor takes images apart. */
export type VisionRows<
  C extends ColumnOptions = NoColumns,
  T extends DatasetTexts = TextOptions,
  M extends MaxImages = undefined,
> = BatchFacts<C, T, M, VisionProcessor> & VisionImages<M> & Pick<BatchRows, "augmentation">;

/**
 * Rows of pairs: row i of every tensor, `indices[i]`, `texts[i]` and `keys[i]` are the same pair. Without texts
 * where the dataset has none (`text: null`), and without `texts` where its tokens are ready (`text.tokens`). The types of
 * tensors are those that `T` and `P` say: any, where they say none.
 */
export type Batch<
  C extends ColumnOptions = NoColumns,
  T extends DatasetTexts = TextOptions,
  M extends MaxImages = undefined,
  P extends RowProcessor = ImageProcessor,
> = P extends Processor
  ? ConversationBatch<C>
  : (P extends VisionProcessor
      ? VisionRows<C, T, M>
      : BatchRows<C, T, M, ImageTypeOf<P>> & MaskOf<M>) &
      TextsOf<T>;

/** Those of `process`, of either type. */
type RowTokenTensors = {
  readonly [Name in keyof RowTensors<TokenType> as Exclude<Name, "assistant_masks">]: TokenTensor;
};

/** Tokens of a batch of conversations, and what stands beside them. Shape [n, length] each, or as a class has it. */
export interface ConversationTokens extends RowTokenTensors {
  /** Text of each row, as the template has written it: an image is one placeholder. */
  readonly texts: readonly string[];
  /** Shape [n, length, images, tiles]: 1 where a token looks at a tile of an image: Mllama. */
  readonly cross_attention_mask?: Tensor<"int64">;
  /** With `chat.rows` "preferences": tokens of the answers that were rejected, likewise. */
  readonly rejected_input_ids?: TokenTensor;
  /** Likewise. 1 for a token, 0 for padding. */
  readonly rejected_attention_mask?: TokenTensor;
  /** Likewise. Ids of what is learned of them, −100 for all else. */
  readonly rejected_labels?: TokenTensor;
  /** Likewise, where the class has `token_type_ids`. */
  readonly rejected_token_type_ids?: TokenTensor;
  /** Likewise, where it has `mm_token_type_ids`. */
  readonly rejected_mm_token_type_ids?: TokenTensor;
  /** Likewise, where it has `moe_mm_token_type_ids`. */
  readonly rejected_moe_mm_token_type_ids?: TokenTensor;
  /** Likewise: Mllama. */
  readonly rejected_cross_attention_mask?: Tensor<"int64">;
}

/** What a batch has beside its tokens where a loader joins rows to sequences, which n is the number of then. */
export interface JoinedSequences {
  /** Shape [n, length]: places of tokens in their rows, from 0; 0 for padding. */
  readonly position_ids?: TokenTensor;
  /** Shape [n, length]: which row of its sequence a token is of, from 1; 0 for padding. */
  readonly segment_ids?: TokenTensor;
  /**
   * Where rows begin and end in all tokens of the batch, one sequence behind the other: [0, …, n × length]. Padding is like
   * a row of its own.
   */
  readonly cu_seqlens?: Tensor<"int32">;
  /** The greatest difference of two that follow each other in `cu_seqlens`. */
  readonly max_seqlen?: number;
  /** Dataset indices of the rows of each sequence. */
  readonly sequences?: readonly (readonly number[])[];
}

/** Rows of conversations: what a model's processor gives for them, by its names. */
export type ConversationBatch<C extends ColumnOptions = NoColumns> = BatchFacts<
  C,
  TextOptions,
  undefined,
  Processor
> &
  ManyJoinedImages &
  ConversationTokens &
  JoinedSequences;

/** A batch of a dataset whose processor takes images apart. */
export type VisionBatch<
  C extends ColumnOptions = NoColumns,
  T extends DatasetTexts = TextOptions,
  M extends MaxImages = undefined,
> = Batch<C, T, M, VisionProcessor>;

/** A batch on its way to another thread: the same rows as a `Batch`, nothing but data. */
export type BatchMessage<
  C extends ColumnOptions = NoColumns,
  T extends DatasetTexts = TextOptions,
  M extends MaxImages = undefined,
  P extends RowProcessor = ImageProcessor,
> = P extends Processor
  ? Omit<
      ConversationBatch<C>,
      "dropped" | "replaced" | "release" | typeof Symbol.dispose | "transfer"
    >
  : Pick<BatchFacts<C, T, M>, "columns" | "indices" | "keys"> &
      (P extends VisionProcessor
        ? VisionImages<M> & Pick<BatchRows, "augmentation">
        : Pick<BatchRows<C, T, M, ImageTypeOf<P>>, "image" | "augmentation" | "soft_labels"> &
            MaskOf<M>) &
      TextsOf<T>;

/** The arguments of `postMessage`. */
export interface BatchTransfer<
  C extends ColumnOptions = NoColumns,
  T extends DatasetTexts = TextOptions,
  M extends MaxImages = undefined,
  P extends RowProcessor = ImageProcessor,
> {
  /** The first argument: the batch as plain data. */
  readonly message: BatchMessage<C, T, M, P>;
  /** The array buffers of the message's tensors. */
  readonly transferList: ArrayBuffer[];
}

/** The text of one pair. */
export interface ItemText<Y extends TokenType = TokenType> {
  /** Shape [length]. */
  readonly input_ids: TokenTensor<Y>;
  /** Shape [length]. */
  readonly attention_mask: TokenTensor<Y>;
}

/** Which images of one pair are there. */
export interface ItemMask {
  /** Shape [maxImages]: as a batch's. */
  readonly image_mask: Tensor<"uint8">;
}

/** What an item has of every pair. */
export interface ItemFacts<C extends ColumnOptions = NoColumns> {
  /** The dataset's `columns`: numbers are tensors of a row's shape. */
  readonly columns: ItemColumns<C>;
  /** Dataset index of the pair. */
  readonly index: number;
}

/** One pair without its text. */
export interface ItemRow<C extends ColumnOptions = NoColumns, I extends ImageType = ImageType>
  extends ItemFacts<C> {
  /**
   * Shape [3, height, width], or [height, width, 3] with layout "hwc". With `maxImages`: [maxImages, 3, height, width],
   * zeros where there is no image.
   */
  readonly image: ImageTensor<I>;
  /** As a batch's. Shape [5]; with `maxImages` [maxImages, 5]. */
  readonly augmentation?: DrawnAugmentation;
}

/** One pair. Without a text where the dataset has none (`text: null`). Images that are taken apart are as in a batch of this row. */
export type Item<
  C extends ColumnOptions = NoColumns,
  T extends DatasetTexts = TextOptions,
  M extends MaxImages = undefined,
  P extends RowProcessor = ImageProcessor,
> = P extends Processor
  ? ItemFacts<C> & Omit<ConversationTokens, "texts"> & ManyJoinedImages
  : (P extends VisionProcessor
      ? ItemFacts<C> & VisionImages<M>
      : ItemRow<C, ImageTypeOf<P>> & (M extends number ? ItemMask : unknown)) &
      (T extends null ? unknown : ItemText<TokenTypeOf<T>>);
