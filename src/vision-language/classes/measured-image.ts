import type { Size } from "../../image/output-size.js";

/** What is known of an image from its size alone. */
export interface MeasuredImage {
  /** Before it is resized. */
  readonly size: Size;
  /** Images in its row. */
  readonly count: number;
  /** Patches or tiles that it becomes. */
  readonly units: number;
  /** Size of a tile, or of the whole image after it is resized. */
  readonly unit: Size;
  /** What the class of the image processor says of it. */
  readonly facts: Readonly<Record<string, readonly number[]>>;
}

/** What is written in place of an image. @param place of it among those of its row. */
export type Placeholder = (image: MeasuredImage, place: number) => string;

/** A fact of an image. @param otherwise of a class that does not take images apart. */
export function fact(
  image: MeasuredImage,
  name: string,
  otherwise: readonly number[],
): readonly number[] {
  return image.facts[name] ?? otherwise;
}
