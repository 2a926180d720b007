/** A value as it is shown in an error message. */
export function describe(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  }
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) {
    return value.length <= 4
      ? `[${value.map((one) => (Array.isArray(one) ? "[…]" : describe(one))).join(", ")}]`
      : `an array of ${value.length}`;
  }
  if (value instanceof Promise) return "a Promise (await it)";
  if (typeof value === "object" && value !== null) {
    return `an object of type ${value.constructor?.name ?? "Object"}`;
  }
  return String(value);
}

export function wrongType(option: string, expected: string, actual: unknown): TypeError {
  return new TypeError(`${option}: expected ${expected}, got ${describe(actual)}`);
}

export function outOfRange(option: string, expected: string, actual: unknown): RangeError {
  return new RangeError(`${option}: expected ${expected}, got ${describe(actual)}`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Refuses what is not an object, and options that do not exist: a misspelled one is never ignored. */
export function requireOptions(
  owner: string,
  value: unknown,
  known: readonly string[],
): Record<string, unknown> {
  // a Promise has no options of its own: one that is not awaited would leave all of them out
  if (!isObject(value) || value instanceof Promise) {
    throw wrongType(owner, "an object with options", value);
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw new TypeError(`${owner}: unknown option "${key}"; expected one of ${known.join(", ")}`);
    }
  }
  return value;
}

export function requireInteger(
  option: string,
  value: unknown,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  const range =
    most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  if (typeof value !== "number") throw wrongType(option, `an integer ${range}`, value);
  if (!Number.isInteger(value) || value < least || value > most) {
    const named = value > most ? `from ${least} to ${most}` : range;
    throw outOfRange(option, `an integer ${named}`, value);
  }
  return value;
}

export function requireNumber(option: string, value: unknown, least: number, most: number): number {
  const expected = `a number from ${least} to ${most}`;
  if (typeof value !== "number") throw wrongType(option, expected, value);
  if (!(value >= least && value <= most)) throw outOfRange(option, expected, value);
  return value;
}

/**
 * Refuses what is not the result of one of our functions, by members that every one has: types do not hold back programs in
 * JavaScript, nor what was parsed.
 *
 * @param expected whose result it is to be, in errors.
 */
export function requireResult<T extends object>(
  option: string,
  value: T,
  expected: string,
  members: readonly (keyof T & string)[],
): void {
  if (!isObject(value) || members.some((member) => !(member in value))) {
    throw wrongType(option, expected, value);
  }
}

/** @param expected what the string is, in errors. */
export function requireString(option: string, value: unknown, expected = "a string"): string {
  if (typeof value !== "string") throw wrongType(option, expected, value);
  return value;
}

export function requireBoolean(option: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw wrongType(option, "true or false", value);
  return value;
}

export function requireOneOf<const T extends string>(
  option: string,
  value: unknown,
  choices: readonly T[],
): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) {
    const expected = `one of ${choices.map((choice) => `"${choice}"`).join(", ")}`;
    throw typeof value === "string"
      ? outOfRange(option, expected, value)
      : wrongType(option, expected, value);
  }
  return found;
}
