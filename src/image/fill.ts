import { requireInteger, wrongType } from "../shared/validation.js";
import type { PerChannel } from "./normalization-options.js";

/** A colour: one number for red, green and blue, or one for each; integers from 0 to 255. */
export type Fill = number | PerChannel;

/** @throws {TypeError | RangeError} */
export function requireFill(option: string, value: unknown): PerChannel {
  const list = Array.isArray(value) ? value : [value, value, value];
  if (list.length !== 3) throw wrongType(option, "a number or [red, green, blue]", value);
  const [red, green, blue] = list.map((one) => requireInteger(option, one, 0, 255));
  return Object.freeze([red, green, blue] as [number, number, number]);
}
