import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { ImageInput, ImageProcessor, Resampler, Tensor } from "pixtok";
import { drawnImage } from "../support/drawn-image.js";
import { type CaseResult, judged } from "./case-result.js";
import { described, saved } from "./image-families.js";

/** A path in the data, or width and height of a drawn image. */
type GoldenImage = string | readonly [width: number, height: number];

/** test/goldens/make_vision.py */
export interface VisionLine {
  processor: string;
  config: object;
  backend: "torchvision" | "pil";
  image: readonly GoldenImage[] | readonly (readonly GoldenImage[])[];
  outputs: Record<string, unknown>;
}

const processors = new Map<string, ImageProcessor>();

export async function checkVision(
  line: VisionLine,
  data: string,
  resampler: Resampler,
): Promise<CaseResult> {
  const { processor: name, config, backend, image, outputs } = line;
  const key = JSON.stringify([config, backend, resampler]);
  const processor = processors.get(key) ?? (await saved(config, { backend }, resampler));
  processors.set(key, processor);
  const result: object = await processor.process(imagesOf(image, data));
  const said = Object.fromEntries(
    Object.entries(result as Record<string, Tensor | number[][]>).map(([output, value]) => [
      output,
      Array.isArray(value) ? value : described(value),
    ]),
  );
  return judged(JSON.stringify([name, backend, image, config]), isDeepStrictEqual(said, outputs));
}

function imagesOf(images: VisionLine["image"], data: string): ImageInput[] | ImageInput[][] {
  const opened = (image: GoldenImage): ImageInput =>
    typeof image === "string" ? join(data, image) : drawnImage(image[0], image[1]);
  const isNested = Array.isArray(images[0]) && Array.isArray(images[0][0]);
  return isNested
    ? (images as readonly (readonly GoldenImage[])[]).map((some) => some.map(opened))
    : (images as readonly GoldenImage[]).map(opened);
}
