import type { ImageLayout } from "./image-choices.js";
import type { Size } from "./output-size.js";
import type { Crop } from "./process-options.js";

/** What surrounds a resized image, or cuts it off where its place is negative. */
export interface ViewFrame {
  readonly size: Size;
  /** Where the image begins in it. */
  readonly left: number;
  readonly top: number;
  /** Red, green and blue of what surrounds it, before bytes become numbers. Default black. */
  readonly fill?: readonly [number, number, number];
}

/** Cells of one size that a view is cut into, each stored as a unit. */
export interface ViewCells {
  readonly size: Size;
  /** Place of the first one among the image's units. Default 0. */
  readonly first?: number;
  /** So many rows and columns of cells follow each other before the next ones do. Default 1. */
  readonly block?: number;
}

/** One of the images that are made of one: native/transform/view.h. */
export interface View {
  /** Place of an earlier view without cells, which it is made of. Default: the image itself. */
  readonly from?: number;
  /** The part that is resized. Default: all of it. */
  readonly crop?: Crop;
  readonly to: Size;
  /** Default: none, the view has the resized image's size. */
  readonly frame?: ViewFrame;
  /** Left out: its bytes are kept for later views. */
  readonly cells?: ViewCells;
  /**
   * Its numbers are made smaller, not its bytes: native/transform/cubic_shrink.h. It is one unit then, of an
   * earlier view whose sides are multiples of its own, without a crop or a frame. Default false.
   */
  readonly cubic?: boolean;
}

/** What an image of one size is made into. */
export interface Picture {
  readonly views: readonly View[];
  /** Units that it takes, those that stay zeros included. */
  readonly units: number;
  /** What its class says of it beside the pixels. */
  readonly facts: Readonly<Record<string, readonly number[]>>;
}

/** How a unit of the output stands in memory: a patch, a tile or an image. */
export interface UnitLayout {
  /** "largest": the greatest height and the greatest width of a call. "same": all are of one size. */
  readonly size: Size | "largest" | "same";
  readonly layout: ImageLayout;
  /** So many of each plane, one behind the other. */
  readonly copies: number;
  /** All of it so many times, one behind the other. Default 1. */
  readonly repeats?: number;
  /** All units of a call are columns of one image, which has all axes; rows are "none". Default false. */
  readonly sideBySide?: boolean;
  /**
   * Its axes in the output.
   *
   * @param units of a row.
   */
  readonly dims: (size: Size, units: number) => number[];
}

/** What of a call's images makes a row of the output. */
export type ViewRows =
  /** Units of all images, one behind the other. */
  | "none"
  /** Units of an image, then zeros up to the most of an image. */
  | "image"
  /** Units of an image, as many of each image. */
  | "alike"
  /** Units of the images of a list, then zeros up to the most of a list. */
  | "list";

/** Size that a view has. */
export function viewSize({ to, frame }: View): Size {
  return frame?.size ?? to;
}
