import { stackColumns } from "../dataset/batch-columns.js";
import type { ColumnValue } from "../dataset/column-values.js";
import type { SampleOrigin } from "../shared/errors.js";
import { PixtokError } from "../shared/errors.js";
import { exactJson, NoExactJson } from "../shared/exact-json.js";
import { isWellFormed } from "../shared/well-formed.js";
import { type ColumnConfig, isNumberType } from "../sources/column-types.js";
import type { RowsToPack } from "../sources/packed/record-batch.js";

/**
 * A row's values as they are stored: JSON as text.
 *
 * @throws {PixtokError} INVALID_COLUMN for what would not be the same when it is read.
 */
export function valuesToPack(
  columns: readonly ColumnConfig[],
  values: readonly ColumnValue[],
  where: SampleOrigin,
): readonly ColumnValue[] {
  return columns.map(({ name, type }, place) => {
    const value = values[place];
    if (isNumberType(type)) return value;
    try {
      const text = type === "json" ? exactJson(value) : (value as string);
      if (isWellFormed(text)) return text;
      throw new NoExactJson("expected a text that UTF-8 can hold, got half of a surrogate pair");
    } catch (cause) {
      if (!(cause instanceof NoExactJson)) throw cause;
      throw new PixtokError("INVALID_COLUMN", `${name}, to be packed: ${cause.message}`, where);
    }
  });
}

/** @param rows as valuesToPack() gives them. */
export function columnsToPack(
  columns: readonly ColumnConfig[],
  rows: readonly (readonly ColumnValue[])[],
): RowsToPack["columns"] {
  const asStored = columns.map(
    (column): ColumnConfig => (column.type === "json" ? { ...column, type: "string" } : column),
  );
  const stacked = stackColumns(asStored, rows, (bytes) => new Uint8Array(bytes));
  return columns.map(({ name }) => {
    const column = stacked[name];
    return (
      column !== undefined && "dims" in column ? column.data : column
    ) as RowsToPack["columns"][number];
  });
}
