import type { Target } from "../target.js";
import { packed, parquet, webdataset } from "./containers.js";
import { hub, processor, tokenizer } from "./models.js";
import { pictures } from "./pictures.js";
import { coco, manifest } from "./tables.js";

export const targets: readonly Target[] = [
  pictures,
  webdataset,
  parquet,
  packed,
  manifest,
  coco,
  tokenizer,
  processor,
  hub,
];
