import type {
  BatchFacts,
  BatchRows,
  BatchTexts,
  ConversationBatch,
  ImageMask,
  ManyJoinedImages,
} from "../dataset/batch.js";
import type { ColumnOptions } from "../dataset/batch-columns.js";

/** What of a batch is shown. */
export type RowsToShow = Pick<BatchFacts<ColumnOptions>, "columns" | "indices" | "keys"> &
  Partial<Pick<BatchFacts, "dropped" | "replaced">> &
  Partial<
    Pick<BatchRows, "image" | "augmentation" | "soft_labels"> & Pick<ManyJoinedImages, "num_images">
  > &
  Partial<BatchTexts & ImageMask> &
  Partial<Pick<ConversationBatch, "labels" | "segment_ids" | "sequences">>;
