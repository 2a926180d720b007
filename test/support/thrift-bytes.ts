// Structures of Thrift's compact protocol, in which Parquet has its footer and the headers of its pages, byte by byte.

/** Types, by their numbers. */
export const types = {
  TRUE: 1,
  FALSE: 2,
  BYTE: 3,
  I16: 4,
  I32: 5,
  I64: 6,
  DOUBLE: 7,
  BINARY: 8,
  LIST: 9,
  SET: 10,
  STRUCT: 12,
} as const;

export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}
export const zigzag = (value: number) => varint(value < 0 ? -2 * value - 1 : 2 * value);

/** Fields of a structure by their numbers: type and bytes. */
export type Fields = Record<number, readonly [type: number, bytes?: readonly number[]]>;

export function struct(fields: Fields): number[] {
  let last = 0;
  const bytes = Object.entries(fields).flatMap(([name, [type, own = []]]) => {
    const id = Number(name);
    const step = id - last;
    last = id;
    return step < 16 ? [(step << 4) | type, ...own] : [type, ...zigzag(id), ...own];
  });
  return [...bytes, 0];
}
export const int = (value: number) => [types.I32, zigzag(value)] as const;
