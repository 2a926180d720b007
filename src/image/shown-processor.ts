import type { ImageProcessorConfig } from "./image-processor-options.js";
import type { ResizeTarget } from "./output-size.js";

function shownResize(resize: ResizeTarget | null): string {
  if (resize === null) return "not resized";
  if ("width" in resize) return `${resize.width}x${resize.height}`;
  return Object.entries(resize)
    .filter(([, pixels]) => pixels !== undefined)
    .map(([name, pixels]) => `${name} ${pixels}`)
    .join(", ");
}

/** What a processor does, in its order. */
export function shownProcessor(config: ImageProcessorConfig): string {
  const { resize, filter, resampler, centerCrop, mean, std, type, layout } = config;
  return [
    resize === null ? shownResize(resize) : `${shownResize(resize)} ${filter} (${resampler})`,
    ...(centerCrop === null ? [] : [`centre ${centerCrop.width}x${centerCrop.height}`]),
    ...(type === "uint8" || mean === null || std === null
      ? []
      : [`mean ${mean.join(" ")}`, `std ${std.join(" ")}`]),
    `${type} ${layout}`,
  ].join(", ");
}
