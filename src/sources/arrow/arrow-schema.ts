import { field, list, stringIn, type Table, table, tableAt } from "../flatbuffer.js";

/** Tables are those of Arrow's Schema.fbs. */

/** What the values of a column are. "other": what is not read, such as times. */
export type ArrowKind =
  | "null"
  | "integer"
  | "float"
  | "boolean"
  | "bytes"
  | "string"
  | "list"
  | "fixed list"
  | "struct"
  | "other";

export interface ArrowField {
  readonly name: string;
  readonly kind: ArrowKind;
  /** Bytes of a number; of bytes, strings and lists those of an offset; of a fixed list its elements. */
  readonly size: number;
  readonly isSigned: boolean;
  readonly children: readonly ArrowField[];
}

export interface ArrowSchema {
  readonly fields: readonly ArrowField[];
  /** What the `datasets` library keeps of the table's features. */
  readonly huggingface: string | undefined;
  /** Whether it is of a packed set of pixtok. */
  readonly isPacked: boolean;
}

const MOST_FIELDS = 4096;
const MOST_DEPTH = 8;
const MOST_METADATA = 256;

/** What the schema of a packed file has, and no other. */
const PACKED = "pixtok.messages";

const typeNames = [
  "none",
  ...["Null", "Int", "FloatingPoint", "Binary", "Utf8", "Bool", "Decimal", "Date", "Time"],
  ...["Timestamp", "Interval", "List", "Struct", "Union", "FixedSizeBinary", "FixedSizeList"],
  ...["Map", "Duration", "LargeBinary", "LargeUtf8", "LargeList"],
] as const;

type FieldType = Pick<ArrowField, "kind" | "size" | "isSigned">;

const int32In = (parent: Table, number: number): number => {
  const position = field(parent, number);
  return position === null ? 0 : parent.bytes.readInt32LE(position);
};
const of = (kind: ArrowKind, size: number, isSigned = true): FieldType => ({
  kind,
  size,
  isSigned,
});

function typeOf(name: string, type: Table): FieldType {
  switch (name) {
    case "Null":
      return of("null", 0);
    case "Int": {
      const bits = int32In(type, 0);
      if (![8, 16, 32, 64].includes(bits)) throw new RangeError(`an integer has ${bits} bits`);
      const sign = field(type, 1);
      return of("integer", bits / 8, sign !== null && type.bytes[sign] !== 0);
    }
    case "FloatingPoint": {
      const precision = field(type, 0);
      const size = precision === null ? 2 : 2 << type.bytes.readInt16LE(precision);
      return size === 4 || size === 8 ? of("float", size) : of("other", 0);
    }
    case "Bool":
      return of("boolean", 0);
    case "Binary":
      return of("bytes", 4);
    case "LargeBinary":
      return of("bytes", 8);
    case "Utf8":
      return of("string", 4);
    case "LargeUtf8":
      return of("string", 8);
    case "List":
    case "Map":
      return of("list", 4);
    case "LargeList":
      return of("list", 8);
    case "FixedSizeList": {
      const size = int32In(type, 0);
      if (size < 0) throw new RangeError(`a list has ${size} elements`);
      return of("fixed list", size);
    }
    case "Struct":
      return of("struct", 0);
    default:
      return of("other", 0);
  }
}

/** What has other buffers than those that are skipped. */
const refused = ["none", "Union"];

const childCounts: Partial<Record<ArrowKind, number>> = { list: 1, "fixed list": 1 };

function fieldsOf(parent: Table, number: number, depth: number, left: { fields: number }) {
  const { start, count } = list(parent, number, left.fields);
  left.fields -= count;
  if (count > 0 && depth === 0) throw new RangeError("a column is nested too deeply");
  return Array.from({ length: count }, (_, i): ArrowField => {
    const own = tableAt(parent.bytes, start + 4 * i);
    const name = stringIn(own, 0);
    const kind = field(own, 2);
    const number = kind === null ? 0 : (own.bytes[kind] as number);
    const typeName = typeNames[number];
    const type = table(own, 3);
    if (typeName === undefined || refused.includes(typeName) || type === null) {
      throw new RangeError(`the column ${JSON.stringify(name)} is of a type that is not read`);
    }
    if (field(own, 4) !== null) {
      throw new RangeError(
        `the column ${JSON.stringify(name)} has a dictionary, which is not read`,
      );
    }
    const read = typeOf(typeName, type);
    const children = fieldsOf(own, 5, depth - 1, left);
    const expected = read.kind === "struct" ? children.length : (childCounts[read.kind] ?? 0);
    if (children.length !== expected)
      throw new RangeError("a column has not the columns of its type");
    return { name, ...read, children };
  });
}

/** @throws {RangeError} */
export function readArrowSchema(schema: Table): ArrowSchema {
  const endianness = field(schema, 0);
  if (endianness !== null && schema.bytes.readInt16LE(endianness) !== 0) {
    throw new RangeError("numbers are big-endian, which is not read");
  }
  const fields = fieldsOf(schema, 1, MOST_DEPTH, { fields: MOST_FIELDS });
  const { start, count } = list(schema, 2, MOST_METADATA);
  let huggingface: string | undefined;
  let isPacked = false;
  for (let i = 0; i < count; i += 1) {
    const entry = tableAt(schema.bytes, start + 4 * i);
    const key = stringIn(entry, 0);
    if (key === "huggingface") huggingface = stringIn(entry, 1);
    if (key === PACKED) isPacked = true;
  }
  return { fields, huggingface, isPacked };
}
