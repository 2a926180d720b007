import { isObject } from "../../shared/validation.js";
import type { ImageProcessorOptions, ResizeTarget, Size } from "../image-processor-options.js";
import type { Crop } from "../process-options.js";
import type { ConfigReader } from "./config-reader.js";
import type { GeometryRule } from "./processor-classes.js";

/** One resize of an image, on its way to the output. */
export interface ResizeStep {
  /** The part that is resized. */
  readonly crop?: Crop;
  readonly to: Size;
}

/** How an image of this size comes to its output, where the size decides. */
export interface ImageSteps {
  /** At least one. */
  readonly resizes: readonly ResizeStep[];
  /** The output, and where the resized image begins in it; zeros around it. */
  readonly frame?: { readonly size: Size; readonly left: number; readonly top: number };
}

export interface ProcessorGeometry {
  readonly options: Pick<ImageProcessorOptions, "resize" | "centerCrop" | "pad">;
  /** Null: the options say it all. */
  readonly steps: ((image: Size) => ImageSteps) | null;
  /** Zeros up to this size after normalization, or to the largest of a batch, with a mask. */
  readonly padding?: Size | "batch" | null;
}

/** Python's `int(shortest * long / short)`. */
function byShortestEdge({ width, height }: Size, shortest: number): Size {
  return width <= height
    ? { width: shortest, height: Math.trunc((shortest * height) / width) }
    : { width: Math.trunc((shortest * width) / height), height: shortest };
}

type GeometryOptions = ProcessorGeometry["options"];

function geometryOptions(reader: ConfigReader): GeometryOptions {
  const pad = reader.flag("do_pad");
  if (pad && reader.get("pad_size") === undefined) {
    throw reader.invalid(
      "do_pad: padding to the largest image of a batch is not supported; give a pad_size",
    );
  }
  return {
    resize: reader.flag("do_resize") ? reader.resizeTarget() : null,
    centerCrop: reader.flag("do_center_crop") ? reader.frame("crop_size") : null,
    pad: pad ? reader.frame("pad_size") : null,
  };
}

/** Steps where the options do not say the size of the output. */
function withSteps(options: GeometryOptions): ProcessorGeometry {
  const { resize = null, centerCrop, pad } = options;
  const isFixed = (resize !== null && "width" in resize) || centerCrop !== null || pad !== null;
  return {
    options,
    steps: isFixed ? null : (image) => ({ resizes: [{ to: resizedSize(image, resize) }] }),
  };
}

function resizedSize(image: Size, target: ResizeTarget | null): Size {
  if (target === null) return image;
  if ("width" in target) return target;
  if ("maxWidth" in target) {
    const scale = Math.min(target.maxHeight / image.height, target.maxWidth / image.width);
    return { width: Math.trunc(image.width * scale), height: Math.trunc(image.height * scale) };
  }
  if (!("shortestEdge" in target)) throw new RangeError("transformers has no longest edge alone");
  const { shortestEdge, longestEdge } = target;
  return longestEdge === undefined
    ? byShortestEdge(image, shortestEdge)
    : byBothEdges(image, shortestEdge, longestEdge);
}

/** transformers.image_transforms.get_size_with_aspect_ratio */
function byBothEdges({ width, height }: Size, shortest: number, longest: number): Size {
  const [short, long] = width < height ? [width, height] : [height, width];
  const isTooLong = (long / short) * shortest > longest;
  const exact = isTooLong ? (longest * short) / long : shortest;
  const side = isTooLong ? roundHalfEven(exact) : shortest;
  if (short === side) return { width, height };
  return width < height
    ? { width: side, height: Math.trunc((exact * height) / width) }
    : { width: Math.trunc((exact * width) / height), height: side };
}

/** Python's round(). */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** 256 for 224. */
function levit(reader: ConfigReader): ProcessorGeometry {
  const options = geometryOptions(reader);
  const { resize = null } = options;
  if (resize === null || !("shortestEdge" in resize)) return withSteps(options);
  const shortestEdge = Math.trunc((256 / 224) * resize.shortestEdge);
  return withSteps({ ...options, resize: { shortestEdge } });
}

/** Below 384 the image is resized larger and its middle taken; otherwise squeezed. */
function convnext(reader: ConfigReader): ProcessorGeometry {
  const options = geometryOptions(reader);
  if (options.resize === null) return withSteps(options);
  if (reader.flag("do_center_crop")) {
    throw reader.invalid("do_center_crop: not supported for ConvNeXT, which crops by itself");
  }
  const side = reader.shortestEdge();
  const square = { width: side, height: side };
  if (side >= 384) return withSteps({ ...options, resize: square });
  const shortestEdge = Math.trunc(side / reader.number("crop_pct"));
  return withSteps({ ...options, resize: { shortestEdge }, centerCrop: square });
}

/** Resized larger, by the share that the crop leaves. */
function poolformer(reader: ConfigReader): ProcessorGeometry {
  const share = reader.number("crop_pct");
  const options = geometryOptions(reader);
  const { resize = null } = options;
  if (resize === null) return withSteps(options);
  const isSquare = "width" in resize && resize.width === resize.height;
  const side = isSquare ? resize.width : reader.shortestEdge();
  return withSteps({ ...options, resize: { shortestEdge: Math.trunc(side / share) } });
}

/** The middle first, as much of the shorter side as `size` is of `crop_size`; then the resize. */
function perceiver(reader: ConfigReader): ProcessorGeometry {
  const options = geometryOptions(reader);
  if (!reader.flag("do_center_crop")) return withSteps(options);
  if (!reader.flag("do_resize")) throw reader.expected("do_resize", "true");
  const to = reader.fixedSize();
  const whole = reader.frame("crop_size");
  const share = { width: to.width / whole.width, height: to.height / whole.height };
  if (!(share.width <= 1 && share.height <= 1)) {
    throw reader.expected("crop_size", "no less than size");
  }
  return {
    options: { ...options, centerCrop: null },
    steps({ width, height }) {
      const side = Math.min(width, height);
      const part = {
        width: Math.trunc(share.width * side),
        height: Math.trunc(share.height * side),
      };
      const crop = {
        ...part,
        left: Math.floor((width - part.width) / 2),
        top: Math.floor((height - part.height) / 2),
      };
      return { resizes: [{ crop, to }] };
    },
  };
}

/** Both sides rounded up to multiples. */
function textnet(reader: ConfigReader): ProcessorGeometry {
  const options = geometryOptions(reader);
  if (options.resize === null) return withSteps(options);
  const shortest = reader.shortestEdge();
  const divisor = reader.number("size_divisor");
  const rounded = (side: number) => Math.ceil(side / divisor) * divisor;
  return {
    options,
    steps(image) {
      const { width, height } = byShortestEdge(image, shortest);
      return { resizes: [{ to: { width: rounded(width), height: rounded(height) } }] };
    },
  };
}

/** Padded to the largest of a batch. */
function detector(reader: ConfigReader): ProcessorGeometry {
  if (reader.flag("do_center_crop")) throw reader.expected("do_center_crop", "false");
  const resize = reader.flag("do_resize") ? reader.resizeTarget() : null;
  if (resize !== null && "shortestEdge" in resize && resize.longestEdge === undefined) {
    throw reader.expected("size", "shortest_edge with longest_edge");
  }
  const options = { resize, centerCrop: null, pad: null };
  if (!reader.flag("do_pad")) return withSteps(options);
  return {
    options,
    steps: (image) => ({ resizes: [{ to: resizedSize(image, resize) }] }),
    padding: reader.get("pad_size") === undefined ? "batch" : reader.frame("pad_size"),
  };
}

/** By the longer edge, both rounded. */
function sam(reader: ConfigReader): ProcessorGeometry {
  if (reader.flag("do_center_crop")) throw reader.expected("do_center_crop", "false");
  const size = reader.get("size");
  const longest = isObject(size) ? size.longest_edge : undefined;
  if (typeof longest !== "number") throw reader.expected("size", "{ longest_edge }");
  const resizes = reader.flag("do_resize");
  return {
    options: {
      resize: null,
      centerCrop: null,
      pad: reader.flag("do_pad") ? reader.frame("pad_size") : null,
    },
    steps({ width, height }) {
      const scale = resizes ? longest / Math.max(width, height) : 1;
      const rounded = (side: number) => Math.trunc(side * scale + 0.5);
      return { resizes: [{ to: { width: rounded(width), height: rounded(height) } }] };
    },
  };
}

/** As large as the page's shorter side, then made smaller to fit on it, in its middle. */
function donut(reader: ConfigReader): ProcessorGeometry {
  const page = donutPage(reader);
  const resizes = reader.flag("do_resize");
  const shrinks = reader.flag("do_thumbnail");
  if (!reader.flag("do_pad")) throw reader.expected("do_pad", "true");
  if (reader.flag("do_center_crop")) throw reader.expected("do_center_crop", "false");
  return {
    options: { resize: null, centerCrop: page, pad: null },
    steps(image) {
      const enlargedTo = resizes ? byShortestEdge(image, Math.min(page.width, page.height)) : image;
      const to = shrinks ? thumbnailSize(enlargedTo, page) : enlargedTo;
      return {
        resizes: [{ to: enlargedTo }, { to }],
        frame: {
          size: page,
          left: Math.floor((page.width - to.width) / 2),
          top: Math.floor((page.height - to.height) / 2),
        },
      };
    },
  };
}

/** Lists are [width, height] there. */
function donutPage(reader: ConfigReader): Size {
  const size = reader.get("size");
  if (!Array.isArray(size)) return reader.fixedSize();
  const { width: height, height: width } = reader.frame("size");
  return { width, height };
}

function thumbnailSize(image: Size, page: Size): Size {
  const width = Math.min(image.width, page.width);
  const height = Math.min(image.height, page.height);
  if (width === image.width && height === image.height) return image;
  if (image.height > image.width) {
    return { width: Math.trunc((image.width * height) / image.height), height };
  }
  if (image.width > image.height) {
    return { width, height: Math.trunc((image.height * width) / image.width) };
  }
  return { width, height };
}

const rules: Record<GeometryRule, (reader: ConfigReader) => ProcessorGeometry> = {
  plain: (reader) => withSteps(geometryOptions(reader)),
  convnext,
  poolformer,
  levit,
  perceiver,
  textnet,
  donut,
  detector,
  sam,
};

/** @throws {PixtokError} INVALID_PROCESSOR */
export function processorGeometry(rule: GeometryRule, reader: ConfigReader): ProcessorGeometry {
  return rules[rule](reader);
}
