import type { ImageProcessor } from "../image/image-processor.js";
import type { GivenOption, InferredFrom } from "../shared/given-option.js";
import type { AnyTokenizer } from "../text/own-tokenizer.js";
import type { Tokenizer } from "../text/tokenizer.js";
import type { ColumnOptions, NoColumns } from "./batch-columns.js";
import { MultimodalDataset as Implementation } from "./dataset.js";
import type {
  DatasetTexts,
  MultimodalDatasetOptions,
  TextOptions,
  TokenizerOption,
} from "./dataset-options.js";
import type { MaxImages } from "./multiple-images.js";
import type { ChosenProcessor, RowProcessor } from "./row-processor.js";
import type { ChosenTexts } from "./typed-texts.js";

/**
 * The class of MultimodalDataset, with a constructor whose types follow the options. A class cannot say that itself: what
 * its parameters are by default in an annotation, any types, they would also be where the options are left out.
 */
export interface MultimodalDatasetClass extends Pick<typeof Implementation, "prototype" | "from"> {
  /**
   * @throws {TypeError | RangeError} for misuse; unequal lengths are refused naming both.
   * @throws {PixtokError} INVALID_TOKENIZER where the tokenizer cannot pad.
   */
  new <
    const C extends ColumnOptions = NoColumns,
    const T extends DatasetTexts = TextOptions,
    K extends AnyTokenizer = Tokenizer,
    const M extends MaxImages = undefined,
    P extends RowProcessor = ImageProcessor,
    O extends object = MultimodalDatasetOptions,
  >(
    options: MultimodalDatasetOptions<C, T, K, M, P> & TokenizerOption<T, K, P> & InferredFrom<O>,
  ): Implementation<
    C,
    ChosenTexts<T, O>,
    K,
    M,
    ChosenProcessor<P, GivenOption<O, "image">, ImageProcessor<"float32">>
  >;
}

/**
 * Pairs of images and texts; item i is what the pipeline makes of pair i.
 *
 * @class
 */
export const MultimodalDataset = Implementation as MultimodalDatasetClass;
/** Its batches are as Batch says, of the same parameters. */
export type MultimodalDataset<
  C extends ColumnOptions = NoColumns,
  T extends DatasetTexts = TextOptions,
  K extends AnyTokenizer = Tokenizer,
  M extends MaxImages = undefined,
  P extends RowProcessor = ImageProcessor,
> = Implementation<C, T, K, M, P>;
