import { Field, FixedSizeList, Int32, Int64, List, Uint8, Utf8 } from "apache-arrow";
import type { Size } from "../../image/output-size.js";

/** Types of a pack's columns; nothing in them is ever null. */

export const tokenRow = new List(new Field("item", new Int32(), false));
export const tokenRows = new List(new Field("item", tokenRow, false));
export const textList = new List(new Field("item", new Utf8(), false));

/** Three planes of bytes. */
export function imageType({ width, height }: Size): FixedSizeList<Uint8> {
  return new FixedSizeList(3 * width * height, new Field("item", new Uint8(), false));
}

export function packColumns(size: Size, several: boolean): Field[] {
  const shape = new Map([["shape", JSON.stringify([3, size.height, size.width])]]);
  return [
    new Field("image", imageType(size), false, shape),
    new Field("input_ids", several ? tokenRows : tokenRow, false),
    new Field("text", several ? textList : new Utf8(), false),
    new Field("id", new Utf8(), false),
    new Field("index", new Int64(), false),
  ];
}
