import { BINARY, STRUCT, type ThriftReader } from "./parquet-thrift.js";

/** What the values of a column are, as far as they are read. */
export type LeafKind = "bytes" | "string" | "integer" | "unsigned" | "float" | "boolean" | "other";

/** A column that has values. */
export interface ParquetLeaf {
  /** Names from the top, joined by dots. */
  readonly path: string;
  /** Its place among the columns of every row group. */
  readonly column: number;
  readonly kind: LeafKind;
  /** Bytes of a number. */
  readonly width: 4 | 8;
  /** The definition level of a value that is there. */
  readonly deepest: number;
  /** Of each list that it is in, from the outermost: the definition level from which on the list has an element. */
  readonly lists: readonly number[];
}

/** A node of the schema. */
export interface ParquetNode {
  readonly name: string;
  readonly repeated: boolean;
  /** The definition level from which on it is there; of a repeated one, has an element. */
  readonly defined: number;
  readonly children: readonly ParquetNode[];
  /** The column of a node without children. */
  readonly leaf: ParquetLeaf | undefined;
}

const REPEATED = 2;

const OPTIONAL = 1;

const BOOLEAN = 0;

const INT32 = 1;

const INT64 = 2;

const FLOAT = 4;

const DOUBLE = 5;

const BYTE_ARRAY = 6;

/** By their numbers in the format: converted types, which older writers have alone. */
const textConversions = new Set([0, 4, 19]); // UTF8, ENUM, JSON

const unsignedConversions = new Set([11, 12, 13, 14]);

const signedConversions = new Set([15, 16, 17, 18]);

/** Members of the union of logical types. */
const textLogicals = new Set([1, 4, 12]); // STRING, ENUM, JSON

const INTEGER_LOGICAL = 10;

/** Schemas of people have some ten columns, of machines some ten thousand. */
export const MOST_NODES = 100_000;

export const MOST_LEVELS = 32;

const MOST_NAME_BYTES = 1 << 12;

export interface SchemaElement {
  type: number | undefined;
  repetition: number;
  name: string;
  children: number;
  conversion: number | undefined;
  logical: number | undefined;
  signed: boolean;
}

export function readElement(reader: ThriftReader): SchemaElement {
  const element: SchemaElement = {
    type: undefined,
    repetition: 0,
    name: "",
    children: 0,
    conversion: undefined,
    logical: undefined,
    signed: true,
  };
  const readInteger = (type: number) => {
    requireStruct(type);
    reader.struct({
      2: (field) => {
        element.signed = reader.boolean(field);
      },
    });
  };
  const readLogical = (member: number) => (type: number) => {
    element.logical = member;
    if (member === INTEGER_LOGICAL) readInteger(type);
    else reader.struct({});
  };
  const logicals = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [i + 1, readLogical(i + 1)]),
  );
  reader.struct(
    {
      1: (type) => {
        element.type = reader.integer(type);
      },
      3: (type) => {
        element.repetition = reader.integer(type);
      },
      4: (type) => {
        const name = reader.binary(type);
        if (name.length > MOST_NAME_BYTES) throw new RangeError("a column's name is too long");
        element.name = name.toString("utf8");
      },
      5: (type) => {
        element.children = reader.integer(type);
      },
      6: (type) => {
        element.conversion = reader.integer(type);
      },
      10: (type) => {
        requireStruct(type);
        reader.struct(logicals);
      },
    },
    { 4: BINARY },
  );
  return element;
}

export function requireStruct(type: number): void {
  if (type !== STRUCT) throw new RangeError("a field has another type than it should have");
}

function kindOf({ type, conversion, logical, signed }: SchemaElement): LeafKind {
  const isPlain = conversion === undefined && logical === undefined;
  if (type === BYTE_ARRAY) {
    if (isPlain) return "bytes";
    const isText =
      (conversion !== undefined && textConversions.has(conversion)) ||
      (logical !== undefined && textLogicals.has(logical));
    return isText ? "string" : "other";
  }
  if (type === FLOAT || type === DOUBLE) return "float";
  if (type === BOOLEAN) return "boolean";
  if (type !== INT32 && type !== INT64) return "other";
  if (isPlain) return "integer";
  if (logical === INTEGER_LOGICAL) return signed ? "integer" : "unsigned";
  if (conversion === undefined || logical !== undefined) return "other";
  if (unsignedConversions.has(conversion)) return "unsigned";
  return signedConversions.has(conversion) ? "integer" : "other";
}

/** The tree of a schema, whose elements stand depth first. */
export function treeOf(elements: readonly SchemaElement[]): ParquetNode[] {
  let next = 1;
  let leaves = 0;
  const visit = (
    path: readonly string[],
    deepest: number,
    lists: readonly number[],
  ): ParquetNode => {
    const element = elements[next];
    if (element === undefined) throw new RangeError("the schema ends early");
    if (path.length >= MOST_LEVELS) throw new RangeError("the schema is nested too deeply");
    next += 1;
    const { name, children } = element;
    const repeated = element.repetition === REPEATED;
    if (![0, OPTIONAL, REPEATED].includes(element.repetition)) {
      throw new RangeError("the schema has a repetition that there is not");
    }
    const own = [...path, name];
    const levels = deepest + (element.repetition === 0 ? 0 : 1);
    const ofLists = repeated ? [...lists, levels] : lists;
    if (children === 0) {
      if (element.type === undefined) throw new RangeError("a column has no type");
      const leaf: ParquetLeaf = {
        path: own.join("."),
        column: leaves,
        kind: kindOf(element),
        width: element.type === INT64 || element.type === DOUBLE ? 8 : 4,
        deepest: levels,
        lists: ofLists,
      };
      leaves += 1;
      return { name, repeated, defined: levels, children: [], leaf };
    }
    if (!(children > 0 && children <= elements.length - next)) {
      throw new RangeError("the schema ends early");
    }
    const below: ParquetNode[] = [];
    for (let i = 0; i < children; i += 1) below.push(visit(own, levels, ofLists));
    return { name, repeated, defined: levels, children: below, leaf: undefined };
  };
  const columns = elements[0]?.children ?? 0;
  if (columns >= elements.length) throw new RangeError("the schema ends early");
  const nodes: ParquetNode[] = [];
  for (let i = 0; i < columns; i += 1) nodes.push(visit([], 0, []));
  if (next !== elements.length) throw new RangeError("the schema has more than its columns");
  return nodes;
}

export const leavesOf = (nodes: readonly ParquetNode[]): ParquetLeaf[] =>
  nodes.flatMap(({ leaf, children }) => (leaf === undefined ? leavesOf(children) : [leaf]));
