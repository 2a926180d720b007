import type { GivenArguments } from "./call-arguments.js";
import type { DeclaredFilter } from "./filter.js";
import { floatOf, wholeOf } from "./number-text.js";
import {
  capitalized,
  linesOf,
  occurrences,
  replaced,
  stripped,
  titledWords,
} from "./python-text.js";
import { roundedTo } from "./rounding.js";
import { textOf } from "./shown-value.js";
import { type JsonOptions, jsonOf } from "./to-json.js";
import {
  defined,
  isFloat,
  isTrue,
  numberOf,
  PythonFloat,
  TemplateError,
  typeName,
  Undefined,
  whole,
} from "./values.js";

const otherwise: DeclaredFilter = [
  "default_value boolean",
  (value, given) => {
    const isMissing =
      value instanceof Undefined || (given.flag("boolean", false) && !isTrue(value));
    return isMissing ? given.get("default_value", "") : value;
  },
];

const htmlEscapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&#39;",
  '"': "&#34;",
};
const escaped: DeclaredFilter = [
  "",
  (value, _given, allowance) =>
    textOf(value, allowance).replace(/[&<>'"]/g, (one) => htmlEscapes[one] as string),
];

/** Filters of texts, numbers, and of any value as a whole. */
export const valueFilters: Readonly<Record<string, DeclaredFilter>> = {
  abs: [
    "",
    (value) => {
      const number = numberOf(value);
      if (number === undefined)
        throw new TemplateError(`bad operand type for abs(): '${typeName(value)}'`);
      return isFloat(value) ? new PythonFloat(Math.abs(number)) : Math.abs(number);
    },
  ],
  capitalize: ["", (value, _given, allowance) => capitalized(textOf(value, allowance))],
  d: otherwise,
  default: otherwise,
  e: escaped,
  escape: escaped,
  float: [
    "default",
    (value, given) => {
      const number = typeof value === "string" ? floatOf(value) : numberOf(defined(value));
      return number === undefined
        ? given.get("default", new PythonFloat(0))
        : new PythonFloat(number);
    },
  ],
  indent: [
    "width first blank",
    (value, given, allowance) => {
      const width = given.get("width", 4);
      const indention =
        typeof width === "string"
          ? width
          : " ".repeat(Math.max(0, Math.min(given.whole("width", 4), 1000)));
      if (typeof value !== "string") throw new TemplateError(`'${typeName(value)}' is no text`);
      const text = value;
      const lines = linesOf(`${text}\n`);
      allowance.text(text.length + lines.length * indention.length);
      const isBlankToo = given.flag("blank", false);
      const [first = "", ...rest] = lines.map((line, at) =>
        at === 0 || (line === "" && !isBlankToo) ? line : indention + line,
      );
      return [given.flag("first", false) ? indention + first : first, ...rest].join("\n");
    },
  ],
  int: [
    "default base",
    (value, given) => {
      const fallback = given.get("default", 0);
      if (typeof value === "string") {
        const number = wholeOf(value, given.whole("base", 10)) ?? floatOf(value) ?? Number.NaN;
        return Number.isFinite(number) ? whole(Math.trunc(number)) : fallback;
      }
      const number = numberOf(defined(value));
      if (number === undefined || Number.isNaN(number)) return fallback;
      if (!Number.isFinite(number))
        throw new TemplateError("cannot convert float infinity to integer");
      return whole(Math.trunc(number));
    },
  ],
  lower: ["", (value, _given, allowance) => textOf(value, allowance).toLowerCase()],
  replace: [
    "old new count",
    (value, given, allowance) => {
      const [text, from, to] = [
        textOf(value, allowance),
        textOf(given.get("old", ""), allowance),
        textOf(given.get("new", ""), allowance),
      ];
      allowance.text(text.length + occurrences(text, from) * to.length);
      return replaced(
        text,
        from,
        to,
        given.get("count", null) === null ? -1 : given.whole("count", -1),
      );
    },
  ],
  round: [
    "precision method",
    (value, given) => {
      const number = numberOf(value);
      if (number === undefined) throw new TemplateError(`'${typeName(value)}' cannot be rounded`);
      const precision = given.whole("precision", 0);
      const method = given.text("method", "common");
      if (method === "common") {
        if (isFloat(value)) return new PythonFloat(roundedTo(number, precision));
        return precision < 0 ? whole(roundedTo(number, precision)) : number;
      }
      const rounding = { ceil: Math.ceil, floor: Math.floor }[method];
      if (rounding === undefined) throw new TemplateError("method must be common, ceil or floor");
      // read from a text, as powers of ten of JavaScript's are not exact
      const scale = Number(`1e${precision}`);
      const count = rounding(number * scale);
      if (!Number.isFinite(count))
        throw new TemplateError(`cannot convert float ${count} to integer`);
      // whole numbers have no -0
      return new PythonFloat((count + 0) / scale);
    },
  ],
  safe: ["", (value, _given, allowance) => textOf(value, allowance)],
  string: ["", (value, _given, allowance) => textOf(value, allowance)],
  title: ["", (value, _given, allowance) => titledWords(textOf(value, allowance))],
  tojson: [
    "ensure_ascii indent separators sort_keys",
    (value, given, allowance) => jsonOf(value, jsonOptions(given), allowance),
  ],
  trim: [
    "chars",
    (value, given, allowance) =>
      stripped(textOf(value, allowance), "both", given.textOrNull("chars")),
  ],
  upper: ["", (value, _given, allowance) => textOf(value, allowance).toUpperCase()],
};

function jsonOptions(given: GivenArguments): JsonOptions {
  const indent = given.get("indent", null);
  const separators = given.get("separators", null);
  const texts = Array.isArray(separators) ? separators : null;
  if (
    separators !== null &&
    !(texts?.length === 2 && texts.every((one) => typeof one === "string"))
  ) {
    throw new TemplateError("tojson(): separators: expected two texts");
  }
  return {
    ensureAscii: given.flag("ensure_ascii", false),
    indent:
      indent === null
        ? null
        : typeof indent === "string"
          ? indent
          : " ".repeat(Math.max(0, Math.min(given.whole("indent", 0), 1000))),
    separators:
      (texts as unknown as [string, string] | null) ??
      (indent === null ? [", ", ": "] : [",", ": "]),
    sortKeys: given.flag("sort_keys", false),
  };
}
