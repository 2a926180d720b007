import type { ImageType } from "../image/image-choices.js";
import type { ImageProcessor } from "../image/image-processor.js";
import { makeTensor, reshaped } from "../shared/make-tensor.js";
import type { ImageTensor, Tensor, TensorData } from "../shared/tensor.js";
import {
  type ColumnConfig,
  type ColumnType,
  columnArrays,
  isNumberType,
  type NumberColumn,
  type NumberColumnType,
} from "../sources/column-types.js";
import type { ColumnValue } from "./column-values.js";
import type { ImageColumn } from "./image-columns.js";

/** What a column of a batch is: a type, numbers of a shape, or an image. */
export type ColumnOption = ColumnType | NumberColumn | "image" | ImageColumn;

/** Columns of a batch, by their names. */
export type NamedColumns = Readonly<Record<string, ColumnOption>>;

/** Which columns a batch has: their types by name, or all that the source has but images. */
export type ColumnOptions = NamedColumns | "auto";

/** No columns: what a batch has by default. */
export type NoColumns = Record<never, never>;

/** A column of a batch, of any type. */
export type AnyColumn =
  | Tensor<NumberColumnType>
  | ImageTensor
  | readonly string[]
  | readonly unknown[];

/** Element type of the images in a column: any, where the column names no processor of its own. */
export type ImageTypeOfColumn<T> = T extends {
  /** What its images go through. */
  readonly processor: ImageProcessor<infer I>;
}
  ? I
  : ImageType;

/** A column of a batch, by its type. */
export type BatchColumn<T> = T extends NumberColumnType | NumberColumn
  ? Tensor<T extends NumberColumn<infer E> ? E : T & NumberColumnType>
  : T extends "image" | ImageColumn
    ? ImageTensor<ImageTypeOfColumn<T>>
    : T extends "string"
      ? readonly string[]
      : readonly unknown[];

/** Columns of a batch by their names: tensors of shape [n, …], and arrays of a value a row. */
export type BatchColumns<C extends ColumnOptions> = C extends NamedColumns
  ? { readonly [Name in keyof C]: BatchColumn<C[Name]> }
  : Readonly<Record<string, AnyColumn>>;

/** A column of one pair, by its type. */
export type ItemColumn<T extends ColumnOption> = T extends
  | NumberColumnType
  | NumberColumn
  | "image"
  | ImageColumn
  ? BatchColumn<T>
  : T extends "string"
    ? string
    : unknown;

/** Columns of one pair by their names: tensors of a row's shape, and values. */
export type ItemColumns<C extends ColumnOptions> = C extends NamedColumns
  ? { readonly [Name in keyof C]: ItemColumn<C[Name]> }
  : Readonly<Record<string, unknown>>;

/**
 * Columns of rows as one tensor or array each.
 *
 * @param rows values of each row, in the columns' order.
 */
export function stackColumns(
  columns: readonly ColumnConfig[],
  rows: readonly (readonly ColumnValue[])[],
  allocate: (bytes: number) => Uint8Array,
): Readonly<Record<string, AnyColumn>> {
  const stacked = columns.map(({ name, type, shape, size }, place): [string, AnyColumn] => {
    const values = rows.map((row) => row[place]);
    if (!isNumberType(type)) return [name, values];
    const data = numberArray(type, rows.length * size, allocate);
    // a row's numbers
    (values as ArrayLike<number | bigint>[]).forEach((numbers, row) => {
      if (numbers instanceof columnArrays[type]) {
        (data as Uint8Array).set(numbers as Uint8Array, row * size);
      } else if (type === "int64") {
        for (let i = 0; i < size; i += 1) data[row * size + i] = BigInt(numbers[i] as number);
      } else {
        for (let i = 0; i < size; i += 1) data[row * size + i] = Number(numbers[i]);
      }
    });
    return [name, makeTensor<NumberColumnType>(type, data, [rows.length, ...shape])];
  });
  return Object.fromEntries(stacked);
}

function numberArray<T extends NumberColumnType>(
  type: T,
  length: number,
  allocate: (bytes: number) => Uint8Array,
): TensorData[T] {
  const TypedArray = columnArrays[type] as unknown as {
    readonly BYTES_PER_ELEMENT: number;
    new (buffer: ArrayBufferLike, byteOffset: number, length: number): TensorData[T];
  };
  const { buffer, byteOffset } = allocate(length * TypedArray.BYTES_PER_ELEMENT);
  return new TypedArray(buffer, byteOffset, length);
}

/** Columns of a batch of one row, as that row's. */
export function unstackedColumns(
  columns: Readonly<Record<string, AnyColumn>>,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(columns).map(([name, column]) => [
    name,
    "dims" in column ? reshaped(column, column.dims.slice(1)) : column[0],
  ]);
  return Object.fromEntries(entries);
}

/** Tensors among columns. */
export function columnTensors(
  columns: Readonly<Record<string, AnyColumn>>,
): [string, Tensor<NumberColumnType> | ImageTensor][] {
  return Object.entries(columns).flatMap(([name, column]) =>
    "dims" in column ? [[name, column]] : [],
  );
}
