// Which tokens of a batch are a row's, and how they are told.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { conversationTokens, placesOfRow } from "../../src/show/conversation-tokens.js";

const tensor = (...rows: number[][]) => ({
  data: rows.flat(),
  dims: [rows.length, rows[0]?.length ?? 0],
});

describe("tokens of a row", () => {
  const input_ids = tensor([0, 0, 0], [0, 0, 0]);

  test("are those that its mask leaves, and all where there is none", () => {
    const attention_mask = tensor([1, 1, 1], [0, 1, 1]);
    assert.deepEqual(placesOfRow({ input_ids }, 1), [3, 4, 5]);
    assert.deepEqual(placesOfRow({ input_ids, attention_mask }, 1), [4, 5]);
    assert.deepEqual(placesOfRow({ input_ids, attention_mask }, 0), [0, 1, 2]);
    assert.deepEqual(placesOfRow({}, 0), []);
  });

  test("of a sequence are those of its number there", () => {
    const joined = {
      input_ids,
      segment_ids: tensor([1, 1, 0], [1, 2, 2]),
      sequences: [[7], [8, 9]],
    };
    const places = [0, 1, 2].map((row) => placesOfRow(joined, row));
    assert.deepEqual(places, [[0, 1], [3], [4, 5]]);
  });

  test("that are the same and follow each other are one, unless one of them is learned", () => {
    const batch = { input_ids: tensor([5, 5, 5, 6, 5]), labels: tensor([-100, -100, 5, 6, 5]) };
    assert.deepEqual(conversationTokens(batch, 0), [
      { id: 5, isMasked: true, times: 2 },
      { id: 5, isMasked: false, times: 1 },
      { id: 6, isMasked: false, times: 1 },
      { id: 5, isMasked: false, times: 1 },
    ]);
  });

  test("are all learned where there are no labels", () => {
    assert.deepEqual(conversationTokens({ input_ids: tensor([5, 5]) }, 0), [
      { id: 5, isMasked: false, times: 2 },
    ]);
  });
});
