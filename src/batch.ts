import type { ImageTensor, TokenTensor } from "./tensor.js";

/** Rows of pairs: row i of every tensor, and `indices[i]`, are the same pair. */
export interface Batch {
  /** Shape [n, 3, height, width], or [n, height, width, 3] with layout "hwc". */
  readonly image: ImageTensor;
  /** Shape [n, length]. */
  readonly input_ids: TokenTensor;
  /** Shape [n, length]: 1 for a token, 0 for padding. */
  readonly attention_mask: TokenTensor;
  /** Dataset index of each row. */
  readonly indices: readonly number[];
  /**
   * Gives the batch's memory back for a later batch; the `data` of its tensors is empty from then on.
   * Without it the garbage collector does so, later. May be called more than once.
   */
  release(): void;
}

/** One pair. */
export interface Item {
  /** Shape [3, height, width], or [height, width, 3] with layout "hwc". */
  readonly image: ImageTensor;
  /** Shape [length]. */
  readonly input_ids: TokenTensor;
  /** Shape [length]. */
  readonly attention_mask: TokenTensor;
  readonly index: number;
}
