import { InvalidArgumentError } from "commander";
import type { ColumnOptions } from "../dataset/batch-columns.js";
import type { ColumnType } from "../sources/column-types.js";
import { repeatedName } from "./repeated-name.js";

/** Commas that stand between columns, and not between the lengths of a shape. */
const COMMA = /,(?![^[]*\])/;
const COLUMN = /^\s*(.+):\s*(\w+)\s*(?:\[([\d,\s]+)\])?\s*$/;

/** "auto", or columns with their types: "label:int64,box:float32[4]". Types are read with the dataset's options. */
export function parseColumns(value: string): ColumnOptions {
  if (value === "auto") return value;
  const columns = value.split(COMMA).map((text) => {
    const [, name, type, shape] = COLUMN.exec(text) ?? [];
    if (name === undefined) {
      throw new InvalidArgumentError('Expected auto, or such as "label:int64,box:float32[4]".');
    }
    return [
      name,
      shape === undefined ? type : { type, shape: shape.split(",").map(Number) },
    ] as const;
  });
  const twice = repeatedName(columns);
  if (twice !== undefined) throw new InvalidArgumentError(`${twice} is given twice.`);
  return Object.fromEntries(columns) as Record<string, ColumnType>;
}
