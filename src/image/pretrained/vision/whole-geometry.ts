import { PixtokError } from "../../../shared/errors.js";
import { makeTensor } from "../../../shared/make-tensor.js";
import type { ResizeTarget, Size } from "../../output-size.js";
import type { PictureOutput, PreparedPictures } from "../../picture-geometry.js";
import type { View } from "../../view.js";
import type { ConfigReader } from "../config-reader.js";
import type { ProcessorGeometry } from "../image-steps.js";
import type { ProcessorBackend } from "../processor-backend.js";
import { resizedSize } from "../resized-size.js";
import { factRows, originalSizes, outputsNamed, pixelMask } from "./outputs.js";
import {
  centred,
  cornered,
  meanColour,
  middleOf,
  partsOf,
  picturesOf,
  squared,
  tileUnit,
  wholeView,
} from "./picture-parts.js";
import { areaBudget } from "./size-budget.js";
import { betweenEdges, patchedSize, smartSize, squaredSize } from "./target-size.js";
import { bestResolution, fittedSize } from "./tile-grid.js";

/** No larger than a limit, both sides multiples of patches, filled up to the largest of a call. */
export function pixtral(reader: ConfigReader): ProcessorGeometry {
  if (reader.flag("do_center_crop")) throw reader.expected("do_center_crop", "false");
  const patch = reader.frame("patch_size");
  const resizes = reader.flag("do_resize");
  const limit = resizes ? pixtralLimit(reader) : { width: 0, height: 0 };
  return picturesOf({
    unit: tileUnit(reader.flag("do_pad") ? "largest" : "same"),
    rows: "none",
    picture(image) {
      const to = resizes ? patchedSize(image, limit, patch) : image;
      return { views: [wholeView({ to })], units: 1, facts: { size: [to.height, to.width] } };
    },
    outputs: outputsNamed({ image_sizes: factRows("size") }),
  });
}

function pixtralLimit(reader: ConfigReader): Size {
  const longest = reader.longestEdge("size");
  return longest === undefined ? reader.fixedSize() : { width: longest, height: longest };
}

/** Within a budget of pixels, both sides multiples of a factor, filled up to the largest of a call. */
export function factored(reader: ConfigReader): ProcessorGeometry {
  const factor = reader.whole("spatial_factor");
  const budget = reader.flag("do_resize") ? areaBudget(reader) : undefined;
  return picturesOf({
    unit: tileUnit(reader.flag("do_pad") ? "largest" : "same"),
    rows: "none",
    picture(image) {
      const to = budget === undefined ? image : smartSize(image, factor, budget);
      return { views: [wholeView({ to })], units: 1, facts: { size: [to.height, to.width] } };
    },
    outputs: outputsNamed({ image_sizes: factRows("size") }),
  });
}

/** In the middle of a square in the mean's colour, then resized, then its middle. */
export function llava(reader: ConfigReader, backend: ProcessorBackend): ProcessorGeometry {
  const ground = meanColour(reader);
  const resize = reader.flag("do_resize") ? reader.resizeTarget() : null;
  const crop = reader.flag("do_center_crop") ? reader.frame("crop_size") : null;
  return picturesOf({
    unit: tileUnit("same"),
    rows: "none",
    picture(image) {
      return {
        views: squareViews(image, ground, resize, crop, backend),
        units: 1,
        facts: {},
      };
    },
    outputs: () => ({}),
  });
}

/** An image on a square, and the unit that it is resized to. */
export function squareViews(
  image: Size,
  ground: readonly [number, number, number],
  resize: ResizeTarget | null,
  crop: Size | null,
  backend: ProcessorBackend,
): View[] {
  const frame = squared(image, ground);
  const to = resizedSize(frame.size, resize);
  const middle = crop === null ? {} : { frame: middleOf(to, crop, backend) };
  return [{ to: image, frame }, wholeView({ from: 0, to, ...middle })];
}

/** No larger than a size, in the corner of it; what surrounds it is a number of a byte. */
export function fuyu(reader: ConfigReader): ProcessorGeometry {
  const size = reader.fixedSize();
  const resizes = reader.flag("do_resize");
  const pads = reader.flag("do_pad");
  const ground = reader.number("padding_value");
  if (pads && !(Number.isInteger(ground) && ground >= 0 && ground <= 255)) {
    throw reader.expected("padding_value", "an integer from 0 to 255, all that is matched");
  }
  return picturesOf({
    unit: tileUnit(pads ? size : "same"),
    rows: "image",
    picture(image, count) {
      if (count > 1) {
        const what = `it is in a list of ${count}; this class is given lists of one image`;
        throw new PixtokError("DOES_NOT_FIT", what);
      }
      const to = resizes ? shrunkInto(image, size) : image;
      if (pads && (to.width > size.width || to.height > size.height)) {
        const what = `${to.width} x ${to.height} pixels are more than ${size.width} x ${size.height}, and do_resize is false`;
        throw new PixtokError("DOES_NOT_FIT", what);
      }
      const frame = pads ? { frame: cornered(size, [ground, ground, ground]) } : {};
      return {
        views: [wholeView({ to, ...frame })],
        units: 1,
        facts: { image_unpadded_heights: [to.height], image_unpadded_widths: [to.width] },
      };
    },
    outputs: outputsNamed({
      image_unpadded_heights: factRows("image_unpadded_heights"),
      image_unpadded_widths: factRows("image_unpadded_widths"),
      image_scale_factors: scaleFactors,
      image_sizes: originalSizes,
    }),
  });
}

/** As it is where it fits, else by one scale, both sides rounded down. */
function shrunkInto({ width, height }: Size, into: Size): Size {
  if (width <= into.width && height <= into.height) return { width, height };
  const scale = Math.min(into.height / height, into.width / width);
  return { width: Math.trunc(width * scale), height: Math.trunc(height * scale) };
}

/** Height after the resize to that before: [images, 1]. */
function scaleFactors({ pictures, sizes }: PreparedPictures): PictureOutput {
  const factors = pictures.map(
    ({ facts }, index) =>
      (facts.image_unpadded_heights?.[0] as number) / (sizes[index] as Size).height,
  );
  return makeTensor("float32", Float32Array.from(factors), [factors.length, 1]);
}

/** The longer side of a length, then in the middle of a square in the mean's colour. */
export function janus(reader: ConfigReader): ProcessorGeometry {
  const size = reader.fixedSize();
  if (size.width !== size.height) throw reader.expected("size", "a square");
  const least = reader.whole("min_size");
  const resizes = reader.flag("do_resize");
  const pads = reader.flag("do_pad");
  const ground: [number, number, number] =
    reader.get("image_mean") === undefined ? [127, 127, 127] : meanColour(reader);
  return picturesOf({
    unit: tileUnit("same"),
    rows: "none",
    picture(image) {
      const to = resizes ? squaredSize(image, size.width, least) : image;
      const frame = pads ? { frame: squared(to, ground) } : {};
      return { views: [wholeView({ to, ...frame })], units: 1, facts: {} };
    },
    outputs: () => ({}),
  });
}

/** Between a shortest and a longest edge, whole or in four parts too, filled up to the largest of a call. */
export function idefics2(reader: ConfigReader): ProcessorGeometry {
  const resize = reader.flag("do_resize") ? reader.resizeTarget() : null;
  if (resize !== null && !("width" in resize)) {
    if (!("shortestEdge" in resize) || resize.longestEdge === undefined) {
      throw reader.expected("size", "{ shortest_edge, longest_edge } or { height, width }");
    }
  }
  const sizeOf = (image: Size): Size => {
    if (resize === null || !("shortestEdge" in resize)) return resizedSize(image, resize);
    return betweenEdges(image, resize.shortestEdge, resize.longestEdge as number);
  };
  const splits = reader.flag("do_image_splitting");
  const pads = reader.flag("do_pad");
  return picturesOf({
    unit: tileUnit(pads ? "largest" : "same"),
    rows: "list",
    picture(image) {
      const parts = splits ? quarters(image) : [];
      const views = parts.map((crop, unit) => wholeView({ crop, to: sizeOf(crop) }, unit));
      return {
        views: [...views, wholeView({ to: sizeOf(image) }, parts.length)],
        units: parts.length + 1,
        facts: {},
      };
    },
    outputs: outputsNamed(pads ? { pixel_attention_mask: pixelMask } : {}),
  });
}

/** The upper ones and those on the left smaller where a side is odd. */
function quarters({ width, height }: Size) {
  const middle = { width: Math.floor(width / 2), height: Math.floor(height / 2) };
  const across = [
    { left: 0, width: middle.width },
    { left: middle.width, width: width - middle.width },
  ];
  const down = [
    { top: 0, height: middle.height },
    { top: middle.height, height: height - middle.height },
  ];
  return down.flatMap((rows) => across.map((columns) => ({ ...rows, ...columns })));
}

/** The longer side of a length, in the corner of a square; large images in parts where that is asked for. */
export function aria(reader: ConfigReader): ProcessorGeometry {
  const side = reader.whole("max_image_size");
  if (side !== 490 && side !== 980) throw reader.expected("max_image_size", "490 or 980");
  const least = reader.whole("min_image_size");
  const square = { width: side, height: side };
  const splits = reader.flag("split_image");
  const resolutions = splits ? reader.sizes("split_resolutions") : [];
  const sizeOf = ({ width, height }: Size): Size => {
    const scale = side / Math.max(height, width);
    return width >= height
      ? { width: side, height: Math.max(Math.trunc(height * scale), least) }
      : { width: Math.max(Math.trunc(width * scale), least), height: side };
  };
  const unitOf = (view: Omit<View, "to" | "cells" | "frame">, part: Size, unit: number): View =>
    wholeView({ ...view, to: sizeOf(part), frame: cornered(square) }, unit);
  return picturesOf({
    unit: tileUnit(square),
    rows: "none",
    picture(image) {
      if (!splits) return { views: [unitOf({}, image, 0)], units: 1, facts: { crops: [1] } };
      const canvas = bestResolution(image, resolutions);
      const fitted = fittedSize(image, canvas);
      const parts = partsOf(canvas, square);
      const units = parts.map((crop, unit) => unitOf({ from: 0, crop }, crop, unit));
      return {
        views: [{ to: fitted, frame: centred(fitted, canvas) }, ...units],
        units: parts.length,
        facts: { crops: [parts.length] },
      };
    },
    outputs: (prepared) => ({
      pixel_mask: ariaMask(prepared),
      num_crops: ariaCrops(prepared),
    }),
  });
}

/** Which pixels are the image's: [units, height, width]. */
function ariaMask({ pictures, unitSize, allocate }: PreparedPictures): PictureOutput {
  const { width, height } = unitSize;
  const sizes = pictures.flatMap(({ views }) => views.filter(({ cells }) => cells !== undefined));
  const data = allocate(sizes.length * height * width).fill(0);
  for (const [unit, { to }] of sizes.entries()) {
    for (let row = 0; row < to.height; row += 1) {
      const start = (unit * height + row) * width;
      data.fill(1, start, start + to.width);
    }
  }
  return makeTensor("bool", data, [sizes.length, height, width]);
}

/** The most parts of an image; one number without axes. */
function ariaCrops({ pictures }: PreparedPictures): PictureOutput {
  const most = Math.max(...pictures.map(({ facts }) => facts.crops?.[0] as number));
  return makeTensor("int64", BigInt64Array.of(BigInt(most)), []);
}
