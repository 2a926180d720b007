import {
  coreOfProcessor,
  type ImageProcessor,
  processorOfCore,
} from "../../image/image-processor.js";
import { factNames } from "../../image/views/stored-pictures.js";
import type { PackConfig, PackedPictures } from "./pack-format.js";

/** What a pack says of the processor that takes its images apart. Precondition: it does. */
export function packedPictures(
  image: ImageProcessor,
  maxImages: number | undefined,
): PackedPictures {
  const { origin, pictures } = coreOfProcessor(image);
  if (origin === null || pictures === null)
    throw new TypeError("a processor of no file takes no images apart");
  const { keys, modelType = null, backend } = origin;
  // as it is read again
  const stored = JSON.parse(JSON.stringify(keys)) as PackedPictures["keys"];
  return {
    keys: stored,
    modelType,
    backend,
    facts: factNames(pictures.geometry),
    maxImages: maxImages ?? null,
  };
}

/**
 * The processor that took a pack's images apart.
 *
 * @throws {PixtokError} INVALID_PROCESSOR where the pack's is not understood.
 */
export async function processorOfPictures(
  folder: string,
  { processor }: PackConfig,
  { keys, modelType, backend }: PackedPictures,
): Promise<ImageProcessor> {
  const { exifOrientation, alpha } = processor;
  const resampler = processor.resampler === "pillow12" ? "pillow12" : "pillow13";
  const origin = { keys, modelType: modelType ?? undefined, backend };
  const { coreOfOrigin } = await import("../../image/processor-of-origin.js");
  return processorOfCore(coreOfOrigin(origin, { resampler, exifOrientation, alpha }, folder));
}
