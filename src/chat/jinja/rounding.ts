import { fixedDigits } from "./fixed-digits.js";
import { UnsupportedError } from "./values.js";

/** As `round(value, digits)`: the exact value, a half to the even digit. Below 0, digits before the point. */
export function roundedTo(value: number, digits: number): number {
  if (!Number.isFinite(value)) return value;
  if (digits > 99) throw new UnsupportedError("a number rounded to more than 99 decimals");
  if (digits >= 0) return Number(fixedDigits(value, digits));
  const sign = value < 0 || Object.is(value, -0) ? -1 : 1;
  // above every float
  if (digits < -309) return sign * 0;
  const size = Math.abs(value);
  const unit = 10n ** BigInt(-digits);
  const count = BigInt(Math.trunc(size)) / unit;
  const twice = (BigInt(Math.trunc(size)) % unit) * 2n;
  const isUp = twice === unit ? !Number.isInteger(size) || count % 2n === 1n : twice > unit;
  return sign * Number((count + (isUp ? 1n : 0n)) * unit);
}
