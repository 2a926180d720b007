import { characters } from "../characters.js";

/** A float of Python's; whole numbers are JavaScript's numbers. */
export class PythonFloat {
  constructor(readonly value: number) {}
}

/** A list that prints with parentheses. */
export class Tuple extends Array<Value> {
  static override get [Symbol.species]() {
    return Array;
  }
}

/** What `range()` gives: a list that prints by its bounds. */
export class Range extends Array<Value> {
  static override get [Symbol.species]() {
    return Array;
  }

  bounds: readonly [start: number, stop: number, step: number] = [0, 0, 1];

  /** @param step not 0. */
  static between(start: number, stop: number, step: number): Range {
    const range = new Range();
    range.bounds = [start, stop, step];
    for (let at = start; step > 0 ? at < stop : at > stop; at += step) range.push(at);
    return range;
  }
}

/** What a name or a key stands for that is not there: empty where it is printed, an error where it is used. */
export class Undefined {
  /** @param what "'x' is undefined", for errors. */
  constructor(readonly what: string) {}
}

/** A value that was looked for, which may be None. @param what it is that is not there. */
export function found(value: Value | undefined, what: () => string): Value {
  return value === undefined ? new Undefined(what()) : value;
}

/** What `namespace()` makes: the one value that a template may change. */
export class Namespace {
  constructor(readonly values: Map<string, Value>) {}
}

/** Arguments of a call. */
export interface Arguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

/** A macro, a method or a global function. */
export class Callable {
  constructor(
    readonly name: string,
    readonly call: (given: Arguments) => Value,
  ) {}
}

export type Key = string | number | null;
export type Dict = Map<Key, Value>;

/** What a template computes with. */
export type Value =
  | null
  | boolean
  | number
  | string
  | PythonFloat
  | Value[]
  | Dict
  | Undefined
  | Namespace
  | Callable;

/** A template did what Python refuses, or refused the conversation itself. */
export class TemplateError extends Error {}

/** What is not computed here, though Python may. */
export class UnsupportedError extends TemplateError {}

/** The value as a key; undefined for what is no key here, though in Python it may be one. */
export function possibleKey(value: Value): Key | undefined {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  if (value instanceof PythonFloat && Number.isInteger(value.value)) return value.value;
  return undefined;
}

/** @throws {UnsupportedError} for what is no key here. */
export function keyOf(value: Value): Key {
  const key = possibleKey(value);
  if (key !== undefined) return key;
  throw new UnsupportedError(`a dict with a key of type ${typeName(value)}`);
}

/** As `type(value).__name__`. */
export function typeName(value: Value): string {
  if (value === null) return "NoneType";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "int";
  if (typeof value === "string") return "str";
  if (value instanceof PythonFloat) return "float";
  if (value instanceof Tuple) return "tuple";
  if (value instanceof Range) return "range";
  if (Array.isArray(value)) return "list";
  if (value instanceof Map) return "dict";
  if (value instanceof Undefined) return "Undefined";
  return value instanceof Namespace ? "Namespace" : "function";
}

/** A whole number. @throws {UnsupportedError} above 2^53, where JavaScript's are not exact. */
export function whole(value: number): number {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  throw new UnsupportedError("a whole number above 2^53");
}

/** The number of an int, a float or a bool; undefined for anything else. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  return value instanceof PythonFloat ? value.value : undefined;
}

export const isFloat = (value: Value): value is PythonFloat => value instanceof PythonFloat;

/** The value itself. @throws {TemplateError} for what is not there. */
export function defined<T extends Value>(value: T): Exclude<T, Undefined> {
  if (value instanceof Undefined) throw new TemplateError(value.what);
  return value as Exclude<T, Undefined>;
}

export function isTrue(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false;
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  if (typeof value === "string") return value !== "";
  if (value instanceof PythonFloat) return value.value !== 0;
  if (Array.isArray(value)) return value.length > 0;
  return value instanceof Map ? value.size > 0 : true;
}

/**
 * What a `for` goes through: of a text its characters, of a dict its keys.
 *
 * @throws {TemplateError} for what cannot be gone through.
 */
export function itemsOf(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return [...value];
  if (value instanceof Map) return [...value.keys()];
  if (value instanceof Undefined) return [];
  throw new TemplateError(`'${typeName(value)}' object is not iterable`);
}

/** @throws {TemplateError} for what has no length. */
export function lengthOf(value: Value): number {
  if (Array.isArray(value)) return value.length;
  if (typeof value === "string") return characters(value);
  if (value instanceof Map) return value.size;
  if (value instanceof Undefined) return 0;
  throw new TemplateError(`object of type '${typeName(value)}' has no len()`);
}

/**
 * A value of JSON, as a template sees it. What JSON does not have is a text that names its type, as in
 * transformers: a template sees that an image is there, and not its bytes.
 */
export function templateValue(given: unknown): Value {
  if (given === null || typeof given === "string" || typeof given === "boolean") return given;
  if (given === undefined) return null;
  if (typeof given === "number") {
    return Number.isSafeInteger(given) && !Object.is(given, -0) ? given : new PythonFloat(given);
  }
  if (typeof given === "bigint") return whole(Number(given));
  if (Array.isArray(given)) return given.map(templateValue);
  const prototype = typeof given === "object" ? Object.getPrototypeOf(given) : undefined;
  if (prototype === Object.prototype || prototype === null) {
    const entries = Object.entries(given as object).filter(([, one]) => one !== undefined);
    return new Map(entries.map(([name, one]) => [name, templateValue(one)]));
  }
  return `<${(given as object).constructor?.name ?? typeof given}>`;
}
