import { outOfRange } from "../shared/validation.js";

const MOST_NAMES = 1_000_000;

const numberRange = /^(-?\d+)\.\.(-?\d+)(?:\.\.-?(\d+))?$/;
const letterRange = /^([a-z])\.\.([a-z])(?:\.\.-?(\d+))?$|^([A-Z])\.\.([A-Z])(?:\.\.-?(\d+))?$/;

/** From one number to another, either way. */
function steps(from: number, to: number, step: number): number[] {
  const count = Math.floor(Math.abs(to - from) / step) + 1;
  if (count > MOST_NAMES) throw outOfRange("shards", `at most ${MOST_NAMES} shards`, count);
  return Array.from({ length: count }, (_, i) => (to < from ? from - i * step : from + i * step));
}

/** The names that a range stands for; a leading zero pads them all to one width, a sign included. */
function namesOfRange(body: string): string[] | undefined {
  const [, from, to, step] = numberRange.exec(body) ?? [];
  if (from !== undefined && to !== undefined) {
    const padded = [from, to].some((end) => /^-?0\d/.test(end));
    const width = padded ? Math.max(from.length, to.length) : 0;
    return steps(Number(from), Number(to), Number(step) || 1).map((number) => {
      const sign = number < 0 ? "-" : "";
      return sign + String(Math.abs(number)).padStart(width - sign.length, "0");
    });
  }
  const [first, last, by] = (letterRange.exec(body) ?? []).slice(1).filter((part) => part);
  if (first === undefined || last === undefined) return undefined;
  return steps(first.charCodeAt(0), last.charCodeAt(0), Number(by) || 1).map((code) =>
    String.fromCharCode(code),
  );
}

/** Places of the characters that are within no braces, and of the first pair of braces. */
function outline(pattern: string): { open: number; close: number; commas: number[] } {
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
  if (depth !== 0) throw outOfRange("shards", "as many closing braces as opening ones", pattern);
  return found;
}

function namesOfBraces(body: string): string[] {
  const range = namesOfRange(body);
  if (range !== undefined) return range;
  const { commas } = outline(body);
  if (commas.length === 0) return expandBraces(body).map((name) => `{${name}}`);
  const ends = [...commas, body.length];
  return ends.flatMap((end, i) => expandBraces(body.slice((ends[i - 1] ?? -1) + 1, end)));
}

/**
 * The names that a pattern stands for, as a shell and Python's braceexpand have it: `{a,b}`,
 * `{000..099}`, `{0..8..2}`, `{a..f}`; several multiply, the last one fastest.
 *
 * @throws {RangeError} for braces that do not match, and for more than a million names.
 */
export function expandBraces(pattern: string): string[] {
  const { open, close } = outline(pattern);
  if (open === -1) return [pattern];
  const head = pattern.slice(0, open);
  const middles = namesOfBraces(pattern.slice(open + 1, close));
  const tails = expandBraces(pattern.slice(close + 1));
  const count = middles.length * tails.length;
  if (count > MOST_NAMES) throw outOfRange("shards", `at most ${MOST_NAMES} shards`, count);
  return middles.flatMap((middle) => tails.map((tail) => head + middle + tail));
}
