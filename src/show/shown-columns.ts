import type { AnyColumn } from "../dataset/batch-columns.js";

/** What a row has in a column. */
export interface ShownColumn {
  readonly name: string;
  /** For people to read. */
  readonly text: string;
  /** Whether rows can be told apart by it: a number or a word, not a list. */
  readonly isLabel: boolean;
}

const MOST_NUMBERS = 16;
/** A tensor of more is no list that anybody reads: its type and shape are said. */
const MOST_LISTED = 1024;
const MOST_LETTERS = 300;
/** A text of more letters says something about its row alone. */
const MOST_LABEL_LETTERS = 40;

/** A row's numbers in lists of lists, as the shape says. */
function nested(numbers: readonly number[], shape: readonly number[]): unknown {
  const [length, ...inner] = shape;
  if (length === undefined) return numbers[0];
  const size = inner.reduce((product, side) => product * side, 1);
  return Array.from({ length }, (_, i) => nested(numbers.slice(i * size, (i + 1) * size), inner));
}

/** What a row has in each column: numbers, lists of them, strings, objects. Of many numbers their type and shape. */
export function rowValues(
  columns: Readonly<Record<string, AnyColumn>>,
  row: number,
): Map<string, unknown> {
  const values = Object.entries(columns).map(([name, column]): [string, unknown] => {
    if (!("dims" in column)) return [name, column[row]];
    const [, ...shape] = column.dims;
    const size = shape.reduce((product, side) => product * side, 1);
    if (size > MOST_LISTED) return [name, { type: column.type, dims: shape }];
    const numbers = Array.from({ length: size }, (_, i) => Number(column.data[row * size + i]));
    return [name, nested(numbers, shape)];
  });
  return new Map(values);
}

/** Four digits say enough of a fraction. */
const short = (number: number) => `${Number(number.toPrecision(4))}`;

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isInteger(value) ? `${value}` : short(value);
  const isNumbers = Array.isArray(value) && value.every((one) => typeof one === "number");
  if (!isNumbers) return JSON.stringify(value) ?? "";
  const shown = value.slice(0, MOST_NUMBERS).map(textOf).join(", ");
  return value.length > MOST_NUMBERS ? `${shown}, … (${value.length} numbers)` : shown;
}

/** @param classNames names of classes by their numbers, of columns that have numbers of classes. */
export function shownColumns(
  values: ReadonlyMap<string, unknown>,
  classNames: Readonly<Record<string, readonly string[]>> = {},
): ShownColumn[] {
  return [...values].map(([name, value]) => {
    const className = Object.hasOwn(classNames, name) ? classNames[name]?.[value as number] : null;
    const whole = className == null ? textOf(value) : `${value} · ${className}`;
    const isShort = whole.length <= MOST_LABEL_LETTERS;
    const isWord = typeof value === "string" || Number.isInteger(value);
    return {
      name,
      text: whole.length > MOST_LETTERS ? `${whole.slice(0, MOST_LETTERS)}…` : whole,
      isLabel: isWord && isShort && whole !== "",
    };
  });
}
