import type { Batch } from "../dataset/batch.js";
import type { AssembledBatch } from "../dataset/batch-assembly.js";
import { stopWith, untilAborted } from "../shared/abort.js";
import type { FieldContext, FieldFunctions, Fields } from "./user-fields.js";

/** A batch and its fields. */
export interface BatchWithFields {
  batch: AssembledBatch;
  fields: Fields;
}

/**
 * The batch that is `making`, and then its fields; one that has no rows has none. A function that has
 * been called is not waited for where another one fails, or the signal is aborted; the batch's memory
 * stays its own until it has settled.
 */
export async function withFields(
  making: Promise<AssembledBatch>,
  functions: FieldFunctions<Fields>,
  signal: AbortSignal,
): Promise<BatchWithFields> {
  const batch = await making;
  const names = batch.indices.length === 0 || signal.aborted ? [] : Object.keys(functions);
  const stop = stopWith(signal);
  const context = { signal: stop.signal };
  const values = names.map((name) => computeField(name, functions, batch, context));
  try {
    const settled = await untilAborted(Promise.all(values), signal);
    return { batch, fields: Object.fromEntries(names.map((name, i) => [name, settled[i]])) };
  } catch (error) {
    stop.abort(error);
    void Promise.allSettled(values).then(() => batch.release());
    throw error;
  } finally {
    stop.unlink();
  }
}

async function computeField(
  name: string,
  functions: FieldFunctions<Fields>,
  batch: AssembledBatch,
  context: FieldContext,
): Promise<unknown> {
  try {
    return await functions[name]?.(batch as Batch, context);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`fields.${name}: ${reason}`, { cause });
  }
}
