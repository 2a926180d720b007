import { outOfRange, wrongType } from "../shared/validation.js";

export function requireMargin(option: string, value: unknown): number {
  const expected = "a number from 0 to below 1";
  if (typeof value !== "number") throw wrongType(option, expected, value);
  if (!(value >= 0 && value < 1)) throw outOfRange(option, expected, value);
  return value;
}

/** A whole number of samples; what floating point has just missed is not lost. */
export function wholeSamples(samples: number): number {
  return Math.floor(samples + 1e-9);
}
