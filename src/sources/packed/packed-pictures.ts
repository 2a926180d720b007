import {
  coreOfProcessor,
  type ImageProcessor,
  processorOfCore,
} from "../../image/image-processor.js";
import { type PictureStorage, pictureStorage } from "../../image/views/picture-storage.js";
import { whenLoaded } from "../../shared/when-loaded.js";
import { invalidPack, type Pack, type PackConfig, type PackedPictures } from "./pack-format.js";

/**
 * How a pack has its images, by the processor that took them apart.
 *
 * @throws {PixtokError} INVALID_PACK where no pack has images of its keys.
 */
export function storageIn({ folder }: Pick<Pack, "folder">, image: ImageProcessor): PictureStorage {
  try {
    return pictureStorage(coreOfProcessor(image));
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
 * @throws {TypeError} for one that looks at the size of each image and does not take it apart.
 */
export function packedPictures(
  image: ImageProcessor,
  maxImages: number | undefined,
): PackedPictures {
  return {
    ...originOfPictures(image, maxImages),
    facts: pictureStorage(coreOfProcessor(image)).facts,
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
