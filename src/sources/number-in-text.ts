const INTEGER = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** As Python's float() and bool() read them, in lower case. */
const words = new Map<string, number | boolean>([
  ...["nan", "+nan", "-nan"].map((text) => [text, Number.NaN] as const),
  ...["inf", "+inf", "infinity", "+infinity"].map((text) => [text, Infinity] as const),
  ...["-inf", "-infinity"].map((text) => [text, -Infinity] as const),
  ["true", true],
  ["false", false],
]);

/** A number is written in fewer characters: the longest double has 1079 digits. */
const MOST_CHARACTERS = 1200;

/** The number, or truth value, that a text says; undefined where it says none. */
export function numberIn(text: string): number | bigint | boolean | undefined {
  if (text.length > MOST_CHARACTERS) return undefined;
  const said = text.trim().toLowerCase();
  if (INTEGER.test(said)) return BigInt(said);
  if (DECIMAL.test(said)) return Number(said);
  return words.get(said);
}
