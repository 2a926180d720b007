import type { NativeRandom } from "../native/addon.js";
import { closeGaps } from "../shared/close-gaps.js";
import { makeTensor, reshaped } from "../shared/make-tensor.js";
import type { Tensor } from "../shared/tensor.js";
import type { AugmentationConfig } from "./augmentation.js";
import { type ImageOperation, OPERATION_NUMBERS, operationsOf } from "./image-operation.js";
import { mostOperations } from "./native-operations.js";
import type { MixedRow } from "./row-mixing.js";

/** What was drawn for images. */
export interface DrawnAugmentation extends Tensor<"int32"> {
  /**
   * What was done to each image after its crop and flip, in this order; with `maxImages`, of each image of each row.
   * Not there where the options have no such operations.
   */
  readonly operations?: readonly (readonly ImageOperation[])[];
  /**
   * What was drawn for the images in the dataset's columns of images, by the columns' names: of those that have
   * augmentation. Not there where none has. Where the rows' own images have none, their numbers are zeros.
   */
  readonly columns?: Readonly<Record<string, DrawnAugmentation>>;
  /** What each row was mixed with. Not there without mixUp and cutMix. */
  readonly mixed?: readonly MixedRow[];
}

/** Room for what is drawn for images, a slot for each. */
export type DrawnRoom = Pick<NativeRandom, "drawn" | "operations">;

/** Numbers of a place: top, left, height, width and flip. */
export const PLACE_NUMBERS = 5;

export function drawnRoom(config: AugmentationConfig, slots: number): DrawnRoom {
  const most = mostOperations(config.operations);
  return {
    drawn: new Int32Array(slots * PLACE_NUMBERS),
    operations: most === 0 ? null : new Float64Array(slots * most * OPERATION_NUMBERS),
  };
}

/** Numbers of the operations of a slot. */
function operationNumbers({ drawn, operations }: DrawnRoom): number {
  return ((operations?.length ?? 0) / drawn.length) * PLACE_NUMBERS;
}

/** The slots from `first` to before `end`. */
export function drawnPart(room: DrawnRoom, first: number, end: number): DrawnRoom {
  const numbers = operationNumbers(room);
  return {
    drawn: room.drawn.subarray(first * PLACE_NUMBERS, end * PLACE_NUMBERS),
    operations: room.operations?.subarray(first * numbers, end * numbers) ?? null,
  };
}

/** Makes slots empty. */
export function clearDrawn(room: DrawnRoom): void {
  room.drawn.fill(0);
  room.operations?.fill(0);
}

/** Moves the rows that are kept to the front; each has as many slots. */
export function keepDrawn(room: DrawnRoom, rowSlots: number, kept: readonly number[]): void {
  closeGaps(room.drawn, rowSlots * PLACE_NUMBERS, kept);
  if (room.operations !== null) {
    closeGaps(room.operations, rowSlots * operationNumbers(room), kept);
  }
}

const slotsOf = (dims: readonly number[]) => dims.reduce((product, one) => product * one, 1);

/** Of images that nothing is drawn for. */
export function nothingDrawn(dims: readonly number[]): DrawnAugmentation {
  return makeTensor("int32", new Int32Array(slotsOf(dims) * PLACE_NUMBERS), [
    ...dims,
    PLACE_NUMBERS,
  ]);
}

/** What was drawn for the only row that there is, without the batch's axis. */
export function drawnForOne(drawn: DrawnAugmentation): DrawnAugmentation {
  const { operations, columns = {} } = drawn;
  const ofColumns = Object.entries(columns).map(([name, own]) => [name, drawnForOne(own)] as const);
  return Object.assign(
    reshaped(drawn, drawn.dims.slice(1)),
    operations && { operations },
    ofColumns.length > 0 && { columns: Object.fromEntries(ofColumns) },
  );
}

/** The first slots, as many as `dims` says, for people to read. */
export function drawnAugmentation(room: DrawnRoom, dims: readonly number[]): DrawnAugmentation {
  const slots = slotsOf(dims);
  const { drawn, operations } = drawnPart(room, 0, slots);
  const places = makeTensor("int32", drawn, [...dims, PLACE_NUMBERS]);
  if (operations === null) return places;
  return Object.assign(places, {
    operations: Array.from({ length: slots }, (_, slot) =>
      operationsOf(drawnPart(room, slot, slot + 1).operations as Float64Array),
    ),
  });
}
