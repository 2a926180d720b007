import type { Batch } from "./batch.js";
import type { AssembledBatch, BatchTask } from "./batch-assembly.js";
import { isObject, wrongType } from "./validation.js";

/** What a user adds to batches, by name: further tensors, for example. */
export type Fields = Record<string, unknown>;

/** Functions of a batch that compute them. */
export type FieldFunctions<F extends Fields> = {
  readonly [Name in keyof F]: (batch: Batch) => F[Name] | Promise<F[Name]>;
};

/** @throws {TypeError} */
export function requireFields(value: unknown): FieldFunctions<Fields> {
  if (!isObject(value)) throw wrongType("fields", "an object with functions of a batch", value);
  for (const [name, field] of Object.entries(value)) {
    if (typeof field !== "function") throw wrongType(`fields.${name}`, "a function", field);
  }
  return value as FieldFunctions<Fields>;
}

/** A batch and its fields on their way. */
export interface FieldsTask {
  done: Promise<{ batch: AssembledBatch; fields: Fields }>;
  /** Gives up what has not been started; `done` is then rejected, when nothing works on it. */
  cancel(): void;
}

/** The batch of `task`, and then its fields; one that has no rows has none. */
export function withFields(task: BatchTask, functions: FieldFunctions<Fields>): FieldsTask {
  let cancelled = false;
  const run = async () => {
    const batch = await task.done;
    try {
      if (cancelled) throw new Error("cancelled");
      const fields = batch.indices.length === 0 ? {} : await computeFields(functions, batch);
      return { batch, fields };
    } catch (error) {
      batch.release();
      throw error;
    }
  };
  return {
    done: run(),
    cancel() {
      cancelled = true;
      task.cancel();
    },
  };
}

/** Computes all fields of a batch, at the same time. */
async function computeFields(functions: FieldFunctions<Fields>, batch: Batch): Promise<Fields> {
  const entries = await Promise.all(
    Object.entries(functions).map(async ([name, field]) => {
      try {
        return [name, await field(batch)] as const;
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`fields.${name}: ${reason}`, { cause });
      }
    }),
  );
  return Object.fromEntries(entries);
}
