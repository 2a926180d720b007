import {
  type LabelOptions,
  type MixedRow,
  mixLabels,
  type RowMixingConfig,
} from "../image/row-mixing.js";
import { PixtokError } from "../shared/errors.js";
import { makeTensor } from "../shared/make-tensor.js";
import type { Tensor } from "../shared/tensor.js";
import type { ColumnConfig } from "../sources/column-types.js";
import type { ColumnValue } from "./column-values.js";

/** Where a label is. */
interface LabelPlace {
  readonly index: number;
  readonly source: string;
}

/**
 * The label among a row's columns.
 *
 * @throws {PixtokError} INVALID_COLUMN for one that is none of the classes.
 */
export function labelOf(
  { column, classes }: LabelOptions,
  columns: readonly ColumnConfig[],
  values: readonly ColumnValue[],
  { index, source }: LabelPlace,
): number {
  const place = columns.findIndex(({ name }) => name === column);
  const label = Number((values[place] as ArrayLike<number | bigint>)[0]);
  if (label >= 0 && label < classes) return label;
  const message = `columns.${column}: expected a label from 0 to ${classes - 1} (augmentation.labels.classes), got ${label}`;
  throw new PixtokError("INVALID_COLUMN", message, { index, source });
}

/**
 * The share of each class in each row of a batch.
 *
 * @throws {PixtokError} INVALID_COLUMN for a label that is none of the classes.
 */
export function softLabels(
  { labels: options }: RowMixingConfig,
  columns: readonly ColumnConfig[],
  pairs: readonly (LabelPlace & { readonly columns: readonly ColumnValue[] })[],
  mixed: readonly MixedRow[],
  allocate: (bytes: number) => Uint8Array,
): Tensor<"float32"> {
  const { classes } = options;
  const labels = pairs.map(({ columns: values, ...place }) => {
    return labelOf(options, columns, values, place);
  });
  const { buffer, byteOffset } = allocate(pairs.length * classes * 4);
  const data = new Float32Array(buffer, byteOffset, pairs.length * classes);
  mixLabels(labels, mixed, classes, data);
  return makeTensor("float32", data, [pairs.length, classes]);
}
