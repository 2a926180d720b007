import type { ResizeTarget, Size } from "../../output-size.js";
import type { Picture, View } from "../../view.js";
import type { ConfigReader } from "../config-reader.js";
import type { ProcessorGeometry } from "../image-steps.js";
import type { ProcessorBackend } from "../processor-backend.js";
import { resizedSize } from "../resized-size.js";
import {
  factLists,
  factNumbers,
  factRows,
  listLengths,
  originalSizes,
  outputsNamed,
  pixelMask,
} from "./outputs.js";
import {
  centred,
  gridSize,
  isSameSize,
  meanColour,
  middleOf,
  partsOf,
  picturesOf,
  tileUnit,
  wholeView,
} from "./picture-parts.js";
import { longestEdgeSize, tiledSize } from "./target-size.js";
import {
  bestResolution,
  closestGrid,
  coveringGrid,
  fittedSize,
  type Grid,
  gridsBetween,
  MOST_TILES,
  tiledCanvas,
} from "./tile-grid.js";
import { squareViews } from "./whole-geometry.js";

/** Tiles, row after row, of an image that is resized to a grid of them. */
function gridView(tile: Size, grid: Grid, first: number): View {
  return { to: gridSize(tile, grid), cells: { size: tile, first } };
}

/** Tiles of a grid, then the whole image as one more. */
export function tilesThenWhole(tile: Size, grid: Grid): Omit<Picture, "facts"> {
  const tiles = grid.across * grid.down;
  const whole = tiles === 1 ? [] : [wholeView({ to: tile }, tiles)];
  return { views: [gridView(tile, grid, 0), ...whole], units: tiles + whole.length };
}

function countedTiles(tile: Size, gridOf: (image: Size) => Grid): ProcessorGeometry {
  return picturesOf({
    unit: tileUnit(tile),
    rows: "none",
    picture(image) {
      const picture = tilesThenWhole(tile, gridOf(image));
      return { ...picture, facts: { num_patches: [picture.units] } };
    },
    outputs: outputsNamed({ num_patches: factNumbers("num_patches") }),
  });
}

/** A grid with the closest aspect. */
export function gotOcr2(reader: ConfigReader): ProcessorGeometry {
  const tile = reader.fixedSize();
  const grids = gridsBetween(
    reader.whole("min_patches", MOST_TILES),
    reader.whole("max_patches", MOST_TILES),
  );
  return countedTiles(tile, (image) => closestGrid(image, tile, grids));
}

/** The grid that enlarges the image least. */
export function cohere2Vision(reader: ConfigReader): ProcessorGeometry {
  const tile = reader.fixedSize();
  const most = reader.whole("max_patches", MOST_TILES);
  return countedTiles(tile, (image) => tiledCanvas(image, tile.height, most));
}

/** The whole image as a tile, then the fewest that show nearly all of it. */
export function ovis2(reader: ConfigReader): ProcessorGeometry {
  if (reader.flag("do_center_crop")) throw reader.expected("do_center_crop", "false");
  const tile = reader.fixedSize();
  const most = reader.whole("max_patches", MOST_TILES);
  const grids = gridsBetween(reader.whole("min_patches", MOST_TILES), most);
  const covers = reader.flag("use_covering_area_grid");
  return picturesOf({
    unit: tileUnit(tile),
    rows: "none",
    picture(image) {
      const grid = covers
        ? coveringGrid(image, tile.height, most)
        : closestGrid(image, tile, grids);
      const tiles = grid.across * grid.down;
      const whole = tiles === 1 ? [] : [wholeView({ to: tile })];
      return {
        views: [...whole, gridView(tile, grid, whole.length)],
        units: whole.length + tiles,
        facts: { grids: [grid.down, grid.across] },
      };
    },
    outputs: outputsNamed({ grids: factRows("grids") }),
  });
}

/** The whole image, then parts of one that is much longer than wide. */
export function gemma3(reader: ConfigReader): ProcessorGeometry {
  if (!reader.flag("do_resize")) throw reader.expected("do_resize", "true with do_pan_and_scan");
  const to = reader.fixedSize();
  const panAndScan = {
    least: reader.whole("pan_and_scan_min_crop_size"),
    most: reader.whole("pan_and_scan_max_num_crops"),
    ratio: reader.number("pan_and_scan_min_ratio_to_activate"),
  };
  return picturesOf({
    unit: tileUnit(to),
    rows: "none",
    picture(image) {
      const crops = partsAlong(image, panAndScan);
      return {
        views: [
          wholeView({ to }),
          ...crops.map((crop, index) => wholeView({ crop, to }, index + 1)),
        ],
        units: crops.length + 1,
        facts: { num_crops: [crops.length] },
      };
    },
    outputs: outputsNamed({ num_crops: factNumbers("num_crops") }),
  });
}

interface PanAndScan {
  /** Length that a part's sides have at least. */
  readonly least: number;
  /** Number of parts. */
  readonly most: number;
  /** Longer side to the shorter one, from which on an image is cut. */
  readonly ratio: number;
}

/** Parts along the longer side. */
function partsAlong({ width, height }: Size, { least, most, ratio }: PanAndScan) {
  const isWide = width >= height;
  const [long, short] = isWide ? [width, height] : [height, width];
  if (long / short < ratio) return [];
  const wanted = Math.min(Math.floor(long / least), Math.floor(long / short + 0.5));
  const count = Math.min(most, Math.max(2, wanted));
  const length = Math.ceil(long / count);
  if (Math.min(length, short) < least) return [];
  return Array.from({ length: count }, (_, index) => {
    const start = length * index;
    const rest = Math.min(length, long - start);
    return isWide
      ? { left: start, top: 0, width: rest, height }
      : { left: 0, top: start, width, height: rest };
  });
}

/** To a length, then to whole tiles, and the whole of it as one more. */
export function idefics3(reader: ConfigReader): ProcessorGeometry {
  const resizes = reader.flag("do_resize");
  const longest = resizes ? reader.longestEdge("size") : undefined;
  const fixed = resizes && longest === undefined ? reader.fixedSize() : null;
  const side = reader.longestEdge("max_image_size");
  if (side === undefined) throw reader.expected("max_image_size", "{ longest_edge }");
  const tile = { width: side, height: side };
  const splits = reader.flag("do_image_splitting");
  const pads = reader.flag("do_pad");
  const rowsAndColumns = reader.flag("return_row_col_info");
  const firstSize = (image: Size) =>
    longest === undefined ? (fixed ?? image) : longestEdgeSize(image, longest);
  return picturesOf({
    unit: tileUnit(tile),
    rows: "list",
    picture(image) {
      const first = firstSize(image);
      const unresized: View = { to: first };
      if (!splits) {
        const views = [unresized, wholeView({ from: 0, to: tile })];
        return { views, units: 1, facts: { rows: [0], cols: [0] } };
      }
      const to = tiledSize(first, side);
      const grid = { across: to.width / side, down: to.height / side };
      const tiles = grid.across * grid.down;
      if (tiles === 1) {
        const views = [unresized, wholeView({ from: 0, to })];
        return { views, units: 1, facts: { rows: [0], cols: [0] } };
      }
      return {
        views: [
          unresized,
          { from: 0, to },
          { from: 1, to, cells: { size: tile } },
          wholeView({ from: 1, to: tile }, tiles),
        ],
        units: tiles + 1,
        facts: { rows: [grid.down], cols: [grid.across] },
      };
    },
    outputs: outputsNamed({
      ...(pads ? { pixel_attention_mask: pixelMask } : {}),
      ...(rowsAndColumns ? { rows: factLists("rows"), cols: factLists("cols") } : {}),
    }),
  });
}

/** What LLaVA-NeXT and LLaVA-OneVision resize and crop each of their tiles by. */
interface Tiling {
  readonly whole: Size;
  readonly tile: Size;
  readonly resize: ResizeTarget | null;
  readonly crop: Size | null;
  readonly resolutions: readonly Size[];
  readonly backend: ProcessorBackend;
}

function tilingOf(reader: ConfigReader, backend: ProcessorBackend): Tiling {
  if (!reader.flag("do_pad")) throw reader.expected("do_pad", "true");
  const target = reader.resizeTarget();
  if (!("width" in target) && (!("shortestEdge" in target) || target.longestEdge !== undefined)) {
    throw reader.expected("size", "{ shortest_edge } or { height, width }");
  }
  const square = "shortestEdge" in target ? target.shortestEdge : 0;
  const whole = "width" in target ? target : { width: square, height: square };
  const crop = reader.get("crop_size") === undefined ? null : reader.frame("crop_size");
  const side = crop?.height ?? whole.height;
  return {
    whole,
    tile: { width: side, height: side },
    resize: reader.flag("do_resize") ? target : null,
    crop: reader.flag("do_center_crop") ? reader.frame("crop_size") : null,
    resolutions: reader.sizes("image_grid_pinpoints"),
    backend,
  };
}

/** Of an image or a part of one, its middle after it is resized. */
function tileView(
  view: Omit<View, "to" | "cells" | "frame">,
  size: Size,
  { resize, crop, backend }: Tiling,
  unit: number,
): View {
  const to = resizedSize(size, resize);
  const middle = crop === null ? {} : { frame: middleOf(to, crop, backend) };
  return wholeView({ ...view, to, ...middle }, unit);
}

/** The whole image as a tile, then those of the best of some sizes, with the image in their middle. */
function anyResolution(image: Size, tiling: Tiling): Picture {
  const { whole, tile, resolutions } = tiling;
  const canvas = bestResolution(image, resolutions);
  const fitted = fittedSize(image, canvas);
  const parts = partsOf(canvas, tile);
  const lain: View = { to: fitted, frame: centred(fitted, canvas) };
  const first: View = { to: whole };
  const resized = tileView({}, tile, tiling, 0);
  const isWholeGrid =
    parts.every((part) => isSameSize(part, tile)) &&
    isSameSize(resized.to, tile) &&
    isSameSize(resized.frame?.size ?? tile, tile);
  const tiles = isWholeGrid
    ? [{ ...lain, cells: { size: tile, first: 1 } }]
    : [lain, ...parts.map((crop, index) => tileView({ from: 1, crop }, crop, tiling, index + 1))];
  return {
    views: [first, ...tiles, tileView({ from: 0 }, whole, tiling, 0)],
    units: parts.length + 1,
    facts: { canvas: [canvas.height, canvas.width] },
  };
}

export function llavaNext(reader: ConfigReader, backend: ProcessorBackend): ProcessorGeometry {
  const tiling = tilingOf(reader, backend);
  return picturesOf({
    unit: tileUnit("same"),
    rows: "image",
    picture: (image) => anyResolution(image, tiling),
    outputs: outputsNamed({ image_sizes: originalSizes }),
  });
}

/** As LLaVA-NeXT; images of a list of several are each one tile, on a square in the mean's colour. */
export function llavaOnevision(reader: ConfigReader, backend: ProcessorBackend): ProcessorGeometry {
  const tiling = tilingOf(reader, backend);
  const ground = meanColour(reader);
  return picturesOf({
    unit: tileUnit("same"),
    rows: "image",
    picture(image, count) {
      if (count === 1) return anyResolution(image, tiling);
      const views = squareViews(image, ground, tiling.resize, tiling.crop, backend);
      return { views, units: 1, facts: {} };
    },
    outputs: outputsNamed({ image_sizes: originalSizes, batch_num_images: listLengths }),
  });
}
