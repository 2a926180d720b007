import type { TensorData } from "../shared/tensor.js";
import {
  isObject,
  outOfRange,
  requireInteger,
  requireOneOf,
  wrongType,
} from "../shared/validation.js";

/** Types of columns that become tensors, by onnxruntime's names. */
export type NumberColumnType = "float32" | "int64" | "int32" | "uint8";

/** Type of a column: of a tensor's elements, or strings, or whatever JSON can say. */
export type ColumnType = NumberColumnType | "string" | "json";

/** A column with several numbers in every row. */
export interface NumberColumn<T extends NumberColumnType = NumberColumnType> {
  /** Type of the tensor. */
  readonly type: T;
  /** Shape of a row, the batch's axis left out. Default []: one number. */
  readonly shape?: readonly number[];
}

/** What columns hold, by their names. */
export type ColumnTypes = Readonly<Record<string, ColumnType | NumberColumn>>;

/** A column's type, read. */
export interface ColumnConfig {
  readonly name: string;
  readonly type: ColumnType;
  /** Of numbers: the shape of a row. */
  readonly shape: readonly number[];
  /** Numbers in a row. */
  readonly size: number;
}

const numberTypes = ["float32", "int64", "int32", "uint8"] as const satisfies NumberColumnType[];
const columnTypes = [...numberTypes, "string", "json"] as const satisfies ColumnType[];

/** The typed array of each type. */
export const columnArrays = {
  float32: Float32Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
} satisfies { [T in NumberColumnType]: new (...parameters: never[]) => TensorData[T] };

export function isNumberType(type: ColumnType): type is NumberColumnType {
  return type !== "string" && type !== "json";
}

/** Numbers in a row at most: a row of a batch has to fit into memory some thousand times. */
export const MOST_NUMBERS = 2 ** 24;

function readShape(option: string, shape: unknown): readonly number[] {
  if (!Array.isArray(shape)) throw wrongType(option, "an array of lengths", shape);
  const lengths = shape.map((length, axis) => requireInteger(`${option}[${axis}]`, length, 1));
  if (lengths.reduce((size, length) => size * length, 1) > MOST_NUMBERS) {
    throw outOfRange(option, `at most ${MOST_NUMBERS} numbers`, shape);
  }
  return Object.freeze(lengths);
}

/** @throws {TypeError | RangeError} */
export function readColumn(option: string, name: string, value: unknown): ColumnConfig {
  if (!isObject(value)) {
    const type = requireOneOf(option, value, columnTypes);
    return { name, type, shape: [], size: 1 };
  }
  const other = Object.keys(value).find((key) => key !== "type" && key !== "shape");
  if (other !== undefined)
    throw wrongType(option, "a type, or { type, shape }", Object.keys(value));
  const type = requireOneOf(`${option}.type`, value.type, numberTypes);
  const shape = readShape(`${option}.shape`, value.shape ?? []);
  return { name, type, shape, size: shape.reduce((size, length) => size * length, 1) };
}

/** @throws {TypeError | RangeError} */
export function readColumnTypes(option: string, value: unknown): readonly ColumnConfig[] {
  if (!isObject(value)) {
    throw wrongType(
      option,
      'an object of types by name, such as { label: "int64" }, or "auto"',
      value,
    );
  }
  return Object.entries(value).map(([name, type]) => readColumn(`${option}.${name}`, name, type));
}

/**
 * Which columns of further images a source is to give.
 *
 * @throws {TypeError}
 */
export function readImageColumns(option: string, value: unknown): readonly string[] {
  const names = readColumnNames(option, value);
  if (names !== "auto") return names;
  throw wrongType(option, "an array of names", value);
}

/**
 * Which columns a source is to give: of these names, or all.
 *
 * @throws {TypeError}
 */
export function readColumnNames(option: string, value: unknown): readonly string[] | "auto" {
  if (value === undefined) return [];
  if (value === "auto") return value;
  const isList = Array.isArray(value) && value.every((name) => typeof name === "string");
  if (isList) return [...new Set(value)];
  throw wrongType(option, 'an array of names, or "auto"', value);
}
