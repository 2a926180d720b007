import { makeTensor } from "../../../shared/make-tensor.js";
import type { Size } from "../../output-size.js";
import type { PictureOutput, PreparedPictures } from "../../picture-geometry.js";
import type { ConfigReader } from "../config-reader.js";
import type { ProcessorGeometry } from "../image-steps.js";
import { factLists, perList } from "./outputs.js";
import { picturesOf, tileUnit } from "./picture-parts.js";
import { tilesThenWhole } from "./tile-geometry.js";
import { closestGrid, type Grid, gridsBetween, MOST_TILES } from "./tile-grid.js";

/** Its tokenizer names no more rows and columns. */
const LONGEST = 16;

/** Of wide pages that the usual number of tiles makes too small. */
interface DenseRule {
  readonly most: number;
  readonly scale: number;
  readonly leastAspect: number;
  readonly mostAspect: number;
}

function denseRule(reader: ConfigReader): DenseRule | undefined {
  const rule = {
    most: reader.number("dense_max_patches"),
    scale: reader.number("dense_max_scale"),
    leastAspect: reader.number("dense_min_aspect"),
    mostAspect: reader.number("dense_max_aspect"),
  };
  if (rule.most === 0 || (rule.scale <= 0 && rule.leastAspect <= 0)) return undefined;
  return { ...rule, most: reader.whole("dense_max_patches", MOST_TILES) };
}

function isDense({ width, height }: Size, tile: Size, { across }: Grid, rule: DenseRule): boolean {
  const aspect = width / height;
  if (rule.leastAspect > 0 && !(aspect > rule.leastAspect)) return false;
  if (rule.mostAspect > 0 && aspect > rule.mostAspect) return false;
  return rule.scale <= 0 || (across * tile.width) / width < rule.scale;
}

/** A grid with the closest aspect, then the whole image as one more tile, filled up to the most of a list. */
export function graniteDocling(reader: ConfigReader): ProcessorGeometry {
  const tile = reader.fixedSize();
  const least = reader.whole("min_patches", MOST_TILES);
  const most = reader.flag("crop_to_patches") ? reader.whole("max_patches", MOST_TILES) : 1;
  const dense = denseRule(reader);
  const tilings = new Map<
    number,
    { readonly cut: readonly Grid[]; readonly told: readonly Grid[] }
  >();
  for (const tiles of [most, dense?.most ?? most]) {
    const between = (fewest: number) =>
      gridsBetween(fewest, tiles).filter(({ across, down }) => Math.max(across, down) <= LONGEST);
    // where fewer tiles are allowed than are asked for, there they are told to be one
    const told = tiles === 1 ? [] : between(least);
    tilings.set(tiles, { cut: between(Math.min(least, tiles)), told });
  }
  const tilingOf = (tiles: number) => tilings.get(tiles) as { cut: Grid[]; told: Grid[] };
  const tilesOf = (image: Size): number => {
    if (most === 1 || dense === undefined) return most;
    const grid = closestGrid(image, tile, tilingOf(most).told);
    return isDense(image, tile, grid, dense) ? dense.most : most;
  };
  return picturesOf({
    unit: tileUnit(tile),
    rows: "list",
    picture(image) {
      const { cut, told } = tilingOf(tilesOf(image));
      const grid = closestGrid(image, tile, told);
      return {
        ...tilesThenWhole(tile, closestGrid(image, tile, cut)),
        facts: { rows: [grid.down], cols: [grid.across] },
      };
    },
    outputs: (prepared) => ({
      pixel_attention_mask: tileMask(prepared),
      ...(reader.flag("fine_route") ? { tile_fine_mask: allLists(prepared) } : {}),
      rows: factLists("rows")(prepared),
      cols: factLists("cols")(prepared),
    }),
  });
}

/** Which tiles of a list are an image's: [lists, tiles]. */
function tileMask({ pictures, lists, rowUnits }: PreparedPictures): PictureOutput {
  const data = new Uint8Array(lists.length * rowUnits);
  for (const [row, some] of perList(lists, pictures).entries()) {
    const tiles = some.reduce((sum, { units }) => sum + units, 0);
    data.fill(1, row * rowUnits, row * rowUnits + tiles);
  }
  return makeTensor("bool", data, [lists.length, rowUnits]);
}

/** [lists] */
function allLists({ lists }: PreparedPictures): PictureOutput {
  return makeTensor("bool", new Uint8Array(lists.length).fill(1), [lists.length]);
}
