import { PixtokError } from "../../shared/errors.js";
import type { Size } from "../output-size.js";
import type { PictureGeometry } from "../picture-geometry.js";
import { type Picture, viewSize } from "../view.js";
import { impossibleView, type UnitPlace, unfilledUnits, unitBytes } from "./native-views.js";

/** Where the units of a call's images are in its memory. */
export interface PictureBatch {
  readonly bytes: number;
  readonly dims: number[];
  readonly unitSize: Size;
  readonly rowUnits: number;
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
  return rows === "image" ? new Array(images).fill(1) : lists;
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
  const start: UnitPlace = { offset: 0, size: unitSize, elementBytes, unit };
  const bytesOfUnit = unitBytes(start);
  const rows = rowsOf(geometry, lists);
  const unitsOf = (first: number, count: number) =>
    pictures.slice(first, first + count).reduce((sum, { units }) => sum + units, 0);
  const firsts = rows.map((_, row) => rows.slice(0, row).reduce((sum, count) => sum + count, 0));
  const used = rows.map((count, row) => unitsOf(firsts[row] as number, count));
  const rowUnits = Math.max(...used);
  const places: UnitPlace[] = [];
  const zeros: [number, number][][] = pictures.map(() => []);
  for (const [row, count] of rows.entries()) {
    const first = firsts[row] as number;
    let next = row * rowUnits;
    for (const [i, picture] of pictures.slice(first, first + count).entries()) {
      places.push({ ...start, offset: next * bytesOfUnit });
      for (const empty of unfilledUnits(picture, unitSize)) {
        addZeros(zeros[first + i] as [number, number][], next + empty, bytesOfUnit);
      }
      next += picture.units;
    }
    // an empty list has no image of its own
    const filler = zeros[Math.min(first, pictures.length - 1)] as [number, number][];
    for (; next < (row + 1) * rowUnits; next += 1) addZeros(filler, next, bytesOfUnit);
  }
  const counted = group === 1 ? [rowUnits] : [rowUnits / group, group];
  const outer = geometry.rows === "none" ? counted : [rows.length, ...counted];
  return {
    bytes: rows.length * rowUnits * bytesOfUnit,
    dims: [...outer, ...unit.dims(unitSize)],
    unitSize,
    rowUnits,
    places,
    zeros,
  };
}

/** Adds a unit, as a part of what is in front of it where it follows that. */
function addZeros(zeros: [number, number][], unit: number, bytes: number): void {
  const last = zeros.at(-1);
  if (last !== undefined && last[1] === unit * bytes) last[1] += bytes;
  else zeros.push([unit * bytes, (unit + 1) * bytes]);
}
