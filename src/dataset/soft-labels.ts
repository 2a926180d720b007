import { type MixedRow, mixLabels, type RowMixingConfig } from "../image/row-mixing.js";
import { PixtokError } from "../shared/errors.js";
import { makeTensor } from "../shared/make-tensor.js";
import type { Tensor } from "../shared/tensor.js";
import type { ColumnConfig } from "../sources/column-types.js";
import type { ReadPair } from "./pair-reader.js";

/**
 * The share of each class in each row of a batch.
 *
 * @throws {PixtokError} INVALID_COLUMN for a label that is none of the classes.
 */
export function softLabels(
  { labels: { column, classes } }: RowMixingConfig,
  columns: readonly ColumnConfig[],
  pairs: readonly Pick<ReadPair, "columns" | "index" | "source">[],
  mixed: readonly MixedRow[],
  allocate: (bytes: number) => Uint8Array,
): Tensor<"float32"> {
  const place = columns.findIndex(({ name }) => name === column);
  const labels = pairs.map(({ columns: values, index, source }) => {
    const label = Number((values[place] as ArrayLike<number | bigint>)[0]);
    if (label >= 0 && label < classes) return label;
    const message = `columns.${column}: expected a label from 0 to ${classes - 1} (augmentation.labels.classes), got ${label}`;
    throw new PixtokError("INVALID_COLUMN", message, { index, source });
  });
  const { buffer, byteOffset } = allocate(pairs.length * classes * 4);
  const data = new Float32Array(buffer, byteOffset, pairs.length * classes);
  mixLabels(labels, mixed, classes, data);
  return makeTensor("float32", data, [pairs.length, classes]);
}
