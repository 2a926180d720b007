/** A table of a flatbuffer. Reading outside of the bytes throws a RangeError. */
export interface Table {
  readonly bytes: Buffer;
  readonly position: number;
}

/** Position of a table's field; null where it is left out. */
export function field({ bytes, position }: Table, number: number): number | null {
  const names = position - bytes.readInt32LE(position);
  const entry = 4 + 2 * number;
  if (entry >= bytes.readUInt16LE(names)) return null;
  const offset = bytes.readUInt16LE(names + entry);
  return offset === 0 ? null : position + offset;
}

export function tableAt(bytes: Buffer, position: number): Table {
  return { bytes, position: position + bytes.readUInt32LE(position) };
}

export function table(parent: Table, number: number): Table | null {
  const position = field(parent, number);
  return position === null ? null : tableAt(parent.bytes, position);
}

/** Where the elements of a list begin, and how many there are; none where it is left out. */
export function list(
  parent: Table,
  number: number,
  most: number,
): { start: number; count: number } {
  const position = field(parent, number);
  if (position === null) return { start: 0, count: 0 };
  const start = position + parent.bytes.readUInt32LE(position);
  const count = parent.bytes.readUInt32LE(start);
  if (count > most) throw new RangeError(`a list has ${count} elements, of ${most} at most`);
  return { start: start + 4, count };
}

/** A table's string; "" where it is left out. */
export function stringIn(parent: Table, number: number): string {
  const { start, count } = list(parent, number, parent.bytes.length);
  if (start + count > parent.bytes.length) throw new RangeError("a string is longer than its head");
  return parent.bytes.toString("utf8", start, start + count);
}

/** A number of 64 bits; 0 where it is left out. */
export function longIn(parent: Table, number: number): number {
  const position = field(parent, number);
  return position === null ? 0 : longAt(parent.bytes, position);
}

/** A length or a position, of 64 bits. */
export function longAt(bytes: Buffer, position: number): number {
  const value = bytes.readBigInt64LE(position);
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`a length is ${value}`);
  }
  return Number(value);
}
