import type { Target } from "../target.js";
import { packed, parquet, webdataset } from "./containers.js";
import { images } from "./images.js";
import { hub, processor, tokenizer } from "./models.js";
import { coco, manifest } from "./tables.js";

export const targets: readonly Target[] = [
  images,
  webdataset,
  parquet,
  packed,
  manifest,
  coco,
  tokenizer,
  processor,
  hub,
];
