import type { ConfigReader } from "../config-reader.js";
import type { ProcessorGeometry } from "../image-steps.js";
import type { ProcessorBackend } from "../processor-backend.js";
import { llama4, mllama } from "./canvas-geometry.js";
import { gemma4, gemma4Unified, siglip2 } from "./filled-patches.js";
import { graniteDocling } from "./granite-geometry.js";
import { lfm2Vl } from "./lfm2-geometry.js";
import { miniCpmOcr, miniCpmV } from "./minicpm-geometry.js";
import {
  aspectPatches,
  framePatches,
  framePixels,
  halvedPatches,
  limitedPixels,
  mergedPatches,
  pagePatches,
  shrunkPatches,
  smartPatches,
  smartRows,
  tokenPatches,
} from "./patch-geometry.js";
import { perceptionLM } from "./perception-geometry.js";
import { phi4 } from "./phi4-geometry.js";
import {
  cohere2Vision,
  gemma3,
  gotOcr2,
  idefics3,
  llavaNext,
  llavaOnevision,
  ovis2,
} from "./tile-geometry.js";
import { aria, factored, fuyu, idefics2, janus, llava, pixtral } from "./whole-geometry.js";

/** How classes take images apart. */
export const visionRules = {
  smartPatches,
  smartRows,
  mergedPatches,
  framePatches,
  framePixels,
  pagePatches,
  halvedPatches,
  tokenPatches,
  shrunkPatches,
  aspectPatches,
  limitedPixels,
  siglip2,
  gemma4,
  gemma4Unified,
  pixtral,
  llava,
  janus,
  idefics2,
  aria,
  factored,
  gotOcr2,
  cohere2Vision,
  graniteDocling,
  perceptionLM,
  ovis2,
  gemma3,
  idefics3,
  llavaNext,
  llavaOnevision,
  mllama,
  llama4,
  lfm2Vl,
  phi4,
  miniCpmV,
  miniCpmOcr,
  fuyu,
} satisfies Record<string, (reader: ConfigReader, backend: ProcessorBackend) => ProcessorGeometry>;

/** By name. */
export type VisionRule = keyof typeof visionRules;
