import { ImageProcessor } from "../image/image-processor.js";
import type { ImageProcessorConfig } from "../image/image-processor-options.js";
import { wrongType } from "../shared/validation.js";

/** The processor by which images are stored: the one that is named, or the standard one, with images of the size that is given. */
export async function storedProcessor({
  processor,
  size,
}: {
  readonly processor?: string;
  readonly size?: number;
}): Promise<ImageProcessor> {
  const named =
    processor === undefined
      ? ImageProcessor.standard()
      : await ImageProcessor.fromPretrained(processor);
  return size === undefined ? named : resized(named, size);
}

/** The processor with images of another size: the resized one, and what is cut out of it. */
function resized({ config, takesApart }: ImageProcessor, size: number): ImageProcessor {
  if (takesApart) throw wrongType("--size", "none with a processor that takes images apart", size);
  const square = { width: size, height: size };
  const { resize } = config;
  const changed: Partial<ImageProcessorConfig> =
    resize !== null && "shortestEdge" in resize
      ? { resize: { ...resize, shortestEdge: size }, centerCrop: square }
      : { resize: square, centerCrop: null };
  return new ImageProcessor({ ...config, ...changed });
}
