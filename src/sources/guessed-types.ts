import type { ColumnTypes, NumberColumn, NumberColumnType } from "./column-types.js";

const INTEGER = /^\s*[+-]?\d+\s*$/;
const DECIMAL = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

const TRUTH = /^\s*(true|false)\s*$/i;

/** The type that holds all of some numbers; undefined where one is no number. */
function numberType(values: readonly unknown[]): NumberColumnType | undefined {
  if (values.every((value) => Number.isSafeInteger(value) || typeof value === "bigint")) {
    return "int64";
  }
  if (values.every((value) => typeof value === "number")) return "float32";
  return values.every((value) => typeof value === "boolean") ? "uint8" : undefined;
}

/** Lengths of a list of lists; undefined where they differ within it. */
function shapeOf(value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value)) return [];
  const [first, ...others] = value.map(shapeOf);
  if (first === undefined) return undefined;
  const key = JSON.stringify(first);
  return others.every((one) => JSON.stringify(one) === key) ? [value.length, ...first] : undefined;
}

function typeOf(values: readonly unknown[], areTexts: boolean): ColumnTypes[string] {
  if (values.length === 0) return "json";
  if (values.every((value) => typeof value === "string")) {
    if (areTexts && values.every((value) => INTEGER.test(value))) return "int64";
    if (areTexts && values.every((value) => TRUTH.test(value))) return "uint8";
    return areTexts && values.every((value) => DECIMAL.test(value)) ? "float32" : "string";
  }
  const shape = shapeOf(values);
  const type = shape === undefined ? undefined : numberType(values.flat(Infinity));
  if (type === undefined) return "json";
  const [, ...ofRow] = shape as readonly number[];
  return ofRow.length === 0 ? type : ({ type, shape: ofRow } satisfies NumberColumn);
}

/**
 * Types that hold the values of some rows: "int64" for whole numbers, "float32" for others, "uint8" for true and
 * false, with a shape for lists of one length; "string"; "json" for everything else, and where a row has none.
 *
 * @param areTexts whether numbers are written as texts, as in CSV.
 */
export function guessedTypes(
  names: readonly string[],
  rows: readonly Readonly<Record<string, unknown>>[],
  areTexts: boolean,
): ColumnTypes {
  return Object.fromEntries(
    names.map((name) => [
      name,
      typeOf(
        rows.map((row) => row[name]),
        areTexts,
      ),
    ]),
  );
}

/** The columns of these names that a row has. */
export function columnsAmong(
  names: readonly string[],
  row: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}
