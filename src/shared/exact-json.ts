import { MAX_DEPTH } from "./bounded-json.js";
import { describe } from "./validation.js";

/** Why a value cannot be written so that the same is read. */
export class NoExactJson extends Error {}

/**
 * A value as JSON that `JSON.parse` makes the same value of: what `JSON.stringify` would change is refused, and the sign
 * of a zero is kept.
 *
 * @throws {NoExactJson}
 */
export function exactJson(value: unknown, depth = 0): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isFinite(value)) {
    return Object.is(value, -0) ? "-0.0" : String(value);
  }
  if (typeof value === "string") return JSON.stringify(value);
  if (depth === MAX_DEPTH) {
    throw new NoExactJson(`expected arrays and objects at most ${MAX_DEPTH} deep`);
  }
  if (Array.isArray(value)) {
    return `[${Array.from(value, (one) => exactJson(one, depth + 1)).join(",")}]`;
  }
  if (isPlainObject(value)) {
    const members = Object.entries(value).map(
      ([name, one]) => `${JSON.stringify(name)}:${exactJson(one, depth + 1)}`,
    );
    return `{${members.join(",")}}`;
  }
  throw new NoExactJson(`expected what JSON can say, got ${describe(value)}`);
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
