import type { Allowance } from "./allowance.js";
import { argumentsOf } from "./call-arguments.js";
import type { Scope } from "./scope.js";
import { shown, textOf } from "./shown-value.js";
import { strftime } from "./strftime.js";
import {
  type Arguments,
  Callable,
  type Dict,
  keyOf,
  Namespace,
  Range,
  TemplateError,
  type Value,
} from "./values.js";

/** As the sandbox of Jinja has it. */
const MOST_RANGE = 100_000;

function range(positional: readonly Value[], allowance: Allowance): Range {
  const numbers = positional.map((value) => {
    if (typeof value === "number") return value;
    throw new TemplateError(`range() takes whole numbers, got ${shown(value, allowance)}`);
  });
  const [first, second, step = 1] = numbers;
  if (first === undefined || numbers.length > 3)
    throw new TemplateError("range expected 1 to 3 arguments");
  if (step === 0) throw new TemplateError("range() arg 3 must not be zero");
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (length > MOST_RANGE) {
    throw new TemplateError(
      `Range too big. The sandbox blocks ranges larger than MAX_RANGE (${MOST_RANGE}).`,
    );
  }
  allowance.steps(length);
  return Range.between(start, stop, step);
}

function dictOf({ positional, named }: Arguments, allowance: Allowance): Dict {
  const [source] = positional;
  const dict: Dict = new Map();
  if (source instanceof Map) for (const [key, value] of source) dict.set(key, value);
  else if (source !== undefined) {
    for (const entry of allowance.items(source)) {
      const [key = null, value = null] = allowance.items(entry);
      dict.set(keyOf(key), value);
    }
  }
  for (const [key, value] of named) dict.set(key, value);
  return dict;
}

function namespaceOf(dict: Dict, allowance: Allowance): Namespace {
  const values = new Map<string, Value>();
  for (const [key, value] of dict) {
    const name = textOf(key, allowance);
    requirePublic(name);
    values.set(name, value);
  }
  return new Namespace(values);
}

/** @throws {TemplateError} for a name that begins with an underscore. */
export function requirePublic(name: string): void {
  if (!name.startsWith("_")) return;
  throw new TemplateError(
    `Chat templates cannot store underscore-prefixed attributes on a namespace, but got '${name}'`,
  );
}

/** What every template has: what Jinja gives it, and what transformers does. */
export function setGlobals(scope: Scope, now: () => Date, allowance: Allowance): void {
  for (const [names, value] of [
    [["true", "True"], true],
    [["false", "False"], false],
    [["none", "None"], null],
  ] as const) {
    for (const name of names) scope.set(name, value);
  }
  const functions: Record<string, Callable["call"]> = {
    range: ({ positional }) => range(positional, allowance),
    dict: (given) => dictOf(given, allowance),
    namespace: (given) => namespaceOf(dictOf(given, allowance), allowance),
    raise_exception(given) {
      throw new TemplateError(
        textOf(
          argumentsOf("raise_exception", given, ["message"]).get("message", null) ?? null,
          allowance,
        ),
      );
    },
    strftime_now: (given) =>
      strftime(now(), argumentsOf("strftime_now", given, ["format"]).text("format", "")),
  };
  for (const [name, call] of Object.entries(functions)) scope.set(name, new Callable(name, call));
}
