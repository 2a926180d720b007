import type { NativePlanOptions } from "../native/addon.js";
import { runtime } from "../native/runtime.js";
import { elementBytes } from "../shared/element-bytes.js";
import { type AugmentationConfig, augmentedConfig, nativeAugmentation } from "./augmentation.js";
import type { ImagePlan } from "./image-batch.js";
import type { ImageLayout } from "./image-choices.js";
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

function arithmeticOf({
  convention,
  rescale,
}: ImageProcessorConfig): NativePlanOptions["arithmetic"] {
  // without rescaling there is one arithmetic: all in float32
  if (typeof rescale !== "number") return "torchvision";
  return convention === "huggingface-torchvision" ? "fused" : "huggingface";
}

/** What does not say where an image stands. */
function commonOptions(
  config: ImageProcessorConfig,
): Omit<NativePlanOptions, keyof NativeResize | keyof NativeOutput | "purpose"> {
  const { rescale, mean, std } = config;
  return {
    convention: config.convention,
    exifOrientation: config.exifOrientation,
    fastDecode: config.decode === "fast",
    whiteGround: config.alpha === "white",
    augmentation: null,
    filter: config.filter,
    resampler: config.resampler,
    type: config.type,
    layout: config.layout,
    blueFirst: config.channelOrder === "bgr",
    maxPixels: config.maxPixels,
    arithmetic: arithmeticOf(config),
    rescale: rescale !== false,
    offset: config.rescaleOffset,
    rescaleFactor: typeof rescale === "number" ? rescale : 1 / 255,
    normalize: mean !== null,
    mean: mean ?? [0, 0, 0],
    std: std ?? [1, 1, 1],
    lastStd: config.lastStd ?? [1, 1, 1],
  };
}

type NativeOutput = Pick<
  NativePlanOptions,
  "cropWidth" | "cropHeight" | "pad" | "outputWidth" | "outputHeight"
>;

/** What a plan says that does not look at its geometry. */
const noGeometry: NativeResize & NativeOutput = {
  ...nativeResize(null),
  cropWidth: 0,
  cropHeight: 0,
  pad: false,
  outputWidth: 1,
  outputHeight: 1,
};

function planOf(
  options: NativePlanOptions,
  { maxPixels, exifOrientation, alpha }: ImageProcessorConfig,
  slotBytes: number,
): ImagePlan {
  const native = runtime().addon.compilePlan(options);
  return { native, slotBytes, maxPixels, exifOrientation, alpha };
}

/** Compiles what every image of a batch goes through, for the addon. */
export function compilePlan(
  processor: ImageProcessorConfig,
  augmentation: AugmentationConfig | null,
): ImagePlan {
  const config = augmentation === null ? processor : augmentedConfig(processor, augmentation);
  const { centerCrop } = config;
  const output = outputSize(config);
  const options: NativePlanOptions = {
    ...commonOptions(config),
    ...nativeResize(config.resize),
    purpose: "images",
    cropWidth: centerCrop?.width ?? 0,
    cropHeight: centerCrop?.height ?? 0,
    pad: config.pad !== null,
    outputWidth: output.width,
    outputHeight: output.height,
    augmentation: augmentation === null ? null : nativeAugmentation(augmentation),
  };
  return planOf(options, config, 3 * output.width * output.height * elementBytes[config.type]);
}

/** Compiles what every view of an image goes through; sizes and places are each view's own. */
export function compileViewPlan(
  config: ImageProcessorConfig,
  layout: ImageLayout,
  isBfloat16: boolean,
): ImagePlan {
  const bfloat16 = { type: "float16", arithmetic: "bfloat16" } as const;
  const numbers = isBfloat16 ? bfloat16 : {};
  const options = { ...commonOptions(config), ...noGeometry, layout, ...numbers };
  return planOf({ ...options, purpose: "views" }, config, 0);
}

/** Compiles what reads the size of an image alone: two numbers of 32 bits. */
export function compileSizePlan(config: ImageProcessorConfig): ImagePlan {
  const options = { ...commonOptions(config), ...noGeometry };
  return planOf({ ...options, purpose: "sizes" }, config, 8);
}
