// What the files of a set say alike is in memory once, as verifyPack looks at them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedMetadata } from "../../src/packing/verify-pack.js";
import type { PackedHead } from "../../src/sources/packed/packed-file.js";

const headOf = (shard: number, pairs: number, before?: object[]): PackedHead =>
  ({
    messages: [],
    schemaCrc: shard,
    metadata: { shard, config: { source: { pairs } }, versions: ["1"], ...(before && { before }) },
  }) as unknown as PackedHead;

test("what files say alike is kept once, and of each what it says alone", () => {
  const shared = sharedMetadata();
  const before = () => [{ files: 2 }];
  const [first, second] = [headOf(0, 4, before()), headOf(1, 4, before())].map(shared) as [
    PackedHead,
    PackedHead,
  ];
  for (const name of ["config", "versions", "before"] as const) {
    assert.ok(first.metadata[name] !== undefined, name);
    assert.equal(first.metadata[name], second.metadata[name], name);
  }
  assert.deepEqual([first.metadata.shard, second.metadata.shard], [0, 1]);
  assert.deepEqual([first.schemaCrc, second.schemaCrc], [0, 1]);
  const other = shared(headOf(2, 5, before()));
  assert.notEqual(other.metadata.config, first.metadata.config);
  assert.deepEqual(other.metadata.config.source, { pairs: 5 });
  assert.equal("before" in shared(headOf(3, 4)).metadata, false);
});
