// Batches of rows in Arrow files, by hand: what of them is found, and what is refused before a value of it is read.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type ArrowVector, readArrowTable } from "../../src/sources/arrow/arrow-batches.js";
import {
  flatbuffer,
  int8,
  int16,
  int32,
  int64,
  listOf,
  type Placed,
  type Stored,
  tableOf,
  textOf,
} from "../support/flatbuffer-writer.js";

const [SCHEMA, DICTIONARY, RECORD_BATCH] = [1, 2, 3];
const CONTINUATION = int32(-1);
const END = Buffer.concat([CONTINUATION, int32(0)]);

/** A message, as streams have it from Arrow 0.15 on. */
function messageOf(kind: number, header: Placed, body = 0): Buffer {
  const head = flatbuffer(tableOf({ 0: int16(4), 1: int8(kind), 2: header, 3: int64(body) }));
  return Buffer.concat([CONTINUATION, int32(head.length), head, Buffer.alloc(body)]);
}

/** A column of the type of this number in Type of Schema.fbs. */
const column = (type: number, of: Record<number, Stored> = {}, children: Placed[] = []) =>
  tableOf({ 0: textOf("one"), 2: int8(type), 3: tableOf(of), 5: listOf(children) });
const int32Column = column(2, { 0: int32(32), 1: int8(1) });
const utf8 = column(5);
const bool = column(6);

const pairs = (numbers: readonly (readonly [number, number])[]): Placed =>
  listOf(numbers.map(([first, second]) => Buffer.concat([int64(first), int64(second)])));

interface Batch {
  readonly rows?: number;
  /** Of each column its rows, and how many of them have no value. */
  readonly nodes: readonly (readonly [number, number])[];
  readonly buffers: readonly (readonly [number, number])[];
  readonly body?: number;
  readonly others?: Record<number, Stored>;
}

const schema = (...columns: Placed[]) => messageOf(SCHEMA, tableOf({ 1: listOf(columns) }));
const batch = ({ rows = 3, nodes, buffers, body = 64, others = {} }: Batch) => {
  const fields = { 0: int64(rows), 1: pairs(nodes), 2: pairs(buffers), ...others };
  return messageOf(RECORD_BATCH, tableOf(fields), body);
};
const read = (...parts: Uint8Array[]) => readArrowTable(Buffer.concat(parts));

/** Where a column's parts lie in the body of the only batch. */
function placesOf(columns: Placed[], one: Batch) {
  const head = schema(...columns);
  const message = batch(one);
  const start = head.length + message.length - (one.body ?? 64);
  const [{ columns: found } = { columns: [] }] = read(head, message, END).batches;
  const within = (range: ArrowVector["data"]) => range && [range.start - start, range.end - start];
  const shown = ({ length, validity, offsets, data, children }: ArrowVector): unknown => ({
    ...{ length, validity: within(validity), offsets: within(offsets), data: within(data) },
    children: children.map(shown),
  });
  return found.map(shown);
}

const ofInt32 = {
  nodes: [[3, 0]],
  buffers: [
    [0, 0],
    [8, 12],
  ],
} as const;

describe("a batch of Arrow", () => {
  test("has of numbers their bytes, and bits where a row has none", () => {
    const plain = { length: 3, validity: null, offsets: null, data: [8, 20], children: [] };
    assert.deepEqual(placesOf([int32Column], ofInt32), [plain]);
    const buffers = [
      [0, 1],
      [8, 12],
    ] as const;
    assert.deepEqual(placesOf([int32Column], { nodes: [[3, 1]], buffers }), [
      { ...plain, validity: [0, 1] },
    ]);
  });

  test("has of texts their offsets and bytes, and of nothing nothing", () => {
    const one = {
      nodes: [
        [3, 0],
        [3, 3],
      ],
      buffers: [
        [0, 0],
        [0, 16],
        [16, 9],
      ],
    } as const;
    assert.deepEqual(placesOf([utf8, column(1)], one), [
      { length: 3, validity: null, offsets: [0, 16], data: [16, 25], children: [] },
      { length: 3, validity: null, offsets: null, data: null, children: [] },
    ]);
  });

  test("has of lists and structs those of their columns", () => {
    const one = {
      nodes: [
        [3, 0],
        [5, 0],
        [3, 0],
        [3, 0],
      ],
      buffers: [
        [0, 0],
        [0, 16],
        [0, 0],
        [16, 20],
        [0, 0],
        [0, 0],
        [40, 1],
      ],
    } as const;
    const list = column(12, {}, [int32Column]);
    const struct = column(13, {}, [bool]);
    const none = { validity: null, offsets: null, data: null };
    assert.deepEqual(placesOf([list, struct], one), [
      {
        ...{ ...none, length: 3, offsets: [0, 16] },
        children: [{ ...none, length: 5, data: [16, 36], children: [] }],
      },
      { ...none, length: 3, children: [{ ...none, length: 3, data: [40, 41], children: [] }] },
    ]);
  });

  test("comes behind others, in a file with its contents at the end, too", () => {
    const one = batch(ofInt32);
    const parts = [schema(int32Column), one, one, END];
    assert.equal(read(...parts).batches.length, 2);
    const withContents = read(Buffer.from("ARROW1\0\0"), ...parts, Buffer.from("contents"));
    assert.equal(withContents.batches.length, 2);
  });

  test("may be of no rows, without offsets", () => {
    const one = {
      rows: 0,
      nodes: [[0, 0]],
      buffers: [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      body: 0,
    } as const;
    assert.equal(placesOf([utf8], one).length, 1);
  });

  test("may have been written before Arrow 0.15", () => {
    const old = (message: Buffer) => message.subarray(4);
    const { batches } = read(old(schema(int32Column)), old(batch(ofInt32)), int32(0));
    assert.equal(batches[0]?.length, 3);
  });

  const fixed = column(16, { 0: int32(2) }, [int32Column]);
  const compressed = { ...ofInt32, others: { 3: tableOf({}) } };
  for (const [what, columns, one, message] of [
    ["compressed", [int32Column], compressed, "its buffers are compressed, which is not read"],
    ["without a column", [int32Column, bool], ofInt32, "a column is missing"],
    [
      "without a buffer",
      [int32Column],
      { nodes: [[3, 0]], buffers: [[0, 0]] },
      "a buffer is missing",
    ],
    [
      "with a buffer behind it",
      [int32Column],
      { ...ofInt32, body: 19 },
      "a buffer is outside of its message",
    ],
    [
      "of columns of other lengths",
      [int32Column],
      { ...ofInt32, rows: 2 },
      "columns have different lengths",
    ],
    [
      "with too few numbers",
      [int32Column],
      {
        nodes: [[3, 0]],
        buffers: [
          [0, 0],
          [8, 11],
        ],
      },
      "values are missing",
    ],
    [
      "with too few bits of rows without a value",
      [int32Column],
      {
        rows: 9,
        nodes: [[9, 1]],
        buffers: [
          [0, 1],
          [8, 36],
        ],
      },
      "values are missing",
    ],
    [
      "with too few truth values",
      [bool],
      {
        rows: 9,
        nodes: [[9, 0]],
        buffers: [
          [0, 0],
          [0, 1],
        ],
      },
      "values are missing",
    ],
    [
      "with too few offsets",
      [utf8],
      {
        nodes: [[3, 0]],
        buffers: [
          [0, 0],
          [0, 15],
          [16, 9],
        ],
      },
      "values are missing",
    ],
    [
      "with too few elements of lists of one length",
      [fixed],
      {
        nodes: [
          [3, 0],
          [5, 0],
        ],
        buffers: [
          [0, 0],
          [0, 0],
          [0, 20],
        ],
      },
      "values are missing",
    ],
    [
      "with too few values of a struct",
      [column(13, {}, [int32Column])],
      {
        nodes: [
          [3, 0],
          [2, 0],
        ],
        buffers: [
          [0, 0],
          [0, 0],
          [0, 8],
        ],
      },
      "values are missing",
    ],
  ] as const) {
    test(`${what} is refused`, () => {
      assert.throws(() => read(schema(...columns), batch(one), END), {
        name: "RangeError",
        message,
      });
    });
  }
});

describe("a file of Arrow is refused", () => {
  const head = schema(int32Column);
  const one = batch(ofInt32);
  const ends = "it ends early";
  const unended = /^it ends early: there is no mark of its end/;
  for (const [what, parts, message] of [
    ["that begins with rows", [one, END], "it does not begin with a schema"],
    ["that is empty", [], ends],
    ["that has no rows and no end", [head], unended],
    ["that has no end", [head, one], unended],
    ["that ends within a length", [head, int16(-1)], ends],
    ["that ends within a head", [head, one.subarray(0, 40)], ends],
    ["that ends within a body", [head, one.subarray(0, -1)], ends],
    [
      "that has a dictionary",
      [head, messageOf(DICTIONARY, tableOf({})), END],
      "it has a dictionary, which is not read",
    ],
    [
      "that has something else",
      [head, messageOf(4, tableOf({})), END],
      "a message is of an unknown kind",
    ],
    [
      "with a message of nothing",
      [head, CONTINUATION, int32(flatbuffer(tableOf({})).length), flatbuffer(tableOf({})), END],
      "a message has no header",
    ],
  ] as const) {
    test(what, () => assert.throws(() => read(...parts), { name: "RangeError", message }));
  }
});
