/**
 * "manifest": JSON Lines, CSV or TSV. "imagefolder": a folder with `metadata.jsonl`, `.csv` or `.parquet`, as
 * Hugging Face has it. "images": a folder of images with text files beside them, or in a folder for
 * each class. "webdataset": tar shards. "parquet": as the Hugging Face hub has it. "arrow": as
 * `Dataset.save_to_disk()` writes it. "coco": captions.
 * "packed": what packDataset() wrote.
 */
export type SourceKind =
  | "manifest"
  | "imagefolder"
  | "images"
  | "webdataset"
  | "parquet"
  | "arrow"
  | "coco"
  | "packed";

export const sourceKinds = [
  "manifest",
  "imagefolder",
  "images",
  "webdataset",
  "parquet",
  "arrow",
  "coco",
  "packed",
] as const satisfies SourceKind[];
