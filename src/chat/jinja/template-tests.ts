import type { Allowance } from "./allowance.js";
import { compared, isEqual, isIn } from "./comparison.js";
import { textOf } from "./shown-value.js";
import {
  Callable,
  defined,
  isFloat,
  numberOf,
  TemplateError,
  Undefined,
  type Value,
} from "./values.js";

type Test = (value: Value, other: Value, allowance: Allowance) => boolean;

const numberFor = (value: Value): number => {
  const number = numberOf(defined(value));
  if (number === undefined) throw new TemplateError("expected a number");
  return number;
};

const isSequence = (value: Value) =>
  typeof value === "string" ||
  Array.isArray(value) ||
  value instanceof Map ||
  value instanceof Undefined;

/** Tests of Jinja's, as in `value is NAME`. */
export const templateTests: Readonly<Record<string, Test>> = {
  boolean: (value) => typeof value === "boolean",
  callable: (value) => value instanceof Callable || value instanceof Undefined,
  defined: (value) => !(value instanceof Undefined),
  divisibleby: (value, other) => numberFor(value) % numberFor(other) === 0,
  even: (value) => numberFor(value) % 2 === 0,
  odd: (value) => Math.abs(numberFor(value) % 2) === 1,
  false: (value) => value === false,
  true: (value) => value === true,
  float: isFloat,
  integer: (value) => typeof value === "number",
  number: (value) => numberOf(value) !== undefined,
  iterable: isSequence,
  sequence: isSequence,
  mapping: (value) => value instanceof Map,
  string: (value) => typeof value === "string",
  lower: (value, _other, allowance) => {
    const text = textOf(value, allowance);
    allowance.scan(text.length);
    return /\p{Cased}/u.test(text) && text === text.toLowerCase();
  },
  upper: (value, _other, allowance) => {
    const text = textOf(value, allowance);
    allowance.scan(text.length);
    return /\p{Cased}/u.test(text) && text === text.toUpperCase();
  },
  none: (value) => value === null,
  sameas: (value, other) => value === other,
  undefined: (value) => value instanceof Undefined,
  in: isIn,
  eq: isEqual,
  equalto: isEqual,
  "==": isEqual,
  ne: (value, other, allowance) => !isEqual(value, other, allowance),
  "!=": (value, other, allowance) => !isEqual(value, other, allowance),
  lt: (value, other, allowance) => compared(value, other, "<", allowance) < 0,
  lessthan: (value, other, allowance) => compared(value, other, "<", allowance) < 0,
  "<": (value, other, allowance) => compared(value, other, "<", allowance) < 0,
  le: (value, other, allowance) => compared(value, other, "<=", allowance) <= 0,
  "<=": (value, other, allowance) => compared(value, other, "<=", allowance) <= 0,
  gt: (value, other, allowance) => compared(value, other, ">", allowance) > 0,
  greaterthan: (value, other, allowance) => compared(value, other, ">", allowance) > 0,
  ">": (value, other, allowance) => compared(value, other, ">", allowance) > 0,
  ge: (value, other, allowance) => compared(value, other, ">=", allowance) >= 0,
  ">=": (value, other, allowance) => compared(value, other, ">=", allowance) >= 0,
};

/** @throws {TemplateError} for a test that there is not. */
export function testNamed(name: string): Test {
  const test = Object.hasOwn(templateTests, name) ? templateTests[name] : undefined;
  if (test === undefined) throw new TemplateError(`No test named '${name}'.`);
  return test;
}
