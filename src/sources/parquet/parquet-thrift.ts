/** Reads Thrift's compact protocol, in which Parquet has its footer and the headers of its pages. */
export interface ThriftReader {
  /** The next byte that is read. */
  readonly position: number;
  /**
   * Calls the reader of each field that is there; skips the fields that have none. Those of `required`
   * must be there, of these types, with a reader or without.
   */
  struct(
    fields: Readonly<Record<number, FieldReader>>,
    required?: Readonly<Record<number, number>>,
  ): void;
  /** Calls `read` for each element. */
  list(type: number, read: (elementType: number) => void): void;
  /** An integer of 32 bits. */
  integer(type: number): number;
  /** An integer of 64 bits; one above 2^53 is not exact. */
  long(type: number): number;
  boolean(type: number): boolean;
  /** A view of bytes. */
  binary(type: number): Buffer;
}

/** Reads a field of a type. */
export type FieldReader = (type: number) => void;

const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I16 = 4;
export const I32 = 5;
export const I64 = 6;
const DOUBLE = 7;
export const BINARY = 8;
export const LIST = 9;
const SET = 10;
export const STRUCT = 12;

/** Parquet's own structures are eight deep. */
const MOST_DEPTH = 32;
/** Arrow's limit: a list is as long as its bytes make it, but its elements cost more here than there. */
const MOST_ELEMENTS = 1_000_000;
const MOST_VARINT_BYTES = 10;

/** Thrown where the bytes end before the structure does: more of them may make it whole. */
export const ENDS_EARLY = new RangeError("a structure ends early");

/**
 * Nothing is believed: no length makes memory, no nesting a deep stack, and a field of another type than
 * it should be is an error.
 *
 * @throws {RangeError}
 */
export function thriftReader(bytes: Buffer, start = 0): ThriftReader {
  let at = start;
  let depth = 0;

  const requireType = (is: boolean) => {
    if (!is) throw new RangeError("a field has another type than it should have");
  };
  const byte = (): number => {
    const value = bytes[at];
    if (value === undefined) throw ENDS_EARLY;
    at += 1;
    return value;
  };
  /** Above 2^53 it is not exact; no number that is needed is that large. */
  const varint = (): number => {
    let value = 0;
    for (let i = 0, scale = 1; i < MOST_VARINT_BYTES; i += 1, scale *= 128) {
      const next = byte();
      value += (next & 127) * scale;
      if (next < 128) return value;
    }
    throw new RangeError("a number is too long");
  };
  const zigzag = (): number => {
    const value = varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  const take = (length: number): Buffer => {
    if (length > bytes.length - at) throw ENDS_EARLY;
    at += length;
    return bytes.subarray(at - length, at);
  };
  const nested = (work: () => void): void => {
    depth += 1;
    if (depth > MOST_DEPTH) throw new RangeError("structures are nested too deeply");
    work();
    depth -= 1;
  };
  const listOf = (read: (elementType: number) => void): void =>
    nested(() => {
      const head = byte();
      const count = head >> 4 === 15 ? varint() : head >> 4;
      if (count > MOST_ELEMENTS) throw new RangeError("a list is too long");
      for (let i = 0; i < count; i += 1) read(head & 15);
    });
  const fieldsOf = (read: (id: number, type: number) => void): void =>
    nested(() => {
      for (let id = 0; ; ) {
        const head = byte();
        if (head === 0) return;
        id = head >> 4 === 0 ? zigzag() : id + (head >> 4);
        read(id, head & 15);
      }
    });
  /** Elements of a list that are true or false are a byte each; fields have it in their type. */
  const skip = (type: number, isElement: boolean): void => {
    if (type === TRUE || type === FALSE) {
      if (isElement) byte();
    } else if (type === BYTE) byte();
    else if (type >= I16 && type <= I64) varint();
    else if (type === DOUBLE) take(8);
    else if (type === BINARY) take(varint());
    else if (type === LIST || type === SET) listOf((elementType) => skip(elementType, true));
    else if (type === STRUCT) fieldsOf((_, fieldType) => skip(fieldType, false));
    else throw new RangeError(`there is no type ${type}`);
  };

  return {
    get position() {
      return at;
    },
    struct(fields, required = {}) {
      let missing = Object.keys(required).length;
      fieldsOf((id, type) => {
        const read = fields[id];
        if (read === undefined) skip(type, false);
        else read(type);
        if (required[id] === type) missing -= 1;
      });
      if (missing > 0) throw new RangeError("a structure lacks a field that it must have");
    },
    list(type, read) {
      requireType(type === LIST);
      listOf(read);
    },
    integer(type) {
      requireType(type === I32);
      return zigzag();
    },
    long(type) {
      requireType(type === I64);
      return zigzag();
    },
    boolean(type) {
      requireType(type === TRUE || type === FALSE);
      return type === TRUE;
    },
    binary(type) {
      requireType(type === BINARY);
      return take(varint());
    },
  };
}
