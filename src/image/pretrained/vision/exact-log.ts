/** Binary places of what is computed with. */
const PLACES = 160n;
const ONE = 1n << PLACES;
const DOUBLE_PLACES = 52;

/** Twice the inverse hyperbolic tangent of a fraction up to a third: the logarithm of (1 + z) / (1 - z). */
function twiceAtanh(fraction: bigint): bigint {
  const square = (fraction * fraction) >> PLACES;
  let sum = 0n;
  let power = fraction;
  for (let odd = 1n; power !== 0n; odd += 2n) {
    sum += power / odd;
    power = (power * square) >> PLACES;
  }
  return 2n * sum;
}

const LOG_2 = twiceAtanh(ONE / 3n);

/**
 * The natural logarithm, rounded to the nearest number. Python's is the same but for one of a thousand numbers, and
 * Math.log but for one of fourteen: what is as far apart in Python as something else would not be.
 *
 * @param value above 0 and finite.
 */
export function exactLog(value: number): number {
  let exponent = 0n;
  let rest = value;
  for (; rest >= 2; rest /= 2) exponent += 1n;
  for (; rest < 1; rest *= 2) exponent -= 1n;
  const fixed = BigInt(rest * 2 ** DOUBLE_PLACES) << (PLACES - BigInt(DOUBLE_PLACES));
  const log = exponent * LOG_2 + twiceAtanh(((fixed - ONE) << PLACES) / (fixed + ONE));
  return Number(log) / Number(ONE);
}
