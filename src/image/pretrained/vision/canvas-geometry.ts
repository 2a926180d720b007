import type { Size } from "../../output-size.js";
import type { PictureOutput, PreparedPictures } from "../../picture-geometry.js";
import type { ConfigReader } from "../config-reader.js";
import type { ProcessorGeometry } from "../image-steps.js";
import { factLists, factRows, int64, outputsNamed, perList } from "./outputs.js";
import { cornered, gridSize, picturesOf, tileUnit, wholeView } from "./picture-parts.js";
import {
  bestScaled,
  type Grid,
  gridsBetween,
  MOST_TILES,
  sizeOnCanvas,
  tiledCanvas,
  tilePairs,
} from "./tile-grid.js";

/** Tiles of the canvas that an image fits best, which lies in its corner. */
export function mllama(reader: ConfigReader): ProcessorGeometry {
  for (const key of ["do_resize", "do_pad"]) {
    if (!reader.flag(key)) throw reader.expected(key, "true");
  }
  const tile = squareTile(reader);
  const most = reader.whole("max_image_tiles", MOST_TILES);
  const ids = gridsByRows(most);
  return picturesOf({
    unit: tileUnit(tile),
    rows: "list",
    group: most,
    picture(image) {
      const grid = tiledCanvas(image, tile.width, most);
      const to = sizeOnCanvas(image, grid, tile.width);
      const frame = cornered(gridSize(tile, grid));
      return {
        views: [{ to, frame, cells: { size: tile } }],
        units: most,
        facts: { tiles: [grid.across * grid.down], id: [1 + ids.indexOf(gridName(grid))] },
      };
    },
    outputs: (prepared) => ({
      aspect_ratio_ids: tileIds(prepared, most),
      aspect_ratio_mask: tileMask(prepared, most),
      num_tiles: factLists("tiles")(prepared),
    }),
  });
}

function squareTile(reader: ConfigReader): Size {
  const tile = reader.fixedSize();
  if (tile.width !== tile.height) throw reader.expected("size", "a square");
  return tile;
}

const gridName = ({ down, across }: Grid) => `${down}x${across}`;

/** Names of all grids of so many tiles, those of few rows first. */
function gridsByRows(most: number): string[] {
  const grids = gridsBetween(1, most).sort(
    (one, other) => one.down - other.down || one.across - other.across,
  );
  return grids.map(gridName);
}

/** Number of each image's grid, 0 where there is no image: [lists, images]. */
function tileIds({ pictures, lists, rowUnits }: PreparedPictures, most: number): PictureOutput {
  const images = rowUnits / most;
  const ids = perList(lists, pictures).flatMap((some) =>
    Array.from({ length: images }, (_, image) => some[image]?.facts.id?.[0] ?? 0),
  );
  return int64(ids, [lists.length, images]);
}

/** 1 for each tile, and for the first one of what is no image: [lists, images, tiles]. */
function tileMask({ pictures, lists, rowUnits }: PreparedPictures, most: number): PictureOutput {
  const images = rowUnits / most;
  const mask = perList(lists, pictures).flatMap((some) =>
    Array.from({ length: images }, (_, image) => {
      const tiles = some[image]?.facts.tiles?.[0] ?? 1;
      return Array.from({ length: most }, (_, tile) => (tile < tiles ? 1 : 0));
    }).flat(),
  );
  return int64(mask, [lists.length, images, most]);
}

/** Tiles of the canvas that an image fits best, then the whole image as one more. */
export function llama4(reader: ConfigReader): ProcessorGeometry {
  for (const key of ["do_resize", "do_rescale", "do_normalize"]) {
    if (!reader.flag(key)) throw reader.expected(key, "true");
  }
  const tile = squareTile(reader);
  const grids = tilePairs(reader.whole("max_patches", MOST_TILES))
    .flat()
    .map(([down, across]) => ({ down, across }));
  const enlarges = reader.flag("resize_to_max_canvas");
  return picturesOf({
    unit: tileUnit(tile),
    rows: "none",
    bfloat16: true,
    picture(image) {
      const grid = canvasGrid(image, tile.width, grids, enlarges);
      const canvas = gridSize(tile, grid);
      const to = undistortedSize(image, limitOf(image, canvas, tile.width, enlarges));
      const tiles = grid.across * grid.down;
      const whole = tiles === 1 ? [] : [wholeView({ to: tile }, tiles)];
      return {
        views: [{ to, frame: cornered(canvas), cells: { size: tile } }, ...whole],
        units: tiles + whole.length,
        facts: { aspect_ratios: [grid.down, grid.across] },
      };
    },
    outputs: outputsNamed({ aspect_ratios: factRows("aspect_ratios") }),
  });
}

/** Scales are float32 there. */
function canvasGrid(
  { width, height }: Size,
  tile: number,
  grids: readonly Grid[],
  enlarges: boolean,
): Grid {
  const scaled = grids.map((grid) => {
    const across = Math.fround((grid.across * tile) / width);
    const down = Math.fround((grid.down * tile) / height);
    return { ...grid, scale: Math.min(across, down) };
  });
  return bestScaled(scaled, enlarges);
}

/** A length, which is a tensor of torch's where it is the canvas's: what is computed with it is float32. */
interface Limit {
  readonly length: number;
  readonly isTensor: boolean;
}

/** No larger than the canvas; an image that is smaller is made no larger than a tile. */
function limitOf(image: Size, canvas: Size, tile: number, enlarges: boolean) {
  const limit = (own: number, most: number): Limit => {
    const length = Math.max(own, tile);
    if (enlarges || most < length) return { length: most, isTensor: true };
    return { length, isTensor: false };
  };
  return {
    width: limit(image.width, canvas.width),
    height: limit(image.height, canvas.height),
  };
}

function undistortedSize(image: Size, limit: { width: Limit; height: Limit }): Size {
  const rounded = (value: number, { isTensor }: Limit) => (isTensor ? Math.fround(value) : value);
  const across = rounded(limit.width.length / image.width, limit.width);
  const down = rounded(limit.height.length / image.height, limit.height);
  const scaled = (side: number, scale: number, by: Limit, most: Limit) =>
    Math.max(1, Math.min(Math.floor(rounded(side * scale, by)), most.length));
  return across < down
    ? {
        width: Math.max(1, limit.width.length),
        height: scaled(image.height, across, limit.width, limit.height),
      }
    : {
        width: scaled(image.width, down, limit.height, limit.width),
        height: Math.max(1, limit.height.length),
      };
}
