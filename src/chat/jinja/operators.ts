import type { Allowance } from "./allowance.js";
import { compared, isEqual, isIn } from "./comparison.js";
import { fixedDigits } from "./fixed-digits.js";
import { power } from "./power.js";
import { shown, textOf } from "./shown-value.js";
import {
  defined,
  isFloat,
  numberOf,
  PythonFloat,
  Range,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  UnsupportedError,
  type Value,
  whole,
} from "./values.js";

type Operation = (left: Value, right: Value, allowance: Allowance) => Value;

const refused = (operator: string, left: Value, right: Value) => {
  defined(left);
  defined(right);
  return new TemplateError(
    `unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`,
  );
};

/** A computation with numbers: with whole ones it gives a whole one, unless it says otherwise. */
function numeric(
  operator: string,
  compute: (left: number, right: number) => number,
  isAlwaysFloat = false,
): (left: Value, right: Value) => Value {
  return (left, right) => {
    const [one, other] = [numberOf(left), numberOf(right)];
    if (one === undefined || other === undefined) throw refused(operator, left, right);
    const result = compute(one, other);
    const isFloating = isAlwaysFloat || isFloat(left) || isFloat(right);
    return isFloating ? new PythonFloat(result) : whole(result);
  };
}

function divisor(value: number): number {
  if (value === 0) throw new TemplateError("division by zero");
  return value;
}

const plus = numeric("+", (left, right) => left + right);
const minus = numeric("-", (left, right) => left - right);
const times = numeric("*", (left, right) => left * right);
const divided = numeric("/", (left, right) => left / divisor(right), true);
const floored = numeric("//", (left, right) => Math.floor(left / divisor(right)));
const remainder = numeric("%", (left, right) => {
  const rest = left % divisor(right);
  return rest !== 0 && rest < 0 !== right < 0 ? rest + right : rest;
});

const added: Operation = (left, right, allowance) => {
  if (typeof left === "string") {
    if (typeof right !== "string") {
      throw new TemplateError(
        `can only concatenate str (not "${typeName(defined(right))}") to str`,
      );
    }
    allowance.text(left.length + right.length);
    return left + right;
  }
  if (!Array.isArray(left) || left instanceof Range) return plus(left, right);
  const kind = typeName(left);
  if (!Array.isArray(right) || typeName(right) !== kind) {
    const what = typeName(defined(right));
    throw new TemplateError(`can only concatenate ${kind} (not "${what}") to ${kind}`);
  }
  allowance.steps(left.length + right.length);
  return left instanceof Tuple ? Tuple.from([...left, ...right]) : [...left, ...right];
};

const isRepeatable = (value: Value): value is string | Value[] =>
  typeof value === "string" || (Array.isArray(value) && !(value instanceof Range));

const multiplied: Operation = (left, right, allowance) => {
  const [sequence, count] = isRepeatable(left) ? [left, right] : [right, left];
  if (!isRepeatable(sequence) || !(typeof count === "number" || typeof count === "boolean")) {
    return times(left, right);
  }
  const repeats = Math.max(0, Number(count));
  if (typeof sequence === "string") {
    allowance.text(sequence.length * repeats);
    return sequence.repeat(repeats);
  }
  allowance.steps(sequence.length * repeats);
  const items = Array.from({ length: repeats }, () => sequence).flat(1) as Value[];
  return sequence instanceof Tuple ? Tuple.from(items) : items;
};

/** `"%s" % value`: as texts, whole numbers and floats with so many digits. */
function formatted(format: string, given: Value, allowance: Allowance): string {
  allowance.scan(format.length);
  const values = given instanceof Tuple ? [...given] : [given];
  let next = 0;
  const text = format.replace(/%(?:%|(?:\.(\d+))?(.))/gs, (found, digits, kind) => {
    if (found === "%%") return "%";
    const value = values[next];
    next += 1;
    if (value === undefined) throw new TemplateError("not enough arguments for format string");
    const number = numberOf(value);
    if (kind === "s" && digits === undefined) return textOf(value, allowance);
    if (kind === "r" && digits === undefined) return shown(value, allowance);
    if (kind === "d" && digits === undefined && number !== undefined)
      return String(Math.trunc(number));
    const decimals = Number(digits ?? 6);
    if (kind === "f" && Number.isFinite(number) && decimals <= 20) {
      return fixedDigits(number as number, decimals);
    }
    throw new UnsupportedError(`a text formatted by ${found}`);
  });
  // Python takes anything else with items for what a format by names reads
  const isByName = given instanceof Map || given instanceof Undefined || isList(given);
  if (next < values.length && !isByName) {
    throw new TemplateError("not all arguments converted during string formatting");
  }
  allowance.text(text.length);
  return text;
}

const isList = (value: Value) => Array.isArray(value) && !(value instanceof Tuple);

const order =
  (operator: string, isTrue: (difference: number) => boolean): Operation =>
  (left, right, allowance) =>
    isTrue(compared(left, right, operator, allowance));

/** Operators of two values that are both computed first. */
export const operators: Readonly<Record<string, Operation>> = {
  "+": added,
  "-": minus,
  "*": multiplied,
  "/": divided,
  "//": floored,
  "%": (left, right, allowance) =>
    typeof left === "string" ? formatted(left, right, allowance) : remainder(left, right),
  "**": (left, right, allowance) => {
    const result = power(left, right, allowance);
    if (result === undefined) throw refused("**", left, right);
    return result;
  },
  "~": (left, right, allowance) => {
    const [one, other] = [textOf(left, allowance), textOf(right, allowance)];
    allowance.text(one.length + other.length);
    return one + other;
  },
  "==": isEqual,
  "!=": (left, right, allowance) => !isEqual(left, right, allowance),
  "<": order("<", (difference) => difference < 0),
  "<=": order("<=", (difference) => difference <= 0),
  ">": order(">", (difference) => difference > 0),
  ">=": order(">=", (difference) => difference >= 0),
  in: isIn,
  "not in": (left, right, allowance) => !isIn(left, right, allowance),
};

/** `-value` and `+value`. */
export function signed(operator: string, value: Value): Value {
  const number = numberOf(defined(value));
  if (number === undefined) {
    throw new TemplateError(`bad operand type for unary ${operator}: '${typeName(value)}'`);
  }
  const result = operator === "-" ? -number : number;
  return isFloat(value) ? new PythonFloat(result) : whole(result);
}
