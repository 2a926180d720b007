import { unitBytes } from "./native-views.js";
import type { PictureBatch } from "./picture-batch.js";

/** Of an image its places in a layout and in another one, and how many units it has. */
export interface MovedPicture {
  readonly from: number;
  readonly to: number;
  readonly units: number;
}

/** Whether units have the same bytes in both layouts, so that images can be moved. */
export function haveSameUnits(one: PictureBatch, other: PictureBatch): boolean {
  const { width, height } = one.unitSize;
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
 * Moves images from their places in one layout to those in another, and makes zeros of what nothing is written into
 * beside them. Preconditions: haveSameUnits(); within one memory, areMovedDown().
 *
 * @param moved in rising order.
 */
export function movePictures(
  from: { readonly batch: PictureBatch; readonly memory: Uint8Array },
  to: { readonly batch: PictureBatch; readonly memory: Uint8Array },
  moved: readonly MovedPicture[],
): void {
  for (const image of moved) {
    const place = from.batch.places[image.from];
    const target = to.batch.places[image.to];
    if (place === undefined || target === undefined) continue;
    const bytes = image.units * unitBytes(place);
    to.memory.set(from.memory.subarray(place.offset, place.offset + bytes), target.offset);
  }
  for (const image of moved) {
    for (const [begin, end] of to.batch.zeros[image.to] ?? []) to.memory.fill(0, begin, end);
  }
}
