import type { ResizeTarget, Size } from "../output-size.js";
import { edgesOf } from "./batch-geometry.js";
import type { ConfigReader } from "./config-reader.js";
import { scaledTo } from "./depth-geometry.js";
import type { FloatFilter, FloatSteps, Frame, ProcessorGeometry } from "./image-steps.js";
import { resizedSize, roundHalfEven } from "./resized-size.js";

/** By Pillow's numbers: nearest, bilinear and bicubic. */
const antialiased: Readonly<Record<number, FloatFilter>> = {
  0: "nearest",
  2: "antialiased-bilinear",
  3: "antialiased-bicubic",
};

const BILINEAR = 2;

/** Bytes become numbers first, and all else is done to these. */
function floatGeometry(
  reader: ConfigReader,
  floats: (image: Size) => FloatSteps,
  {
    padding = null,
    frame,
  }: { padding?: ProcessorGeometry["padding"]; frame?: (image: Size) => Frame } = {},
): ProcessorGeometry {
  if (!reader.flag("do_rescale")) throw reader.expected("do_rescale", "true");
  return {
    options: { resize: null, centerCrop: null, pad: null },
    steps: (image) => ({
      resizes: [{ to: image }],
      ...(frame === undefined ? {} : { frame: frame(image) }),
      floats: floats(image),
    }),
    padding,
  };
}

function resized(
  image: Size,
  target: ResizeTarget | null,
  filter: FloatFilter,
): Pick<FloatSteps, "resize"> {
  return target === null ? {} : { resize: { to: resizedSize(image, target), filter } };
}

function requireBilinear(reader: ConfigReader): void {
  if (reader.flag("do_resize") && reader.number("resample") !== BILINEAR) {
    throw reader.expected("resample", "2, all that is matched");
  }
}

export function dinov3(reader: ConfigReader): ProcessorGeometry {
  if (reader.flag("do_center_crop")) throw reader.expected("do_center_crop", "false");
  const target = reader.flag("do_resize") ? reader.resizeTarget() : null;
  const filter = target === null ? "nearest" : antialiased[reader.number("resample")];
  if (filter === undefined) throw reader.expected("resample", "0, 2 or 3, all that is matched");
  return floatGeometry(reader, (image) => ({
    ...resized(image, target, filter),
    normalizesAfter: true,
  }));
}

export function depthPro(reader: ConfigReader): ProcessorGeometry {
  requireBilinear(reader);
  const target = reader.flag("do_resize") ? reader.resizeTarget() : null;
  return floatGeometry(reader, (image) => ({
    ...resized(image, target, "bilinear"),
    normalizesAfter: false,
  }));
}

/** Padded to the largest of a batch, or to pad_size. */
export function rfDetr(reader: ConfigReader): ProcessorGeometry {
  requireBilinear(reader);
  const target = edgesOf(reader);
  const to = reader.get("pad_size") === undefined ? "batch" : reader.frame("pad_size");
  return floatGeometry(
    reader,
    (image) => ({ ...resized(image, target, "bilinear"), normalizesAfter: true }),
    { padding: reader.flag("do_pad") ? { to, hasMask: true } : null },
  );
}

/** To the next multiples; a side that is a multiple gets one more. */
export function swin2sr(reader: ConfigReader): ProcessorGeometry {
  const divisor = reader.number("size_divisor");
  const pads = reader.flag("do_pad");
  const missing = (side: number) => (Math.floor(side / divisor) + 1) * divisor - side;
  return floatGeometry(reader, ({ width, height }) => {
    if (!pads) return { normalizesAfter: true };
    const mirror = { left: 0, top: 0, right: missing(width), bottom: missing(height) };
    return { mirror: { ...mirror, repeatsEdge: true }, normalizesAfter: true };
  });
}

/** Edges around that grow with the square root of the side; then both sides to multiples. */
export function zoeDepth(reader: ConfigReader): ProcessorGeometry {
  requireBilinear(reader);
  const pads = reader.flag("do_pad");
  const resizedTo = reader.flag("do_resize") ? zoeDepthSize(reader) : null;
  const edge = (side: number) => (pads ? Math.trunc(Math.sqrt(side / 2) * 3) : 0);
  return floatGeometry(reader, ({ width, height }) => {
    const across = edge(width);
    const down = edge(height);
    const whole = { width: width + 2 * across, height: height + 2 * down };
    const mirror = { left: across, top: down, right: across, bottom: down, repeatsEdge: false };
    const to = resizedTo?.(whole);
    return {
      mirror,
      ...(to === undefined ? {} : { resize: { to, filter: "bilinear-corner-to-corner" } }),
      normalizesAfter: true,
    };
  });
}

function zoeDepthSize(reader: ConfigReader): (image: Size) => Size {
  const to = reader.fixedSize();
  const multiple = reader.number("ensure_multiple_of");
  const keepsAspect = reader.flag("keep_aspect_ratio");
  const rounded = (side: number) => Math.trunc(roundHalfEven(side / multiple) * multiple);
  return (image) => {
    const { width, height } = scaledTo(to, image, keepsAspect);
    return { width: rounded(width), height: rounded(height) };
  };
}

/** Black to the right or below up to a square; then a filter and a resize. */
export function owlv2(reader: ConfigReader): ProcessorGeometry {
  for (const key of ["do_resize", "do_pad"]) {
    if (!reader.flag(key)) throw reader.expected(key, "true, all that is matched");
  }
  const to = reader.fixedSize();
  // where it is less, torch's filter is wider than the image, and an error
  const isMatched = (side: number) => Number.isInteger(side) && side >= 2;
  if (!isMatched(to.width) || !isMatched(to.height)) {
    throw reader.expected("size", "sides of 2 or more");
  }
  const resize = { to, filter: "blurred-bilinear" } as const;
  return floatGeometry(reader, () => ({ resize, normalizesAfter: true }), {
    frame({ width, height }) {
      const side = Math.max(width, height);
      return { size: { width: side, height: side }, left: 0, top: 0 };
    },
  });
}
