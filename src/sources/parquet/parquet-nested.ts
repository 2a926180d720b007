import { growingNumbers } from "../../shared/growing-numbers.js";
import type { RowGroup } from "./parquet-chunks.js";
import { readColumn } from "./parquet-column.js";
import type { ParquetFile } from "./parquet-file.js";
import type { ParquetLeaf, ParquetNode } from "./parquet-schema.js";
import type { Maker } from "./parquet-values.js";
import { problemIn } from "./text-values.js";

/** What a column has, as rows have it: values, structs of several, lists. */
export type Nested =
  | { readonly kind: "value"; readonly leaf: ParquetLeaf; readonly leaves: readonly ParquetLeaf[] }
  | {
      readonly kind: "struct";
      readonly fields: readonly (readonly [name: string, field: Nested])[];
      /** The definition level from which on it is there. */
      readonly defined: number;
      readonly leaves: readonly ParquetLeaf[];
    }
  | {
      readonly kind: "list";
      readonly element: Nested;
      readonly defined: number;
      /** The definition level from which on it has an element. */
      readonly filled: number;
      /** Its number among the lists that it is in, from 1. */
      readonly depth: number;
      readonly leaves: readonly ParquetLeaf[];
    };

/**
 * A column with all that `isRead` of it; undefined where that is nothing. Fields of structs that are not read are left out.
 *
 * @param depth lists that the node is in.
 */
export function nestedIn(
  node: ParquetNode,
  isRead: (leaf: ParquetLeaf) => boolean,
  depth = 0,
): Nested | undefined {
  const { repeated, defined, leaf, children } = node;
  const listOf = (element: ParquetNode, there: number, filled: number): Nested | undefined => {
    const inside = nestedIn(element, isRead, depth + 1);
    const { leaves } = inside ?? {};
    if (inside === undefined || leaves === undefined) return undefined;
    return { kind: "list", element: inside, defined: there, filled, depth: depth + 1, leaves };
  };
  if (repeated) return listOf({ ...node, repeated: false }, defined - 1, defined);
  if (leaf !== undefined) return isRead(leaf) ? { kind: "value", leaf, leaves: [leaf] } : undefined;
  const [list, ...others] = children;
  if (list?.repeated === true && others.length === 0) {
    const [element, ...more] = list.children;
    const isWrapped = element !== undefined && more.length === 0;
    return listOf(isWrapped ? element : { ...list, repeated: false }, defined, list.defined);
  }
  const fields = children.flatMap((child) => {
    const field = nestedIn(child, isRead, depth);
    return field === undefined ? [] : [[child.name, field] as const];
  });
  if (fields.length === 0) return undefined;
  return { kind: "struct", fields, defined, leaves: fields.flatMap(([, field]) => field.leaves) };
}

/** The values of a leaf in a row group, with the levels by which they are put together. */
interface Slots {
  readonly repetition: Float64Array;
  readonly definition: Float64Array;
  /** A value of each slot; null where there is none. */
  readonly values: readonly unknown[];
  /** The first slot of each row, and behind the last one their number. */
  readonly starts: Float64Array;
}

/** What a slot takes: two levels and an element of an array. */
const SLOT_BYTES = 24;

async function readSlots(
  file: ParquetFile,
  group: RowGroup,
  leaf: ParquetLeaf,
  make: Maker<unknown>,
): Promise<{ slots: Slots; bytes: number }> {
  const [repetition, definition, starts] = [growingNumbers(), growingNumbers(), growingNumbers()];
  const values: unknown[] = [];
  const read = readColumn(file, group, leaf, make, (_, value, list, level) => {
    if (list === 0) starts.push(values.length);
    repetition.push(list);
    definition.push(level);
    values.push(value);
  });
  const taken = await read.catch((cause) => {
    if (!(cause instanceof RangeError)) throw cause;
    throw new RangeError(`${leaf.path}: ${cause.message}`, { cause });
  });
  starts.push(values.length);
  const slots = {
    repetition: repetition.finished(),
    definition: definition.finished(),
    values,
    starts: starts.finished(),
  };
  return { slots, bytes: taken + SLOT_BYTES * values.length + 8 * slots.starts.length };
}

/**
 * The rows of a column, each put together when it is asked for: lists are arrays, structs objects, and what is not there null.
 * A row whose levels do not fit together is a RangeError.
 *
 * @throws {RangeError} where a leaf is damaged.
 */
export async function readNested(
  file: ParquetFile,
  group: RowGroup,
  nested: Nested,
  makerOf: (leaf: ParquetLeaf) => Maker<unknown>,
): Promise<{ value: (row: number) => unknown; bytes: number }> {
  const read = new Map<ParquetLeaf, Slots>();
  let bytes = 0;
  for (const leaf of nested.leaves) {
    const { slots, bytes: taken } = await readSlots(file, group, leaf, makerOf(leaf));
    read.set(leaf, slots);
    bytes += taken;
  }
  return { value: (row) => rowOf(nested, read, row), bytes };
}

function rowOf(nested: Nested, read: ReadonlyMap<ParquetLeaf, Slots>, row: number): unknown {
  const cursors = new Map<ParquetLeaf, { slots: Slots; at: number; end: number }>();
  for (const [leaf, slots] of read) {
    const { starts } = slots;
    cursors.set(leaf, { slots, at: starts[row] as number, end: starts[row + 1] as number });
  }
  /** What the next slots of all leaves say, which is to be the same. */
  const agreed = (
    { leaves }: Nested,
    question: (slots: Slots, at: number) => boolean,
    atEnd = false,
  ): boolean => {
    let answer: boolean | undefined;
    for (const leaf of leaves) {
      const { slots, at, end } = cursors.get(leaf) as { slots: Slots; at: number; end: number };
      const own = at < end ? question(slots, at) : atEnd;
      if (answer !== undefined && own !== answer) {
        throw new RangeError("the columns of a struct do not fit together");
      }
      answer = own;
    }
    return answer === true;
  };
  const isThere = (one: Nested, level: number) =>
    agreed(one, ({ definition }, at) => (definition[at] as number) >= level);
  const take = ({ leaves }: Nested): unknown => {
    let value: unknown = null;
    for (const leaf of leaves) {
      const cursor = cursors.get(leaf) as { slots: Slots; at: number; end: number };
      if (cursor.at >= cursor.end) {
        throw new RangeError("the columns of a struct do not fit together");
      }
      value = cursor.slots.values[cursor.at];
      cursor.at += 1;
    }
    return value;
  };
  const nothing = (one: Nested) => {
    take(one);
    return null;
  };
  const put = (one: Nested): unknown => {
    if (one.kind === "value") {
      const value = take(one);
      const problem = problemIn(value);
      if (problem !== undefined) throw new RangeError(`${one.leaf.path}: ${problem}`);
      return value;
    }
    if (!isThere(one, one.defined)) return nothing(one);
    if (one.kind === "struct") {
      return Object.fromEntries(one.fields.map(([name, field]) => [name, put(field)]));
    }
    const elements: unknown[] = [];
    if (!isThere(one, one.filled)) {
      take(one);
      return elements;
    }
    do elements.push(put(one.element));
    while (agreed(one, ({ repetition }, at) => repetition[at] === one.depth));
    return elements;
  };
  const value = put(nested);
  if ([...cursors.values()].some(({ at, end }) => at !== end)) {
    throw new RangeError("the columns of a struct do not fit together");
  }
  return value;
}
