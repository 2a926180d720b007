import type { ImageProcessorOptions, Size } from "../image-processor-options.js";
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
}

/** Python's `int(shortest * long / short)`. */
function byShortestEdge({ width, height }: Size, shortest: number): Size {
  return width <= height
    ? { width: shortest, height: Math.trunc((shortest * height) / width) }
    : { width: Math.trunc((shortest * width) / height), height: shortest };
}

function plain(reader: ConfigReader): ProcessorGeometry {
  const pad = reader.flag("do_pad");
  if (pad && reader.get("pad_size") === undefined) {
    throw reader.invalid(
      "do_pad: padding to the largest image of a batch is not supported; give a pad_size",
    );
  }
  return {
    options: {
      resize: reader.flag("do_resize") ? reader.resizeTarget() : null,
      centerCrop: reader.flag("do_center_crop") ? reader.frame("crop_size") : null,
      pad: pad ? reader.frame("pad_size") : null,
    },
    steps: null,
  };
}

/** The same with another shortest edge. */
function enlarged(reader: ConfigReader, shortest: (edge: number) => number): ProcessorGeometry {
  const { options, steps } = plain(reader);
  const { resize = null } = options;
  if (resize === null || !("shortestEdge" in resize)) return { options, steps };
  const shortestEdge = shortest(resize.shortestEdge);
  return { options: { ...options, resize: { ...resize, shortestEdge } }, steps };
}

/** Below 384 the image is resized larger and its middle taken; otherwise squeezed. */
function convnext(reader: ConfigReader): ProcessorGeometry {
  const { options, steps } = plain(reader);
  if (options.resize === null) return { options, steps };
  if (reader.flag("do_center_crop")) {
    throw reader.invalid("do_center_crop: not supported for ConvNeXT, which crops by itself");
  }
  const side = reader.shortestEdge();
  const square = { width: side, height: side };
  if (side >= 384) return { options: { ...options, resize: square }, steps };
  const shortestEdge = Math.trunc(side / reader.number("crop_pct"));
  return { options: { ...options, resize: { shortestEdge }, centerCrop: square }, steps };
}

function poolformer(reader: ConfigReader): ProcessorGeometry {
  const share = reader.number("crop_pct");
  const { options, steps } = plain(reader);
  const { resize = null } = options;
  if (resize === null) return { options, steps };
  const edge = (side: number) => ({ shortestEdge: Math.trunc(side / share) });
  if ("width" in resize && resize.width === resize.height) {
    return { options: { ...options, resize: edge(resize.width) }, steps };
  }
  return { options: { ...options, resize: edge(reader.shortestEdge()) }, steps };
}

/** The middle first, as much of the shorter side as `size` is of `crop_size`; then the resize. */
function perceiver(reader: ConfigReader): ProcessorGeometry {
  const { options } = plain(reader);
  if (!reader.flag("do_center_crop")) return { options, steps: null };
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
  const { options } = plain(reader);
  if (options.resize === null) return { options, steps: null };
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
  plain,
  convnext,
  poolformer,
  // 256 for 224
  levit: (reader) => enlarged(reader, (edge) => Math.trunc((256 / 224) * edge)),
  perceiver,
  textnet,
  donut,
};

/** @throws {PixtokError} INVALID_PROCESSOR */
export function processorGeometry(rule: GeometryRule, reader: ConfigReader): ProcessorGeometry {
  return rules[rule](reader);
}
