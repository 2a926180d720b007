import type { ConfigReader } from "../config-reader.js";
import type { ProcessorGeometry } from "../image-steps.js";
import type { ProcessorBackend } from "../processor-backend.js";
import { llama4, mllama } from "./canvas-geometry.js";
import { lfm2Vl } from "./lfm2-geometry.js";
import {
  framePatches,
  gemma4,
  mergedPatches,
  pagePatches,
  siglip2,
  smartPatches,
  smartRows,
} from "./patch-geometry.js";
import { phi4 } from "./phi4-geometry.js";
import { gemma3, gotOcr2, idefics3, llavaNext, llavaOnevision, ovis2 } from "./tile-geometry.js";
import { aria, idefics2, janus, llava, pixtral } from "./whole-geometry.js";

/** How classes take images apart. */
export const visionRules = {
  smartPatches,
  smartRows,
  mergedPatches,
  framePatches,
  pagePatches,
  siglip2,
  gemma4,
  pixtral,
  llava,
  janus,
  idefics2,
  aria,
  gotOcr2,
  ovis2,
  gemma3,
  idefics3,
  llavaNext,
  llavaOnevision,
  mllama,
  llama4,
  lfm2Vl,
  phi4,
} satisfies Record<string, (reader: ConfigReader, backend: ProcessorBackend) => ProcessorGeometry>;

/** By name. */
export type VisionRule = keyof typeof visionRules;
