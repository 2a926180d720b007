import { MOST_LEVELS, type ParquetLeaf, requireStruct } from "./parquet-schema.js";
import { I32, I64, LIST, type ThriftReader } from "./parquet-thrift.js";

/** The pages of a column in a row group. */
export interface ColumnChunk {
  readonly codec: number;
  /** Nulls included. */
  readonly values: number;
  /** Where its pages are. */
  readonly start: number;
  readonly bytes: number;
}

export interface RowGroup {
  readonly rows: number;
  readonly columns: readonly ColumnChunk[];
}

interface ChunkInFooter extends ColumnChunk {
  readonly path: string;
}

function readChunk(reader: ThriftReader): ChunkInFooter {
  let path = "";
  let [codec, values, bytes, data] = [-1, -1, -1, -1];
  let dictionary = 0;
  let elsewhere = false;
  const names: string[] = [];
  reader.struct(
    {
      1: (type) => {
        elsewhere = reader.binary(type).length > 0;
      },
      3: (type) => {
        requireStruct(type);
        reader.struct(
          {
            3: (field) => {
              reader.list(field, (element) => {
                if (names.length >= MOST_LEVELS)
                  throw new RangeError("a column's path is too long");
                names.push(reader.binary(element).toString("utf8"));
              });
              path = names.join(".");
            },
            4: (field) => {
              codec = reader.integer(field);
            },
            5: (field) => {
              values = reader.long(field);
            },
            7: (field) => {
              bytes = reader.long(field);
            },
            9: (field) => {
              data = reader.long(field);
            },
            11: (field) => {
              dictionary = reader.long(field);
            },
            13: (field) =>
              reader.list(field, (element) => {
                requireStruct(element);
                reader.struct({}, { 1: I32, 2: I32, 3: I32 });
              }),
          },
          { 1: I32, 2: LIST, 3: LIST, 4: I32, 5: I64, 6: I64, 7: I64, 9: I64 },
        );
      },
      8: () => {
        throw new RangeError("a column is encrypted");
      },
    },
    { 2: I64 },
  );
  if (elsewhere) throw new RangeError("its columns are in another file");
  // as Arrow does it: some writers have a dictionary's place where there is none
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  return { path, codec, values, start, bytes };
}

export function readGroup(reader: ThriftReader): { rows: number; columns: ChunkInFooter[] } {
  const columns: ChunkInFooter[] = [];
  let rows = -1;
  reader.struct(
    {
      1: (type) =>
        reader.list(type, (element) => {
          requireStruct(element);
          columns.push(readChunk(reader));
        }),
      3: (type) => {
        rows = reader.long(type);
      },
    },
    { 1: LIST, 2: I64, 3: I64 },
  );
  return { rows, columns };
}

/** Rows that a byte may stand for at most, beyond the first million: a run of one value takes next to none. */
const ROWS_A_BYTE = 8;

const FREE_ROWS = 1 << 20;

/** Rows that a row group of so many bytes has at most. */
export function mostRows(bytes: number): number {
  return FREE_ROWS + ROWS_A_BYTE * bytes;
}

/** What a footer says of a row group is not believed until it agrees with the schema and the file. */
export function requireGroup(
  { rows, columns }: ReturnType<typeof readGroup>,
  leaves: readonly ParquetLeaf[],
  fileSize: number,
): void {
  if (rows === 0) return;
  if (columns.length !== leaves.length) {
    throw new RangeError(`a row group has ${columns.length} columns, the schema ${leaves.length}`);
  }
  let bytesOfAll = 0;
  for (const [i, { path, start, bytes, values, codec }] of columns.entries()) {
    const leaf = leaves[i] as ParquetLeaf;
    if (path !== leaf.path) throw new RangeError(`column ${path} is not where the schema has it`);
    if (![start, bytes, values, codec].every(Number.isSafeInteger)) {
      throw new RangeError(`column ${path} has a number that is none, or too large`);
    }
    if (!(start >= 4 && bytes >= 0 && start + bytes <= fileSize)) {
      throw new RangeError(`column ${path} does not lie in the file`);
    }
    if (leaf.lists.length === 0 && values !== rows) {
      throw new RangeError(`column ${path} has ${values} values in ${rows} rows`);
    }
    bytesOfAll += bytes;
  }
  // columns that lie over each other have no more rows for it
  const most = mostRows(Math.min(bytesOfAll, fileSize));
  if (!(Number.isSafeInteger(rows) && rows > 0 && rows <= most)) {
    throw new RangeError(`a row group of ${bytesOfAll} bytes declares ${rows} rows`);
  }
}
