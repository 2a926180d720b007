import { stat } from "node:fs/promises";
import { walkOrder } from "../dataset/dataset-walk.js";
import { type ImageInput, requireImage } from "../image/image-input.js";
import { isFetchedImage } from "../remote/fetched-images.js";
import { PixtokError } from "../shared/errors.js";
import { machineFault } from "../shared/machine-fault.js";
import { imagesOf, type PairSource } from "../sources/pair-source.js";

/** What images of a sample are like. */
export interface SampledBytes {
  /** Bytes of a pair's images that are files of their own, the mean: others lie in the source's files. */
  readonly imageBytes: number;
  /** Whether most images are files of their own. */
  readonly areFiles: boolean;
  /** Pairs that could be read. */
  readonly pairs: number;
}

/** Pairs that are looked at together: a source may have to fetch them. */
const AT_ONCE = 32;

/** Bytes of an image that is a file of its own, here or elsewhere; null: it lies in a file of the source. */
async function bytesOfFile(image: ImageInput, index: number): Promise<number | null> {
  const checked = requireImage(image, index);
  if (typeof checked === "string") return (await stat(checked)).size;
  return image instanceof Uint8Array && isFetchedImage(image) ? image.length : null;
}

/**
 * Looks at random pairs of a source. Those that cannot be read are left out.
 *
 * @throws {PixtokError} NO_READABLE_SAMPLE where none can be read; a fault of the machine.
 */
export async function sampleBytes(
  source: PairSource,
  samples: number,
  seed: number,
): Promise<SampledBytes> {
  const { count, indexAt } = walkOrder(source.length, samples, seed);
  let [bytes, images, files, pairs] = [0, 0, 0, 0];
  let failure: unknown;
  const look = async (index: number) => {
    try {
      const pair = await source.get(index, { seed: 0, epoch: 0 });
      const found = await Promise.all(imagesOf(pair).map((image) => bytesOfFile(image, index)));
      const ofFiles = found.filter((one) => one !== null);
      bytes += ofFiles.reduce((sum, one) => sum + one, 0);
      files += ofFiles.length;
      images += found.length;
      pairs += 1;
    } catch (error) {
      const fault = machineFault(error, { index });
      if (fault !== null) throw fault;
      failure ??= error;
    }
  };
  for (let first = 0; first < count; first += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - first);
    await Promise.all(Array.from({ length: size }, (_, i) => look(indexAt(first + i))));
  }
  if (pairs === 0) {
    const first = failure instanceof Error ? failure.message : String(failure);
    const message = `none of ${count} random pairs can be read; the first: ${first}`;
    throw new PixtokError("NO_READABLE_SAMPLE", message, { cause: failure });
  }
  return { imageBytes: bytes / pairs, areFiles: 2 * files > images, pairs };
}
