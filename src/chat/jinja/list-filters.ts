import type { Allowance } from "./allowance.js";
import type { GivenArguments } from "./call-arguments.js";
import { compared, isIn, requireHashable } from "./comparison.js";
import type { DeclaredFilter } from "./filter.js";
import { operators } from "./operators.js";
import { textOf } from "./shown-value.js";
import { testNamed } from "./template-tests.js";
import {
  found,
  isTrue,
  keyOf,
  lengthOf,
  TemplateError,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from "./values.js";

/** An attribute as filters name it: "function.name", or a place. */
export function attributeOf(value: Value, path: Value): Value {
  const steps = typeof path === "string" ? path.split(".") : [path];
  return steps.reduce<Value>((owner, step) => {
    const key = typeof step === "string" && /^\d+$/.test(step) ? Number(step) : step;
    if (owner instanceof Undefined) throw new TemplateError(owner.what);
    if (Array.isArray(owner) && typeof key === "number") {
      return found(owner.at(key), () => `list object has no element ${key}`);
    }
    const inDict = owner instanceof Map ? owner.get(keyOf(key)) : undefined;
    return found(
      inDict,
      () =>
        `'${typeName(owner)} object' has no attribute '${typeof key === "string" ? key : typeName(key)}'`,
    );
  }, value);
}

const ignoreCase = (value: Value) => (typeof value === "string" ? value.toLowerCase() : value);

/** How a filter sees an item: the item or an attribute, in any case of letters. */
function itemKey(given: GivenArguments): (item: Value) => Value {
  const attribute = given.get("attribute", null);
  const isCaseSensitive = given.flag("case_sensitive", false);
  return (item) => {
    const value = attribute === null ? item : attributeOf(item, attribute);
    return isCaseSensitive ? value : ignoreCase(value);
  };
}

function sorted(
  items: readonly Value[],
  keyOfItem: (item: Value) => Value,
  isReversed: boolean,
  allowance: Allowance,
): Value[] {
  const keyed = items.map((item) => ({ item, key: keyOfItem(item) }));
  keyed.sort((one, other) => {
    const order = compared(one.key, other.key, "<", allowance);
    return isReversed ? -order : order;
  });
  return keyed.map(({ item }) => item);
}

const length: DeclaredFilter = ["", lengthOf];
const extreme = (isBetter: (difference: number) => boolean): DeclaredFilter => [
  "case_sensitive attribute",
  (value, given, allowance) => {
    const key = itemKey(given);
    const [first, ...rest] = allowance.items(value);
    if (first === undefined) return new Undefined("No aggregated item, sequence was empty.");
    return rest.reduce<Value>(
      (best, one) => (isBetter(compared(key(one), key(best), "<", allowance)) ? one : best),
      first,
    );
  },
];

/** `select`, `reject`, and the same of an attribute. */
const chosen = (isWanted: boolean, hasAttribute: boolean): DeclaredFilter => [
  hasAttribute ? "attribute test other" : "test other",
  (value, given, allowance) => {
    // what is empty or nothing has no items, whatever it is, and no test is looked for
    if (!isTrue(value)) return [];
    const name = given.get("test", undefined);
    const test = name === undefined ? isTrue : testNamed(textOf(name, allowance));
    const other = given.get("other", null);
    const attribute = given.get("attribute", null);
    return allowance.items(value).filter((item) => {
      const seen = hasAttribute ? attributeOf(item, attribute) : item;
      return test(seen, other, allowance) === isWanted;
    });
  },
];

/** Filters of lists, dicts and other things with items. */
export const listFilters: Readonly<Record<string, DeclaredFilter>> = {
  count: length,
  length,
  dictsort: [
    "case_sensitive by reverse",
    (value, given, allowance) => {
      if (!(value instanceof Map)) throw new TemplateError(`'${typeName(value)}' is no dict`);
      const at = given.text("by", "key") === "key" ? 0 : 1;
      const isCaseSensitive = given.flag("case_sensitive", false);
      const key = (entry: Value) => {
        const part = (entry as Value[])[at] as Value;
        return isCaseSensitive ? part : ignoreCase(part);
      };
      const entries = [...value].map((entry) => Tuple.from(entry));
      return sorted(entries, key, given.flag("reverse", false), allowance);
    },
  ],
  first: [
    "",
    (value, _given, allowance) =>
      found(allowance.items(value)[0], () => "No first item, sequence was empty."),
  ],
  items: [
    "",
    (value) => {
      if (value instanceof Undefined) return [];
      if (value instanceof Map) return [...value].map((entry) => Tuple.from(entry));
      throw new TemplateError("Can only get item pairs from a mapping.");
    },
  ],
  join: [
    "d attribute",
    (value, given, allowance) => {
      const attribute = given.get("attribute", null);
      const texts = allowance
        .items(value)
        .map((item) => textOf(attribute === null ? item : attributeOf(item, attribute), allowance));
      const between = textOf(given.get("d", ""), allowance);
      return allowance.joined(texts, between);
    },
  ],
  last: [
    "",
    (value, _given, allowance) =>
      found(allowance.items(value).at(-1), () => "No last item, sequence was empty."),
  ],
  list: ["", (value, _given, allowance) => [...allowance.items(value)]],
  max: extreme((difference) => difference > 0),
  min: extreme((difference) => difference < 0),
  reject: chosen(false, false),
  rejectattr: chosen(false, true),
  reverse: [
    "",
    (value, _given, allowance) => {
      const items = [...allowance.items(value)].reverse();
      return typeof value === "string" ? items.join("") : items;
    },
  ],
  select: chosen(true, false),
  selectattr: chosen(true, true),
  sort: [
    "reverse case_sensitive attribute",
    (value, given, allowance) =>
      sorted(allowance.items(value), itemKey(given), given.flag("reverse", false), allowance),
  ],
  sum: [
    "attribute start",
    (value, given, allowance) => {
      const attribute = given.get("attribute", null);
      const add = operators["+"] as NonNullable<(typeof operators)[string]>;
      return allowance
        .items(value)
        .map((item) => (attribute === null ? item : attributeOf(item, attribute)))
        .reduce((sum, item) => add(sum, item, allowance), given.get("start", 0));
    },
  ],
  unique: [
    "case_sensitive attribute",
    (value, given, allowance) => {
      const key = itemKey(given);
      const seen: Value[] = [];
      return allowance.items(value).filter((item) => {
        const own = key(item);
        requireHashable(own, allowance);
        if (isIn(own, seen, allowance)) return false;
        seen.push(own);
        return true;
      });
    },
  ],
};
