// What a set comes to, by arithmetic.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Fleet, SetFigures } from "../../src/planning/figures.js";
import { planFor, planSet } from "../../src/planning/plan.js";

/** 1000 pairs of 100 bytes: 100 blocks of 1000 bytes. */
const figures: SetFigures = {
  pairBytes: 100,
  blockPairs: 10,
  opening: { pairs: 100, value: 1, perPair: 0.01 },
  openingAgain: { pairs: 100, value: 0.5, perPair: 0 },
  memory: { pairs: 100, value: 5000, perPair: 2 },
  readRate: 50,
};
const unmeasured = { opening: null, openingAgain: null, memory: null, readRate: null };

/** Two machines of four ranks. A window of eight blocks is two lanes of four. */
const fleet: Fleet = {
  ranks: 8,
  nodes: 2,
  bandwidth: null,
  batchSize: 4,
  shuffle: "blocks",
  window: 8,
};

/** Numbers as they are but for the last digits, which sums of fractions have. */
function assertClose(value: number | null | undefined, expected: number): void {
  assert.ok(Math.abs((value ?? Number.NaN) / expected - 1) < 1e-12, `${value}, not ${expected}`);
}

describe("a set in blocks", () => {
  const plan = planSet(figures, 1000, fleet);

  test("has the bytes of its pairs, in blocks", () => {
    assert.deepEqual([plan.bytes, plan.blocks], [100_000, 100]);
    assert.equal(planSet(figures, 1001, fleet).blocks, 101);
  });

  test("is fetched once, but for the block in which two lanes meet", () => {
    assertClose(plan.fetchedBytes, 101_000);
  });

  test("is fetched by all machines whose ranks share its lanes", () => {
    // four machines of two ranks: two of them have each lane
    assertClose(planSet(figures, 1000, { ...fleet, nodes: 4 }).fetchedBytes, 202_000);
  });

  test("needs a cache of twice what a machine's lanes mix, and of what comes next", () => {
    // a lane of four blocks, and one more
    assert.equal(plan.cacheBytes, 2 * 5 * 1000);
    assert.equal(planSet(figures, 1000, { ...fleet, nodes: 1 }).cacheBytes, 2 * 2 * 5 * 1000);
  });

  test("needs no larger cache than it has bytes", () => {
    assert.equal(planSet(figures, 50, fleet).cacheBytes, 5000);
  });

  test("is opened as it was measured to grow", () => {
    assertClose(plan.openingSeconds, 1 + 900 * 0.01);
    assert.equal(plan.openingAgainSeconds, 0.5);
  });

  test("takes the memory of what grows, and 44 bytes for each block of its order", () => {
    assert.equal(plan.memoryBytes, 5000 + 900 * 2 + 44 * 90);
    const full = planSet(figures, 1000, { ...fleet, shuffle: "full" });
    assert.equal(full.memoryBytes, 5000 + 900 * 2);
  });

  test("is read by all machines at once, or as fast as the one is connected that fetches most", () => {
    assert.deepEqual(plan.epoch, { seconds: 10, limit: "machines", isLeast: false });
    const slow = planSet(figures, 1000, { ...fleet, bandwidth: 1000 }).epoch;
    assert.equal(slow?.limit, "bandwidth");
    assertClose(slow?.seconds, 50.5);
    const fast = planSet(figures, 1000, { ...fleet, bandwidth: 10_000 }).epoch;
    assert.deepEqual(fast, { seconds: 10, limit: "machines", isLeast: false });
  });

  test("is fetched by one machine alone no more than once", () => {
    const { epoch } = planSet(figures, 1000, { ...fleet, nodes: 1, bandwidth: 1000 });
    assert.equal(epoch?.seconds, 100);
  });

  test("is read in no less than its bytes take, where the machines were not measured", () => {
    const slow = planSet({ ...figures, ...unmeasured }, 1000, { ...fleet, bandwidth: 1000 }).epoch;
    assert.deepEqual([slow?.limit, slow?.isLeast], ["bandwidth", true]);
    assertClose(slow?.seconds, 50.5);
    assert.equal(planSet({ ...figures, ...unmeasured }, 1000, fleet).epoch, null);
  });

  test("of few blocks is mixed in a full shuffle as at random, in batches of many rows as well", () => {
    const full = { ...fleet, batchSize: 32, shuffle: "full" } as const;
    for (const pairs of [1000, 10_000, 1e6]) {
      const { mixing, mixingOfRank } = planSet({ ...figures, blockPairs: pairs / 4 }, pairs, full);
      for (const one of [mixing, mixingOfRank]) {
        assert.ok(Math.abs((one?.spread ?? 0) - 1) < 0.15, `${pairs}: ${one?.spread}`);
      }
    }
  });

  test("in a full shuffle has as many blocks in a batch as are met by chance among all of them", () => {
    const full = { ...fleet, batchSize: 512, shuffle: "full" } as const;
    const { mixing } = planSet(figures, 1e6, full);
    // 4096 rows of 100 000 blocks
    const expected = 1e5 * (1 - (1 - 1e-5) ** 4096);
    assert.ok(Math.abs((mixing?.blocks ?? 0) / expected - 1) < 0.01, `${mixing?.blocks}`);
  });

  test("is mixed as its window is", () => {
    const large = planSet(figures, 1e6, fleet);
    const { blocks = 0, spread = 0 } = large.mixing ?? {};
    // 32 rows of 8 blocks, and of those that come in meanwhile
    assert.ok(blocks > 7 && blocks < 14, `${blocks}`);
    assert.ok(spread > 1.5 && spread < 2.2, `${spread}`);
    const full = planSet(figures, 1e6, { ...fleet, shuffle: "full" });
    assert.ok(Math.abs((full.mixing?.blocks ?? 0) - 32) < 0.1);
    assert.ok(Math.abs((full.mixingOfRank?.spread ?? 0) - 1) < 0.01);
  });

  test("of less than half a pair a block is one of a pair each", () => {
    const { mixing } = planSet({ ...figures, blockPairs: 0.4 }, 1000, fleet);
    assert.deepEqual(mixing, { blocks: 32, spread: 1 });
  });

  test("is mixed from no more blocks than it has", () => {
    const { blocks = 0 } = planSet(figures, 40, { ...fleet, ranks: 2 }).mixing ?? {};
    assert.ok(blocks > 3.5 && blocks <= 4, `${blocks}`);
  });

  test("is fetched by every machine in a full shuffle, whose cache has all of it", () => {
    const { fetchedBytes, cacheBytes, epoch } = planSet(figures, 1000, {
      ...fleet,
      shuffle: "full",
      bandwidth: 1000,
    });
    assert.deepEqual([fetchedBytes, cacheBytes], [200_000, 100_000]);
    assert.deepEqual(epoch, { seconds: 100, limit: "bandwidth", isLeast: false });
  });

  test("of more pairs than can be counted in blocks one by one is planned as well", () => {
    const large = planSet(figures, 1e10, fleet);
    assert.deepEqual([large.bytes, large.blocks], [1e12, 1e9]);
    assert.equal(large.cacheBytes, 2 * 5 * 1000);
    assertClose(large.fetchedBytes, 1e12 * (1 + 1e-9));
  });
});

describe("a set of which each image is a file", () => {
  const plan = planSet({ ...figures, blockPairs: null }, 1000, { ...fleet, bandwidth: 1000 });

  test("is fetched once, by who reads it, and needs no cache", () => {
    const { blocks, fetchedBytes, cacheBytes, epoch } = plan;
    assert.deepEqual([blocks, fetchedBytes, cacheBytes], [null, 100_000, 0]);
    assert.deepEqual(epoch, { seconds: 50, limit: "bandwidth", isLeast: false });
  });

  test("is mixed as if drawn at random", () => {
    assert.deepEqual([plan.mixing, plan.mixingOfRank], [null, null]);
  });
});

test("what was not measured is not known", () => {
  const { openingSeconds, openingAgainSeconds, memoryBytes, epoch } = planSet(
    { ...figures, ...unmeasured },
    1000,
    fleet,
  );
  assert.deepEqual([openingSeconds, openingAgainSeconds, memoryBytes, epoch], Array(4).fill(null));
});

describe("packing", () => {
  /** A second to begin, and 0.05 for each pair. */
  const packing = { pairs: 100, value: 6, perPair: 0.05 };
  const packed = { ...figures, pairBytes: 300, packing };

  test("is begun and done by all machines at once", () => {
    const { packed: plan } = planFor({ asItIs: figures, packed }, 1000, fleet);
    assert.deepEqual(plan?.packing, { seconds: 26, limit: "machines", isLeast: false });
    assert.equal(plan?.bytes, 300_000);
  });

  test("waits for the larger one of what comes and what goes", () => {
    const slow = { ...fleet, bandwidth: 1000 };
    const { packed: plan } = planFor({ asItIs: figures, packed }, 1000, slow);
    assert.deepEqual(plan?.packing, { seconds: 150, limit: "bandwidth", isLeast: false });
    const larger = { ...packed, pairBytes: 50 };
    const { packed: small } = planFor({ asItIs: figures, packed: larger }, 1000, slow);
    assert.deepEqual(small?.packing, { seconds: 50, limit: "bandwidth", isLeast: false });
  });

  test("is not planned for what is packed, or was not measured", () => {
    assert.equal(planFor({ asItIs: figures, packed: null }, 1000, fleet).packed, null);
  });
});
