// What is a list of ids of tokens.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readTokenIds } from "../../src/text/token-ids.js";

const MOST = 2 ** 31 - 1;

test("ids are whole numbers of up to 31 bits, in an array of any kind", () => {
  for (const list of [
    [0, MOST],
    [0n, BigInt(MOST)],
    Uint32Array.of(0, MOST),
    Int32Array.of(0, MOST),
  ])
    assert.deepEqual([...(readTokenIds(list) ?? [])], [0, MOST]);
  assert.deepEqual(readTokenIds([]), []);
});

test("nothing else is ids", () => {
  for (const list of [
    ...[[-1], [0.5], ["1"], [MOST + 1], [2n ** 31n], Int32Array.of(1, -1), Uint32Array.of(2 ** 31)],
    ...["12", 5, null, undefined, {}, new DataView(new ArrayBuffer(4))],
  ])
    assert.equal(readTokenIds(list), undefined);
});

test("ids that are read stay what they are when their array is written again", () => {
  const row = Int32Array.of(1, 2);
  const ids = readTokenIds(row);
  row.fill(9);
  assert.deepEqual([...(ids ?? [])], [1, 2]);
});
