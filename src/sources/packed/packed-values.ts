import type { RawPixels } from "../../image/image-input.js";
import type { Size } from "../../image/output-size.js";
import type { StoredUnits } from "../../image/views/stored-pictures.js";
import { parseBoundedJson } from "../../shared/bounded-json.js";
import { isObject } from "../../shared/validation.js";
import { isNumberType } from "../column-types.js";
import { askForBytes } from "./asked-pages.js";
import type { PackedPair } from "./is-packed.js";
import type { PackedColumn } from "./pack-format.js";
import type { Lists, PackedPictureRows, PackedRows, PackedValues } from "./packed-rows.js";

const listAt = ({ offsets }: { offsets: Int32Array }, i: number): [number, number] => [
  offsets[i] as number,
  offsets[i + 1] as number,
];

export const stringAt = (lists: Lists<Buffer>, i: number): string =>
  lists.values.toString("utf8", ...listAt(lists, i));

const tokensAt = (lists: Lists<Int32Array>, i: number): Int32Array =>
  lists.values.subarray(...listAt(lists, i));

/** The image of a row, where it lies in the file. */
export function imageAt(planes: Uint8Array, row: number, { width, height }: Size): RawPixels {
  const bytes = 3 * width * height;
  const data = planes.subarray(row * bytes, (row + 1) * bytes);
  return { data, width, height, channels: 3, layout: "chw" };
}

/** What the images of a row were taken apart into, where it lies in the file. */
export function picturesAt(images: PackedPictureRows, row: number): StoredUnits[] {
  const [first, end] = listAt({ offsets: images.rows }, row);
  const { bytes, shapes, sizes } = images;
  return Array.from({ length: end - first }, (_, i) => {
    const image = first + i;
    const [units, height, width] = shapes.subarray(4 * image) as unknown as [
      number,
      number,
      number,
    ];
    const [ownHeight, ownWidth] = sizes.subarray(2 * image) as unknown as [number, number];
    return {
      data: bytes.values.subarray(...listAt(bytes, image)),
      units,
      unit: { width, height },
      size: { width: ownWidth, height: ownHeight },
    };
  });
}

/** The text of a row, or its texts where it has several. */
export function textsAt({ texts: rows }: PackedRows, row: number): string | string[] {
  if (rows?.texts == null) return "";
  const { texts, several } = rows;
  if (several === null) return stringAt(texts, row);
  const [first, end] = listAt({ offsets: several }, row);
  return Array.from({ length: end - first }, (_, i) => stringAt(texts, first + i));
}

/** Tokens of each of a row's texts. */
export function tokenIdsAt({ texts: rows }: PackedRows, row: number): Int32Array[] {
  if (rows === null) return [];
  const { tokens, several } = rows;
  if (several === null) return [tokensAt(tokens, row)];
  const [first, end] = listAt({ offsets: several }, row);
  return Array.from({ length: end - first }, (_, i) => tokensAt(tokens, first + i));
}

/** Numbers of a row's tokens, by the names of their columns. */
export function tokenNumbersAt(
  { tokenColumns }: PackedRows,
  row: number,
  names: readonly string[],
): Readonly<Record<string, Int32Array>> {
  return Object.fromEntries(
    tokenColumns.map((lists, place) => [names[place] as string, tokensAt(lists, row)]),
  );
}

/**
 * A row's value of a column: a number; numbers where they lie in the file; a string; what JSON says.
 *
 * @throws {SyntaxError} where JSON is none.
 */
export function valueAt(values: PackedValues, row: number, column: PackedColumn): unknown {
  const { type, shape, size } = column;
  if (!isNumberType(type)) {
    const text = stringAt(values as Lists<Buffer>, row);
    return type === "json" ? parseBoundedJson(text) : text;
  }
  const numbers = values as Exclude<PackedValues, Lists<Buffer>>;
  if (shape.length > 0) return numbers.subarray(row * size, (row + 1) * size);
  const number = numbers[row] as number | bigint;
  // as sources of other kinds have them
  return Number.isSafeInteger(Number(number)) ? Number(number) : number;
}

/**
 * A pair whose images and numbers are in memory of their own.
 *
 * @param isMapped whether they are in a file that is mapped, which is asked for them.
 */
export function copyOf(pair: PackedPair, isMapped: boolean): PackedPair {
  return copied(pair, isMapped) as PackedPair;
}

function copied(value: unknown, isMapped: boolean): unknown {
  if (value instanceof Uint8Array) {
    if (isMapped) askForBytes(value);
    return new Uint8Array(value); // a Buffer's slice() is no copy
  }
  if (ArrayBuffer.isView(value)) return (value as Int32Array).slice();
  if (Array.isArray(value)) return value.map((one) => copied(one, isMapped));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, copied(inner, isMapped)]),
  );
}
