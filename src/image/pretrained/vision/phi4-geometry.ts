import { PixtokError } from "../../../shared/errors.js";
import { makeTensor } from "../../../shared/make-tensor.js";
import type { Size } from "../../output-size.js";
import type { PictureOutput, PreparedPictures } from "../../picture-geometry.js";
import type { ConfigReader } from "../config-reader.js";
import type { ProcessorGeometry } from "../image-steps.js";
import { factNumbers, factRows, outputsNamed } from "./outputs.js";
import { cornered, gridSize, picturesOf, tileUnit, wholeView } from "./picture-parts.js";
import { closestGrid, type Grid, gridsBetween, MOST_TILES } from "./tile-grid.js";

const WHITE = [255, 255, 255] as const;
const LEAST_SIDE = 10;
/** Tokens of the whole image, of what is between it and its tiles, and of the ends of its rows. */
const OTHER_TOKENS = 256 + 1 + 16;

/** The whole image, then tiles of it in the corner of a white canvas, and which patches show the image. */
export function phi4(reader: ConfigReader): ProcessorGeometry {
  const tile = reader.fixedSize();
  if (tile.width !== tile.height) throw reader.expected("size", "a square");
  if (!reader.flag("do_rescale") && !reader.flag("do_normalize")) {
    throw reader.expected("do_rescale", "true, or do_normalize");
  }
  const side = tile.width;
  const patch = reader.whole("patch_size");
  const most = reader.whole("dynamic_hd", MOST_TILES);
  const masked = Math.floor(side / patch);
  const grids = gridsBetween(1, most);
  return picturesOf({
    unit: tileUnit(tile),
    rows: "image",
    filter: "bilinear",
    picture(image) {
      const grid = gridOf(image, tile, most, grids);
      const canvas = gridSize(tile, grid);
      const to = fittedBelow(image, canvas);
      const shown = {
        across: shownPatches(masked * grid.across, canvas.width - to.width, patch),
        down: shownPatches(masked * grid.down, canvas.height - to.height, patch),
      };
      return {
        views: [
          { to, frame: cornered(canvas, WHITE) },
          { from: 0, to: canvas, cells: { size: tile, first: 1 } },
          { ...wholeView({ from: 0, to: tile }), cubic: true },
        ],
        units: 1 + grid.across * grid.down,
        facts: {
          size: [canvas.height, canvas.width],
          grid: [grid.down, grid.across],
          shown: [shown.down, shown.across],
          tokens: [tokensOf(grid, shown, masked)],
        },
      };
    },
    outputs: outputsNamed({
      image_sizes: factRows("size"),
      image_attention_mask: (prepared) => tileMask(prepared, masked),
      num_img_tokens: factNumbers("tokens"),
    }),
  });
}

/** As many tiles as the image covers, or those of the closest aspect where these are too many. */
function gridOf(image: Size, tile: Size, most: number, grids: readonly Grid[]): Grid {
  const across = Math.ceil(image.width / tile.width);
  const down = Math.ceil(image.height / tile.height);
  return across * down > most ? closestGrid(image, tile, grids) : { across, down };
}

/** As large as fits onto a canvas, the other side rounded down. @throws {PixtokError} DOES_NOT_FIT */
function fittedBelow({ width, height }: Size, canvas: Size): Size {
  const across = canvas.width / width;
  const down = canvas.height / height;
  const size =
    across < down
      ? { width: canvas.width, height: Math.trunc(height * across) }
      : { width: Math.trunc(width * down), height: canvas.height };
  if (Math.min(size.width, size.height) >= LEAST_SIDE) return size;
  throw new PixtokError(
    "DOES_NOT_FIT",
    `it becomes ${size.width} x ${size.height}; this class takes no side below ${LEAST_SIDE}`,
  );
}

/** Of the patches along a side, those that the image reaches into. */
function shownPatches(patches: number, white: number, patch: number): number {
  return patches - Math.floor(white / patch);
}

/** Tokens of an image: one for each second patch in both directions that shows it, and one for each row of these. */
function tokensOf({ across, down }: Grid, shown: Grid, masked: number): number {
  const columns = secondPatches(shown.across, across, masked);
  const rows = secondPatches(shown.down, down, masked);
  return OTHER_TOKENS + rows * columns + (columns > 0 ? rows : 0);
}

/** Of each tile along a side the first patch, the third, and so on, as far as the image is shown. */
function secondPatches(shown: number, tiles: number, masked: number): number {
  let count = 0;
  for (let tile = 0; tile < tiles; tile += 1) {
    const own = Math.min(Math.max(shown - tile * masked, 0), masked);
    count += Math.ceil(own / 2);
  }
  return count;
}

/** 1 for each patch that shows the image, 0 for one that does not, 1 for all of no tile: [images, units, patches, patches]. */
function tileMask({ pictures, rowUnits }: PreparedPictures, masked: number): PictureOutput {
  const data = new Float32Array(pictures.length * rowUnits * masked ** 2).fill(1);
  for (const [index, { facts }] of pictures.entries()) {
    const [down, across] = facts.grid as [number, number];
    const [rows, columns] = facts.shown as [number, number];
    for (let tile = 0; tile < down * across; tile += 1) {
      const unit = index * rowUnits + 1 + tile;
      const top = Math.floor(tile / across) * masked;
      const left = (tile % across) * masked;
      for (let patch = 0; patch < masked ** 2; patch += 1) {
        const isShown =
          top + Math.floor(patch / masked) < rows && left + (patch % masked) < columns;
        if (!isShown) data[unit * masked ** 2 + patch] = 0;
      }
    }
  }
  return makeTensor("float32", data, [pictures.length, rowUnits, masked, masked]);
}
