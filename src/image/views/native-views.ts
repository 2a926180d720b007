import type { NativeViews } from "../../native/addon.js";
import { MAX_SIDE } from "../image-side.js";
import type { Size } from "../output-size.js";
import { type Picture, type UnitLayout, type View, viewSize } from "../view.js";

/** Where a picture's units are, and how. */
export interface UnitPlace {
  /** Where the first of them begins, in bytes. */
  readonly offset: number;
  /** Size of a unit in memory. */
  readonly size: Size;
  readonly elementBytes: number;
  readonly unit: Pick<UnitLayout, "layout" | "copies">;
}

/** Strides in elements. */
function stridesOf({ size: { width, height }, unit: { layout, copies } }: UnitPlace) {
  return layout === "hwc"
    ? { row: 3 * width, plane: 0, cell: 3 * width * height }
    : { row: width, plane: width * height, cell: 3 * copies * width * height };
}

export function unitBytes(place: UnitPlace): number {
  return stridesOf(place).cell * place.elementBytes;
}

/** The numbers of native/addon/view_arguments.cpp. */
function numbersOf(view: View, place: UnitPlace): number[] {
  const { from = -1, crop, to, frame, cells } = view;
  const { left, top, width, height } = crop ?? { left: 0, top: 0, width: 0, height: 0 };
  const size = viewSize(view);
  const inFront = [
    ...[from, left, top, width, height, to.width, to.height],
    ...[-(frame?.left ?? 0), -(frame?.top ?? 0), ...(frame?.fill ?? [0, 0, 0])],
    ...[size.width, size.height],
  ];
  if (cells === undefined) return [...inFront, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const strides = stridesOf(place);
  return [
    ...inFront,
    place.offset + (cells.first ?? 0) * unitBytes(place),
    ...[cells.size.width, cells.size.height],
    ...[size.width / cells.size.width, size.height / cells.size.height],
    ...[cells.block ?? 1, place.unit.copies],
    ...[strides.row, strides.plane, strides.cell],
    view.cubic === true ? 1 : 0,
  ];
}

/** Whether the addon can make it: sides are whole numbers from 1 to its limit. */
function isPossible(view: View): boolean {
  const sides = [view.to, viewSize(view), view.crop ?? view.to];
  return sides.every(({ width, height }) =>
    [width, height].every((side) => Number.isInteger(side) && side >= 1 && side <= MAX_SIDE),
  );
}

/** A view of a picture that cannot be made; undefined: there is none. */
export function impossibleView({ views }: Picture): View | undefined {
  return views.find((view) => !isPossible(view));
}

type Range = readonly [begin: number, end: number];

/** Where units begin and end that no view fills, or that a view fills in part. */
export function unfilledUnits({ views, units }: Picture, size: Size): Range[] {
  const filled = views.flatMap((view): Range[] => {
    const { cells } = view;
    if (cells?.size.width !== size.width || cells.size.height !== size.height) return [];
    const { width, height } = viewSize(view);
    const { first = 0 } = cells;
    return [[first, first + (width / size.width) * (height / size.height)]];
  });
  filled.sort(([one], [other]) => one - other);
  const gaps: Range[] = [];
  let next = 0;
  for (const [begin, end] of [...filled, [units, units] as const]) {
    if (begin > next) gaps.push([next, begin]);
    next = Math.max(next, end);
  }
  return gaps;
}

/**
 * A picture's views for the addon.
 *
 * @param zeros where bytes that no view writes begin and end.
 */
export function nativeViews(
  { views }: Picture,
  place: UnitPlace,
  zeros: readonly Range[],
): NativeViews {
  return {
    views: Float64Array.from(views.flatMap((view) => numbersOf(view, place))),
    zeros: Float64Array.from(zeros.flat()),
  };
}
