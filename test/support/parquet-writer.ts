// Parquet files by hand, for what no honest writer writes. Only what the tests need: columns of bytes at
// the top, in one row group.

type Field = readonly [id: number, type: number, content: Buffer];

const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return Buffer.from([...bytes, left]);
}

const i32 = (id: number, value: number): Field => [id, I32, varint(2 * value)];
const i64 = (id: number, value: number): Field => [id, I64, varint(2 * value)];
const bytes = (content: string) =>
  Buffer.concat([varint(Buffer.byteLength(content)), Buffer.from(content)]);
const binary = (id: number, content: string): Field => [id, BINARY, bytes(content)];
const structure = (id: number, fields: readonly Field[]): Field => [id, STRUCT, struct(fields)];
const list = (id: number, type: number, items: readonly Buffer[]): Field => [
  id,
  LIST,
  Buffer.concat([Buffer.from([0xf0 | type]), varint(items.length), ...items]),
];

function struct(fields: readonly Field[]): Buffer {
  let last = 0;
  const parts = fields.map(([id, type, content]) => {
    const head = Buffer.from([((id - last) << 4) | type]);
    last = id;
    return Buffer.concat([head, content]);
  });
  return Buffer.concat([...parts, Buffer.from([0])]);
}

/** A page: its values are its own, whatever `data` has. */
export interface HandPage {
  values: number;
  encoding: number;
  data: Buffer;
  isDictionary?: boolean;
  /** Default: those that there are. */
  uncompressedBytes?: number;
}

export interface HandColumn {
  name: string;
  /** Default: optional, so that its pages begin with levels. */
  required?: boolean;
  text?: boolean;
  codec?: number;
  pages: readonly HandPage[];
}

function pageBytes({ values, encoding, data, isDictionary, uncompressedBytes }: HandPage): Buffer {
  const ofType = isDictionary
    ? structure(7, [i32(1, values), i32(2, encoding)])
    : structure(5, [i32(1, values), i32(2, encoding), i32(3, 3), i32(4, 3)]);
  const header = struct([
    i32(1, isDictionary ? 2 : 0),
    i32(2, uncompressedBytes ?? data.length),
    i32(3, data.length),
    ofType,
  ]);
  return Buffer.concat([header, data]);
}

/** Levels as they stand before a page's values. */
export function levels(runs: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(runs.length);
  return Buffer.concat([length, runs]);
}

/** So many times the same. */
export const run = (count: number, value: number): Buffer =>
  Buffer.concat([varint(2 * count), Buffer.from([value])]);

/** Values as PLAIN has them. */
export function plain(...values: readonly string[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(Buffer.byteLength(value));
      return [length, Buffer.from(value)];
    }),
  );
}

/** @param metadata what the footer has under names. Default: nothing. */
export function handParquet(
  rows: number,
  columns: readonly HandColumn[],
  metadata: Readonly<Record<string, string>> = {},
): Buffer {
  const parts: Buffer[] = [Buffer.from("PAR1")];
  let at = 4;
  const chunks = columns.map(({ name, codec = 0, pages }) => {
    const start = at;
    for (const page of pages) {
      const content = pageBytes(page);
      parts.push(content);
      at += content.length;
    }
    return struct([
      i64(2, 0),
      structure(3, [
        i32(1, 6),
        list(2, I32, []),
        list(3, BINARY, [bytes(name)]),
        i32(4, codec),
        i64(5, rows),
        i64(6, at - start),
        i64(7, at - start),
        i64(9, start),
      ]),
    ]);
  });
  const schema = [
    struct([binary(4, "schema"), i32(5, columns.length)]),
    ...columns.map(({ name, required, text }) =>
      struct([i32(1, 6), i32(3, required ? 0 : 1), binary(4, name), ...(text ? [i32(6, 0)] : [])]),
    ),
  ];
  const footer = struct([
    i32(1, 1),
    list(2, STRUCT, schema),
    i64(3, rows),
    list(4, STRUCT, [struct([list(1, STRUCT, chunks), i64(2, at - 4), i64(3, rows)])]),
    list(
      5,
      STRUCT,
      Object.entries(metadata).map(([key, value]) => struct([binary(1, key), binary(2, value)])),
    ),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...parts, footer, length, Buffer.from("PAR1")]);
}
