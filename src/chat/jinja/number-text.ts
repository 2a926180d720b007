import { stripped } from "./python-text.js";
import { whole } from "./values.js";

/** What `int()` and `float()` strip of ASCII: U+001C to U+001F are no white space to them. */
const SPACES = " \t\n\v\f\r";

/** A text of a number, as Python reads it: any script's digits as ASCII ones, without white space around. */
function plainNumber(text: string): string {
  const plain = text.replace(/[^\0-\x7f]/gu, (one) => {
    if (/\p{Nd}/u.test(one)) return digitOf(one);
    return stripped(one, "both") === "" ? " " : one;
  });
  return stripped(plain, "both", SPACES);
}

/** Digits stand in runs of tens, each from 0 to 9. */
function digitOf(character: string): string {
  const code = character.codePointAt(0) as number;
  let first = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first -= 1;
  return String((code - first) % 10);
}

const prefixes: Readonly<Record<string, number>> = { x: 16, o: 8, b: 2 };

/** As `int(text, base)`; undefined for what is no number. @throws {UnsupportedError} above 2^53. */
export function wholeOf(text: string, base: number): number | undefined {
  if (base !== 0 && !(base >= 2 && base <= 36)) return undefined;
  const [, sign, body = ""] = /^([+-]?)(.*)$/s.exec(plainNumber(text)) ?? [];
  const prefix = prefixes[(/^0([xob])/i.exec(body)?.[1] ?? "").toLowerCase()];
  const isPrefixed = prefix !== undefined && (base === prefix || base === 0);
  const digits = isPrefixed ? body.slice(2).replace(/^_/, "") : body;
  if (!/^[\da-z]+(_[\da-z]+)*$/i.test(digits)) return undefined;
  const plain = digits.replaceAll("_", "");
  const radix = isPrefixed ? prefix : base || 10;
  if (![...plain].every((one) => Number.parseInt(one, radix) >= 0)) return undefined;
  const value = Number.parseInt(plain, radix);
  // without a base, a number that begins with 0 may be one of C's
  if (base === 0 && !isPrefixed && /^0/.test(plain) && value !== 0) return undefined;
  return whole(sign === "-" ? -value : value);
}

/** As `float(text)`; undefined for what is no number. */
export function floatOf(text: string): number | undefined {
  const plain = plainNumber(text).toLowerCase();
  if (/^[+-]?(inf|infinity)$/.test(plain)) return plain.startsWith("-") ? -Infinity : Infinity;
  if (/^[+-]?nan$/.test(plain)) return Number.NaN;
  const digits = "\\d+(?:_\\d+)*";
  const form = new RegExp(`^[+-]?(${digits}\\.?(${digits})?|\\.${digits})(e[+-]?${digits})?$`);
  return form.test(plain) ? Number(plain.replaceAll("_", "")) : undefined;
}
