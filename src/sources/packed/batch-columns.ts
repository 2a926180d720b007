import type { Field, FixedSizeList, Float, Int, List } from "apache-arrow";
import { DataType } from "apache-arrow";
import { requireBatchHead } from "./arrow-head.js";

/** A column where it lies in a message; apache-arrow's `Data` is one. */
export interface ColumnData {
  readonly length: number;
  readonly children: readonly ColumnData[];
  /** Undefined where its children have them. */
  readonly values: unknown;
  /** Undefined where each value is of the same length. */
  readonly valueOffsets: unknown;
}

type Numbers = new (buffer: ArrayBufferLike, offset: number, length: number) => ArrayBufferView;

const elements = (array: Numbers & { BYTES_PER_ELEMENT: number }) => ({
  array,
  bytes: array.BYTES_PER_ELEMENT,
});

const offsets = elements(Int32Array);

/** How the columns of a type lie: which buffers it has behind that of what is null, and what is within it. */
interface ColumnLayout {
  readonly hasOffsets: boolean;
  readonly values: ReturnType<typeof elements> | null;
  readonly children: readonly ColumnLayout[];
}

function layoutOf({ type }: Field): ColumnLayout {
  if (DataType.isUtf8(type)) {
    return { hasOffsets: true, values: elements(Uint8Array), children: [] };
  }
  if (DataType.isList(type) || DataType.isFixedSizeList(type)) {
    const { children } = type as List | FixedSizeList;
    return { hasOffsets: DataType.isList(type), values: null, children: children.map(layoutOf) };
  }
  const { ArrayType } = type as Int | Float;
  return { hasOffsets: false, values: elements(ArrayType as never), children: [] };
}

/** Bytes in memory. */
interface Place {
  readonly offset: number;
  readonly bytes: number;
}

/** What is behind the head of a message, or the parts of it that have been read. */
export interface MessageBody {
  readonly memory: ArrayBufferLike;
  /** Of the whole body. */
  readonly bytes: number;
  /**
   * Where those are that begin at a place of the body.
   *
   * @throws {RangeError} where they have not been read.
   */
  find(start: number, bytes: number): Place;
}

/** The body of a message that is there as a whole. */
export function wholeBody(message: Buffer, headBytes: number): MessageBody {
  const body = message.byteOffset + headBytes;
  return {
    memory: message.buffer,
    bytes: message.length - headBytes,
    find: (start, bytes) => ({ offset: body + start, bytes }),
  };
}

/**
 * What reads the columns of a message of rows where they lie.
 *
 * @returns of a message that has this head, and so many rows. It throws a RangeError for any other, and where there are fewer
 *   columns.
 */
export function columnsReader(
  fields: readonly Field[],
): (head: Buffer, rows: number, body: MessageBody) => ColumnData {
  const layouts = fields.map(layoutOf);
  return (head, rows, body) => {
    const { nodes, buffers } = requireBatchHead(head, rows, body.bytes);
    let node = 0;
    let buffer = 0;
    const view = ({ array, bytes }: ReturnType<typeof elements>): ArrayBufferView => {
      if (2 * buffer >= buffers.length) throw new RangeError("a column is missing");
      const start = buffers[2 * buffer] as number;
      const length = buffers[2 * buffer + 1] as number;
      buffer += 1;
      const found = body.find(start, length);
      return new array(body.memory, found.offset, Math.floor(found.bytes / bytes));
    };
    const read = ({ hasOffsets, values, children }: ColumnLayout): ColumnData => {
      if (node >= nodes.length) throw new RangeError("a column is missing");
      const length = nodes[node] as number;
      node += 1;
      buffer += 1; // nothing is null
      return {
        length,
        valueOffsets: hasOffsets ? view(offsets) : undefined,
        values: values === null ? undefined : view(values),
        children: children.map(read),
      };
    };
    return {
      length: rows,
      valueOffsets: undefined,
      values: undefined,
      children: layouts.map(read),
    };
  };
}
