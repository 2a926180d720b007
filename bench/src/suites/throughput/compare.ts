import type { ContenderBatch } from "../../contenders/contender.js";

/** A contender's outputs for some pairs, in the order of the pairs. */
export interface Outputs {
  readonly image: Float32Array;
  readonly input_ids: BigInt64Array;
  readonly attention_mask: BigInt64Array;
}

export interface Difference {
  /** Every byte of every tensor is the same. */
  readonly identical: boolean;
  readonly largestImageDifference: number;
  readonly tokensIdentical: boolean;
}

type TensorValues = Float32Array | BigInt64Array;

function sameBytes(left: TensorValues, right: TensorValues): boolean {
  const bytes = (values: TensorValues) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return bytes(left).equals(bytes(right));
}

function largestDifference(left: Float32Array, right: Float32Array): number {
  if (left.length !== right.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < left.length; i++) {
    const difference = Math.abs((left[i] as number) - (right[i] as number));
    // Not `>`: a NaN is the largest difference of all.
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
}

export function compareOutputs(outputs: Outputs, reference: Outputs): Difference {
  const tokensIdentical =
    sameBytes(outputs.input_ids, reference.input_ids) &&
    sameBytes(outputs.attention_mask, reference.attention_mask);
  return {
    identical: tokensIdentical && sameBytes(outputs.image, reference.image),
    largestImageDifference: largestDifference(outputs.image, reference.image),
    tokensIdentical,
  };
}

/** Puts rows in the order of their indices, whatever order and batches they came in. */
export function assembleOutputs(batches: readonly ContenderBatch[], pairCount: number): Outputs {
  const rowOf = batches.flatMap((batch) => batch.indices);
  const complete = new Set(rowOf).size === pairCount && rowOf.length === pairCount;
  const sample = batches[0];
  if (!complete || sample === undefined) {
    throw new Error(`expected each of ${pairCount} pairs once, got ${rowOf.length} rows`);
  }
  const imageLength = sample.image.length / sample.indices.length;
  const tokenLength = sample.input_ids.length / sample.indices.length;
  const outputs = {
    image: new Float32Array(pairCount * imageLength),
    input_ids: new BigInt64Array(pairCount * tokenLength),
    attention_mask: new BigInt64Array(pairCount * tokenLength),
  };
  for (const batch of batches) {
    for (const [row, index] of batch.indices.entries()) {
      const imageRow = batch.image.subarray(row * imageLength, (row + 1) * imageLength);
      outputs.image.set(imageRow, index * imageLength);
      for (const name of ["input_ids", "attention_mask"] as const) {
        const tokenRow = batch[name].subarray(row * tokenLength, (row + 1) * tokenLength);
        outputs[name].set(tokenRow, index * tokenLength);
      }
    }
  }
  return outputs;
}
