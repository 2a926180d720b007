import type { Size } from "../../output-size.js";
import type { ConfigReader } from "../config-reader.js";
import type { ProcessorGeometry } from "../image-steps.js";
import { gridSize, picturesOf, tileUnit, wholeView } from "./picture-parts.js";
import { type Grid, MOST_TILES, tilePairs } from "./tile-grid.js";

/** The whole image as a tile, then the tiles that show it largest. */
export function perceptionLM(reader: ConfigReader): ProcessorGeometry {
  if (!reader.flag("do_resize")) throw reader.expected("do_resize", "true");
  const side = reader.whole("tile_size");
  const tile = { width: side, height: side };
  const groups = tilePairs(reader.whole("max_num_tiles", MOST_TILES)).map((pairs) =>
    pairs.map(([across, down]) => ({ across, down })),
  );
  const cuts = reader.get("vision_input_type") === "thumb+tile";
  return picturesOf({
    unit: tileUnit(tile),
    rows: "alike",
    picture(image) {
      const whole = wholeView({ to: tile });
      if (!cuts) return { views: [whole], units: 1, facts: {} };
      const grid = largestGrid(image, side, groups.flat()) ?? shrinkingGrid(image, groups);
      const tiles = { to: gridSize(tile, grid), cells: { size: tile, first: 1 } };
      return { views: [whole, tiles], units: 1 + grid.across * grid.down, facts: {} };
    },
    outputs: () => ({}),
  });
}

/** Of grids that are no smaller than the image the last one that enlarges its shorter side most. */
function largestGrid(image: Size, side: number, grids: readonly Grid[]): Grid | undefined {
  let best: Grid | undefined;
  let largest = 0;
  for (const grid of grids) {
    const canvas = gridSize({ width: side, height: side }, grid);
    if (canvas.width < image.width || canvas.height < image.height) continue;
    const shorter = shorterSide(image, canvas);
    if (best !== undefined && shorter < largest) continue;
    best = grid;
    largest = shorter;
  }
  return best;
}

/** Of an image that is made as large as fits onto a canvas. */
function shorterSide({ width, height }: Size, canvas: Size): number {
  const aspect = width / height;
  const scale = Math.min(canvas.width / width, canvas.height / height);
  if (aspect === 1) return scale * height;
  return Math.floor(aspect > 1 ? (scale * width) / aspect : scale * height * aspect);
}

/** The largest grid of the closest aspect that is no longer than the image. */
function shrinkingGrid({ width, height }: Size, groups: readonly (readonly Grid[])[]): Grid {
  const aspect = width / height;
  const measured = groups.map((grids) => {
    const [{ across, down }] = grids as [Grid];
    return { grids, aspect: across / down };
  });
  const isWide = aspect >= 1;
  const shorter = measured.filter((one) => (isWide ? one.aspect <= aspect : one.aspect > aspect));
  const distance = (one: number) =>
    isWide ? Math.abs(one - aspect) : Math.abs(1 / one - 1 / aspect);
  const closest = shorter.reduce((best, one) =>
    distance(one.aspect) < distance(best.aspect) ? one : best,
  );
  return closest.grids.reduce((best, grid) => (grid.across > best.across ? grid : best));
}
