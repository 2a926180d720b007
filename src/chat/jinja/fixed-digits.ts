/** Decimals that hold every half of a unit of at most 99 decimals. */
const EXACT = 100;

/**
 * A finite number with so many decimals, at most 99, as Python's `"%.2f"` writes it: an exact half goes to the even
 * digit, zero keeps its sign, and there is no exponent.
 */
export function fixedDigits(number: number, decimals: number): string {
  const sign = number < 0 || Object.is(number, -0) ? "-" : "";
  const size = Math.abs(number);
  if (size >= 1e21) {
    return `${sign}${BigInt(size)}${decimals > 0 ? `.${"0".repeat(decimals)}` : ""}`;
  }
  const exact = size.toFixed(EXACT);
  const end = exact.length - EXACT + decimals;
  const below = exact.slice(0, end).replace(/\.$/, "");
  const isEvenHalf = /^50*$/.test(exact.slice(end)) && Number(below.at(-1)) % 2 === 0;
  return sign + (isEvenHalf ? below : size.toFixed(decimals));
}
