import { shownUrl } from "../remote/remote-location.js";
import { outOfRange } from "../shared/validation.js";

/** A set of more files than this would not be listed either; a range such as {0..9999999999} must not fill the memory. */
const MOST_NAMES = 1_000_000;

const numberRange = /^(-?\d+)\.\.(-?\d+)(?:\.\.-?(\d+))?$/;
const letterRange = /^([a-z])\.\.([a-z])(?:\.\.-?(\d+))?$|^([A-Z])\.\.([A-Z])(?:\.\.-?(\d+))?$/;

/** From one number to another, either way. */
function steps(option: string, from: number, to: number, step: number): number[] {
  const count = Math.floor(Math.abs(to - from) / step) + 1;
  if (count > MOST_NAMES) throw outOfRange(option, `at most ${MOST_NAMES} names`, count);
  return Array.from({ length: count }, (_, i) => (to < from ? from - i * step : from + i * step));
}

/** The names that a range stands for; a leading zero pads them all to one width, a sign included. */
function namesOfRange(option: string, body: string): string[] | undefined {
  const [, from, to, step] = numberRange.exec(body) ?? [];
  if (from !== undefined && to !== undefined) {
    const padded = [from, to].some((end) => /^-?0\d/.test(end));
    const width = padded ? Math.max(from.length, to.length) : 0;
    return steps(option, Number(from), Number(to), Number(step) || 1).map((number) => {
      const sign = number < 0 ? "-" : "";
      return sign + String(Math.abs(number)).padStart(width - sign.length, "0");
    });
  }
  const [first, last, by] = (letterRange.exec(body) ?? []).slice(1).filter((bound) => bound);
  if (first === undefined || last === undefined) return undefined;
  return steps(option, first.charCodeAt(0), last.charCodeAt(0), Number(by) || 1).map((code) =>
    String.fromCharCode(code),
  );
}

/** Places of the characters that are within no braces, and of the first pair of braces. */
function outline(
  option: string,
  pattern: string,
): { open: number; close: number; commas: number[] } {
  const found = { open: -1, close: -1, commas: [] as number[] };
  let depth = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === "{") {
      if (depth === 0 && found.open === -1) found.open = at;
      depth += 1;
    } else if (character === "}") {
      depth -= 1;
      if (depth === 0 && found.close === -1) found.close = at;
    } else if (character === "," && depth === 0) found.commas.push(at);
    if (depth < 0) break;
  }
  if (depth !== 0)
    throw outOfRange(option, "as many closing braces as opening ones", shownUrl(pattern));
  return found;
}

function namesOfBraces(option: string, body: string): string[] {
  const range = namesOfRange(option, body);
  if (range !== undefined) return range;
  const { commas } = outline(option, body);
  if (commas.length === 0) return expandBraces(option, body).map((name) => `{${name}}`);
  const ends = [...commas, body.length];
  return ends.flatMap((end, i) => expandBraces(option, body.slice((ends[i - 1] ?? -1) + 1, end)));
}

/**
 * The names that a pattern stands for, as a shell and Python's braceexpand have it: `{a,b}`,
 * `{000..099}`, `{0..8..2}`, `{a..f}`; several multiply, the last one fastest.
 *
 * @param option what the pattern was given as, for errors.
 * @throws {RangeError} for braces that do not match, and for more than a million names.
 */
export function expandBraces(option: string, pattern: string): string[] {
  const { open, close } = outline(option, pattern);
  if (open === -1) return [pattern];
  const head = pattern.slice(0, open);
  const middles = namesOfBraces(option, pattern.slice(open + 1, close));
  const tails = expandBraces(option, pattern.slice(close + 1));
  const count = middles.length * tails.length;
  if (count > MOST_NAMES) throw outOfRange(option, `at most ${MOST_NAMES} names`, count);
  return middles.flatMap((middle) => tails.map((tail) => head + middle + tail));
}
