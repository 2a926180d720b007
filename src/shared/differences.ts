import { describe } from "./validation.js";

/** Something that two values do not have in common. */
export interface Difference {
  /** Where it is: "size.width". */
  readonly name: string;
  readonly values: readonly [first: unknown, second: unknown];
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** What differs between two values of JSON: nothing where all is the same. */
export function differencesOf(first: unknown, second: unknown, name = ""): Difference[] {
  if (!isGroup(first) || !isGroup(second)) {
    return Object.is(first, second) ? [] : [{ name, values: [first, second] }];
  }
  const keys = new Set([...Object.keys(first), ...Object.keys(second)]);
  return [...keys].flatMap((key) => {
    const own = Object.hasOwn(first, key) ? first[key] : undefined;
    const other = Object.hasOwn(second, key) ? second[key] : undefined;
    return differencesOf(own, other, name === "" ? key : `${name}.${key}`);
  });
}

/** A value of JSON for people to read. */
export function shown(value: unknown): string {
  return isGroup(value) ? JSON.stringify(value) : describe(value);
}
