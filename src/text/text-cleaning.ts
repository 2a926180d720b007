import { requireString } from "../shared/validation.js";

/**
 * What is done to a text before it is tokenized. "alphanumeric": lower case, then only ASCII
 * letters, digits and white space are kept, as Python's
 * `re.sub(r"[^a-zA-Z0-9\s]", "", text.lower())`. "none": nothing. A function: whatever it returns.
 */
export type TextCleaning = "alphanumeric" | "none" | ((text: string) => string);

/** What can be written down of a cleaning: a function is only known to be one. */
export type CleaningName = "alphanumeric" | "none" | "custom";

export function cleaningName(clean: TextCleaning | CleaningName): CleaningName {
  return typeof clean === "function" ? "custom" : clean;
}

// Python's \s: U+001C to U+001F and U+0085 are white space there and U+FEFF is not.
const dropped =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are white space in Python
  /[^a-z0-9\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;

/** `re.sub(r"[^a-zA-Z0-9\s]", "", text.lower())` of Python. */
export function cleanAlphanumeric(text: string): string {
  requireString("text", text);
  // Lower-casing differs between the languages only outside of ASCII, which is dropped; what becomes
  // ASCII (the Kelvin sign, the dotted capital I) does so in both.
  return text.toLowerCase().replace(dropped, "");
}

/** As Python's `str.isalpha` has it: of the categories Lm, Lt, Lu, Ll and Lo. */
const letters = /\p{L}/gu;

/** How many letters a text has, of any writing. */
export function countLetters(text: string): number {
  return text.match(letters)?.length ?? 0;
}

/** Digits and other numbers, punctuation and symbols: the categories N, P and S of Unicode. */
const signs = /[\p{N}\p{P}\p{S}]/gu;

/** How many digits, punctuation marks and symbols a text has, of any writing. */
export function countSigns(text: string): number {
  return text.match(signs)?.length ?? 0;
}

/** The function of a cleaning option. */
export function textCleaner(cleaning: TextCleaning): (text: string) => string {
  if (typeof cleaning === "function") return cleaning;
  return cleaning === "alphanumeric" ? cleanAlphanumeric : (text) => text;
}
