import { isObject } from "../../shared/validation.js";
import type { ResizeTarget, Size } from "../output-size.js";
import { detector, maskFormer, vilt, yolos } from "./batch-geometry.js";
import type { ConfigReader } from "./config-reader.js";
import { dpt, glpn } from "./depth-geometry.js";
import { depthPro, dinov3, owlv2, rfDetr, swin2sr, zoeDepth } from "./float-geometry.js";
import type { BatchPadding, ProcessorGeometry } from "./image-steps.js";
import { donut } from "./page-geometry.js";
import type { ProcessorBackend } from "./processor-backend.js";
import type { GeometryRule } from "./processor-class.js";
import { byShortestEdge, resizedSize, roundHalfEven } from "./resized-size.js";
import { visionRules } from "./vision/vision-rules.js";

type RuleOfGeometry = (reader: ConfigReader, backend: ProcessorBackend) => ProcessorGeometry;

interface GeometryOptions {
  readonly resize: ResizeTarget | null;
  readonly centerCrop: Size | null;
  readonly pad: BatchPadding["to"] | null;
}

function geometryOptions(reader: ConfigReader): GeometryOptions {
  const to = () => (reader.get("pad_size") === undefined ? "batch" : reader.frame("pad_size"));
  return {
    resize: reader.flag("do_resize") ? reader.resizeTarget() : null,
    centerCrop: reader.flag("do_center_crop") ? reader.frame("crop_size") : null,
    pad: reader.flag("do_pad") ? to() : null,
  };
}

/** Steps where the options do not say the size of the output. */
function withSteps(options: GeometryOptions): ProcessorGeometry {
  const { resize, centerCrop, pad } = options;
  const isFixed = (resize !== null && "width" in resize) || centerCrop !== null;
  // where all images have one size, none is smaller than the largest
  if (isFixed) return { options: { ...options, pad: pad === "batch" ? null : pad }, steps: null };
  if (pad !== null && pad !== "batch" && fits(resize, pad)) {
    return { options: { ...options, pad }, steps: null };
  }
  return {
    options: { ...options, pad: null },
    steps: (image) => ({ resizes: [{ to: resizedSize(image, resize) }] }),
    padding: pad === null ? null : { to: pad, hasMask: false },
  };
}

/** Whether every resized image fits. */
function fits(resize: ResizeTarget | null, { width, height }: Size): boolean {
  if (resize === null) return false;
  if ("maxWidth" in resize) return resize.maxWidth <= width && resize.maxHeight <= height;
  const longest = "longestEdge" in resize ? resize.longestEdge : undefined;
  return longest !== undefined && longest <= Math.min(width, height);
}

/** 256 for 224. */
function levit(reader: ConfigReader): ProcessorGeometry {
  const options = geometryOptions(reader);
  const { resize } = options;
  if (resize === null || "width" in resize) return withSteps(options);
  if (!("shortestEdge" in resize)) {
    throw reader.expected("size", "shortest_edge, or height and width");
  }
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
  const options = geometryOptions(reader);
  const { resize } = options;
  if (resize === null || reader.get("crop_pct") === undefined) return withSteps(options);
  const share = reader.number("crop_pct");
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
    options: { resize: null, centerCrop: null, pad: null },
    steps({ width, height }) {
      const side = Math.min(width, height);
      const middle = {
        width: Math.trunc(share.width * side),
        height: Math.trunc(share.height * side),
      };
      const crop = {
        ...middle,
        left: Math.floor((width - middle.width) / 2),
        top: Math.floor((height - middle.height) / 2),
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
  const divisor = reader.divisor("size_divisor");
  const rounded = (side: number) => Math.ceil(side / divisor) * divisor;
  return {
    options: { resize: null, centerCrop: options.centerCrop, pad: null },
    steps(image) {
      const { width, height } = byShortestEdge(image, shortest);
      return { resizes: [{ to: { width: rounded(width), height: rounded(height) } }] };
    },
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
    options: { resize: null, centerCrop: null, pad: null },
    padding: reader.flag("do_pad") ? { to: reader.frame("pad_size"), hasMask: false } : null,
    steps({ width, height }) {
      const scale = resizes ? longest / Math.max(width, height) : 1;
      const rounded = (side: number) => Math.trunc(side * scale + 0.5);
      return { resizes: [{ to: { width: rounded(width), height: rounded(height) } }] };
    },
  };
}

/** By the shorter edge, both rounded, then rounded up to multiples. */
function ppLcNet(reader: ConfigReader): ProcessorGeometry {
  const options = geometryOptions(reader);
  if (options.resize === null || reader.get("resize_short") === undefined) {
    return withSteps(options);
  }
  const shortest = reader.number("resize_short");
  const divisor = reader.get("size_divisor") === undefined ? 1 : reader.divisor("size_divisor");
  return {
    options: { resize: null, centerCrop: options.centerCrop, pad: null },
    steps({ width, height }) {
      const scale = shortest / Math.min(width, height);
      const rounded = (side: number) => Math.ceil(roundHalfEven(side * scale) / divisor) * divisor;
      return { resizes: [{ to: { width: rounded(width), height: rounded(height) } }] };
    },
  };
}

/** By both edges, then black to the right and below, before the bytes become numbers. */
function eomt(reader: ConfigReader): ProcessorGeometry {
  const resize = reader.flag("do_resize") ? reader.resizeTarget() : null;
  const options = { resize, centerCrop: null, pad: null };
  if (!reader.flag("do_pad")) return withSteps(options);
  if (resize === null || !("shortestEdge" in resize)) {
    throw reader.expected("size", "shortest_edge where do_pad is true");
  }
  const { shortestEdge, longestEdge = shortestEdge } = resize;
  return {
    options: { ...options, resize: null },
    steps(image) {
      const to = resizedSize(image, resize);
      const size = {
        width: Math.max(longestEdge, to.width),
        height: Math.max(shortestEdge, to.height),
      };
      return { resizes: [{ to }], frame: { size, left: 0, top: 0 } };
    },
  };
}

const plain: RuleOfGeometry = (reader) => withSteps(geometryOptions(reader));

/** Of classes that take images apart where a key says so. */
const where =
  (key: string, rule: RuleOfGeometry): RuleOfGeometry =>
  (reader, backend) =>
    (reader.flag(key) ? rule : plain)(reader, backend);

const rules: Record<GeometryRule, RuleOfGeometry> = {
  ...visionRules,
  gemma3: where("do_pan_and_scan", visionRules.gemma3),
  cohere2Vision: where("crop_to_patches", visionRules.cohere2Vision),
  gotOcr2: where("crop_to_patches", visionRules.gotOcr2),
  llava: where("do_pad", visionRules.llava),
  ovis2: where("crop_to_patches", visionRules.ovis2),
  plain,
  convnext,
  poolformer,
  levit,
  perceiver,
  textnet,
  donut,
  detector,
  yolos,
  maskFormer,
  vilt,
  dpt,
  glpn,
  sam,
  ppLcNet,
  eomt,
  dinov3,
  depthPro,
  rfDetr,
  swin2sr,
  zoeDepth,
  owlv2,
};

/** @throws {PixtokError} INVALID_PROCESSOR */
export function processorGeometry(
  rule: GeometryRule,
  reader: ConfigReader,
  backend: ProcessorBackend,
): ProcessorGeometry {
  return rules[rule](reader, backend);
}
