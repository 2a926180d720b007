import type { Resampler } from "pixtok";
import type { CaseResult } from "./case-result.js";
import {
  checkBroken,
  checkDraft,
  checkDraws,
  checkGeometry,
  checkImagenet224,
  checkNormalize,
  checkProcessors,
  checkRecipes,
  checkResample,
  checkTransformers,
} from "./image-families.js";
import { checkClean, checkPairs, checkTokens } from "./text-families.js";
import { checkVision } from "./vision-family.js";

interface Family {
  /** What of the machine the result could depend on, and is run for. */
  on: "kernels and decoders" | "kernels" | "nothing";
  /** Judges one line of a golden file, of the images and tokenizers in the folder `data`. */
  check(line: never, data: string, resampler: Resampler): Promise<CaseResult>;
}

/** Cases of one kind, named as their golden file is: test/goldens/make_goldens.py. */
export const families = {
  imagenet224: { on: "kernels and decoders", check: checkImagenet224 },
  resample: { on: "kernels and decoders", check: checkResample },
  draft: { on: "kernels", check: checkDraft },
  geometry: { on: "kernels and decoders", check: checkGeometry },
  draws: { on: "kernels and decoders", check: checkDraws },
  operations: { on: "kernels", check: checkGeometry },
  recipes: { on: "kernels", check: checkRecipes },
  augmentation: { on: "kernels and decoders", check: checkGeometry },
  processors: { on: "kernels and decoders", check: checkProcessors },
  transformers: { on: "kernels and decoders", check: checkTransformers },
  vision: { on: "kernels and decoders", check: checkVision },
  broken: { on: "kernels and decoders", check: checkBroken },
  normalize: { on: "kernels", check: checkNormalize },
  tokens: { on: "nothing", check: checkTokens },
  pairs: { on: "nothing", check: checkPairs },
  clean: { on: "nothing", check: checkClean },
} satisfies Record<string, Family>;

export type FamilyName = keyof typeof families;
