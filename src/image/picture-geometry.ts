import type { Tensor } from "../shared/tensor.js";
import type { ResampleFilter } from "./image-choices.js";
import type { Size } from "./output-size.js";
import type { Picture, UnitLayout, ViewRows } from "./view.js";

/** What became of the images of a call. */
export interface PreparedPictures {
  readonly pictures: readonly Picture[];
  /** Of the images, as they are taken apart. */
  readonly sizes: readonly Size[];
  /** How many images each list has. */
  readonly lists: readonly number[];
  /** Of a unit in the output. */
  readonly unitSize: Size;
  /** Units of a row; of all images where they are one behind the other. */
  readonly rowUnits: number;
  /** Gives memory of so many bytes, its contents unspecified, for what has numbers for each pixel. */
  readonly allocate: (bytes: number) => Uint8Array;
}

/** What stands beside the pixels: tensors, and lists where Python has those. */
export type PictureOutput = Tensor | readonly number[] | readonly (readonly number[])[];

/** How a class takes images apart, and puts what comes of it together. */
export interface PictureGeometry {
  /**
   * What an image of this size is made into. Sides that are no whole numbers above 0 are refused by the caller.
   *
   * @param count of images in its list.
   * @throws {PixtokError} DOES_NOT_FIT, without the image's name.
   */
  readonly picture: (size: Size, count: number) => Picture;
  readonly unit: UnitLayout;
  readonly rows: ViewRows;
  /** So many units have an axis of their own, behind that which counts them. Default none. */
  readonly group?: number;
  /** Filter of the resize. Default: the configuration's. */
  readonly filter?: ResampleFilter;
  /** Numbers are bfloat16, not float32. Default false. */
  readonly bfloat16?: boolean;
  readonly outputs: (prepared: PreparedPictures) => Readonly<Record<string, PictureOutput>>;
}
