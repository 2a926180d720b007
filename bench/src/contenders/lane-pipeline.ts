import type { ContenderOptions, Pair, RunningContender } from "./contender.js";
import type { TokenRows } from "./padded-tokens.js";
import { IMAGE_VALUES, sequentialBatches } from "./standard-preset.js";

/** What a pipeline that prepares one image at a time is made of. */
export interface LaneSteps {
  readonly imagesInFlight: number;
  /** Writes one normalized image from `offset` on. */
  writeImage(path: string, target: Float32Array, offset: number): Promise<void>;
  encodeTexts(texts: readonly string[]): TokenRows | Promise<TokenRows>;
}

/** Batches in order, some images in flight within a batch, the batch's texts beside them. */
export function runLanes(
  pairs: readonly Pair[],
  { batchSize }: ContenderOptions,
  { imagesInFlight, writeImage, encodeTexts }: LaneSteps,
): RunningContender {
  const prepareImages = async (rows: readonly Pair[]): Promise<Float32Array> => {
    const images = new Float32Array(rows.length * IMAGE_VALUES);
    const waiting = rows.entries();
    const lane = async () => {
      for (const [row, pair] of waiting) await writeImage(pair.image, images, row * IMAGE_VALUES);
    };
    await Promise.all(Array.from({ length: imagesInFlight }, lane));
    return images;
  };

  return {
    async runEpoch(onBatch) {
      for (const indices of sequentialBatches(pairs.length, batchSize)) {
        const rows = indices.map((index) => pairs[index] as Pair);
        const [image, tokens] = await Promise.all([
          prepareImages(rows),
          encodeTexts(rows.map((pair) => pair.text)),
        ]);
        await onBatch?.({ image, ...tokens, indices });
      }
      return { pairs: pairs.length };
    },
    async close() {},
  };
}
