import type {
  BatchFacts,
  BatchRows,
  BatchTexts,
  ImageMask,
  ManyJoinedImages,
} from "../dataset/batch.js";
import type { ColumnOptions } from "../dataset/batch-columns.js";
import type { DatasetTexts } from "../dataset/dataset-options.js";
import type { MaxImages } from "../dataset/multiple-images.js";
import type { AnyProcessor } from "../image/image-processor.js";

type Facts = BatchFacts<ColumnOptions, DatasetTexts, MaxImages, AnyProcessor>;

/** What of a batch is shown. */
export type RowsToShow = Pick<Facts, "columns" | "indices" | "keys"> &
  Partial<Pick<Facts, "dropped" | "replaced">> &
  Partial<Pick<BatchRows, "image"> & Pick<ManyJoinedImages, "num_images">> &
  Partial<BatchTexts & ImageMask>;
