import type { NativePlanOptions } from "../native/addon.js";
import { runtime } from "../native/runtime.js";
import { type AugmentationConfig, augmentedConfig, nativeAugmentation } from "./augmentation.js";
import type { ImagePlan } from "./image-batch.js";
import type { ImageProcessorConfig } from "./image-processor-options.js";
import { outputSize, type ResizeTarget } from "./output-size.js";

type NativeResize = Pick<NativePlanOptions, "resize" | "width" | "height" | "shortest" | "longest">;

function nativeResize(target: ResizeTarget | null): NativeResize {
  const none: NativeResize = { resize: "none", width: 0, height: 0, shortest: 0, longest: 0 };
  if (target === null) return none;
  if ("width" in target) return { ...none, ...target, resize: "fixed" };
  if ("maxWidth" in target) {
    const { maxWidth: width, maxHeight: height } = target;
    return { ...none, width, height, resize: "fitWithin" };
  }
  const { longestEdge: longest = 0 } = target;
  if ("shortestEdge" in target) {
    return { ...none, shortest: target.shortestEdge, longest, resize: "shortestEdge" };
  }
  return { ...none, longest, resize: "longestEdge" };
}

const elementBytes = { float32: 4, float16: 2, uint8: 1 } as const;

function arithmeticOf({
  convention,
  rescale,
}: ImageProcessorConfig): NativePlanOptions["arithmetic"] {
  // without rescaling there is one arithmetic: all in float32
  if (typeof rescale !== "number") return "torchvision";
  return convention === "huggingface-torchvision" ? "fused" : "huggingface";
}

/** Compiles what every image of a batch goes through, for the addon. */
export function compilePlan(
  processor: ImageProcessorConfig,
  augmentation: AugmentationConfig | null,
): ImagePlan {
  const config = augmentation === null ? processor : augmentedConfig(processor, augmentation);
  const { rescale, mean, std, type, centerCrop, exifOrientation, maxPixels } = config;
  const output = outputSize(config);
  const native = runtime().addon.compilePlan({
    ...nativeResize(config.resize),
    convention: config.convention,
    cropWidth: centerCrop?.width ?? 0,
    cropHeight: centerCrop?.height ?? 0,
    pad: config.pad !== null,
    outputWidth: output.width,
    outputHeight: output.height,
    exifOrientation,
    fastDecode: config.decode === "fast",
    whiteGround: config.alpha === "white",
    augmentation: augmentation === null ? null : nativeAugmentation(augmentation),
    filter: config.filter,
    resampler: config.resampler,
    type,
    layout: config.layout,
    blueFirst: config.channelOrder === "bgr",
    maxPixels,
    arithmetic: arithmeticOf(config),
    rescale: rescale !== false,
    offset: config.rescaleOffset,
    rescaleFactor: typeof rescale === "number" ? rescale : 1 / 255,
    normalize: mean !== null,
    mean: mean ?? [0, 0, 0],
    std: std ?? [1, 1, 1],
    lastStd: config.lastStd ?? [1, 1, 1],
  });
  const slotBytes = 3 * output.width * output.height * elementBytes[type];
  return { native, slotBytes, maxPixels, exifOrientation, alpha: config.alpha };
}
