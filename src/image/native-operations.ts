import type { NativeRandomOperations } from "../native/addon.js";
import type { RandomOperationsConfig } from "./random-operations.js";

/** Of ColorJitter: the addon has room for all of them. */
const JITTER_OPERATIONS = 4;

/** Operations that an image has at most: as many as the addon writes. */
export function mostOperations(config: RandomOperationsConfig): number {
  const { randAugment, trivialAugment, autoAugment, colorJitter, ...others } = config;
  const single = Object.values(others).filter((one) => one !== undefined).length;
  const ofPolicy = randAugment?.numOps ?? (trivialAugment ? 1 : autoAugment ? 2 : 0);
  return single + ofPolicy + (colorJitter === undefined ? 0 : JITTER_OPERATIONS);
}

function nativePolicy(config: RandomOperationsConfig): NativeRandomOperations["policy"] {
  const { randAugment, trivialAugment, autoAugment } = config;
  const unused = { numOps: 0, magnitude: 0, bins: 2 };
  if (randAugment !== undefined) {
    const { numMagnitudeBins, ...others } = randAugment;
    return { ...others, bins: numMagnitudeBins, kind: "rand" };
  }
  if (trivialAugment !== undefined) {
    const { numMagnitudeBins, ...others } = trivialAugment;
    return { ...unused, ...others, bins: numMagnitudeBins, kind: "trivial" };
  }
  if (autoAugment === undefined) return null;
  const { policy, ...others } = autoAugment;
  return { ...unused, ...others, kind: policy };
}

/** The options as the addon takes them. */
export function nativeRandomOperations(config: RandomOperationsConfig): NativeRandomOperations {
  const { randomRotation, randomAffine, colorJitter, gaussianBlur, randomErasing } = config;
  const none = { translate: null, scale: null, shearX: null, shearY: null };
  const shear = randomAffine?.shear;
  return {
    rotation: randomRotation === undefined ? null : { ...none, ...randomRotation },
    affine:
      randomAffine === undefined
        ? null
        : {
            ...randomAffine,
            translate: randomAffine.translate ?? null,
            scale: randomAffine.scale ?? null,
            shearX: shear === undefined ? null : [shear[0], shear[1]],
            shearY: shear?.length === 4 ? [shear[2], shear[3]] : null,
          },
    policy: nativePolicy(config),
    jitter:
      colorJitter === undefined
        ? null
        : {
            probability: colorJitter.probability,
            brightness: colorJitter.brightness ?? null,
            contrast: colorJitter.contrast ?? null,
            saturation: colorJitter.saturation ?? null,
            hue: colorJitter.hue ?? null,
          },
    grayscale: config.randomGrayscale ?? null,
    blur: gaussianBlur ?? null,
    erasing:
      randomErasing === undefined
        ? null
        : {
            ...randomErasing,
            noise: randomErasing.value === "random",
            value: randomErasing.value === "random" ? [0, 0, 0] : randomErasing.value,
          },
  };
}
