import type { Batch } from "../dataset/batch.js";
import type { ColumnOptions, NoColumns } from "../dataset/batch-columns.js";
import type { DatasetTexts, TextOptions } from "../dataset/dataset-options.js";
import type { MaxImages } from "../dataset/multiple-images.js";
import type { RowProcessor } from "../dataset/row-processor.js";
import type { ImageProcessor } from "../image/image-processor.js";
import { isObject, wrongType } from "../shared/validation.js";

/** What a user adds to batches, by name: further tensors, for example. */
export type Fields = Record<string, unknown>;

/** What a field's function is given beside the batch. */
export interface FieldContext {
  /** Aborted when the batch is no longer needed. */
  readonly signal: AbortSignal;
}

/** Functions of a batch that compute them. */
export type FieldFunctions<
  F extends Fields,
  C extends ColumnOptions = NoColumns,
  T extends DatasetTexts = TextOptions,
  M extends MaxImages = undefined,
  P extends RowProcessor = ImageProcessor,
> = {
  readonly [Name in keyof F]: (
    batch: Batch<NoInfer<C>, NoInfer<T>, NoInfer<M>, NoInfer<P>>,
    context: FieldContext,
  ) => F[Name] | Promise<F[Name]>;
};

/** @throws {TypeError} */
export function requireFields(option: string, value: unknown): FieldFunctions<Fields> {
  if (!isObject(value)) throw wrongType(option, "an object with functions of a batch", value);
  for (const [name, field] of Object.entries(value)) {
    if (typeof field !== "function") throw wrongType(`${option}.${name}`, "a function", field);
  }
  return value as FieldFunctions<Fields>;
}
