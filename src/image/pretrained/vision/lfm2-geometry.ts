import { makeTensor } from "../../../shared/make-tensor.js";
import type { Size } from "../../output-size.js";
import type { PictureOutput } from "../../picture-geometry.js";
import type { Picture, View } from "../../view.js";
import type { ConfigReader } from "../config-reader.js";
import type { ProcessorGeometry } from "../image-steps.js";
import { roundHalfEven } from "../resized-size.js";
import { factNumbers, factRows, int64, outputsNamed } from "./outputs.js";
import { gridSize, partsOf, picturesOf, pixelPatchUnit } from "./picture-parts.js";
import { withinBudget } from "./target-size.js";
import { closestGrid, type Grid, gridsBetween, MOST_TILES } from "./tile-grid.js";

interface Options {
  readonly patch: number;
  /** Rows and columns of patches that make a token. */
  readonly downsampled: number;
  /** Multiple of both sides of the whole image. */
  readonly factor: number;
  /** Pixels of the whole image. */
  readonly budget: { readonly least: number; readonly most: number };
  /** An image of so many times the budget is cut into tiles. */
  readonly tolerance: number;
  readonly tile: Size;
  /** Empty: no image is cut. */
  readonly grids: readonly Grid[];
  /** Whether the whole image follows its tiles. */
  readonly hasWhole: boolean;
  /** Patches of a tile or of a whole image, the zeros included. */
  readonly rowPatches: number;
}

function optionsOf(reader: ConfigReader): Options {
  const patch = reader.whole("encoder_patch_size");
  const downsampled = reader.whole("downsample_factor");
  const tokens = reader.whole("max_image_tokens");
  const tile = reader.whole("tile_size");
  if (tile % patch !== 0) throw reader.expected("tile_size", "a multiple of encoder_patch_size");
  const splits = reader.flag("do_image_splitting");
  const [least, most] = splits
    ? [reader.whole("min_tiles", MOST_TILES), reader.whole("max_tiles", MOST_TILES)]
    : [1, 1];
  if (least > most) throw reader.expected("min_tiles", "no more than max_tiles");
  const factor = patch * downsampled;
  return {
    patch,
    downsampled,
    factor,
    budget: {
      least: reader.whole("min_image_tokens") * factor ** 2,
      most: tokens * factor ** 2,
    },
    tolerance: reader.number("max_pixels_tolerance"),
    tile: { width: tile, height: tile },
    grids: most === 1 ? [] : gridsBetween(least, most),
    hasWhole: reader.flag("use_thumbnail"),
    rowPatches: Math.max(tokens * downsampled ** 2, splits ? (tile / patch) ** 2 : 0),
  };
}

/** Of an image as a whole. */
function wholeSize(image: Size, { factor, budget }: Options): Size {
  const to = (side: number) => Math.max(factor, roundHalfEven(side / factor) * factor);
  return withinBudget(image, { width: to(image.width), height: to(image.height) }, factor, budget);
}

/** Null for an image that is not cut into tiles. */
function gridOf(image: Size, { patch, factor, budget, tolerance, tile, grids }: Options) {
  if (grids.length === 0) return null;
  const to = (side: number) => Math.max(patch, roundHalfEven(side / factor) * factor);
  const isLarge = to(image.height) * to(image.width) > budget.most * tolerance;
  return isLarge ? closestGrid(image, tile, grids) : null;
}

interface Tiles {
  readonly views: readonly View[];
  /** Of each tile, and of the whole image where it is among them. */
  readonly sizes: readonly Size[];
}

function tilesOf(whole: Size, grid: Grid | null, options: Options): Tiles {
  const { patch, tile, hasWhole, rowPatches } = options;
  const cellsOf = (place: number) => ({
    cells: { size: { width: patch, height: patch }, first: place * rowPatches },
  });
  if (grid === null) return { views: [{ to: whole, ...cellsOf(0) }], sizes: [whole] };
  const canvas = gridSize(tile, grid);
  const parts = partsOf(canvas, tile);
  const tiles = parts.map((crop, place): View => ({ from: 0, crop, to: tile, ...cellsOf(place) }));
  const last: View[] =
    hasWhole && parts.length > 1 ? [{ to: whole, ...cellsOf(parts.length) }] : [];
  return {
    views: [{ to: canvas }, ...tiles, ...last],
    sizes: [...parts.map(() => tile), ...last.map(() => whole)],
  };
}

/** Patches of the whole image, or of the tiles and the whole of a large one, each filled up with zeros. */
export function lfm2Vl(reader: ConfigReader): ProcessorGeometry {
  if (!reader.flag("do_pad")) throw reader.expected("do_pad", "true");
  const options = optionsOf(reader);
  const { patch, rowPatches } = options;
  return picturesOf({
    unit: pixelPatchUnit(patch),
    rows: "none",
    group: rowPatches,
    picture(image) {
      const whole = wholeSize(image, options);
      const grid = gridOf(image, options);
      const { views, sizes } = tilesOf(whole, grid, options);
      return {
        views,
        units: sizes.length * rowPatches,
        facts: {
          shapes: sizes.flatMap(({ height, width }) => [height / patch, width / patch]),
          rows: [grid?.down ?? 1],
          columns: [grid?.across ?? 1],
          size: [whole.height, whole.width],
          downsampled: [options.downsampled],
        },
      };
    },
    outputs: outputsNamed({
      pixel_attention_mask: ({ pictures }) => patchMask(shapesOf(pictures), rowPatches),
      spatial_shapes: ({ pictures }) => {
        const shapes = shapesOf(pictures);
        return int64(shapes.flat(), [shapes.length, 2]);
      },
      ...(reader.flag("return_row_col_info") ? places : {}),
    }),
  });
}

const places = {
  image_rows: factNumbers("rows"),
  image_cols: factNumbers("columns"),
  image_sizes: factRows("size"),
};

/** Rows and columns of patches, of each tile of all images. */
function shapesOf(pictures: readonly Picture[]): number[][] {
  const numbers = pictures.flatMap(({ facts }) => facts.shapes as readonly number[]);
  return Array.from({ length: numbers.length / 2 }, (_, tile) =>
    numbers.slice(2 * tile, 2 * tile + 2),
  );
}

/** 1 for each patch of a tile, 0 for what it is filled up with: [tiles, patches]. */
function patchMask(shapes: readonly number[][], rowPatches: number): PictureOutput {
  const data = new Int32Array(shapes.length * rowPatches);
  for (const [row, [down = 0, across = 0]] of shapes.entries()) {
    data.fill(1, row * rowPatches, row * rowPatches + down * across);
  }
  return makeTensor("int32", data, [shapes.length, rowPatches]);
}
