import { PixtokError } from "../../../shared/errors.js";
import { isObject } from "../../../shared/validation.js";
import type { Size } from "../../output-size.js";
import type { PictureOutput, PreparedPictures } from "../../picture-geometry.js";
import type { ConfigReader } from "../config-reader.js";
import type { ProcessorGeometry } from "../image-steps.js";
import type { ProcessorBackend } from "../processor-backend.js";
import { factNumbers, factRows, int64, outputsNamed, unitMask } from "./outputs.js";
import { picturesOf, pixelPatchUnit, planarPatchUnit } from "./picture-parts.js";
import {
  mostPatchesSize,
  type PixelBudget,
  patchBudgetSize,
  smartFrameSize,
  smartPageSize,
  smartSize,
} from "./target-size.js";

/** Numbers of pixels as `size` has them, in place of edges. */
export function pixelBudget(reader: ConfigReader): PixelBudget {
  const size = reader.get("size");
  const { shortest_edge: least, longest_edge: most } = isObject(size) ? size : {};
  if (typeof least !== "number" || typeof most !== "number" || !(least > 0 && most > 0)) {
    throw reader.expected("size", "{ shortest_edge, longest_edge }, numbers of pixels");
  }
  return { least, most };
}

/** @throws {PixtokError} DOES_NOT_FIT for an image that is not resized and is no multiple. */
function requireMultiple({ width, height }: Size, multiple: number): void {
  if (width % multiple === 0 && height % multiple === 0) return;
  throw new PixtokError(
    "DOES_NOT_FIT",
    `${width} x ${height} pixels are no multiples of ${multiple}, and do_resize is false`,
  );
}

type SizeRule = (image: Size, factor: number, budget: PixelBudget, frames: number) => Size;

/** What of a class with patches is not said by its keys. */
interface PatchRule {
  readonly sizeOf: SizeRule;
  /** Whether patches that make a token follow each other; else rows of patches do. Default true. */
  readonly inBlocks?: boolean;
  /** Whether a patch has one axis in the output. Default true. */
  readonly isFlat?: boolean;
  /** What both sides are multiples of beside patches and tokens. Default 1. */
  readonly expanded?: number;
  readonly outputs?: Parameters<typeof outputsNamed>[0];
}

/** Patches of each image one behind the other, with the rows and columns of each. */
function patchGrid(
  reader: ConfigReader,
  { sizeOf, inBlocks = true, isFlat = true, expanded = 1, outputs = {} }: PatchRule,
): ProcessorGeometry {
  const side = reader.whole("patch_size");
  const merged = reader.whole("merge_size");
  const copies = reader.whole("temporal_patch_size");
  const resizes = reader.flag("do_resize");
  const budget = resizes ? pixelBudget(reader) : { least: 0, most: 0 };
  const unit = planarPatchUnit(side, copies);
  return picturesOf({
    unit: isFlat ? unit : { ...unit, dims: () => [3 * copies, side, side] },
    rows: "none",
    picture(image) {
      const to = resizes ? sizeOf(image, side * merged * expanded, budget, copies) : image;
      requireMultiple(to, side * (isFlat ? merged : 1));
      const [down, across] = [to.height / side, to.width / side];
      const cells = { size: { width: side, height: side }, block: inBlocks ? merged : 1 };
      return {
        views: [{ to, cells }],
        units: down * across,
        facts: { image_grid_thw: [1, down, across], merged: [merged] },
      };
    },
    outputs: outputsNamed({ image_grid_thw: factRows("image_grid_thw"), ...outputs }),
  });
}

export const smartPatches = (reader: ConfigReader) => patchGrid(reader, { sizeOf: smartSize });

export const smartRows = (reader: ConfigReader) =>
  patchGrid(reader, { sizeOf: smartSize, inBlocks: false });

export const mergedPatches = (reader: ConfigReader) =>
  patchGrid(reader, {
    sizeOf: smartSize,
    outputs: { image_merge_sizes: factNumbers("merged") },
  });

export const framePatches = (reader: ConfigReader, backend: ProcessorBackend) =>
  patchGrid(reader, {
    sizeOf: (image, factor, budget, frames) => smartFrameSize(image, factor, frames, budget),
    // the Pillow backend of Glmga does not look at it
    expanded:
      backend === "pil" || reader.get("patch_expand_factor") === undefined
        ? 1
        : reader.whole("patch_expand_factor"),
  });

export const pagePatches = (reader: ConfigReader) =>
  patchGrid(reader, { sizeOf: smartPageSize, inBlocks: false, isFlat: false });

/** At most so many patches of each image, filled up with zeros, and a mask. */
export function siglip2(reader: ConfigReader): ProcessorGeometry {
  const side = reader.whole("patch_size");
  const most = reader.whole("max_num_patches");
  const resizes = reader.flag("do_resize");
  return picturesOf({
    unit: pixelPatchUnit(side),
    rows: "image",
    picture(image) {
      const to = resizes ? mostPatchesSize(image, side, most) : image;
      const [down, across] = patchesOf(to, side, most);
      return {
        views: [{ to, cells: { size: { width: side, height: side } } }],
        units: most,
        facts: { spatial_shapes: [down, across] },
      };
    },
    outputs: outputsNamed({
      pixel_attention_mask: unitMask,
      spatial_shapes: factRows("spatial_shapes"),
    }),
  });
}

/** @throws {PixtokError} DOES_NOT_FIT for an image that has too many, or is no multiple. */
function patchesOf(size: Size, side: number, most: number): [down: number, across: number] {
  requireMultiple(size, side);
  const [down, across] = [size.height / side, size.width / side];
  if (down * across <= most) return [down, across];
  throw new PixtokError(
    "DOES_NOT_FIT",
    `${size.width} x ${size.height} pixels are more than ${most} patches of ${side}`,
  );
}

const softTokens = [70, 140, 280, 560, 1120];

/** As many patches as soft tokens take, filled up with zeros, and the place of each. */
export function gemma4(reader: ConfigReader): ProcessorGeometry {
  const side = reader.whole("patch_size");
  const tokens = reader.whole("max_soft_tokens");
  const pooled = reader.whole("pooling_kernel_size");
  if (!softTokens.includes(tokens)) {
    throw reader.expected("max_soft_tokens", `one of ${softTokens.join(", ")}`);
  }
  const most = tokens * pooled ** 2;
  const resizes = reader.flag("do_resize");
  return picturesOf({
    unit: pixelPatchUnit(side),
    rows: "image",
    picture(image) {
      const to = resizes ? patchBudgetSize(image, side, most, pooled) : image;
      const [down, across] = patchesOf(to, side, most);
      return {
        views: [{ to, cells: { size: { width: side, height: side } } }],
        units: most,
        facts: {
          patches: [down, across],
          num_soft_tokens_per_image: [Math.floor((down * across) / pooled ** 2)],
        },
      };
    },
    outputs: outputsNamed({
      image_position_ids: patchPlaces,
      num_soft_tokens_per_image: factNumbers("num_soft_tokens_per_image"),
    }),
  });
}

/** Column and row of each patch, −1 where there is none: [images, units, 2]. */
function patchPlaces({ pictures, rowUnits }: PreparedPictures): PictureOutput {
  const places = new Array<number>(pictures.length * rowUnits * 2).fill(-1);
  for (const [index, { facts }] of pictures.entries()) {
    const [down, across] = facts.patches as [number, number];
    for (let patch = 0; patch < down * across; patch += 1) {
      const at = 2 * (index * rowUnits + patch);
      places[at] = patch % across;
      places[at + 1] = Math.floor(patch / across);
    }
  }
  return int64(places, [pictures.length, rowUnits, 2]);
}
