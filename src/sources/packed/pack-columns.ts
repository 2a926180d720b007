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
import type { PackConfig, PackedColumn, PackedImageColumn } from "./pack-format.js";

/** Types of a pack's columns; nothing in them is ever null. */

export const tokenRow = new List(new Field("item", new Int32(), false));
export const tokenRows = new List(new Field("item", tokenRow, false));
export const textList = new List(new Field("item", new Utf8(), false));

const numberTypes = {
  float32: new Float32(),
  int64: new Int64(),
  int32: new Int32(),
  uint8: new Uint8(),
} satisfies Record<NumberColumnType, DataType>;

/** Three planes of bytes. */
export function imageType({ width, height }: Size): FixedSizeList<Uint8> {
  return new FixedSizeList(3 * width * height, new Field("item", new Uint8(), false));
}

export function numberType(type: NumberColumnType): DataType {
  return numberTypes[type];
}

/** Of a column of the source: a number a row, or a list of as many as its shape has; else a string. */
export function columnType({ type, shape, size }: PackedColumn): DataType {
  if (!isNumberType(type)) return new Utf8();
  if (shape.length === 0) return numberType(type);
  return new FixedSizeList(size, new Field("item", numberType(type), false));
}

const ownNames = ["image", "input_ids", "text", "id", "index"];
const PREFIX = "columns.";

/** What a column of the source is called in the files: by its name, where that is not one of the pack's own. */
function fieldName(name: string): string {
  return ownNames.includes(name) || name.startsWith(PREFIX) ? PREFIX + name : name;
}

function columnField(column: PackedColumn): Field {
  const { name, type, shape, classes } = column;
  const metadata = new Map<string, string>();
  if (shape.length > 0) metadata.set("shape", JSON.stringify(shape));
  if (type === "json") metadata.set("type", "json");
  if (classes !== null) metadata.set("classes", JSON.stringify(classes));
  return new Field(fieldName(name), columnType(column), false, metadata);
}

const shapeOf = ({ width, height }: Size) => ["shape", JSON.stringify([3, height, width])] as const;

function imageColumnField({ name, size }: PackedImageColumn): Field {
  const metadata = new Map([shapeOf(size), ["type", "image"]]);
  return new Field(fieldName(name), imageType(size), false, metadata);
}

/** Whether there are texts, and not tokens alone or none of both. */
export function hasTextField({ text }: PackConfig): boolean {
  return text !== null && (text.ready === null || text.ready.column === null);
}

/** Those of the pack, without `input_ids` and `text` in a set without texts; then those of the source, images last. */
export function packFields(config: PackConfig): Field[] {
  const { size, text, columns, imageColumns } = config;
  const ids = new Field("input_ids", text?.several ? tokenRows : tokenRow, false);
  const texts = new Field("text", text?.several ? textList : new Utf8(), false);
  return [
    new Field("image", imageType(size), false, new Map([shapeOf(size)])),
    ...(text === null ? [] : [ids]),
    ...(hasTextField(config) ? [texts] : []),
    new Field("id", new Utf8(), false),
    new Field("index", new Int64(), false),
    ...columns.map(columnField),
    ...imageColumns.map(imageColumnField),
  ];
}
