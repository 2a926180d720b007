import { characters } from "../characters.js";
import type { Allowance } from "./allowance.js";
import { compareTexts } from "./to-json.js";
import {
  type Dict,
  numberOf,
  possibleKey,
  Range,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from "./values.js";

/** As `==`. */
export function isEqual(one: Value, other: Value, allowance: Allowance): boolean {
  allowance.steps(1);
  if (typeof one === "string" && typeof other === "string") {
    if (one.length !== other.length) return false;
    allowance.scan(one.length);
  }
  if (one === other) return true;
  const [left, right] = [numberOf(one), numberOf(other)];
  if (left !== undefined || right !== undefined) return left === right;
  if (one instanceof Undefined) return other instanceof Undefined;
  if (Array.isArray(one) && Array.isArray(other)) {
    allowance.turn();
    const isSameKind = typeName(one) === typeName(other);
    return (
      isSameKind &&
      one.length === other.length &&
      one.every((item, at) => isEqual(item, other[at] as Value, allowance))
    );
  }
  if (one instanceof Map && other instanceof Map) return isEqualDict(one, other, allowance);
  return false;
}

function isEqualDict(one: Dict, other: Dict, allowance: Allowance): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(
    ([key, item]) => other.has(key) && isEqual(item, other.get(key) as Value, allowance),
  );
}

/** Below 0, 0 or above, as `<` and `>` have it. @throws {TemplateError} for what has no order. */
export function compared(one: Value, other: Value, operator: string, allowance: Allowance): number {
  allowance.steps(1);
  const [left, right] = [numberOf(one), numberOf(other)];
  if (left !== undefined && right !== undefined) return left - right;
  if (typeof one === "string" && typeof other === "string") {
    allowance.scan(Math.min(one.length, other.length));
    return compareTexts(one, other);
  }
  const isOrdered = Array.isArray(one) && !(one instanceof Range);
  if (isOrdered && Array.isArray(other) && typeName(one) === typeName(other)) {
    allowance.turn();
    const differs = one.findIndex(
      (item, at) => at >= other.length || !isEqual(item, other[at] as Value, allowance),
    );
    if (differs === -1) return one.length - other.length;
    if (differs >= other.length) return 1;
    return compared(one[differs] as Value, other[differs] as Value, operator, allowance);
  }
  for (const value of [one, other]) {
    if (value instanceof Undefined) throw new TemplateError(value.what);
  }
  throw new TemplateError(
    `'${operator}' not supported between instances of '${typeName(one)}' and '${typeName(other)}'`,
  );
}

/** As `item in container`. @throws {TemplateError} for what contains nothing. */
export function isIn(item: Value, container: Value, allowance: Allowance): boolean {
  if (typeof container === "string") {
    if (typeof item === "string") {
      allowance.scan(container.length);
      return container.includes(item);
    }
    if (item instanceof Undefined) throw new TemplateError(item.what);
    throw new TemplateError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
  }
  if (Array.isArray(container)) return container.some((one) => isEqual(one, item, allowance));
  if (container instanceof Map) return inDict(container, item, allowance) !== undefined;
  if (container instanceof Undefined) return false;
  throw new TemplateError(`argument of type '${typeName(container)}' is not iterable`);
}

/** What a dict has for a key, undefined for none. @throws {TemplateError} for what is never a key in Python. */
export function inDict(dict: Dict, key: Value, allowance: Allowance): Value | undefined {
  requireHashable(key, allowance);
  const known = possibleKey(key);
  return known === undefined ? undefined : dict.get(known);
}

/** @throws {TemplateError} for what no dict has for a key, and no set for an item, in Python. */
export function requireHashable(value: Value, allowance: Allowance): void {
  allowance.steps(1);
  if (value instanceof Tuple) {
    allowance.turn();
    for (const item of value) requireHashable(item, allowance);
  } else if (value instanceof Map || typeName(value) === "list") {
    throw new TemplateError(`unhashable type: '${typeName(value)}'`);
  }
}

/** Where a part of a text begins, in characters; −1 where it is not. */
export function placeOf(text: string, part: string, fromEnd = false): number {
  const at = fromEnd ? text.lastIndexOf(part) : text.indexOf(part);
  return at < 0 ? at : characters(text.slice(0, at));
}
