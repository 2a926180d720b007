import type { ImageProcessorConfig } from "../image/image-processor-options.js";
import type { ResizeTarget, Size } from "../image/output-size.js";
import type { Box } from "./boxes.js";

/** How large an image is after its resize, to about a pixel: whose rounding is followed makes no difference to the eye. */
function resizedSize(target: ResizeTarget | null, { width, height }: Size): Size {
  if (target === null) return { width, height };
  if ("width" in target) return target;
  const scaled = (scale: number) => ({ width: width * scale, height: height * scale });
  if ("maxWidth" in target) {
    return scaled(Math.min(target.maxWidth / width, target.maxHeight / height));
  }
  const longest = Math.max(width, height);
  if (!("shortestEdge" in target)) return scaled(target.longestEdge / longest);
  const scale = target.shortestEdge / Math.min(width, height);
  return scaled(Math.min(scale, (target.longestEdge ?? Infinity) / longest));
}

/** Boxes of an original image where they are in what a processor makes of it. */
export function boxesOfModel(
  boxes: readonly Box[],
  original: Size,
  config: ImageProcessorConfig,
): Box[] {
  const resized = resizedSize(config.resize, original);
  const { centerCrop } = config;
  const moved = (side: "width" | "height") =>
    centerCrop === null ? 0 : (centerCrop[side] - resized[side]) / 2;
  const [x, y] = [resized.width / original.width, resized.height / original.height];
  return boxes.map(({ left, top, width, height, label }) => ({
    left: left * x + moved("width"),
    top: top * y + moved("height"),
    width: width * x,
    height: height * y,
    label,
  }));
}
