import type { AnyProcessor } from "../image/image-processor.js";
import type { SourceOptions } from "../sources/open-source.js";
import type { AnyTokenizer } from "../text/own-tokenizer.js";
import type { Tokenizer } from "../text/tokenizer.js";
import type { ColumnOptions } from "./batch-columns.js";
import type { DatasetTexts, MultimodalDatasetOptions } from "./dataset-options.js";
import type { MaxImages } from "./multiple-images.js";
import type { OnMultipleTexts } from "./multiple-texts.js";
import type { RowProcessor } from "./row-processor.js";

type DatasetOptions<
  C extends ColumnOptions,
  T extends DatasetTexts,
  M extends MaxImages,
  P extends RowProcessor,
> = Omit<
  MultimodalDatasetOptions<C, T, Tokenizer, M, P>,
  "imagePaths" | "texts" | "source" | "conversations" | "tokenizer" | "onMultipleTexts"
>;

/** What is left out is the packed set's, or else the standard preset's. */
export interface DatasetFromOptions<
  C extends ColumnOptions = ColumnOptions,
  T extends DatasetTexts = DatasetTexts,
  K extends AnyTokenizer = Tokenizer,
  M extends MaxImages = MaxImages,
  P extends RowProcessor = AnyProcessor,
> extends DatasetOptions<C, T, M, P>,
    Omit<SourceOptions, "columns" | "imageColumns" | "texts" | "rows" | "conversationColumns"> {
  /**
   * What texts go through. Default: that of a packed set; other sources need one, but with `text: null` and `text.tokens`.
   */
  tokenizer?: K;
  /**
   * Where an image has several texts: the first; one that seed, epoch and index decide; or a pair for
   * each, for which all texts are read once. Default "first", of a packed set what it was packed for.
   */
  onMultipleTexts?: OnMultipleTexts | "all";
}
