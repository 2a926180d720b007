import sharp from "sharp";
import type { Pair } from "../../contenders/contender.js";
import { evenlySpread } from "../../measuring/spread.js";
import type { KernelCase, Size } from "../../programs/kernels.js";

export const FILTERS = ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"] as const;

const MIXED_IMAGES = 32;

/** Sizes of some of the images: what a library that keeps weights for the last size makes of a set. */
async function sizesAsInSet(pairs: readonly Pair[]): Promise<Size[]> {
  const some = evenlySpread(pairs, MIXED_IMAGES);
  return Promise.all(
    some.map(async ({ image }) => {
      const { width, height } = await sharp(image).metadata();
      return [width, height] as const;
    }),
  );
}

export async function kernelCases(
  pairs: readonly Pair[],
  filters: readonly string[],
): Promise<KernelCase[]> {
  const mixed = await sizesAsInSet(pairs);
  return filters.flatMap((filter) => [
    { filter, from: [[500, 375]], to: [224, 224] },
    { filter, from: [[1000, 1000]], to: [384, 384] },
    { filter, from: [[96, 96]], to: [224, 224] },
    { filter, from: mixed, to: [224, 224] },
  ]);
}
