import { type UnitPlace, unitBytes } from "./native-views.js";
import type { PictureBatch } from "./picture-batch.js";

/** Of an image its places in a layout and in another one, and how many units it has. */
export interface MovedPicture {
  readonly from: number;
  readonly to: number;
  readonly units: number;
}

/** Whether units have the same bytes in both layouts, each in memory of its own, so that images can be moved. */
export function haveSameUnits(one: PictureBatch, other: PictureBatch): boolean {
  const { width, height } = one.unitSize;
  if (one.sideBySide || other.sideBySide) return false;
  return width === other.unitSize.width && height === other.unitSize.height;
}

/** Whether all images can stay in their memory: none is moved up, and nothing is larger. */
export function areMovedDown(
  from: PictureBatch,
  to: PictureBatch,
  moved: readonly MovedPicture[],
): boolean {
  const offset = (batch: PictureBatch, image: number) => batch.places[image]?.offset as number;
  return (
    to.bytes <= from.bytes && moved.every((one) => offset(to, one.to) <= offset(from, one.from))
  );
}

/**
 * Moves images from their places in one layout to those in another, with the zeros between their units, and makes zeros
 * of what fills up their rows. Preconditions: haveSameUnits(); within one memory, areMovedDown().
 *
 * @param moved in rising order.
 */
export function movePictures(
  from: { readonly batch: PictureBatch; readonly memory: Uint8Array },
  to: { readonly batch: PictureBatch; readonly memory: Uint8Array },
  moved: readonly MovedPicture[],
): void {
  const blocks = moved.map(({ from: source, to: target, units }) => {
    const place = from.batch.places[source] as UnitPlace;
    const { offset } = to.batch.places[target] as UnitPlace;
    const bytes = units * unitBytes(place);
    to.memory.set(from.memory.subarray(place.offset, place.offset + bytes), offset);
    return { target, begin: offset, end: offset + bytes };
  });
  for (const { target, begin, end } of blocks) {
    for (const [first, last] of to.batch.zeros[target] ?? []) {
      // those between its own units have come with it
      if (first < begin || last > end) to.memory.fill(0, first, last);
    }
  }
}
