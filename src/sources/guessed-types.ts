import { type ColumnType, type ColumnTypes, MOST_NUMBERS } from "./column-types.js";
import { numberIn } from "./number-in-text.js";

/** What a value is: of numbers with the lengths of its lists. */
interface Kind {
  readonly type: ColumnType;
  readonly shape: readonly number[];
}

const JSON_VALUE: Kind = { type: "json", shape: [] };

const LEAST_INT64 = -(2n ** 63n);
const MOST_INT64 = 2n ** 63n - 1n;

/** A text in a table of texts, where numbers are texts, too. */
function kindOfText(text: string): Kind {
  const said = numberIn(text);
  if (typeof said === "boolean") return { type: "uint8", shape: [] };
  if (typeof said === "number") return { type: "float32", shape: [] };
  const isInteger = said !== undefined && said >= LEAST_INT64 && said <= MOST_INT64;
  return { type: isInteger ? "int64" : "string", shape: [] };
}

function kindOfNumber(value: unknown): ColumnType | undefined {
  if (typeof value === "bigint") return "int64";
  // a whole one that a double does not hold is an error of its row, and not a rounded number
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float32";
  return typeof value === "boolean" ? "uint8" : undefined;
}

function widened(one: ColumnType, other: ColumnType): ColumnType | undefined {
  if (one === other) return one;
  const areNumbers = [one, other].every((type) => type === "int64" || type === "float32");
  return areNumbers ? "float32" : undefined;
}

/** Numbers of lists that are looked at: longer ones are JSON. */
function kindOfList(list: readonly unknown[]): Kind {
  const shape: number[] = [];
  for (let first: unknown = list; Array.isArray(first); first = first[0]) shape.push(first.length);
  const size = shape.reduce((product, length) => product * length, 1);
  if (size === 0 || size > MOST_NUMBERS) return JSON_VALUE;
  let type: ColumnType | undefined;
  const isOfShape = (value: unknown, axis: number): boolean => {
    if (axis < shape.length) {
      return (
        Array.isArray(value) &&
        value.length === shape[axis] &&
        value.every((one) => isOfShape(one, axis + 1))
      );
    }
    const own = kindOfNumber(value);
    type = own && (type === undefined ? own : widened(type, own));
    return type !== undefined;
  };
  return isOfShape(list, 0) && type !== undefined ? { type, shape } : JSON_VALUE;
}

function kindOf(value: unknown, areTexts: boolean): Kind {
  if (typeof value === "string")
    return areTexts ? kindOfText(value) : { type: "string", shape: [] };
  if (Array.isArray(value)) return kindOfList(value);
  const type = kindOfNumber(value);
  return type === undefined ? JSON_VALUE : { type, shape: [] };
}

/** A kind that holds both. In a table of texts everything is a text. */
function both(one: Kind, other: Kind, areTexts: boolean): Kind {
  const isOfOneShape = one.shape.join() === other.shape.join();
  const type = isOfOneShape ? widened(one.type, other.type) : undefined;
  if (type !== undefined) return { type, shape: one.shape };
  return areTexts ? { type: "string", shape: [] } : JSON_VALUE;
}

/** Guesses what the columns of a source hold from rows of it, one after the other. */
export interface TypeGuesser {
  see(row: Readonly<Record<string, unknown>>): void;
  /** Types of all columns that were seen. */
  types(): ColumnTypes;
}

/**
 * Types that hold the values of some rows: "int64" for whole numbers, "float32" for others, "uint8" for true and
 * false, with a shape for lists of one length; "string"; "json" for everything else, and where a row has none.
 *
 * @param areTexts whether numbers are written as texts, as in CSV.
 */
export function typeGuesser(areTexts: boolean): TypeGuesser {
  const kinds = new Map<string, Kind>();
  const seen = new Map<string, number>();
  let rows = 0;
  return {
    see(row) {
      rows += 1;
      for (const [name, value] of Object.entries(row)) {
        const before = kinds.get(name);
        const kind = kindOf(value, areTexts);
        kinds.set(name, before === undefined ? kind : both(before, kind, areTexts));
        seen.set(name, (seen.get(name) ?? 0) + 1);
      }
    },
    types() {
      const types = [...kinds].map(([name, { type, shape }]) => {
        if (seen.get(name) !== rows || type === "json") return [name, "json"];
        return [name, shape.length === 0 ? type : { type, shape }];
      });
      return Object.fromEntries(types) as ColumnTypes;
    },
  };
}

/** The columns of these names that a row has. */
export function columnsAmong(
  names: readonly string[],
  row: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    names.map((name) => [name, Object.hasOwn(row, name) ? row[name] : undefined]),
  );
}

/** More are asked for by their names. */
const MOST_COLUMNS = 4096;

/**
 * @param refuse makes the error.
 * @throws what it makes, where there are more columns than "auto" takes.
 */
export function requireFewColumns(count: number, refuse: (message: string) => Error): void {
  if (count <= MOST_COLUMNS) return;
  throw refuse(
    `columns: expected names, as there are more than ${MOST_COLUMNS} columns, got "auto"`,
  );
}
