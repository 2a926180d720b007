import { parseBoundedJson } from "../shared/bounded-json.js";
import { PixtokError } from "../shared/errors.js";
import { describe } from "../shared/validation.js";
import { type ColumnConfig, columnArrays, type NumberColumnType } from "../sources/column-types.js";
import { numberIn } from "../sources/number-in-text.js";

/** A row's value of a column: its numbers, in row-major order; a string; or what JSON can say. */
export type ColumnValue = ArrayLike<number | bigint> | string | unknown;

/** Names of classes by their numbers, by the name of the column that has the numbers. */
export type ClassNamesOf = Readonly<Record<string, readonly string[]>>;

/** Why a value is none of its column. */
class NoValue extends Error {}

const integerRanges: Record<Exclude<NumberColumnType, "float32">, readonly [bigint, bigint]> = {
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint8: [0n, 255n],
};

/** @throws {NoValue} */
function numberOf(type: NumberColumnType, given: unknown): number | bigint {
  const value = typeof given === "string" ? numberIn(given) : given;
  if (typeof value === "boolean") return Number(value);
  if (type === "float32") {
    if (typeof value === "number") return value;
    if (typeof value === "bigint") return Number(value);
    throw new NoValue(`expected a number, got ${describe(given)}`);
  }
  const isWhole = typeof value === "bigint" || Number.isSafeInteger(value);
  const [least, most] = integerRanges[type];
  if (isWhole && (value as number) >= least && (value as number) <= most) {
    return value as number | bigint;
  }
  throw new NoValue(`expected an integer from ${least} to ${most}, got ${describe(given)}`);
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

/** @throws {NoValue} */
function numbersOf(
  { type, shape, size }: ColumnConfig,
  given: unknown,
): ArrayLike<number | bigint> {
  // any element of that type is a value; a copy, as the array may be its source's own
  const own = columnArrays[type as NumberColumnType];
  if (given instanceof own && given.length === size && shape.length > 0) return given.slice();
  const numbers: (number | bigint)[] = [];
  const add = (value: unknown, axis: number): void => {
    if (axis === shape.length) {
      numbers.push(numberOf(type as NumberColumnType, value));
      return;
    }
    const length = shape[axis] as number;
    if (!isList(value) || value.length !== length) {
      const expected = `expected numbers of shape [${shape.join(", ")}]`;
      throw new NoValue(`${expected}, got ${describe(value)}`);
    }
    for (let i = 0; i < length; i += 1) add(value[i], axis + 1);
  };
  const value = shape.length > 0 && typeof given === "string" ? parsedList(given) : given;
  // typed arrays are flat
  const isFlat = ArrayBuffer.isView(value) && shape.length > 1 && isList(value);
  if (isFlat && value.length === size) {
    return Array.from(value, (one) => numberOf(type as NumberColumnType, one));
  }
  add(value, 0);
  return numbers;
}

/** A list in a text, as tables have it that are text; the text itself where there is none in it. */
function parsedList(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch {
    return text;
  }
}

/** @throws {NoValue} */
function stringOf(value: unknown, classes: readonly string[] | undefined): string {
  if (typeof value === "string") return value;
  if (classes !== undefined && (typeof value === "number" || typeof value === "bigint")) {
    const name = classes[Number(value)];
    if (name !== undefined) return name;
    throw new NoValue(`expected the number of one of ${classes.length} classes, got ${value}`);
  }
  // JSON.parse has rounded it
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new NoValue(`expected a whole number up to 2^53, or a text, got ${describe(value)}`);
  }
  if (["number", "bigint", "boolean"].includes(typeof value)) return String(value);
  throw new NoValue(`expected a string, got ${describe(value)}`);
}

/** What keeps a whole number that no tensor has room for, as one of a column of uint64. */
function asText({ name, type, shape }: ColumnConfig, value: unknown): string {
  const [least, most] = integerRanges.int64;
  const isTooLarge = typeof value === "bigint" && (value < least || value > most);
  if (type !== "int64" || shape.length > 0 || !isTooLarge) return "";
  return `; columns: { ${JSON.stringify(name)}: "string" } has its digits`;
}

const NO_COLUMNS =
  "the source gives no columns; where it was opened by itself, its option columns names them";

/**
 * Values of a pair's columns, in the columns' order.
 *
 * @param where the pair is, for errors.
 * @throws {PixtokError} INVALID_COLUMN
 */
export function columnValues(
  columns: readonly ColumnConfig[],
  values: Readonly<Record<string, unknown>> | undefined,
  classNames: ClassNamesOf,
  where: { index: number; source: string },
): ColumnValue[] {
  return columns.map((column) => {
    const { name, type } = column;
    const value = values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
    try {
      if (type === "json") return value ?? null;
      if (value === undefined || value === null)
        throw new NoValue(values === undefined ? NO_COLUMNS : "there is no value");
      if (type === "string")
        return stringOf(value, Object.hasOwn(classNames, name) ? classNames[name] : undefined);
      return numbersOf(column, value);
    } catch (cause) {
      if (!(cause instanceof NoValue)) throw cause;
      const cure = asText(column, value);
      throw new PixtokError("INVALID_COLUMN", `${name}: ${cause.message}${cure}`, where);
    }
  });
}
