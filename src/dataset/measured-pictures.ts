import type { PrepareImagesOptions } from "../image/image-batch.js";
import type { PicturePlan } from "../image/views/picture-plan.js";
import { listOfImages } from "./multiple-images.js";
import type { ReadPair } from "./pair-reader.js";
import type { TextPipeline } from "./text-pipeline.js";

/**
 * Gives pairs with what their images are made into, by headers alone. It is done for each pair by itself, as soon as its
 * source has given it: what is wrong with an image is found where one may still read another pair.
 */
export function pictureMeasurer(plan: PicturePlan, how: PrepareImagesOptions) {
  return async (pair: ReadPair): Promise<ReadPair> => {
    if (pair.pictures !== undefined) return pair; // a packed set knows it
    const images = listOfImages(pair.images);
    if (images.length === 0) return { ...pair, pictures: [] };
    const request = {
      images: images.map(({ image }) => image),
      indices: images.map(() => pair.index),
      sources: images.map(({ source }) => source),
    };
    return { ...pair, pictures: await plan.measure(request, [images.length], how) };
  };
}

/** As pictureMeasurer(), and with their tokens, where these are made of each pair by itself. */
export function pairCompleter(
  plan: PicturePlan | null,
  text: Pick<TextPipeline, "complete"> | null,
  how: PrepareImagesOptions,
): ((pair: ReadPair) => Promise<ReadPair>) | undefined {
  if (plan === null) return undefined;
  const measured = pictureMeasurer(plan, how);
  const complete = text?.complete;
  if (complete === undefined) return measured;
  return async (pair) => complete(await measured(pair));
}
