import type { Tensor } from "@huggingface/transformers";

export interface Pair {
  /** Path of a file. */
  image: string;
  text: string;
}

/** Vectors of length 1, in the order of the pairs. */
export interface Embedded {
  images: Float32Array[];
  texts: Float32Array[];
}

/** The rows of a tensor [n, size], each as long as 1. */
export function unitVectors(tensor: Tensor): Float32Array[] {
  return [...tensor.normalize(2, -1)].map((row) => row.data as Float32Array);
}

export function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, one, at) => sum + one * (b[at] as number), 0);
}

/** How many images are nearer to their own text than to any other. */
export function countFound({ images, texts }: Embedded): number {
  return images.filter((image, index) => {
    const own = cosine(image, texts[index] as Float32Array);
    return texts.every((text, other) => other === index || cosine(image, text) < own);
  }).length;
}

/** Cosines of the angles between the embeddings that two ways have of the same images, the smallest first. */
export function cosinesBetween(one: Float32Array[], other: Float32Array[]): number[] {
  const all = one.map((image, index) => cosine(image, other[index] as Float32Array));
  return all.sort((a, b) => a - b);
}
