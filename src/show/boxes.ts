import type { Size } from "../image/output-size.js";
import { isObject } from "../shared/validation.js";

/** What the four numbers of a box are: two corners; a corner and a size; the centre and a size. */
export type BoxFormat = "xyxy" | "xywh" | "cxcywh";

export const boxFormats = ["xyxy", "xywh", "cxcywh"] as const satisfies BoxFormat[];

/** A box in pixels of the original image. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** What is in it; "" where nothing says so. */
  readonly label: string;
}

type Four = readonly [number, number, number, number];

/** Boxes as a column has them. */
export interface RawBoxes {
  readonly column: string;
  readonly boxes: readonly Four[];
  readonly labels: readonly string[];
}

const BOXES = /box/i;
const LABELS = /^(categor|class|label|name)/i;

const isFour = (value: unknown): value is Four =>
  Array.isArray(value) && value.length === 4 && value.every((one) => Number.isFinite(one));

/** Boxes in a value: four numbers, or several times four; undefined where it is something else. */
function boxesIn(value: unknown): Four[] | undefined {
  if (isFour(value)) return [value];
  const isList = Array.isArray(value) && value.length > 0 && value.every(isFour);
  return isList ? [...value] : undefined;
}

/** Texts or numbers beside boxes, one for each. */
function labelsIn(value: object, count: number): string[] {
  const found = Object.entries(value).find(
    ([name, list]) => LABELS.test(name) && Array.isArray(list) && list.length === count,
  );
  return found === undefined ? [] : (found[1] as unknown[]).map(String);
}

/**
 * Boxes of a row: in columns whose names say so, four numbers or several times four; or in a column of objects, as the
 * hub's `objects: { bbox, category }`.
 *
 * @param columns the row's values: lists of numbers, and whatever JSON can say.
 * @param wanted columns that have boxes, whatever they are called.
 */
export function boxesOfRow(
  columns: ReadonlyMap<string, unknown>,
  wanted: readonly string[],
): RawBoxes[] {
  return [...columns].flatMap(([column, value]): RawBoxes[] => {
    const isNamed = BOXES.test(column) || wanted.includes(column);
    const own = isNamed ? boxesIn(value) : undefined;
    if (own !== undefined) {
      const named = columns.get("label");
      const label = own.length === 1 && typeof named === "string" ? [named] : [];
      return [{ column, boxes: own, labels: label }];
    }
    if (!isObject(value)) return [];
    const inside = Object.entries(value).find(([name]) => BOXES.test(name));
    const boxes = boxesIn(inside?.[1]);
    return boxes === undefined ? [] : [{ column, boxes, labels: labelsIn(value, boxes.length) }];
  });
}

/** A margin for what was rounded. */
const SLACK = 1.01;

/** Whether two corners lie in the right order within an image; numbers up to 1 are shares of its sides. */
function areCorners([left, top, right, bottom]: Four, { width, height }: Size): boolean {
  return right > left && bottom > top && right <= SLACK * width && bottom <= SLACK * height;
}

/**
 * What the numbers of a column are, found by what all of its boxes could be. Where they could be both, "bbox" is COCO's
 * word, for a corner and a size, and other names are of two corners, as in torchvision.
 */
export function guessedFormat(
  column: string,
  boxes: readonly { readonly box: Four; readonly size: Size }[],
): BoxFormat {
  if (!boxes.every(({ box, size }) => areCorners(box, size))) return "xywh";
  const fitsAsSize = boxes.every(
    ({ box: [left, top, width, height], size }) =>
      left + width <= SLACK * size.width && top + height <= SLACK * size.height,
  );
  return fitsAsSize && /bbox/i.test(column) ? "xywh" : "xyxy";
}

/** A box in pixels. Numbers that are all from 0 to 1 are shares of the image's sides. */
export function boxInPixels(box: Four, label: string, format: BoxFormat, size: Size): Box {
  const isShare = box.every((value) => value >= 0 && value <= 1);
  const [x, y, z, w] = isShare
    ? [box[0] * size.width, box[1] * size.height, box[2] * size.width, box[3] * size.height]
    : box;
  switch (format) {
    case "xyxy":
      return { left: x, top: y, width: z - x, height: w - y, label };
    case "xywh":
      return { left: x, top: y, width: z, height: w, label };
    case "cxcywh":
      return { left: x - z / 2, top: y - w / 2, width: z, height: w, label };
  }
}
