import { makeTensor } from "../../../shared/make-tensor.js";
import type { Size } from "../../output-size.js";
import type { PictureOutput, PreparedPictures } from "../../picture-geometry.js";
import type { View } from "../../view.js";
import type { ConfigReader } from "../config-reader.js";
import type { ProcessorGeometry } from "../image-steps.js";
import { roundHalfEven } from "../resized-size.js";
import { exactLog } from "./exact-log.js";
import { columnPatchUnit, gridSize, partsOf, picturesOf } from "./picture-parts.js";
import { type Grid, MOST_TILES } from "./tile-grid.js";

interface Options {
  readonly patch: number;
  /** Multiple of both sides of what is cut into patches. */
  readonly factor: number;
  /** Side of a square of as many pixels as a slice has. */
  readonly resolution: number;
  /** 1: no image is cut. */
  readonly mostSlices: number;
  /** Whether what is smaller than a slice is made as large as one. */
  readonly enlarges: boolean;
}

/** The whole image, then slices of a larger one, their patches side by side as one image. */
function slices(reader: ConfigReader, enlarges: boolean): ProcessorGeometry {
  if (!reader.flag("do_resize")) throw reader.expected("do_resize", "true");
  const patch = reader.whole("patch_size");
  // rows and columns of patches that make a token
  const merged = reader.get("downsample_mode") === "4x" ? 2 : 4;
  const namesImages = reader.flag("use_image_id");
  const options: Options = {
    patch,
    factor: patch * merged,
    resolution: reader.whole("scale_resolution"),
    mostSlices: reader.flag("slice_mode") ? reader.whole("max_slice_nums", MOST_TILES) : 1,
    enlarges,
  };
  return picturesOf({
    unit: columnPatchUnit(patch),
    rows: "none",
    picture(image) {
      const grid = gridOf(image, options);
      const whole = sliceSize(image, options, grid === null && enlarges);
      const slice = grid === null ? null : gridSliceSize(image, grid, options);
      const canvas = grid === null || slice === null ? null : gridSize(slice, grid);
      const sizes = [whole];
      const views: View[] = [{ to: whole, cells: { size: { width: patch, height: patch } } }];
      let units = patchesOf(whole, patch);
      if (canvas !== null && slice !== null) {
        views.push({ to: canvas });
        for (const crop of partsOf(canvas, slice)) {
          const cells = { size: { width: patch, height: patch }, first: units };
          views.push({ from: 1, crop, to: slice, cells });
          units += patchesOf(slice, patch);
          sizes.push(slice);
        }
      }
      return {
        views,
        units,
        facts: {
          sizes: sizes.flatMap(({ height, width }) => [height / patch, width / patch]),
          grids: [grid?.down ?? 0, grid?.across ?? 0],
          num_patches_per_image: [sizes.length],
          merged: [merged],
          ids: [namesImages ? 1 : 0],
        },
      };
    },
    outputs: (prepared) => ({
      target_sizes: sliceSizes(prepared),
      grids: prepared.pictures.map(({ facts }) => facts.grids as readonly number[]),
      num_patches_per_image: prepared.pictures.flatMap(
        ({ facts }) => facts.num_patches_per_image as readonly number[],
      ),
    }),
  });
}

export const miniCpmV = (reader: ConfigReader) => slices(reader, true);

export function miniCpmOcr(reader: ConfigReader): ProcessorGeometry {
  const upsize = reader.get("small_image_upsize");
  if (upsize !== "always" && upsize !== "never") {
    throw reader.expected("small_image_upsize", '"always" or "never", all that is matched');
  }
  return slices(reader, upsize === "always");
}

const patchesOf = ({ width, height }: Size, patch: number) => (width / patch) * (height / patch);

/** To the nearest multiple, and one at least. */
const nearest = (length: number, multiple: number) =>
  Math.max(roundHalfEven(length / multiple) * multiple, multiple);

/** Of an image that is one slice: as many pixels as a slice has where it has more, or is enlarged. */
function sliceSize(
  { width, height }: Size,
  { resolution, factor }: Options,
  enlarges: boolean,
): Size {
  let size = { width, height };
  if (height * width > resolution ** 2 || enlarges) {
    const aspect = width / height;
    const scaled = Math.trunc(resolution / Math.sqrt(aspect));
    size = { height: scaled, width: Math.trunc(scaled * aspect) };
  }
  return { width: nearest(size.width, factor), height: nearest(size.height, factor) };
}

/** Of each slice of an image. */
function gridSliceSize({ width, height }: Size, grid: Grid, options: Options): Size {
  const part = {
    width: nearest(width, grid.across) / grid.across,
    height: nearest(height, grid.down) / grid.down,
  };
  return sliceSize(part, options, true);
}

/** About as many slices as the image has pixels for, of the closest aspect; null: it is not cut. */
function gridOf({ width, height }: Size, { resolution, mostSlices }: Options): Grid | null {
  const wanted = Math.min(Math.ceil((width * height) / resolution ** 2), mostSlices);
  if (wanted <= 1) return null;
  const aspect = exactLog(width / height);
  let best: Grid = { down: 1, across: 1 };
  let least = Number.POSITIVE_INFINITY;
  for (const count of [wanted - 1, wanted, wanted + 1]) {
    if (count === 1 || count > mostSlices) continue;
    for (let down = 1; down <= count; down += 1) {
      if (count % down !== 0) continue;
      const across = count / down;
      const error = Math.abs(aspect - exactLog(across / down));
      if (error < least || (error === least && down > best.down)) {
        best = { down, across };
        least = error;
      }
    }
  }
  return best;
}

/** Rows and columns of patches of each slice of all images: [slices, 2]. */
function sliceSizes({ pictures }: PreparedPictures): PictureOutput {
  const numbers = pictures.flatMap(({ facts }) => facts.sizes as readonly number[]);
  return makeTensor("int32", Int32Array.from(numbers), [numbers.length / 2, 2]);
}
