import type { NativeFloatFilter, NativeMirror } from "../../native/addon.js";
import type { ImageProcessorOptions } from "../image-processor-options.js";
import type { Size } from "../output-size.js";
import type { PictureGeometry } from "../picture-geometry.js";
import type { Crop } from "../process-options.js";

/** One resize of an image, on its way to the output. */
export interface ResizeStep {
  /** The part that is resized. */
  readonly crop?: Crop;
  readonly to: Size;
}

/** A larger image, and where an image begins in it. */
export interface Frame {
  readonly size: Size;
  readonly left: number;
  readonly top: number;
}

/** How float32 images are resized: native/transform/float_taps.h. */
export type FloatFilter = NativeFloatFilter;

/** What becomes of an image's numbers. */
export interface FloatSteps {
  /** Pixels around it that mirror those inside, before everything else. */
  readonly mirror?: NativeMirror;
  readonly resize?: { readonly to: Size; readonly filter: FloatFilter };
  /** Whether mean and std come after these, rather than before. */
  readonly normalizesAfter: boolean;
}

/** How an image of this size comes to its output, where the size decides. */
export interface ImageSteps {
  /** Turned clockwise by a quarter before everything else. Default false. */
  readonly turn?: boolean;
  /** At least one. */
  readonly resizes: readonly ResizeStep[];
  /** What the resized image lies in; black around it, before bytes become numbers. */
  readonly frame?: Frame;
  /** What it lies in after that; zeros around it. */
  readonly margins?: Frame;
  /** What comes after the resizes of bytes. */
  readonly floats?: FloatSteps;
}

export interface ProcessorGeometry {
  readonly options: Pick<ImageProcessorOptions, "resize" | "centerCrop" | "pad">;
  /** Null: the options say it all. */
  readonly steps: ((image: Size) => ImageSteps) | null;
  /** Zeros after normalization. */
  readonly padding?: BatchPadding | null;
  /** How images are taken apart, in place of all that. Default: they are not. */
  readonly pictures?: PictureGeometry;
}

/** Zeros to the right of images and below. */
export interface BatchPadding {
  /** Size with the zeros: one for all, or the largest of a batch. */
  readonly to: Size | "batch";
  /** Whether a mask says which pixels are an image's. */
  readonly hasMask: boolean;
}
