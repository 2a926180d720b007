import type { Allowance } from "./allowance.js";
import { argumentsOf } from "./call-arguments.js";
import type { DeclaredFilter } from "./filter.js";
import { attributeOf, listFilters } from "./list-filters.js";
import { valueFilters } from "./value-filters.js";
import {
  type Arguments,
  isTrue,
  TemplateError,
  Undefined,
  UnsupportedError,
  type Value,
} from "./values.js";

/** Filters of Jinja's, and those that transformers puts in place of some: `value | NAME`. */
const filters: Readonly<Record<string, DeclaredFilter>> = { ...listFilters, ...valueFilters };

/** `map` has arguments for another filter. */
function mapped(value: Value, { positional, named }: Arguments, allowance: Allowance): Value {
  // what is empty or nothing has no items, whatever it is, and no filter is looked for
  if (!isTrue(value)) return [];
  const items = allowance.items(value);
  const attribute = named.get("attribute");
  if (attribute !== undefined) {
    // to Jinja, a default of None is no default
    const fallback = named.get("default") ?? null;
    return items.map((item) => {
      const own = attributeOf(item, attribute);
      return own instanceof Undefined && fallback !== null ? fallback : own;
    });
  }
  const [name, ...rest] = positional;
  if (typeof name !== "string") throw new TemplateError("map requires a filter argument");
  return items.map((item) => applyFilter(name, item, { positional: rest, named }, allowance));
}

/** @throws {TemplateError} for a filter that there is not, and what the filter refuses. */
export function applyFilter(
  name: string,
  value: Value,
  given: Arguments,
  allowance: Allowance,
): Value {
  if (Array.isArray(value)) allowance.steps(value.length);
  if (typeof value === "string") allowance.scan(value.length);
  if (name === "map") return mapped(value, given, allowance);
  const declared = Object.hasOwn(filters, name) ? filters[name] : undefined;
  if (declared === undefined) throw new UnsupportedError(`the filter '${name}'`);
  const [parameters, filter] = declared;
  const names = parameters === "" ? [] : parameters.split(" ");
  const result = filter(value, argumentsOf(name, given, names), allowance);
  if (typeof result === "string" && result !== value) allowance.text(result.length);
  return result;
}
