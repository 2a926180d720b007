import type { TokenIds } from "./token-rows.js";

/** What is written as 32 bits. */
export const MOST_ID = 2 ** 31 - 1;

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

/** A list of ids, of numbers or bigints; undefined for anything else. */
export function readTokenIds(value: unknown): TokenIds | undefined {
  if (value instanceof Int32Array && value.every((id) => id >= 0)) return value.slice();
  if (!isList(value)) return undefined;
  const ids = Array.from(value, (id) => (typeof id === "bigint" ? Number(id) : id));
  const areIds = ids.every(
    (id) => Number.isInteger(id) && (id as number) >= 0 && (id as number) <= MOST_ID,
  );
  return areIds ? (ids as number[]) : undefined;
}
