import {
  coreOfProcessor,
  type ImageProcessor,
  processorOfCore,
} from "../../image/image-processor.js";
import { type PictureStorage, pictureStorage } from "../../image/views/picture-storage.js";
import { wrongType } from "../../shared/validation.js";
import { whenLoaded } from "../../shared/when-loaded.js";
import { invalidPack, type Pack, type PackConfig, type PackedPictures } from "./pack-format.js";

/** @throws {TypeError} for a class whose numbers are not made of bytes alone. */
export function requireStorage(image: ImageProcessor): PictureStorage {
  const storage = pictureStorage(coreOfProcessor(image));
  if (storage !== null) return storage;
  const expected = "one whose processor resizes bytes alone, and not numbers (Phi4Multimodal)";
  throw wrongType("dataset", expected, image);
}

/**
 * As requireStorage(), of the processor that a pack's images were taken apart by.
 *
 * @throws {PixtokError} INVALID_PACK where no pack has images of its class and keys.
 */
export function storageIn({ folder }: Pick<Pack, "folder">, image: ImageProcessor): PictureStorage {
  try {
    return requireStorage(image);
  } catch (cause) {
    throw invalidPack(
      folder,
      `no pack is of its image processor: ${(cause as Error).message}`,
      cause,
    );
  }
}

/** What a pack says of a processor of images, but for the columns that it gives. Precondition: it is one of Hugging Face. */
export function originOfPictures(
  image: ImageProcessor,
  maxImages: number | undefined,
): Omit<PackedPictures, "facts"> {
  const { origin } = coreOfProcessor(image);
  if (origin === null) throw new TypeError("a processor of no file takes no images apart");
  const { keys, modelType = null, backend } = origin;
  // as it is read again
  const stored = JSON.parse(JSON.stringify(keys)) as PackedPictures["keys"];
  return { keys: stored, modelType, backend, maxImages: maxImages ?? null };
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
  return { ...originOfPictures(image, maxImages), facts: requireStorage(image).facts };
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
