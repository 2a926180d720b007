import {
  coreOfProcessor,
  type ImageProcessor,
  processorOfCore,
} from "../../image/image-processor.js";
import { type PictureStorage, pictureStorage } from "../../image/views/picture-storage.js";
import { wrongType } from "../../shared/validation.js";
import { whenLoaded } from "../../shared/when-loaded.js";
import type { PackConfig, PackedPictures } from "./pack-format.js";

/** @throws {TypeError} for a class whose numbers are not made of bytes alone. */
export function requireStorage(image: ImageProcessor): PictureStorage {
  const storage = pictureStorage(coreOfProcessor(image));
  if (storage !== null) return storage;
  const expected = "one whose processor resizes bytes alone, and not numbers (Phi4Multimodal)";
  throw wrongType("dataset", expected, image);
}

/**
 * What a pack says of the processor of its images. Precondition: it is one of Hugging Face.
 *
 * @throws {TypeError} for a class whose numbers are not made of bytes alone.
 */
export function packedPictures(
  image: ImageProcessor,
  maxImages: number | undefined,
): PackedPictures {
  const { origin } = coreOfProcessor(image);
  if (origin === null) throw new TypeError("a processor of no file takes no images apart");
  const { keys, modelType = null, backend } = origin;
  // as it is read again
  const stored = JSON.parse(JSON.stringify(keys)) as PackedPictures["keys"];
  return {
    keys: stored,
    modelType,
    backend,
    facts: requireStorage(image).facts,
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
  const { coreOfOrigin } = await whenLoaded(import("../../image/processor-of-origin.js"));
  return processorOfCore(coreOfOrigin(origin, { resampler, exifOrientation, alpha }, folder));
}
