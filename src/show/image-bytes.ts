import type { ImageProcessorConfig } from "../image/image-processor-options.js";
import { outputSize } from "../image/output-size.js";
import { float16Number } from "../shared/float16.js";
import type { ImageTensor } from "../shared/tensor.js";

/** An image's pixels: red, green and blue of one after the other. */
export interface RgbImage {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** What a byte is multiplied by before anything is subtracted. */
function factorOf({ rescale }: ImageProcessorConfig): number {
  if (typeof rescale === "number") return rescale;
  return rescale ? 1 / 255 : 1;
}

/**
 * Turns an image of a tensor back into what the model sees: normalization, layout and order of channels undone. Zeros of
 * `pad` become the colour that the processor's mean is.
 *
 * @param place of the image among those of the tensor, from 0.
 */
export function imageBytes(
  { type, data }: ImageTensor,
  place: number,
  config: ImageProcessorConfig,
): RgbImage {
  const { width, height } = outputSize(config);
  const { layout, channelOrder, mean, std, lastStd, rescaleOffset } = config;
  const pixels = width * height;
  const start = 3 * pixels * place;
  const factor = factorOf(config);
  const bytes = new Uint8ClampedArray(3 * pixels);
  const [pixelStep, channelStep] = layout === "chw" ? [1, pixels] : [3, 1];
  for (let channel = 0; channel < 3; channel += 1) {
    const scale = ((std?.[channel] ?? 1) * (lastStd?.[channel] ?? 1)) / factor;
    const offset = ((mean?.[channel] ?? 0) + rescaleOffset) / factor;
    const first = start + channel * channelStep;
    const target = channelOrder === "rgb" ? channel : 2 - channel;
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      const element = data[first + pixel * pixelStep] as number;
      const value = type === "float16" ? float16Number(element) : element;
      bytes[3 * pixel + target] = type === "uint8" ? value : value * scale + offset;
    }
  }
  return { data: bytes, width, height };
}
