import type { Size } from "../output-size.js";
import type { ConfigReader } from "./config-reader.js";
import type { Frame, ProcessorGeometry } from "./image-steps.js";
import { roundHalfEven } from "./resized-size.js";

/** Both sides to multiples, by one scale where the aspect ratio is kept; then zeros around, up to multiples. */
export function dpt(reader: ConfigReader): ProcessorGeometry {
  if (reader.flag("do_center_crop")) throw reader.expected("do_center_crop", "false");
  const resize = reader.flag("do_resize") ? dptResize(reader) : (image: Size) => image;
  const divisor = reader.flag("do_pad") ? reader.divisor("size_divisor") : null;
  const options = { resize: null, centerCrop: null, pad: null };
  if (typeof resize !== "function" && divisor === null) {
    return { options: { ...options, resize }, steps: null };
  }
  return {
    options,
    steps(image) {
      const to = typeof resize === "function" ? resize(image) : resize;
      if (divisor === null) return { resizes: [{ to }] };
      return { resizes: [{ to }], margins: marginsOf(to, divisor) };
    },
  };
}

/** One size for all images, or one that follows from an image's. */
function dptResize(reader: ConfigReader): Size | ((image: Size) => Size) {
  const to = reader.fixedSize();
  const multiple = reader.divisor("ensure_multiple_of");
  const keepsAspect = reader.flag("keep_aspect_ratio");
  const rounded = (side: number) => roundHalfEven(side / multiple) * multiple;
  // halfway, the last bit of Python's scale decides, which differs from image to image
  const isHalfway = (side: number) => (side / multiple) % 1 === 0.5;
  if (!keepsAspect && !isHalfway(to.width) && !isHalfway(to.height)) {
    return { width: rounded(to.width), height: rounded(to.height) };
  }
  return (image) => {
    const { width, height } = scaledTo(to, image, keepsAspect);
    return { width: rounded(width), height: rounded(height) };
  };
}

/** Sides of an image, scaled to a size; with its aspect kept, by the factor of the two that is closer to 1. */
export function scaledTo(to: Size, { width, height }: Size, keepsAspect: boolean): Size {
  const scale = { width: to.width / width, height: to.height / height };
  if (keepsAspect) {
    const isWide = Math.abs(1 - scale.width) < Math.abs(1 - scale.height);
    scale.width = scale.height = isWide ? scale.width : scale.height;
  }
  return { width: scale.width * width, height: scale.height * height };
}

function marginsOf({ width, height }: Size, divisor: number): Frame {
  const size = {
    width: Math.ceil(width / divisor) * divisor,
    height: Math.ceil(height / divisor) * divisor,
  };
  const before = (inner: number, outer: number) => Math.floor((outer - inner) / 2);
  return { size, left: before(width, size.width), top: before(height, size.height) };
}

/** Both sides rounded down to multiples. */
export function glpn(reader: ConfigReader): ProcessorGeometry {
  const divisor = reader.flag("do_resize") ? reader.divisor("size_divisor") : 1;
  const rounded = (side: number) => Math.floor(side / divisor) * divisor;
  return {
    options: { resize: null, centerCrop: null, pad: null },
    steps: ({ width, height }) => ({
      resizes: [{ to: { width: rounded(width), height: rounded(height) } }],
    }),
  };
}
