import { requireOneOf } from "../shared/validation.js";
import type { AugmentationOptions } from "./augmentation.js";

/** The recipe of a paper: docs/guides/augmentation.md has their sources. */
export type AugmentationPreset = "clip" | "simclr" | "deit";

const presets = {
  clip: { randomResizedCrop: { scale: [0.9, 1] } },
  simclr: {
    randomResizedCrop: {},
    horizontalFlip: 0.5,
    colorJitter: { brightness: 0.8, contrast: 0.8, saturation: 0.8, hue: 0.2, probability: 0.8 },
    randomGrayscale: 0.2,
    gaussianBlur: { kernelSize: 23, probability: 0.5 },
  },
  deit: {
    randomResizedCrop: {},
    horizontalFlip: 0.5,
    randAugment: { filter: "bicubic" },
    randomErasing: {
      probability: 0.25,
      scale: [0.02, 1 / 3],
      ratio: [0.3, 10 / 3],
      value: "random",
    },
  },
} satisfies Record<AugmentationPreset, AugmentationOptions>;

/** Names of the presets. */
export const augmentationPresets = Object.keys(presets) as readonly AugmentationPreset[];

/**
 * The options that a preset stands for, to be changed: `{ ...augmentationPreset("simclr"), horizontalFlip: 0 }`.
 *
 * @throws {TypeError | RangeError} for what is no preset.
 */
export function augmentationPreset(name: AugmentationPreset): AugmentationOptions {
  return structuredClone(presets[requireOneOf("augmentation", name, augmentationPresets)]);
}
