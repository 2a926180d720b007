import type { Batch } from "./batch.js";
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

/** Computes all fields of a batch, at the same time. */
export async function computeFields(
  functions: FieldFunctions<Fields>,
  batch: Batch,
): Promise<Fields> {
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
