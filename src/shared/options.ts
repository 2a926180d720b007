import {
  requireInteger,
  requireNumber,
  requireOneOf,
  requireOptions,
  wrongType,
} from "./validation.js";

/**
 * Reads the value of an option, which is undefined where the option is left out.
 *
 * @param option name of the option in errors.
 * @throws {TypeError | RangeError}
 */
export type OptionReader<T> = (option: string, value: unknown) => T;

/** Takes a value as it is: for options that are read together with others. */
export interface AsGiven extends OptionReader<unknown> {
  readonly isRead: false;
}

/**
 * How each option of the interface `O` is read. `{ … } satisfies OptionReaders<O>` does not compile
 * where an option is missing, is not in the interface, or is read as another type.
 */
export type OptionReaders<O> = {
  readonly [Name in keyof O]-?: OptionReader<O[Name] | undefined> | AsGiven;
};

/** Options as their readers give them. */
export type ReadOptions<R extends object> = {
  readonly [Name in keyof R]: R[Name] extends OptionReader<infer T> ? T : never;
};

/**
 * Reads all options. What is no object, and options that do not exist, are refused.
 *
 * @param owner whose options they are, in errors.
 * @param prefix of the options' names in errors.
 * @throws {TypeError | RangeError}
 */
export function readOptions<R extends { readonly [name: string]: OptionReader<unknown> }>(
  owner: string,
  options: unknown,
  readers: R,
  prefix = "",
): ReadOptions<R> {
  const given = requireOptions(owner, options, Object.keys(readers));
  const values = Object.entries(readers).map(([name, read]) => [
    name,
    read(`${prefix}${name}`, given[name]),
  ]);
  return Object.fromEntries(values) as ReadOptions<R>;
}

/** Options within an option. */
export function group<R extends { readonly [name: string]: OptionReader<unknown> }>(
  readers: R,
): OptionReader<ReadOptions<R>> {
  return (option, value) => readOptions(option, value, readers, `${option}.`);
}

export const asGiven: AsGiven = Object.assign((_option: string, value: unknown) => value, {
  isRead: false as const,
});

export function withDefault<T>(read: OptionReader<T>, value: NoInfer<T>): OptionReader<T> {
  return (option, given) => read(option, given ?? value);
}

export function optional<T>(read: OptionReader<T>): OptionReader<T | undefined> {
  return (option, value) => (value === undefined ? undefined : read(option, value));
}

export function integer(least: number, most?: number): OptionReader<number> {
  return (option, value) => requireInteger(option, value, least, most);
}

export function number(least: number, most: number): OptionReader<number> {
  return (option, value) => requireNumber(option, value, least, most);
}

export function oneOf<const T extends string>(choices: readonly T[]): OptionReader<T> {
  return (option, value) => requireOneOf(option, value, choices);
}

/** @param expected what the string is, in errors. */
export function stringOf(expected: string): OptionReader<string> {
  return (option, value) => {
    if (typeof value === "string") return value;
    throw wrongType(option, expected, value);
  };
}

/** @param expected what the function is, in errors. Its parameters cannot be checked. */
export function callable<F extends (...parameters: never[]) => unknown>(
  expected: string,
): OptionReader<F> {
  return (option, value) => {
    if (typeof value === "function") return value as F;
    throw wrongType(option, expected, value);
  };
}

/** @param expected what the object is, in errors. */
export function instanceOf<T>(
  type: { readonly prototype: T; [Symbol.hasInstance](value: unknown): boolean },
  expected: string,
): OptionReader<T> {
  return (option, value) => {
    if (value instanceof type) return value as T;
    throw wrongType(option, expected, value);
  };
}
