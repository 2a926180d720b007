/**
 * "manifest": JSON Lines, CSV or TSV. "imagefolder": a folder with `metadata.jsonl`, `.csv` or `.parquet`, as
 * Hugging Face has it. "pictures": a folder of pictures with text files beside them, or in a folder for
 * each class. "webdataset": tar shards. "parquet": as the Hugging Face hub has it. "coco": captions.
 * "packed": what packDataset() wrote.
 */
export type SourceKind =
  | "manifest"
  | "imagefolder"
  | "pictures"
  | "webdataset"
  | "parquet"
  | "coco"
  | "packed";

export const sourceKinds = [
  "manifest",
  "imagefolder",
  "pictures",
  "webdataset",
  "parquet",
  "coco",
  "packed",
] as const satisfies SourceKind[];
