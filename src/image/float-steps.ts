import { allocateMemory, lendMemory, releaseMemory } from "../native/batch-memory.js";
import { nativeAddon } from "../native/load-addon.js";
import { withMachineFaults } from "../shared/machine-fault.js";
import type { ImageTensor } from "../shared/tensor.js";
import { outOfRange } from "../shared/validation.js";
import type { ImageProcessorConfig } from "./image-processor-options.js";
import { MAX_OUTPUT_SIDE } from "./image-side.js";
import { imageTensor } from "./image-tensors.js";
import type { Size } from "./output-size.js";
import type { FloatSteps } from "./pretrained/image-steps.js";

/** Sizes follow from configurations, and memory from sizes. */
function requireSize({ width, height }: Size): void {
  for (const side of [width, height]) {
    if (side <= MAX_OUTPUT_SIDE) continue;
    throw outOfRange("size", `no side of more than ${MAX_OUTPUT_SIDE}`, side);
  }
}

/**
 * What one of libuv's threads makes of an image by these steps. Precondition: the image is one of float32, channels
 * first, and the size that it is resized to is not empty.
 */
export async function takeFloatSteps(
  image: ImageTensor,
  { mirror, resize, normalizesAfter }: FloatSteps,
  { mean, std }: Pick<ImageProcessorConfig, "mean" | "std">,
): Promise<ImageTensor> {
  const [, , height = 0, width = 0] = image.dims;
  const { left = 0, top = 0, right = 0, bottom = 0 } = mirror ?? {};
  const whole = { width: left + width + right, height: top + height + bottom };
  const size = resize?.to ?? whole;
  requireSize(whole);
  requireSize(size);
  const dims = [1, 3, size.height, size.width];
  const memory = allocateMemory(4 * 3 * size.height * size.width);
  try {
    const target = imageTensor("float32", memory, dims).data as Float32Array;
    const steps = {
      width,
      height,
      mirror: mirror ?? null,
      resize: resize === undefined ? null : { ...resize.to, filter: resize.filter },
      normalize: normalizesAfter && mean !== null && std !== null ? { mean, std } : null,
    };
    const source = image.data as Float32Array;
    await withMachineFaults(async () => nativeAddon().prepareFloats(source, target, steps));
    return imageTensor("float32", lendMemory(memory), dims);
  } catch (error) {
    releaseMemory(memory);
    throw error;
  }
}
