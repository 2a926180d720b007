import type { Allowance } from "./allowance.js";
import { argumentsOf, type GivenArguments } from "./call-arguments.js";
import { inDict, isEqual, placeOf } from "./comparison.js";
import {
  capitalized,
  isNumeric,
  linesOf,
  occurrences,
  replaced,
  splitText,
  stripped,
  titled,
} from "./python-text.js";
import {
  Callable,
  type Dict,
  Range,
  TemplateError,
  Tuple,
  typeName,
  type Value,
} from "./values.js";

type Method<T> = (value: T, given: GivenArguments, allowance: Allowance) => Value;
/** A method and the names of its parameters. */
type Declared<T> = readonly [parameters: string, method: Method<T>];

const starts = (isPart: (text: string, part: string) => boolean): Declared<string> => [
  "prefix",
  (text, given) => {
    const parts = given.get("prefix", null);
    const list = parts instanceof Tuple ? [...parts] : [parts];
    return list.some((part) => {
      if (typeof part !== "string") {
        throw new TemplateError(`expected a text or a tuple of texts, got ${typeName(part)}`);
      }
      return isPart(text, part);
    });
  },
];

const cut = (side: "left" | "right" | "both"): Declared<string> => [
  "chars",
  (text, given) => stripped(text, side, given.textOrNull("chars")),
];

const split = (fromEnd: boolean): Declared<string> => [
  "sep maxsplit",
  (text, given, allowance) => {
    const separator = given.textOrNull("sep");
    if (separator === "") throw new TemplateError("empty separator");
    const parts = splitText(text, separator, given.whole("maxsplit", -1), fromEnd);
    allowance.steps(parts.length);
    return parts;
  },
];

const partition = (fromEnd: boolean): Declared<string> => [
  "sep",
  (text, given) => {
    const separator = given.text("sep", "");
    if (separator === "") throw new TemplateError("empty separator");
    const at = fromEnd ? text.lastIndexOf(separator) : text.indexOf(separator);
    if (at < 0) return Tuple.from(fromEnd ? ["", "", text] : [text, "", ""]);
    return Tuple.from([text.slice(0, at), separator, text.slice(at + separator.length)]);
  },
];

const find = (fromEnd: boolean, isThere: boolean): Declared<string> => [
  "sub",
  (text, given) => {
    const place = placeOf(text, given.text("sub", ""), fromEnd);
    if (place < 0 && isThere) throw new TemplateError("substring not found");
    return place;
  },
];

const every = (pattern: RegExp): Declared<string> => ["", (text) => pattern.test(text)];
/** Decimal digits, and signs that are one digit: superscripts, circled ones and the like. Fractions are none. */
const DIGITS =
  /^(?:\p{Nd}|[\u00B2\u00B3\u00B9\u1369-\u1371\u19DA\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247C\u2488-\u2490\u24EA\u24F5-\u24FD\u24FF\u2776-\u277E\u2780-\u2788\u278A-\u2792\u{10A40}-\u{10A43}\u{10E60}-\u{10E68}\u{11052}-\u{1105A}\u{1F100}-\u{1F10A}])+$/u;
const padded = (pad: (text: string, missing: number, fill: string) => string): Declared<string> => [
  "width fillchar",
  (text, given, allowance) => {
    const missing = Math.max(0, given.whole("width", 0) - [...text].length);
    const fill = given.text("fillchar", " ");
    allowance.text(text.length + missing * fill.length);
    return pad(text, missing, fill);
  },
];

const textMethods: Readonly<Record<string, Declared<string>>> = {
  upper: ["", (text) => text.toUpperCase()],
  lower: ["", (text) => text.toLowerCase()],
  casefold: ["", (text) => text.toLowerCase().replaceAll("ß", "ss")],
  capitalize: ["", capitalized],
  title: ["", titled],
  strip: cut("both"),
  lstrip: cut("left"),
  rstrip: cut("right"),
  startswith: starts((text, part) => text.startsWith(part)),
  endswith: starts((text, part) => text.endsWith(part)),
  removeprefix: [
    "prefix",
    (text, given) => {
      const part = given.text("prefix", "");
      return text.startsWith(part) ? text.slice(part.length) : text;
    },
  ],
  removesuffix: [
    "suffix",
    (text, given) => {
      const part = given.text("suffix", "");
      return part !== "" && text.endsWith(part) ? text.slice(0, -part.length) : text;
    },
  ],
  split: split(false),
  rsplit: split(true),
  splitlines: ["keepends", (text, given) => linesOf(text, given.flag("keepends", false))],
  partition: partition(false),
  rpartition: partition(true),
  replace: [
    "old new count",
    (text, given, allowance) => {
      const [from, to] = [given.text("old", ""), given.text("new", "")];
      allowance.text(text.length + occurrences(text, from) * to.length);
      return replaced(text, from, to, given.whole("count", -1));
    },
  ],
  join: [
    "iterable",
    (text, given, allowance) => {
      const items = allowance.items(given.get("iterable", null));
      const wrong = items.find((item) => typeof item !== "string");
      if (wrong !== undefined) {
        throw new TemplateError(`sequence item: expected str instance, ${typeName(wrong)} found`);
      }
      return allowance.joined(items as readonly string[], text);
    },
  ],
  find: find(false, false),
  rfind: find(true, false),
  index: find(false, true),
  rindex: find(true, true),
  count: ["sub", (text, given) => occurrences(text, given.text("sub", ""))],
  isdigit: every(DIGITS),
  isdecimal: every(/^\p{Nd}+$/u),
  isnumeric: every(isNumeric),
  isalpha: every(/^\p{L}+$/u),
  isalnum: every(/^[\p{L}\p{N}]+$/u),
  isspace: ["", (text) => text !== "" && stripped(text, "both") === ""],
  isupper: ["", (text) => /\p{Cased}/u.test(text) && text === text.toUpperCase()],
  islower: ["", (text) => /\p{Cased}/u.test(text) && text === text.toLowerCase()],
  ljust: padded((text, missing, fill) => text + fill.repeat(missing)),
  rjust: padded((text, missing, fill) => fill.repeat(missing) + text),
};

const listMethods: Readonly<Record<string, Declared<readonly Value[]>>> = {
  index: [
    "value",
    (list, given, allowance) => {
      const wanted = given.get("value", null);
      const at = list.findIndex((one) => isEqual(one, wanted, allowance));
      if (at < 0) throw new TemplateError("the value is not in the list");
      return at;
    },
  ],
  count: [
    "value",
    (list, given, allowance) =>
      list.filter((one) => isEqual(one, given.get("value", null), allowance)).length,
  ],
  copy: [
    "",
    (list, _given, allowance) => {
      allowance.steps(list.length);
      return [...list];
    },
  ],
};

/** A method that goes through the whole dict. */
const whole = (method: (dict: Dict) => Value): Declared<Dict> => [
  "",
  (dict, _given, allowance) => {
    allowance.steps(dict.size);
    return method(dict);
  },
];

const dictMethods: Readonly<Record<string, Declared<Dict>>> = {
  get: [
    "key default",
    (dict, given, allowance) => {
      const value = inDict(dict, given.get("key", null), allowance);
      return value === undefined ? given.get("default", null) : value;
    },
  ],
  keys: whole((dict) => [...dict.keys()]),
  values: whole((dict) => [...dict.values()]),
  items: whole((dict) => [...dict].map((entry) => Tuple.from(entry))),
  copy: whole((dict) => new Map(dict)),
};

/** Methods by which a template would change what it was given. */
const changing: Readonly<Record<string, readonly string[]>> = {
  list: ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"],
  dict: ["clear", "pop", "popitem", "setdefault", "update"],
};

/**
 * A method of a value; undefined where Python has none of this name either, or we do not.
 *
 * @throws {TemplateError} for one that changes the value.
 */
export function methodOf(value: Value, name: string, allowance: Allowance): Value | undefined {
  const type = typeName(value);
  if (changing[type]?.includes(name)) {
    throw new TemplateError(`access to attribute '${name}' of '${type}' object is unsafe.`);
  }
  if (typeof value === "string") return bound(textMethods, value, name, allowance);
  if (Array.isArray(value)) {
    const at = ["start", "stop", "step"].indexOf(name);
    if (value instanceof Range && at >= 0) return value.bounds[at];
    const isCopy = name === "copy" && type !== "list";
    return isCopy ? undefined : bound(listMethods, value as readonly Value[], name, allowance);
  }
  return value instanceof Map ? bound(dictMethods, value, name, allowance) : undefined;
}

function bound<T>(
  methods: Readonly<Record<string, Declared<T>>>,
  value: T,
  name: string,
  allowance: Allowance,
): Callable | undefined {
  const declared = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (declared === undefined) return undefined;
  const [parameters, method] = declared;
  const names = parameters === "" ? [] : parameters.split(" ");
  return new Callable(`built-in method ${name}`, (given) => {
    if (typeof value === "string") allowance.scan(value.length);
    return method(value, argumentsOf(name, given, names), allowance);
  });
}
