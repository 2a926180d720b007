import type { Size } from "../../output-size.js";
import type { UnitLayout } from "../../view.js";
import type { ConfigReader } from "../config-reader.js";
import type { ProcessorGeometry } from "../image-steps.js";
import type { ProcessorBackend } from "../processor-backend.js";
import { factNumbers, factRows, outputsNamed } from "./outputs.js";
import { nextMultiples, type PaddedSize, shrunkSize, tokenBudgetSize } from "./padded-size.js";
import {
  cornered,
  isSameSize,
  picturesOf,
  pixelPatchUnit,
  planarPatchUnit,
  requireMultiple,
} from "./picture-parts.js";
import { areaBudget, pixelBudget } from "./size-budget.js";
import {
  halvedSize,
  limitedSize,
  type PixelBudget,
  type SizeLimits,
  smartFrameSize,
  smartPageSize,
  smartSize,
  tokenGridSize,
} from "./target-size.js";

/** Of the multiple that both sides have, and of the frames that an image is counted as. */
type SizeRule = (image: Size, factor: number, frames: number) => Size | PaddedSize;

/** What of a class with patches is not said by its keys. */
interface PatchRule {
  /** Read where images are resized, and always where a larger image surrounds others, too. */
  readonly sizeOf: (reader: ConfigReader) => SizeRule;
  readonly unitOf?: (side: number, copies: number) => UnitLayout;
  /** Whether patches that make a token follow each other; else rows of patches do. Default true. */
  readonly inBlocks?: boolean;
  /** Whether sides have to be multiples of tokens, or of patches alone. Default true. */
  readonly ofTokens?: boolean;
  readonly surroundsAll?: boolean;
  /** What both sides are multiples of beside patches and tokens. Default 1. */
  readonly expanded?: number;
  readonly outputs?: Parameters<typeof outputsNamed>[0];
}

/** A size that keeps within the budget of `size`. */
function budgeted(
  sizeOf: (image: Size, factor: number, budget: PixelBudget, frames: number) => Size,
): PatchRule["sizeOf"] {
  return (reader) => {
    const budget = pixelBudget(reader);
    return (image, factor, frames) => sizeOf(image, factor, budget, frames);
  };
}

const grids = { image_grid_thw: factRows("image_grid_thw") };

/** Patches of each image one behind the other, with the rows and columns of each. */
function patchGrid(
  reader: ConfigReader,
  copies: number,
  {
    sizeOf,
    unitOf = planarPatchUnit,
    inBlocks = true,
    ofTokens = true,
    surroundsAll = false,
    expanded = 1,
    outputs = grids,
  }: PatchRule,
): ProcessorGeometry {
  const side = reader.whole("patch_size");
  const merged = reader.whole("merge_size");
  const sizes = surroundsAll || reader.flag("do_resize") ? sizeOf(reader) : undefined;
  return picturesOf({
    unit: unitOf(side, copies),
    rows: "none",
    picture(image) {
      const sized = sizes?.(image, side * merged * expanded, copies) ?? image;
      const { to, within } = "within" in sized ? sized : { to: sized, within: sized };
      requireMultiple(within, side * (ofTokens ? merged : 1));
      const [down, across] = [within.height / side, within.width / side];
      const cells = { size: { width: side, height: side }, block: inBlocks ? merged : 1 };
      const frame = isSameSize(to, within) ? {} : { frame: cornered(within) };
      return {
        views: [{ to, ...frame, cells }],
        units: down * across,
        facts: {
          image_grid_thw: [1, down, across],
          image_grid_hw: [down, across],
          merged: [merged],
        },
      };
    },
    outputs: outputsNamed(outputs),
  });
}

const framesOf = (reader: ConfigReader) => reader.whole("temporal_patch_size");

/** A patch keeps its axes. */
const axesUnit = (side: number, copies: number): UnitLayout => ({
  ...planarPatchUnit(side, copies),
  dims: () => [3 * copies, side, side],
});

export const smartPatches = (reader: ConfigReader) =>
  patchGrid(reader, framesOf(reader), { sizeOf: budgeted(smartSize) });

export const smartRows = (reader: ConfigReader) =>
  patchGrid(reader, framesOf(reader), { sizeOf: budgeted(smartSize), inBlocks: false });

export const mergedPatches = (reader: ConfigReader) =>
  patchGrid(reader, framesOf(reader), {
    sizeOf: budgeted(smartSize),
    outputs: { ...grids, image_merge_sizes: factNumbers("merged") },
  });

const frameSize = budgeted((image, factor, budget, frames) =>
  smartFrameSize(image, factor, frames, budget),
);

/** Pillow backends do not look at it. */
const expandedBy = (reader: ConfigReader, backend: ProcessorBackend) =>
  backend === "pil" || reader.get("patch_expand_factor") === undefined
    ? 1
    : reader.whole("patch_expand_factor");

export const framePatches = (reader: ConfigReader, backend: ProcessorBackend) =>
  patchGrid(reader, framesOf(reader), {
    sizeOf: frameSize,
    expanded: expandedBy(reader, backend),
  });

/** As framePatches, pixel after pixel in a patch. */
export const framePixels = (reader: ConfigReader) =>
  patchGrid(reader, 1, { sizeOf: frameSize, unitOf: pixelPatchUnit });

export const pagePatches = (reader: ConfigReader) =>
  patchGrid(reader, framesOf(reader), {
    sizeOf: budgeted(smartPageSize),
    unitOf: axesUnit,
    inBlocks: false,
    ofTokens: false,
  });

/** Of an image that is made half as large. */
export const halvedPatches = (reader: ConfigReader) =>
  patchGrid(reader, framesOf(reader), { sizeOf: budgeted(halvedSize) });

/** Of an image in the corner of black, as many as tokens are allowed. */
export const tokenPatches = (reader: ConfigReader, backend: ProcessorBackend) =>
  patchGrid(reader, framesOf(reader), {
    sizeOf(own) {
      const least = own.whole("min_image_tokens");
      const most = own.whole("max_image_tokens");
      return (image, factor, frames) => tokenBudgetSize(image, factor, frames, { least, most });
    },
    expanded: expandedBy(reader, backend),
  });

/** Of an image whose aspect is kept as far as whole tokens do it, the channels of a frame before the next one's. */
export const aspectPatches = (reader: ConfigReader) =>
  patchGrid(reader, framesOf(reader), {
    sizeOf(own) {
      const most = own.whole("max_image_tokens");
      return (image, factor) => tokenGridSize(image, factor, most);
    },
    unitOf: (side, frames) => ({
      ...planarPatchUnit(side, 1),
      repeats: frames,
      dims: () => [3 * frames * side * side],
    }),
    inBlocks: false,
    ofTokens: false,
  });

/** Of an image in the corner of black, as large as it is where nothing limits it, pixel after pixel in a patch. */
export const limitedPixels = (reader: ConfigReader) =>
  patchGrid(reader, 1, {
    sizeOf(own) {
      const limits = own.flag("do_resize") ? limitsOf(own) : null;
      return (image, factor) => {
        const to = limits === null ? image : limitedSize(image, limits);
        return { to, within: nextMultiples(to, factor) };
      };
    },
    surroundsAll: true,
    unitOf: pixelPatchUnit,
    inBlocks: false,
    outputs: { image_grid_hw: factRows("image_grid_hw") },
  });

function limitsOf(reader: ConfigReader): SizeLimits {
  const longest = reader.get("max_side") === undefined ? Infinity : reader.whole("max_side");
  if (reader.get("size") === undefined) return { longest, least: 0, most: Infinity };
  return { longest, ...areaBudget(reader) };
}

/** Of an image that is never made larger, in the corner of black. */
export const shrunkPatches = (reader: ConfigReader) =>
  patchGrid(reader, 1, {
    sizeOf(own) {
      const size = own.resizeTarget();
      if (!("maxWidth" in size) || size.maxWidth !== size.maxHeight) {
        throw own.expected("size", "max_height and max_width, both the same");
      }
      const patch = own.whole("patch_size");
      const most = own.whole("max_patches");
      return (image, factor) => shrunkSize(image, factor, patch, most, size.maxWidth);
    },
    unitOf: axesUnit,
    inBlocks: false,
    ofTokens: false,
  });
