import type { ResizeTarget } from "./output-size.js";
import type { ProcessorCore } from "./processor-core.js";

function shownResize(resize: ResizeTarget): string {
  if ("width" in resize) return `${resize.width}x${resize.height}`;
  return Object.entries(resize)
    .map(([name, pixels]) => `${name} ${pixels}`)
    .join(", ");
}

/** What a processor does, in its order. */
export function shownProcessor({
  config,
  sizeVaries,
}: Pick<ProcessorCore, "config" | "sizeVaries">): string {
  const { resize, filter, resampler, centerCrop, mean, std, type, layout } = config;
  return [
    sizeVaries
      ? "each image by its own size"
      : resize === null
        ? "not resized"
        : `${shownResize(resize)} ${filter} (${resampler})`,
    ...(centerCrop === null ? [] : [`centre ${centerCrop.width}x${centerCrop.height}`]),
    ...(type === "uint8" || mean === null || std === null
      ? []
      : [`mean ${mean.join(" ")}`, `std ${std.join(" ")}`]),
    `${type} ${layout}`,
  ].join(", ");
}
