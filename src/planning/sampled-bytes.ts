import { stat } from "node:fs/promises";
import { walkOrder } from "../dataset/dataset-walk.js";
import { type ImageInput, requireImage } from "../image/image-input.js";
import { PixtokError } from "../shared/errors.js";
import { isMachineFault } from "../shared/machine-fault.js";
import { imagesOf, type PairSource } from "../sources/pair-source.js";

/** What images of a sample are like. */
export interface SampledBytes {
  /** Bytes of the image files of a pair, the mean. */
  readonly imageBytes: number;
  /** Whether images are files of their own, and not parts of others. */
  readonly areFiles: boolean;
  /** Pairs that could be read. */
  readonly pairs: number;
}

/** Pairs that are looked at together: a source may have to fetch them. */
const AT_ONCE = 32;

async function bytesOf(image: ImageInput, index: number): Promise<{ bytes: number; own: boolean }> {
  const checked = requireImage(image, index);
  if (typeof checked === "string") return { bytes: (await stat(checked)).size, own: true };
  if (checked instanceof Uint8Array) return { bytes: checked.length, own: false };
  if ("path" in checked) return { bytes: checked.length, own: false };
  return { bytes: checked.data.length, own: false };
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
  let [bytes, images, own, pairs] = [0, 0, 0, 0];
  let failure: unknown;
  const look = async (index: number) => {
    try {
      const pair = await source.get(index, { seed: 0, epoch: 0 });
      const found = await Promise.all(imagesOf(pair).map((image) => bytesOf(image, index)));
      for (const one of found) {
        bytes += one.bytes;
        own += one.own ? 1 : 0;
      }
      images += found.length;
      pairs += 1;
    } catch (error) {
      if (error instanceof PixtokError && isMachineFault(error)) throw error;
      failure = error;
    }
  };
  for (let first = 0; first < count; first += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - first);
    await Promise.all(Array.from({ length: size }, (_, i) => look(indexAt(first + i))));
  }
  if (pairs === 0) {
    const message = `none of ${count} random pairs can be read`;
    throw new PixtokError("NO_READABLE_SAMPLE", message, { cause: failure });
  }
  return { imageBytes: bytes / pairs, areFiles: 2 * own > images, pairs };
}
