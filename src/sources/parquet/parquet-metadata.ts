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

export interface ParquetMetadata {
  readonly columns: readonly ParquetNode[];
  readonly groups: readonly RowGroup[];
  /** What the `datasets` library says of the columns, as JSON. */
  readonly huggingface: string | undefined;
}

/**
 * Reads a footer, and holds it against itself and the file.
 *
 * @throws {RangeError}
 */
export function readParquetMetadata(footer: Buffer, fileSize: number): ParquetMetadata {
  const reader = thriftReader(footer);
  const elements: SchemaElement[] = [];
  const found: ReturnType<typeof readGroup>[] = [];
  let huggingface: string | undefined;
  reader.struct(
    {
      2: (type) =>
        reader.list(type, (element) => {
          requireStruct(element);
          if (elements.length >= MOST_NODES) throw new RangeError("the schema is too long");
          elements.push(readElement(reader));
        }),
      4: (type) =>
        reader.list(type, (element) => {
          requireStruct(element);
          found.push(readGroup(reader));
        }),
      5: (type) =>
        reader.list(type, (element) => {
          requireStruct(element);
          let key = "";
          let value: Buffer | undefined;
          reader.struct({
            1: (field) => {
              key = reader.binary(field).toString("latin1");
            },
            2: (field) => {
              value = reader.binary(field);
            },
          });
          if (key === "huggingface") huggingface = value?.toString("utf8");
        }),
      8: () => {
        throw new RangeError("it is encrypted");
      },
    },
    { 1: I32, 2: LIST, 3: I64, 4: LIST },
  );
  const nodes = treeOf(elements);
  const leaves = leavesOf(nodes);
  for (const group of found) requireGroup(group, leaves, fileSize);
  const groups = found.map(({ rows, columns }) => ({
    rows,
    columns: columns.map(({ codec, values, start, bytes }) => ({ codec, values, start, bytes })),
  }));
  return { columns: nodes, groups, huggingface };
}
