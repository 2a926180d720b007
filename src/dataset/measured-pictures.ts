import type { PicturePlan } from "../image/views/picture-plan.js";
import type { SignalledContext } from "../shared/sample-context.js";
import { listOfImages } from "./multiple-images.js";
import type { ReadPair } from "./pair-reader.js";
import type { TextPipeline } from "./text-pipeline.js";

/** Threads that read headers; undefined for those of the runtime. */
type Threads = number | undefined;

/**
 * Gives pairs with what their images are made into, by headers alone. It is done for each pair by itself, as soon as its
 * source has given it: what is wrong with an image is found where one may still read another pair.
 */
export function pictureMeasurer(
  plan: PicturePlan,
  threads: Threads,
  { signal, hold = (work) => work() }: SignalledContext,
) {
  return async (pair: ReadPair): Promise<ReadPair> => {
    if (pair.pictures !== undefined) return pair; // a packed set knows it
    const images = listOfImages(pair.images);
    if (images.length === 0) return { ...pair, pictures: [] };
    const request = {
      images: images.map(({ image }) => image),
      indices: images.map(() => pair.index),
      sources: images.map(({ source }) => source),
    };
    const measure = () => plan.measure(request, [images.length], { threads, signal });
    return { ...pair, pictures: await hold(measure) };
  };
}

/** As pictureMeasurer(), and with their tokens, where these are made of each pair by itself. */
export function pairCompleter(
  plan: PicturePlan | null,
  text: Pick<TextPipeline, "complete"> | null,
  threads: Threads,
  context: SignalledContext,
): ((pair: ReadPair) => Promise<ReadPair>) | undefined {
  if (plan === null) return undefined;
  const measured = pictureMeasurer(plan, threads, context);
  const complete = text?.complete;
  if (complete === undefined) return measured;
  return async (pair) => complete(await measured(pair));
}
