import { ImageProcessor } from "../image/image-processor.js";
import type { ImageProcessorConfig } from "../image/image-processor-options.js";
import { wrongType } from "../shared/validation.js";

/** The processor with images of another size: the resized one, and what is cut out of it. */
export function resizedProcessor(
  { config, takesApart }: ImageProcessor,
  size: number,
): ImageProcessor {
  if (takesApart) throw wrongType("--size", "none with a processor that takes images apart", size);
  const square = { width: size, height: size };
  const { resize } = config;
  const changed: Partial<ImageProcessorConfig> =
    resize !== null && "shortestEdge" in resize
      ? { resize: { ...resize, shortestEdge: size }, centerCrop: square }
      : { resize: square, centerCrop: null };
  return new ImageProcessor({ ...config, ...changed });
}
