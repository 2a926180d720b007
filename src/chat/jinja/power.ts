import type { Allowance } from "./allowance.js";
import {
  isFloat,
  numberOf,
  PythonFloat,
  TemplateError,
  UnsupportedError,
  type Value,
  whole,
} from "./values.js";

/** Bits of a float. */
const PRECISION = 53;
/** Bits that a power is computed to after those of a float. */
const GUARD = 40;
/** Bits of the longest number on the way. */
const MOST_BITS = 1 << 14;

/**
 * `one ** other` of two numbers. The machines' floating-point powers differ in the last digit, those of
 * Node's releases as well. So it is computed exactly, and rounded.
 *
 * @returns undefined for what is no number.
 * @throws {TemplateError} for what Python refuses. @throws {UnsupportedError} where the last digit is not certain.
 */
export function power(left: Value, right: Value, allowance: Allowance): Value | undefined {
  const [one, other] = [numberOf(left), numberOf(right)];
  if (one === undefined || other === undefined) return undefined;
  if (one === 0 && other < 0) {
    throw new TemplateError("0.0 cannot be raised to a negative power");
  }
  if (!isFloat(left) && !isFloat(right) && other >= 0) return whole(wholePower(one, other));
  return new PythonFloat(floatPower(one, other, allowance));
}

function wholePower(base: number, exponent: number): number {
  if (Math.abs(base) <= 1) return exponent % 2 === 0 ? base ** 2 || Number(exponent === 0) : base;
  let result = 1;
  for (let at = 0; at < exponent && Number.isSafeInteger(result); at += 1) result *= base;
  return result;
}

function floatPower(base: number, exponent: number, allowance: Allowance): number {
  const isPlain = Number.isFinite(base) && Number.isFinite(exponent) && base !== 0;
  if (base === 1 || exponent === 0) return 1;
  // these are exact by the standard that both languages have them from, but for a base of ±1
  if (!isPlain) return Math.abs(base) === 1 && !Number.isNaN(exponent) ? 1 : base ** exponent;
  if (base < 0 && !Number.isInteger(exponent)) throw new UnsupportedError("a complex number");
  const isNegative = base < 0 && Math.abs(exponent % 2) === 1;
  const result = base === -1 ? 1 : rootedPower(Math.abs(base), exponent, allowance);
  if (result === Number.POSITIVE_INFINITY) throw new TemplateError("Numerical result out of range");
  return isNegative ? -result : result;
}

/** The power of a positive number, for an exponent that is a whole number of halves. */
function rootedPower(base: number, exponent: number, allowance: Allowance): number {
  const size = exponent * Math.log2(base);
  if (size > 1025) return Number.POSITIVE_INFINITY;
  if (size < -1080) return 0;
  const isRoot = !Number.isInteger(exponent);
  const times = isRoot ? Math.abs(exponent) * 2 : Math.abs(exponent);
  const [odd, shift] = partsOf(base);
  if (!Number.isInteger(times) || times * bitsOf(odd) > MOST_BITS) {
    throw new UnsupportedError(`the power ${base} ** ${exponent}`);
  }
  allowance.steps(16 + (times * bitsOf(odd)) / 32);
  const value = odd ** BigInt(times);
  const scale = shift * times * Math.sign(exponent);
  // value * 2 ** scale, or 1 / value * 2 ** scale; its root may be taken
  const wanted = isRoot ? 2 * (PRECISION + GUARD) : PRECISION + GUARD;
  const length = bitsOf(value);
  let up = exponent > 0 ? wanted - length : wanted + length;
  if (isRoot && (scale - up) % 2 !== 0) up += 1;
  const [quotient, isExact] = exponent > 0 ? shifted(value, up) : divided(1n << BigInt(up), value);
  if (!isRoot) return rounded(quotient, isExact, scale - up, size);
  const root = rootOf(quotient);
  return rounded(root, isExact && root * root === quotient, (scale - up) / 2, size);
}

/** A float as an odd whole number and the power of two that it is multiplied by. */
function partsOf(value: number): [odd: bigint, shift: number] {
  let [odd, shift] = [value, 0];
  while (!Number.isInteger(odd)) [odd, shift] = [odd * 2, shift - 1];
  while (odd % 2 === 0) [odd, shift] = [odd / 2, shift + 1];
  return [BigInt(odd), shift];
}

const bitsOf = (value: bigint) => {
  const digits = value.toString(16);
  return digits.length * 4 - Math.clz32(Number.parseInt(digits[0] as string, 16)) + 28;
};

function shifted(value: bigint, up: number): [bigint, boolean] {
  return up >= 0 ? [value << BigInt(up), true] : divided(value, 1n << BigInt(-up));
}

function divided(value: bigint, divisor: bigint): [bigint, boolean] {
  return [value / divisor, value % divisor === 0n];
}

/** The whole part of the square root. */
function rootOf(value: bigint): bigint {
  let root = 1n << BigInt((bitsOf(value) + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/**
 * `value * 2 ** scale` as a float. C's `pow` is off by up to 0.511 units of the last place, and by more for
 * large and small results. What lies so near to the middle of two floats may be either.
 */
function rounded(value: bigint, isExact: boolean, scale: number, size: number): number {
  const exponent = bitsOf(value) + scale;
  // the smallest floats have fewer bits
  const kept = Math.min(PRECISION, exponent + 1074);
  const cut = BigInt(bitsOf(value) - kept);
  const half = 1n << (cut - 1n);
  const rest = value & ((1n << cut) - 1n);
  if (isExact && rest === 0n) return scaled(value >> cut, scale + Number(cut));
  const distance = Number(rest > half ? rest - half : half - rest) / Number(1n << cut);
  if (distance < 0.0125 + Math.abs(size) * 4e-5) {
    throw new UnsupportedError("a power between two floats");
  }
  return scaled((value >> cut) + (rest > half ? 1n : 0n), scale + Number(cut));
}

/** Exact, also where `2 ** exponent` has no float. */
function scaled(value: bigint, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return Number(value) * 2 ** half * 2 ** (exponent - half);
}
