import { isUtf8 } from "node:buffer";
import { longAt } from "../flatbuffer.js";
import type { ArrowVector, ByteRange } from "./arrow-batches.js";
import type { ArrowField, ArrowKind } from "./arrow-schema.js";

/** Why a row has no value. */
export class DamagedRow extends Error {}

const bitAt = (bytes: Buffer, { start }: ByteRange, i: number): boolean =>
  ((bytes[start + (i >> 3)] as number) & (1 << (i & 7))) !== 0;

export function isNull(bytes: Buffer, { validity }: ArrowVector, i: number): boolean {
  return validity !== null && !bitAt(bytes, validity, i);
}

/** The range of a list's elements, or of the bytes of bytes and strings, in what they lie in. */
function rangeAt(
  bytes: Buffer,
  { field, offsets }: ArrowVector,
  i: number,
  most: number,
): ByteRange {
  const { start: from } = offsets as ByteRange;
  const offset = (place: number) =>
    field.size === 8 ? longAt(bytes, from + 8 * place) : bytes.readInt32LE(from + 4 * place);
  const [start, end] = [offset(i), offset(i + 1)];
  if (start < 0 || end < start || end > most) {
    throw new DamagedRow("the offsets of the column are not in order");
  }
  return { start, end };
}

/** Where a row's bytes are in the file; null where it has none. */
export function bytesAt(bytes: Buffer, vector: ArrowVector, i: number): ByteRange | null {
  if (isNull(bytes, vector, i)) return null;
  const data = vector.data as ByteRange;
  const { start, end } = rangeAt(bytes, vector, i, data.end - data.start);
  return { start: data.start + start, end: data.start + end };
}

/** Elements of a row's list, by their places in the list's child. */
export function elementsAt(bytes: Buffer, vector: ArrowVector, i: number): ByteRange {
  const { kind, size } = vector.field;
  if (kind === "fixed list") return { start: i * size, end: (i + 1) * size };
  const [child] = vector.children as readonly [ArrowVector];
  return rangeAt(bytes, vector, i, child.length);
}

function textIn(bytes: Buffer, { start, end }: ByteRange): string {
  const text = bytes.toString("utf8", start, end);
  if (text.includes("\uFFFD") && !isUtf8(bytes.subarray(start, end))) {
    throw new DamagedRow("this is not UTF-8");
  }
  return text;
}

function integerAt(bytes: Buffer, { field, data }: ArrowVector, i: number): number | bigint {
  const { size, isSigned } = field;
  const at = (data as ByteRange).start + size * i;
  if (size < 8) return isSigned ? bytes.readIntLE(at, size) : bytes.readUIntLE(at, size);
  const value = isSigned ? bytes.readBigInt64LE(at) : bytes.readBigUInt64LE(at);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** What a file has buffers of; lists of anything else could be of any length. */
const stored: readonly ArrowKind[] = ["integer", "float", "boolean", "bytes", "string"];

/** Whether a field has anything that is read. */
export const hasParts = ({ kind, children }: ArrowField): boolean =>
  stored.includes(kind) || children.some(hasParts);

/**
 * A row's value as `valueAt` has it, or structs and lists of these: objects, without fields that are not read, and arrays. In
 * them bytes are the file's own.
 *
 * @throws {DamagedRow}
 */
export function nestedAt(bytes: Buffer, vector: ArrowVector, i: number): unknown {
  if (isNull(bytes, vector, i)) return null;
  const { field, children } = vector;
  switch (field.kind) {
    case "struct":
      return Object.fromEntries(
        children
          .filter((child) => hasParts(child.field))
          .map((child) => [child.field.name, nestedAt(bytes, child, i)]),
      );
    case "list":
    case "fixed list": {
      const [child] = children as readonly [ArrowVector];
      const { start, end } = elementsAt(bytes, vector, i);
      return Array.from({ length: end - start }, (_, place) =>
        nestedAt(bytes, child, start + place),
      );
    }
    case "bytes": {
      const { start, end } = bytesAt(bytes, vector, i) as ByteRange;
      return bytes.subarray(start, end);
    }
    default:
      return valueAt(bytes, vector, i);
  }
}

/**
 * A row's number, truth value, text, or list of these; null where it has none.
 *
 * @throws {DamagedRow}
 */
export function valueAt(bytes: Buffer, vector: ArrowVector, i: number): unknown {
  if (isNull(bytes, vector, i)) return null;
  const { kind, size } = vector.field;
  const { start } = vector.data ?? { start: 0 };
  switch (kind) {
    case "integer":
      return integerAt(bytes, vector, i);
    case "float":
      return size === 4 ? bytes.readFloatLE(start + 4 * i) : bytes.readDoubleLE(start + 8 * i);
    case "boolean":
      return bitAt(bytes, vector.data as ByteRange, i);
    case "bytes":
    case "string":
      return textIn(bytes, bytesAt(bytes, vector, i) as ByteRange);
    case "list":
    case "fixed list": {
      const [child] = vector.children as readonly [ArrowVector];
      const elements = elementsAt(bytes, vector, i);
      return Array.from({ length: elements.end - elements.start }, (_, place) =>
        valueAt(bytes, child, elements.start + place),
      );
    }
    default:
      return null;
  }
}
