// Rows joined to one sequence, as transformers' DataCollatorWithFlattening joins them: test/goldens/make_sequences.py.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor } from "pixtok";
import { joinedRows, sequenceTensors } from "../../src/dataset/sequences.js";
import { rowTensors } from "../../src/vision-language/row-tensors.js";
import { fixture, readJsonLines } from "../support/fixtures.js";

interface GoldenLine {
  rows: { input_ids: number[]; labels: number[] }[];
  joined: Record<"input_ids" | "labels" | "position_ids" | "seq_idx", number[][]> & {
    cu_seq_lens_q: number[];
    max_length_q: number;
  };
}

test("one sequence without padding is what transformers makes of its rows", () => {
  const lines = readJsonLines<GoldenLine>(fixture("goldens/sequences.jsonl"));
  assert.ok(lines.length >= 3);
  for (const { rows, joined } of lines) {
    const encoded = rows.map(({ input_ids: ids, labels }) => {
      return {
        ids,
        typeIds: ids.map(() => 0),
        learned: labels.map((one) => (one === -100 ? 0 : 1)),
      };
    });
    const [own] = joinedRows(encoded, [rows.length]);
    assert.ok(own !== undefined);
    const layout = { type: "int32", length: own.ids.length, paddingSide: "right" } as const;
    const tensors = rowTensors([own], {
      ...layout,
      ...{ padId: 0, typeIds: false, types: {}, masks: false, labels: true },
    });
    const { tensors: others, maxSeqlen } = sequenceTensors(encoded, [rows.length], layout);
    assert.deepEqual([...tensors.input_ids.data], joined.input_ids[0]);
    assert.deepEqual([...(tensors.labels?.data ?? [])], joined.labels[0]);
    assert.deepEqual([...(others.position_ids?.data ?? [])], joined.position_ids[0]);
    assert.deepEqual(
      Array.from<number | bigint, number>(
        (others.segment_ids as Tensor).data,
        (segment) => Number(segment) - 1,
      ),
      joined.seq_idx[0],
    );
    assert.deepEqual([...(others.cu_seqlens?.data ?? [])], joined.cu_seq_lens_q);
    assert.equal(maxSeqlen, joined.max_length_q);
  }
});

test("padding is like a row of its own", () => {
  const rows = [[1, 2, 3], [4], [5, 6]].map((ids) => ({ ids, typeIds: [], learned: null }));
  const layout = { type: "int32", length: 5 } as const;
  const { tensors, maxSeqlen } = sequenceTensors(rows, [2, 1], layout);
  assert.deepEqual([...(tensors.cu_seqlens?.data ?? [])], [0, 3, 4, 5, 7, 10]);
  assert.equal(maxSeqlen, 3);
});

test("a row of which nothing says what is learned is one that is not learned", () => {
  const [plain, learned] = [
    { ids: [1, 2], typeIds: [], learned: null },
    { ids: [3, 4], typeIds: [], learned: [1, 1] },
  ];
  for (const [rows, expected] of [
    [
      [plain, learned],
      [0, 0, 0, 1],
    ],
    [
      [learned, plain],
      [0, 1, 0, 0],
    ],
  ] as const) {
    const [joined] = joinedRows(rows, [2]);
    assert.deepEqual([...(joined?.learned ?? [])], expected);
  }
  assert.equal(joinedRows([plain, plain], [2])[0]?.learned, null);
});

test("a row without tokens has no place in its sequence", () => {
  const rows = [[], [1, 2], []].map((ids) => ({ ids, typeIds: [], learned: ids.map(() => 1) }));
  const [joined, empty] = joinedRows(rows, [2, 1]);
  const listOf = (numbers: ArrayLike<number> | null | undefined) => Array.from(numbers ?? []);
  assert.deepEqual(listOf(joined?.ids), [1, 2]);
  assert.deepEqual(listOf(joined?.learned), [0, 1]);
  assert.deepEqual([listOf(empty?.ids), listOf(empty?.learned)], [[], []]);
  const { tensors } = sequenceTensors(rows, [2, 1], { type: "int32", length: 2 });
  assert.deepEqual([...(tensors.cu_seqlens?.data ?? [])], [0, 2, 4]);
  assert.deepEqual([...(tensors.segment_ids?.data ?? [])], [2, 2, 0, 0]);
});
