import { outOfRange } from "./validation.js";

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The number that a variable has; undefined where it is not set.
 *
 * @throws {RangeError} for what is no integer of at least `least`.
 */
export function numberIn(
  environment: Environment,
  variable: string,
  least = 0,
): number | undefined {
  const text = environment[variable];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(number) || number < least) {
    throw outOfRange(variable, `an integer of at least ${least}`, text);
  }
  return number;
}
