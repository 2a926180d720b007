import type { CaseCounts } from "./golden-tests.js";

/** How many cases the goldens of test/data have. */
export const shippedCounts: CaseCounts = {
  imagenet224: 110,
  "imagenet224 pillow12": 110,
  resample: 378,
  "resample pillow12": 378,
  "resample torch": 252,
  draft: 120,
  "draft pillow12": 120,
  augmentation: 1112,
  draws: 876,
  operations: 946,
  recipes: 583,
  processors: 120,
  transformers: 482,
  "transformers torch": 502,
  vision: 556,
  "vision torch": 767,
  broken: 96,
  normalize: 15,
};
