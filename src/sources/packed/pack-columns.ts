import {
  type DataType,
  Field,
  FixedSizeList,
  Float32,
  Int32,
  Int64,
  List,
  Uint8,
  Utf8,
} from "apache-arrow";
import type { Size } from "../../image/output-size.js";
import { isNumberType, type NumberColumnType } from "../column-types.js";
import type { PackConfig, PackedColumn, PackedPictures } from "./pack-format.js";

/** Types of a pack's columns; nothing in them is ever null. */

export const tokenRow = new List(new Field("item", new Int32(), false));
export const tokenRows = new List(new Field("item", tokenRow, false));
/** Bytes of each image of a row. */
export const byteList = new List(new Field("item", new Uint8(), false));
export const byteLists = new List(new Field("item", byteList, false));
export const textList = new List(new Field("item", new Utf8(), false));

const numberTypes = {
  float32: new Float32(),
  int64: new Int64(),
  int32: new Int32(),
  uint8: new Uint8(),
} satisfies Record<NumberColumnType, DataType>;

export function numberType(type: NumberColumnType): DataType {
  return numberTypes[type];
}

/** Of an image: planes of red, green and blue. */
export function imageShape({ width, height }: Size): readonly [3, number, number] {
  return [3, height, width];
}

type Format = PackConfig["format"];

/** Axes that arrays of Hugging Face's `datasets` may have, Array2D to Array5D. */
export const MOST_AXES = 5;

/** Whether numbers of a shape are an array of `datasets`: lists in lists. Format 1 has none. */
export function isArray(shape: readonly number[], format: Format): boolean {
  return format > 1 && shape.length > 1 && shape.length <= MOST_AXES;
}

/** A list in an array, as `datasets` has them. */
export function listOf(type: DataType): List {
  return new List(new Field("item", type, true));
}

/** Of numbers: one a row, or those of a shape, in row-major order. */
export function numbersType(
  type: NumberColumnType,
  shape: readonly number[],
  format: Format,
): DataType {
  const element = numberType(type);
  if (shape.length === 0) return element;
  if (isArray(shape, format)) return shape.reduce<DataType>(listOf, element);
  const size = shape.reduce((product, length) => product * length, 1);
  return new FixedSizeList(size, new Field("item", element, false));
}

/** What says that a column is an array: Arrow has extension types, and these are the names of `datasets`. */
function arrayMetadata(type: NumberColumnType, shape: readonly number[]): [string, string][] {
  return [
    ["ARROW:extension:name", `datasets.features.features.Array${shape.length}DExtensionType`],
    ["ARROW:extension:metadata", JSON.stringify([shape, type])],
  ];
}

function shapeMetadata(
  type: NumberColumnType,
  shape: readonly number[],
  format: Format,
): [string, string][] {
  if (shape.length === 0) return [];
  const array = isArray(shape, format) ? arrayMetadata(type, shape) : [];
  return [["shape", JSON.stringify(shape)], ...array];
}

const ownNames = ["image", "input_ids", "text", "id", "index"];
/** Of images that are taken apart: beside their bytes, shapes and sizes, and what their class says of them. */
const pictureNames = ({ facts }: PackedPictures) => ["image_shape", "image_size", ...facts];
const PREFIX = "columns.";

/** What a column of the source is called in the files: by its name, where that is not one of the pack's own. */
function fieldName(name: string, { pictures, conversations }: PackConfig): string {
  const isOwn =
    ownNames.includes(name) ||
    (pictures !== null && pictureNames(pictures).includes(name)) ||
    conversations?.tokens.includes(name) === true;
  return isOwn || name.startsWith(PREFIX) ? PREFIX + name : name;
}

function columnField({ name, type, shape, classes }: PackedColumn, config: PackConfig): Field {
  const { format } = config;
  const isNumber = isNumberType(type);
  const metadata = new Map(isNumber ? shapeMetadata(type, shape, format) : []);
  if (type === "json") metadata.set("type", "json");
  if (classes !== null) metadata.set("classes", JSON.stringify(classes));
  const arrowType = isNumber ? numbersType(type, shape, format) : new Utf8();
  return new Field(fieldName(name, config), arrowType, false, metadata);
}

function imageField(
  name: string,
  size: Size,
  format: Format,
  metadata: readonly (readonly [string, string])[] = [],
): Field {
  const shape = imageShape(size);
  const entries = new Map([...shapeMetadata("uint8", shape, format), ...metadata]);
  return new Field(name, numbersType("uint8", shape, format), false, entries);
}

/** Whether there are texts, and not tokens alone or none of both. */
export function hasTextField({ text, conversations }: PackConfig): boolean {
  if (conversations !== null) return true;
  return text !== null && (text.ready === null || text.ready.column === null);
}

/** Those of the pack, without `input_ids` and `text` in a set without texts; then those of the source, images last. */
export function packFields(config: PackConfig): Field[] {
  const { format, size, pictures, conversations, text, columns, imageColumns } = config;
  const images =
    pictures !== null
      ? [
          new Field("image", byteLists, false),
          ...pictureNames(pictures).map((name) => new Field(name, tokenRows, false)),
        ]
      : [imageField("image", size as Size, format)];
  const ids = new Field("input_ids", text?.several ? tokenRows : tokenRow, false);
  const texts = new Field("text", text?.several ? textList : new Utf8(), false);
  return [
    ...images,
    ...(text === null ? [] : [ids]),
    ...(conversations?.tokens ?? []).map((name) => new Field(name, tokenRow, false)),
    ...(hasTextField(config) ? [texts] : []),
    new Field("id", new Utf8(), false),
    new Field("index", new Int64(), false),
    ...columns.map((column) => columnField(column, config)),
    ...imageColumns.map(({ name, size }) =>
      imageField(fieldName(name, config), size, format, [["type", "image"]]),
    ),
  ];
}
