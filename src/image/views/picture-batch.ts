import { PixtokError } from "../../shared/errors.js";
import type { Size } from "../output-size.js";
import type { PictureGeometry } from "../picture-geometry.js";
import { type Picture, viewSize } from "../view.js";
import {
  impossibleView,
  type UnitPlace,
  unfilledUnits,
  unitBytes,
  unitStep,
} from "./native-views.js";

/** Where the units of a call's images are in its memory. */
export interface PictureBatch {
  readonly bytes: number;
  readonly dims: number[];
  readonly unitSize: Size;
  readonly rowUnits: number;
  /** Whether units are columns of one image: none stands in memory of its own. */
  readonly sideBySide: boolean;
  /** Of each image. */
  readonly places: readonly UnitPlace[];
  /** Of each image: bytes that are zeros, where they begin and end. */
  readonly zeros: readonly (readonly (readonly [begin: number, end: number])[])[];
}

/** @throws {PixtokError} DOES_NOT_FIT for an image that nothing is left of, or that is too large a canvas. */
export function requirePossible(picture: Picture, maxPixels: number): void {
  const impossible = impossibleView(picture);
  if (impossible !== undefined) {
    const { to, crop = to } = impossible;
    const side = (one: number) => (Number.isInteger(one) ? String(one) : "?");
    const shown = [crop, to].map(({ width, height }) => `${side(width)} x ${side(height)}`);
    throw new PixtokError(
      "DOES_NOT_FIT",
      `nothing of it is left, or too much: a part of ${shown[0]} would become ${shown[1]}`,
    );
  }
  for (const view of picture.views) {
    const { width, height } = viewSize(view);
    if (width * height <= maxPixels) continue;
    const what = `it becomes ${width} x ${height} pixels on its way, more than maxPixels = ${maxPixels}`;
    throw new PixtokError("TOO_MANY_PIXELS", what);
  }
}

/** Size of all units. */
function commonSize(pictures: readonly Picture[], { unit }: PictureGeometry): Size {
  if (typeof unit.size === "object") return unit.size;
  const sizes = pictures.flatMap(({ views }, index) =>
    views.flatMap(({ cells }) => (cells === undefined ? [] : [{ ...cells.size, index }])),
  );
  const [first] = sizes;
  const other = sizes.find((size) => size.width !== first?.width || size.height !== first.height);
  if (unit.size === "same" && other !== undefined) {
    const what = `it becomes ${other.width} x ${other.height}, and the first image ${first?.width} x ${first?.height}: process them one at a time`;
    throw new PixtokError("DOES_NOT_FIT", what, { index: other.index });
  }
  const width = Math.max(...sizes.map((size) => size.width));
  const height = Math.max(...sizes.map((size) => size.height));
  return { width, height };
}

/** How many images each row of the output is of. */
function rowsOf({ rows }: PictureGeometry, lists: readonly number[]): readonly number[] {
  const images = lists.reduce((sum, length) => sum + length, 0);
  if (rows === "none") return [images];
  return rows === "list" ? lists : new Array(images).fill(1);
}

/** @throws {PixtokError} DOES_NOT_FIT */
function requireAlike(pictures: readonly Picture[]): void {
  const first = pictures[0]?.units;
  const index = pictures.findIndex(({ units }) => units !== first);
  if (index < 0) return;
  const what = `it becomes ${pictures[index]?.units} tiles, and the first image ${first}: process them one at a time`;
  throw new PixtokError("DOES_NOT_FIT", what, { index });
}

/** @throws {PixtokError} DOES_NOT_FIT */
export function layOut(
  pictures: readonly Picture[],
  lists: readonly number[],
  geometry: PictureGeometry,
  elementBytes: number,
): PictureBatch {
  const { unit, group = 1 } = geometry;
  const unitSize = commonSize(pictures, geometry);
  if (geometry.rows === "alike") requireAlike(pictures);
  const rows = rowsOf(geometry, lists);
  let next = 0;
  const byRow = rows.map((count) => {
    next += count;
    return pictures.slice(next - count, next);
  });
  const rowUnits = Math.max(...byRow.map(unitsOf));
  const start: UnitPlace = { offset: 0, size: unitSize, elementBytes, unit, rowUnits };
  const bytesOfUnit = unitBytes(start);
  const places: UnitPlace[] = [];
  const zeros: [number, number][][] = pictures.map(() => []);
  for (const [row, some] of byRow.entries()) {
    let unitsBefore = row * rowUnits;
    for (const picture of some) {
      const own = zeros[places.length] as [number, number][];
      for (const [begin, end] of unfilledUnits(picture, unitSize)) {
        own.push([(unitsBefore + begin) * bytesOfUnit, (unitsBefore + end) * bytesOfUnit]);
      }
      places.push({ ...start, offset: unitsBefore * unitStep(start) });
      unitsBefore += picture.units;
    }
    // what fills up a row is with an image of it; an empty one has none
    const filler = zeros[Math.max(0, places.length - 1)] as [number, number][];
    const end = (row + 1) * rowUnits;
    if (end > unitsBefore) filler.push([unitsBefore * bytesOfUnit, end * bytesOfUnit]);
  }
  const counted = group === 1 ? [rowUnits] : [rowUnits / group, group];
  const outer = geometry.rows === "none" ? counted : [rows.length, ...counted];
  return {
    bytes: rows.length * rowUnits * bytesOfUnit,
    dims: [...(unit.sideBySide === true ? [] : outer), ...unit.dims(unitSize, rowUnits)],
    sideBySide: unit.sideBySide === true,
    unitSize,
    rowUnits,
    places,
    zeros,
  };
}

function unitsOf(pictures: readonly Picture[]): number {
  return pictures.reduce((sum, { units }) => sum + units, 0);
}
