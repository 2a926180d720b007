import { PixtokError } from "../../../shared/errors.js";
import type { Size } from "../../output-size.js";
import type { PictureOutput, PreparedPictures } from "../../picture-geometry.js";
import type { ConfigReader } from "../config-reader.js";
import type { ProcessorGeometry } from "../image-steps.js";
import { factNumbers, factRows, int64, outputsNamed, unitMask } from "./outputs.js";
import { picturesOf, pixelPatchUnit, requireMultiple } from "./picture-parts.js";
import { mostPatchesSize, patchBudgetSize } from "./target-size.js";

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
export const gemma4 = (reader: ConfigReader) => softTokenPatches(reader, false);

/** The same, the patches of a token as one. */
export const gemma4Unified = (reader: ConfigReader) => softTokenPatches(reader, true);

function softTokenPatches(reader: ConfigReader, areMerged: boolean): ProcessorGeometry {
  const side = reader.whole("patch_size");
  const tokens = reader.whole("max_soft_tokens");
  const pooled = reader.whole("pooling_kernel_size");
  if (!softTokens.includes(tokens)) {
    throw reader.expected("max_soft_tokens", `one of ${softTokens.join(", ")}`);
  }
  const most = tokens * pooled ** 2;
  const merged = areMerged ? pooled : 1;
  const unitSide = side * merged;
  const units = most / merged ** 2;
  const resizes = reader.flag("do_resize");
  return picturesOf({
    unit: pixelPatchUnit(unitSide),
    rows: "image",
    picture(image) {
      const to = resizes ? patchBudgetSize(image, side, most, pooled) : image;
      const [down, across] = patchesOf(to, unitSide, units);
      return {
        views: [{ to, cells: { size: { width: unitSide, height: unitSide } } }],
        units,
        facts: {
          patches: [down, across],
          num_soft_tokens_per_image: [Math.floor((down * across * merged ** 2) / pooled ** 2)],
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
