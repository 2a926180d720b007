import type { Allowance } from "./allowance.js";
import { floatText } from "./shown-value.js";
import {
  type Dict,
  type Key,
  PythonFloat,
  Range,
  TemplateError,
  typeName,
  type Value,
} from "./values.js";

/** As `json.dumps` of Python has them. */
export interface JsonOptions {
  readonly ensureAscii: boolean;
  /** What a level is indented by; null: all in one line. */
  readonly indent: string | null;
  readonly separators: readonly [item: string, key: string];
  readonly sortKeys: boolean;
}

/** As `json.dumps` of Python. @throws {TemplateError} for what JSON does not have. */
export function jsonOf(value: Value, options: JsonOptions, allowance: Allowance): string {
  return written(value, options, "\n", allowance);
}

function written(value: Value, options: JsonOptions, line: string, allowance: Allowance): string {
  allowance.steps(1);
  if (value === null) return "null";
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  if (typeof value === "string") {
    allowance.text(value.length);
    return jsonText(value, options.ensureAscii);
  }
  if (value instanceof PythonFloat) return jsonFloat(value.value);
  const inner = options.indent === null ? line : line + options.indent;
  if (Array.isArray(value) && !(value instanceof Range)) {
    return enclosed(
      "[]",
      value.map((one) => written(one, options, inner, allowance)),
      options,
      line,
      allowance,
    );
  }
  if (value instanceof Map) {
    const entries = entriesOf(value, options).map(
      ([key, one]) =>
        `${jsonText(keyText(key), options.ensureAscii)}${options.separators[1]}${written(one, options, inner, allowance)}`,
    );
    return enclosed("{}", entries, options, line, allowance);
  }
  throw new TemplateError(`Object of type ${typeName(value)} is not JSON serializable`);
}

function enclosed(
  brackets: string,
  parts: readonly string[],
  { indent, separators: [item] }: JsonOptions,
  line: string,
  allowance: Allowance,
): string {
  allowance.turn();
  const [open, close] = brackets;
  if (parts.length === 0) return brackets;
  if (indent === null) return `${open}${allowance.joined(parts, item)}${close}`;
  const inner = line + indent;
  return `${open}${inner}${allowance.joined(parts, `${item}${inner}`)}${line}${close}`;
}

function entriesOf(dict: Dict, { sortKeys }: JsonOptions): [Key, Value][] {
  const entries = [...dict];
  if (!sortKeys) return entries;
  if (entries.some(([key]) => typeof key !== "string")) {
    throw new TemplateError("sort_keys takes keys that are texts");
  }
  return entries.sort(([one], [other]) => compareTexts(one as string, other as string));
}

/** By code points, as Python compares texts; JavaScript compares halves of surrogate pairs. */
export function compareTexts(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at += 1) {
    const [left, right] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (left === right) continue;
    const isHalf = (code: number) => code >= 0xd800 && code <= 0xdfff;
    if (isHalf(left) !== isHalf(right)) return isHalf(left) ? 1 : -1;
    return left - right;
  }
  return one.length - other.length;
}

function keyText(key: Key): string {
  return key === null ? "null" : String(key);
}

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  return floatText(value);
}

function jsonText(text: string, ensureAscii: boolean): string {
  const json = JSON.stringify(text);
  if (!ensureAscii) return json;
  return json.replace(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
