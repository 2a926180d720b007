import type { DrawnAugmentation } from "../image/drawn.js";
import type { FailedImage } from "../image/image-batch.js";
import type { PictureOutput } from "../image/picture-geometry.js";
import type { ImageTensor } from "../shared/tensor.js";
import type { ReadPair } from "./pair-reader.js";

/** Images of a pair that go into a row. */
export type RowImages = Pick<ReadPair, "images" | "index" | "pictures" | "sequence">;

/** Gives a user memory that a batch has. */
export type Lend = (memory: Uint8Array) => Uint8Array;

/** Images of a batch's rows that become tensors together: the rows' own, or those in a column. */
export interface ImagePart {
  /** Bytes of their memory. */
  readonly bytes: number;
  /**
   * Prepares the images of pairs into rows of these numbers, which rise; gives the rows that failed, each once. Settles
   * when nothing writes into the memory any more.
   */
  prepare(pairs: readonly RowImages[], rows: readonly number[]): Promise<FailedImage[]>;
  /** Moves rows up over those that are not kept; gives those that failed then, by their new numbers. */
  keep(rows: readonly number[]): Promise<FailedImage[]>;
  /** Tensors of so many rows, which are all that there are. */
  tensors(rows: number, lend: Lend): ImageTensors;
  /** Gives back what was not lent. */
  release(): void;
}

/** What images become. */
export interface ImageTensors {
  /** Undefined where no row has an image, and none is stacked. */
  readonly pixels: ImageTensor | undefined;
  /** What a batch has of them, by name. */
  readonly fields: Readonly<Record<string, PictureOutput>>;
  readonly augmentation?: DrawnAugmentation;
}
