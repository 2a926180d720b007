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
  readonly unit: Pick<UnitLayout, "layout" | "copies" | "repeats" | "sideBySide">;
  /** Units of its row. */
  readonly rowUnits: number;
}

/** Strides in elements. */
function stridesOf({ size: { width, height }, unit, rowUnits }: UnitPlace) {
  const { layout, copies, repeats = 1, sideBySide = false } = unit;
  if (sideBySide) {
    const row = width * rowUnits;
    return { row, plane: row * height, cell: width };
  }
  return layout === "hwc"
    ? { row: 3 * width, plane: 0, cell: 3 * repeats * width * height }
    : { row: width, plane: width * height, cell: 3 * copies * repeats * width * height };
}

/** Bytes of a unit. */
export function unitBytes({ size, elementBytes, unit }: UnitPlace): number {
  return 3 * unit.copies * (unit.repeats ?? 1) * size.width * size.height * elementBytes;
}

/** Bytes from a unit's first number to that of the next one. */
export function unitStep(place: UnitPlace): number {
  return stridesOf(place).cell * place.elementBytes;
}

/** A view of the addon: one that is stored, once. */
interface StoredView {
  readonly view: View;
  /** Which one of the unit's repeats it is. */
  readonly repeat: number;
}

/** Those that are stored several times are kept, and stored from there. Precondition: no view of these is cubic. */
function storedViews(views: readonly View[], repeats: number): StoredView[] {
  if (repeats === 1) return views.map((view) => ({ view, repeat: 0 }));
  const stored: StoredView[] = [];
  const places: number[] = [];
  for (const { cells, ...view } of views) {
    const place = stored.length;
    const from = view.from === undefined ? {} : { from: places[view.from] as number };
    places.push(place);
    stored.push({ view: { ...view, ...from }, repeat: 0 });
    if (cells === undefined) continue;
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      stored.push({ view: { from: place, to: viewSize(view), cells }, repeat });
    }
  }
  return stored;
}

/** The numbers of native/addon/view_arguments.cpp. */
function numbersOf({ view, repeat }: StoredView, place: UnitPlace): number[] {
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
  const bytes = unitStep(place);
  return [
    ...inFront,
    place.offset + (cells.first ?? 0) * bytes + (repeat * bytes) / (place.unit.repeats ?? 1),
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
  const stored = storedViews(views, place.unit.repeats ?? 1);
  return {
    views: Float64Array.from(stored.flatMap((view) => numbersOf(view, place))),
    zeros: Float64Array.from(zeros.flat()),
  };
}
