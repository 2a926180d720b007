import type { Allowance } from "./allowance.js";
import {
  type Callable,
  type Key,
  Namespace,
  PythonFloat,
  Range,
  Tuple,
  Undefined,
  type Value,
} from "./values.js";

/** As Python's `str(value)`. */
export function textOf(value: Value, allowance: Allowance): string {
  if (typeof value === "string") return value;
  return value instanceof Undefined ? "" : shown(value, allowance);
}

/** As Python's `repr(value)`. */
export function shown(value: Value | Key, allowance: Allowance): string {
  allowance.steps(1);
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") {
    allowance.text(value.length);
    return quoted(value);
  }
  if (value instanceof PythonFloat) return floatText(value.value);
  if (value instanceof Tuple) {
    return value.length === 1
      ? `(${shown(value[0] as Value, allowance)},)`
      : `(${shownItems(value, allowance)})`;
  }
  if (value instanceof Range) {
    const [start, stop, step] = value.bounds;
    return `range(${start}, ${stop}${step === 1 ? "" : `, ${step}`})`;
  }
  if (Array.isArray(value)) return `[${shownItems(value, allowance)}]`;
  if (value instanceof Map) return shownDict(value, allowance);
  if (value instanceof Undefined) return "Undefined";
  if (value instanceof Namespace) return `<Namespace ${shownDict(value.values, allowance)}>`;
  return `<${(value as Callable).name}>`;
}

function shownItems(items: readonly Value[], allowance: Allowance): string {
  allowance.turn();
  return allowance.joined(
    Array.from(items, (one) => shown(one, allowance)),
    ", ",
  );
}

function shownDict(dict: ReadonlyMap<Key, Value>, allowance: Allowance): string {
  allowance.turn();
  const entries = [...dict].map(
    ([key, one]) => `${shown(key, allowance)}: ${shown(one, allowance)}`,
  );
  return `{${allowance.joined(entries, ", ")}}`;
}

/** The shortest digits that are read as the same number, as both languages have them, in Python's notation. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [digits, power] = value.toExponential().split("e") as [string, string];
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 16) return plainNotation(digits, exponent);
  const sign = exponent < 0 ? "-" : "+";
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** Digits such as "1.25" with the point moved by so many places. */
function plainNotation(digits: string, places: number): string {
  const sign = digits.startsWith("-") ? "-" : "";
  const all = digits.replace(/[-.]/g, "");
  if (places < 0) return `${sign}0.${"0".repeat(-places - 1)}${all}`;
  const padded = all.padEnd(places + 1, "0");
  return `${sign}${padded.slice(0, places + 1)}.${padded.slice(places + 1) || "0"}`;
}

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** What Python does not print: control, format, private and unassigned characters, and spaces but for one. */
const notPrinted = /[\\\p{C}\p{Z}]/gu;

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(notPrinted, (character) => {
    if (character === " ") return character;
    const known = escapes[character];
    if (known !== undefined) return known;
    const code = (character.codePointAt(0) as number).toString(16);
    if (code.length <= 2) return `\\x${code.padStart(2, "0")}`;
    return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
  });
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
}
