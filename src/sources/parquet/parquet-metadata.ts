import { type RowGroup, readGroup, requireGroup } from "./parquet-chunks.js";
import {
  leavesOf,
  MOST_NODES,
  type ParquetNode,
  readElement,
  requireStruct,
  type SchemaElement,
  treeOf,
} from "./parquet-schema.js";
import { I32, I64, LIST, thriftReader } from "./parquet-thrift.js";

/** What the columns of a file are. */
export interface ParquetColumns {
  readonly columns: readonly ParquetNode[];
  /** What the `datasets` library says of the columns, as JSON. */
  readonly huggingface: string | undefined;
}

export interface ParquetMetadata extends ParquetColumns {
  readonly groups: readonly RowGroup[];
  /** What columnsIn() reads: files of the same columns have the same. */
  readonly schema: Buffer;
}

/**
 * What a schema says: the list of its elements as it stands in a footer, and what the `datasets` library says behind it.
 *
 * @throws {RangeError}
 */
export function columnsIn(schema: Buffer): ParquetColumns {
  const reader = thriftReader(schema);
  const elements: SchemaElement[] = [];
  reader.list(LIST, (element) => {
    requireStruct(element);
    if (elements.length >= MOST_NODES) throw new RangeError("the schema is too long");
    elements.push(readElement(reader));
  });
  const columns = treeOf(elements);
  return { columns, huggingface: schema.toString("utf8", reader.position) || undefined };
}

/**
 * Reads a footer, and holds it against itself and the file.
 *
 * @throws {RangeError}
 */
export function readParquetMetadata(footer: Buffer, fileSize: number): ParquetMetadata {
  const reader = thriftReader(footer);
  let elements: Buffer = Buffer.alloc(0);
  const found: ReturnType<typeof readGroup>[] = [];
  let huggingface: Buffer = Buffer.alloc(0);
  reader.struct(
    {
      2: (type) => {
        const start = reader.position;
        reader.list(type, (element) => {
          requireStruct(element);
          reader.struct({});
        });
        elements = footer.subarray(start, reader.position);
      },
      4: (type) =>
        reader.list(type, (element) => {
          requireStruct(element);
          found.push(readGroup(reader));
        }),
      5: (type) =>
        reader.list(type, (element) => {
          requireStruct(element);
          let key = "";
          let value: Buffer = Buffer.alloc(0);
          reader.struct({
            1: (field) => {
              key = reader.binary(field).toString("latin1");
            },
            2: (field) => {
              value = reader.binary(field);
            },
          });
          if (key === "huggingface") huggingface = value;
        }),
      8: () => {
        throw new RangeError("it is encrypted");
      },
    },
    { 1: I32, 2: LIST, 3: I64, 4: LIST },
  );
  const schema = Buffer.concat([elements, huggingface]);
  const own = columnsIn(schema);
  const leaves = leavesOf(own.columns);
  for (const group of found) requireGroup(group, leaves, fileSize);
  const groups = found.map(({ rows, columns }) => ({
    rows,
    columns: columns.map(({ codec, values, start, bytes }) => ({ codec, values, start, bytes })),
  }));
  return { ...own, groups, schema };
}
