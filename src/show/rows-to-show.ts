import type { BatchRows, BatchTexts, ImageMask } from "../dataset/batch.js";
import type { ColumnOptions } from "../dataset/batch-columns.js";
import type { DatasetTexts } from "../dataset/dataset-options.js";
import type { MaxImages } from "../dataset/multiple-images.js";

/** What of a batch is shown. */
export type RowsToShow = Pick<
  BatchRows<ColumnOptions, DatasetTexts, MaxImages>,
  "image" | "columns" | "indices" | "keys"
> &
  Partial<Pick<BatchRows<ColumnOptions, DatasetTexts, MaxImages>, "dropped" | "replaced">> &
  Partial<BatchTexts & ImageMask>;
