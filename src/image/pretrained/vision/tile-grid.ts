import type { Size } from "../../output-size.js";

/** Tiles in a row, and rows of them. */
export interface Grid {
  readonly across: number;
  readonly down: number;
}

/** Most tiles that a configuration may ask for: the grids of more would take their time. */
export const MOST_TILES = 512;

/** Grids of as many tiles as there may be, those of fewer tiles first, then those with fewer in a row. */
export function gridsBetween(least: number, most: number): Grid[] {
  const grids: Grid[] = [];
  for (let across = 1; across <= most; across += 1) {
    for (let down = 1; down <= most; down += 1) {
      if (across * down >= least && across * down <= most) grids.push({ across, down });
    }
  }
  return grids.sort((one, other) => one.across * one.down - other.across * other.down);
}

/** All pairs of factors of so many tiles and fewer, those of one ratio together, the most tiles first. */
export function tilePairs(most: number): (readonly [one: number, other: number])[][] {
  const byRatio = new Map<number, (readonly [number, number])[]>();
  for (let tiles = most; tiles >= 1; tiles -= 1) {
    for (let one = 1; one <= tiles; one += 1) {
      if (tiles % one !== 0) continue;
      const pair = [one, tiles / one] as const;
      const same = byRatio.get(pair[0] / pair[1]) ?? [];
      byRatio.set(pair[0] / pair[1], [...same, pair]);
    }
  }
  return [...byRatio.values()];
}

/** The grid with the closest aspect; of two as close, a later one that the image fills by half. */
export function closestGrid({ width, height }: Size, tile: Size, grids: readonly Grid[]): Grid {
  const aspect = width / height;
  let best: Grid = { across: 1, down: 1 };
  let least = Number.POSITIVE_INFINITY;
  for (const grid of grids) {
    const difference = Math.abs(aspect - grid.across / grid.down);
    if (difference < least) {
      least = difference;
      best = grid;
    } else if (difference === least) {
      const area = 0.5 * tile.height * tile.width * grid.across * grid.down;
      if (width * height > area) best = grid;
    }
  }
  return best;
}

/** Ovis2's: a share of the image that tiles show without being made smaller. */
const COVERED = 0.9;

/** The fewest tiles that show nearly all of the image, or else those that show most of it. */
export function coveringGrid({ width, height }: Size, side: number, most: number): Grid {
  const grids = gridsBetween(1, most).map((grid) => ({
    // there the first number of a grid counts rows while it is measured, and columns afterwards
    grid,
    covered: coveredArea({ width, height }, grid.across, grid.down, side) / (width * height),
    tiles: grid.across * grid.down,
  }));
  const enough = grids.filter(({ covered }) => covered > COVERED);
  const order = enough.length > 0 ? fewestFirst : mostCoveredFirst;
  return [...(enough.length > 0 ? enough : grids)].sort(order)[0]?.grid as Grid;
}

interface MeasuredGrid {
  readonly covered: number;
  readonly tiles: number;
}

const fewestFirst = (one: MeasuredGrid, other: MeasuredGrid) =>
  one.tiles - other.tiles || other.covered - one.covered;

const mostCoveredFirst = (one: MeasuredGrid, other: MeasuredGrid) =>
  other.covered - one.covered || one.tiles - other.tiles;

/** Of all parts of an image that is cut into rows and columns, each shrunk to fit a side. */
function coveredArea({ width, height }: Size, rows: number, columns: number, side: number): number {
  const rowHeight = Math.floor(height / rows);
  const columnWidth = Math.floor(width / columns);
  let area = 0;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const lower = row === rows - 1 ? height : (row + 1) * rowHeight;
      const right = column === columns - 1 ? width : (column + 1) * columnWidth;
      area += shrunkArea(right - column * columnWidth, lower - row * rowHeight, side);
    }
  }
  return area;
}

function shrunkArea(width: number, height: number, side: number): number {
  const long = Math.max(width, height);
  const short = Math.min(width, height);
  return long > side ? side * ((short / long) * side) : long * short;
}

/** LLaVA's: of some sizes the one that shows most of the image, and of those the one that leaves least empty. */
export function bestResolution({ width, height }: Size, sizes: readonly Size[]): Size {
  let best = sizes[0] as Size;
  let shown = 0;
  let empty = Number.POSITIVE_INFINITY;
  for (const size of sizes) {
    const scale = Math.min(size.width / width, size.height / height);
    const scaled = Math.trunc(width * scale) * Math.trunc(height * scale);
    const effective = Math.min(scaled, width * height);
    const wasted = size.width * size.height - effective;
    if (effective > shown || (effective === shown && wasted < empty)) {
      shown = effective;
      empty = wasted;
      best = size;
    }
  }
  return best;
}

/** As large as fits into a size, the other side rounded up. */
export function fittedSize({ width, height }: Size, into: Size): Size {
  const across = into.width / width;
  const down = into.height / height;
  return across < down
    ? { width: into.width, height: Math.min(Math.ceil(height * across), into.height) }
    : { width: Math.min(Math.ceil(width * down), into.width), height: into.height };
}

/** Mllama's and Cohere2Vision's: the canvas that enlarges the image least, or else shrinks it least; of two the smaller one. */
export function tiledCanvas({ width, height }: Size, tile: number, most: number): Grid {
  const grids: (Grid & { scale: number })[] = [];
  for (let down = 1; down <= most; down += 1) {
    for (let across = 1; down * across <= most; across += 1) {
      const scale = Math.min((across * tile) / width, (down * tile) / height);
      grids.push({ across, down, scale });
    }
  }
  return bestScaled(grids, false);
}

/** Of scaled grids that of the scale closest to 1 that enlarges, or else shrinks; of equal ones the smallest. */
export function bestScaled(
  grids: readonly (Grid & { readonly scale: number })[],
  largest: boolean,
): Grid {
  const enlarging = grids.filter(({ scale }) => scale >= 1).map(({ scale }) => scale);
  const chosen =
    enlarging.length > 0
      ? Math[largest ? "max" : "min"](...enlarging)
      : Math.max(...grids.map(({ scale }) => scale));
  const equal = grids.filter(({ scale }) => scale === chosen);
  return equal.reduce((best, grid) =>
    grid.across * grid.down < best.across * best.down ? grid : best,
  );
}

/** Mllama's size on its canvas: no side smaller than a tile is asked for, none larger than the canvas. */
export function sizeOnCanvas({ width, height }: Size, { across, down }: Grid, tile: number): Size {
  const clip = (side: number, canvas: number) => Math.min(Math.max(side, tile), canvas);
  const target = {
    width: clip(width, across * tile),
    height: clip(height, down * tile),
  };
  const horizontal = target.width / width;
  const vertical = target.height / height;
  return horizontal < vertical
    ? {
        width: target.width,
        height: Math.min(Math.floor(height * horizontal) || 1, target.height),
      }
    : { width: Math.min(Math.floor(width * vertical) || 1, target.width), height: target.height };
}
