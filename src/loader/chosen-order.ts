import type { OnError } from "../dataset/error-policy.js";
import { blockSampler } from "../order/block-sampler.js";
import {
  requireSampler,
  type Sampler,
  sequentialSampler,
  shuffledSampler,
} from "../order/sampler.js";
import { outOfRange, wrongType } from "../shared/validation.js";
import type { PairSource } from "../sources/pair-source.js";
import { isStream } from "../sources/pair-stream.js";
import type { LengthBuckets } from "./length-buckets.js";

/** In which order an epoch goes through its pairs. */
export type Shuffle = boolean | "blocks";

/** @throws {TypeError} */
export function readShuffle(option: string, value: unknown): Shuffle {
  if (typeof value === "boolean" || value === "blocks") return value;
  throw wrongType(option, 'true, false or "blocks"', value);
}

/** The options of a loader that its order depends on. */
interface OrderOptions {
  shuffle: Shuffle;
  shuffleWindow?: number | undefined;
  shuffleBuffer?: number | undefined;
  lengthBuckets?: LengthBuckets | undefined;
  onError: OnError;
  seed: number;
  sampler?: unknown;
}

/** @throws {TypeError | RangeError} */
export function chooseSampler(given: OrderOptions, source: PairSource): Sampler {
  const { shuffle, shuffleWindow: window, shuffleBuffer, seed, sampler } = given;
  if (window !== undefined && shuffle !== "blocks") {
    throw wrongType("shuffleWindow", 'none without shuffle "blocks"', window);
  }
  if (isStream(source)) return streamOrder(given);
  if (shuffleBuffer !== undefined) {
    throw wrongType("shuffleBuffer", "none without a stream; shuffle: true", shuffleBuffer);
  }
  if (sampler !== undefined) {
    if (shuffle) throw wrongType("shuffle", "false beside a sampler, which is the order", shuffle);
    return requireSampler(sampler);
  }
  if (!shuffle) return sequentialSampler(source.length);
  if (shuffle === true) return shuffledSampler(source.length, seed);
  return blockSampler(blocksOf(source), { seed, ...(window !== undefined && { window }) });
}

/** The order of a stream is known as it comes; this says what it is called, and that its length is not known. */
function streamOrder(given: OrderOptions): Sampler {
  const { shuffle, sampler, lengthBuckets, onError, shuffleBuffer: buffer, seed } = given;
  if (shuffle) {
    throw wrongType("shuffle", "false with a stream, which shuffleBuffer mixes", shuffle);
  }
  if (sampler !== undefined) throw wrongType("sampler", "none with a stream", sampler);
  if (lengthBuckets !== undefined) {
    throw wrongType("lengthBuckets", "none with a stream", lengthBuckets);
  }
  if (onError === "replace") {
    throw wrongType("onError", '"throw" or "skip" with a stream', onError);
  }
  return {
    length: Number.POSITIVE_INFINITY,
    indexAt: (position) => position,
    fingerprint: buffer === undefined ? "stream" : `stream, buffer ${buffer}, seed ${seed}`,
  };
}

/** @throws {TypeError | RangeError} where the source does not know its blocks, or they are not its length. */
function blocksOf(source: PairSource): ArrayLike<number> {
  const blocks = source.blockLengths?.();
  if (!blocks) {
    const expected =
      "true or false, as the dataset's source has no blockLengths(), the blocks of its pairs";
    throw wrongType("shuffle", expected, "blocks");
  }
  let rows = 0;
  for (let i = 0; i < blocks.length; i += 1) rows += blocks[i] as number;
  if (rows === source.length) return blocks;
  throw outOfRange("source.blockLengths()", `numbers whose sum is ${source.length}`, rows);
}
