// What holds of every order by blocks, whatever their lengths, the window, seed, epoch and number of ranks.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { blockSampler } from "../../src/order/block-sampler.js";
import { laneOf, positionInLanes } from "../../src/order/lanes.js";
import { readRankSlice, sliceLength, slicePosition } from "../../src/order/rank-slice.js";
import type { Sampler } from "../../src/order/sampler.js";
import { fixture, readJsonLines } from "../support/fixtures.js";
import { fc } from "../support/properties.js";

const byNumber = (a: number, b: number) => a - b;
const upTo = (length: number) => Array.from({ length }, (_, i) => i);
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

const cases = fc.record({
  lengths: fc
    .array(fc.oneof(fc.constantFrom(0, 1, 2), fc.integer({ min: 1, max: 40 })), {
      minLength: 1,
      maxLength: 60,
    })
    .filter((some) => sum(some) > 0),
  window: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 100 })),
  seed: fc.maxSafeNat(),
  epoch: fc.nat(1000),
});

function orderOf(sampler: Sampler, epoch: number): number[] {
  return upTo(sampler.length).map((position) => sampler.indexAt(position, epoch));
}

/** The block that each index is in. */
function blockOfEach(lengths: readonly number[]): number[] {
  return lengths.flatMap((length, block) => new Array<number>(length).fill(block));
}

interface OrderLine {
  lengths: number[];
  window: number;
  seed: number;
  epoch: number;
  order: number[];
}

describe("an order by blocks", () => {
  test("is the one that Python computes", () => {
    for (const line of readJsonLines<OrderLine>(fixture("goldens/block-order.jsonl"))) {
      const { lengths, window, seed, epoch, order } = line;
      assert.deepEqual(orderOf(blockSampler(lengths, { window, seed }), epoch), order);
    }
  });

  test("has every index once", () => {
    fc.assert(
      fc.property(cases, ({ lengths, epoch, ...options }) => {
        const sampler = blockSampler(lengths, options);
        assert.deepEqual(orderOf(sampler, epoch).sort(byNumber), upTo(sum(lengths)));
      }),
      { numRuns: 150 },
    );
  });

  test("gives the same at a position, whichever was asked for before", () => {
    fc.assert(
      fc.property(
        cases,
        fc.array(fc.tuple(fc.nat(), fc.nat(2))),
        ({ lengths, epoch, ...options }, asked) => {
          const sampler = blockSampler(lengths, options);
          const orders = upTo(3).map((i) => orderOf(blockSampler(lengths, options), epoch + i));
          for (const [number, later] of asked) {
            const position = number % sampler.length;
            assert.equal(sampler.indexAt(position, epoch + later), orders[later]?.[position]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("mixes no more blocks at any time than its window, in each lane and in all", () => {
    fc.assert(
      fc.property(cases, ({ lengths, epoch, window, seed }) => {
        const sampler = blockSampler(lengths, { window, seed });
        const { lanes = 1 } = sampler;
        const blocks = blockOfEach(lengths);
        const order = orderOf(sampler, epoch).map((index) => blocks[index] as number);
        for (let lane = 0; lane < lanes; lane += 1) {
          const own = order.filter((_, position) => laneOf(position, lanes) === lane);
          // blocks that have begun and not ended come, one after the other, out of the window in which they were
          for (const place of own.keys()) {
            const under = new Set(
              own.slice(0, place + 1).filter((one) => own.includes(one, place)),
            );
            assert.ok(under.size <= Math.floor(window / lanes));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test("has a block in one lane, but for one where two lanes meet", () => {
    fc.assert(
      fc.property(cases, ({ lengths, epoch, ...options }) => {
        const sampler = blockSampler(lengths, options);
        const { lanes = 1 } = sampler;
        const blocks = blockOfEach(lengths);
        const pieces = new Set(
          orderOf(sampler, epoch).map(
            (index, position) => `${blocks[index]} ${laneOf(position, lanes)}`,
          ),
        );
        assert.ok(pieces.size <= lengths.length + lanes - 1);
        assert.ok(Number.isInteger(Math.log2(lanes)));
        assert.ok(lanes === 1 || 4 * lanes <= options.window);
      }),
      { numRuns: 100 },
    );
  });

  test("knows which blocks are mixed at a position, and which one comes next", () => {
    fc.assert(
      fc.property(cases, ({ lengths, epoch, ...options }) => {
        const sampler = blockSampler(lengths, options);
        const { lanes = 1 } = sampler;
        const blocks = blockOfEach(lengths);
        const most = Math.floor(Math.min(options.window, lengths.length) / lanes) + 1;
        const told = new Set<string>();
        for (const [position, index] of orderOf(sampler, epoch).entries()) {
          const lane = position % lanes;
          const around = sampler.blocksAt?.(position, epoch) ?? [];
          assert.ok(around.length <= most);
          assert.ok(around.includes(blocks[index] as number));
          // known before its first row is there
          if (position >= lanes) assert.ok(told.has(`${lane} ${blocks[index]}`));
          for (const block of around) told.add(`${lane} ${block}`);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("fetches each block once, where a cache holds the window and a block more for each lane", () => {
    for (const window of [1, 4, 16, 40]) {
      const sampler = blockSampler(new Array<number>(160).fill(48), { window, seed: 2 });
      const { lanes = 1 } = sampler;
      const cached = new Set<number>();
      let fetched = 0;
      for (const index of orderOf(sampler, 0)) {
        const block = Math.floor(index / 48);
        if (!cached.delete(block)) fetched += 1;
        cached.add(block); // the last one is the one that was used last
        const [oldest] = cached;
        if (cached.size > window + lanes && oldest !== undefined) cached.delete(oldest);
      }
      assert.ok(fetched <= 160 + lanes - 1, `${fetched} with a window of ${window}`);
    }
  });

  test("shows the rows of each block in another order in another epoch, from one to the other", () => {
    const sampler = blockSampler(new Array<number>(12).fill(64), { window: 4, seed: 3 });
    const ofBlock = (epoch: number) => orderOf(sampler, epoch).filter((index) => index < 64);
    assert.notDeepEqual(ofBlock(0), upTo(64));
    assert.notDeepEqual(ofBlock(0), ofBlock(1));
    const first = (epoch: number) => Math.floor(sampler.indexAt(0, epoch) / 64);
    assert.ok(new Set(upTo(8).map(first)).size > 2);
  });

  test("spreads a block over its window evenly, and mixes what comes in with what goes out", () => {
    const window = 4;
    const length = 256;
    const sampler = blockSampler(new Array<number>(40).fill(length), { window, seed: 1 });
    const { lanes = 1 } = sampler;
    assert.equal(lanes, 1);
    const order = orderOf(sampler, 0);
    const places = new Map<number, number[]>();
    for (const [position, index] of order.entries()) {
      const block = Math.floor(index / length);
      places.set(block, [...(places.get(block) ?? []), position]);
    }
    const inside = [...places.values()].filter(
      ([first = 0]) => first > window * length && first < order.length - 2 * window * length,
    );
    assert.ok(inside.length > 20);
    for (const positions of inside) {
      const stretch = (positions.at(-1) as number) - (positions[0] as number) + 1;
      assert.ok(stretch > (window - 1) * length && stretch <= window * length);
      const halfway = (positions[length / 2] as number) - (positions[0] as number);
      assert.ok(Math.abs(halfway / stretch - 0.5) < 0.1);
    }
  });

  test("is a whole shuffle of a single block", () => {
    const order = orderOf(blockSampler([500]), 0);
    const moved = order.filter((index, position) => Math.abs(index - position) > 50);
    assert.ok(moved.length > 350, `${moved.length}`);
  });

  test("knows the block that an index is in, at its first row and its last, and no block without rows", () => {
    const sampler = blockSampler([0, 3, 1, 0, 2, 0]);
    const blocks = upTo(6).map((index) => sampler.blockOf?.(index));
    const [first, second, third] = [
      { first: 0, length: 3 },
      { first: 3, length: 1 },
      { first: 4, length: 2 },
    ];
    assert.deepEqual(blocks, [first, first, first, second, third, third]);
  });

  test("refuses what are no lengths of blocks", () => {
    const refused: [unknown, RegExp][] = [
      [7, /blockLengths: expected an array of numbers of rows, got 7/],
      [[], /blockLengths.length: expected an integer from 1/],
      [[0, 0], /blockLengths: expected at least one row/],
      [[1, -1], /blockLengths\[1\]: expected an integer of at least 0, got -1/],
      [[1, 0.5], /blockLengths\[1\]: expected an integer/],
      [[2 ** 53 - 1, 2 ** 53 - 1], /the sum of blockLengths: expected an integer/],
    ];
    for (const [lengths, message] of refused) {
      assert.throws(() => blockSampler(lengths as number[]), message);
    }
    assert.throws(() => blockSampler([1], { window: 0 }), /window: expected an integer from 1/);
    assert.throws(() => blockSampler([1], { size: 2 } as object), /unknown option "size"/);
  });

  test("is told from others by seed, window and lengths", () => {
    const named = new Set(
      [
        blockSampler([3, 4, 5]),
        blockSampler([4, 3, 5]),
        blockSampler([3, 4, 5], { window: 2 }),
        blockSampler([3, 4, 5], { seed: 1 }),
      ].map(({ fingerprint }) => fingerprint),
    );
    assert.equal(named.size, 4);
    assert.equal(blockSampler([3, 4, 5]).fingerprint, blockSampler([3, 4, 5]).fingerprint);
    // blocks without rows change nothing about the order
    assert.equal(blockSampler([0, 3, 4, 0, 5]).fingerprint, blockSampler([3, 4, 5]).fingerprint);
  });
});

describe("ranks of an order in lanes", () => {
  const laneCounts = fc.constantFrom(1, 2, 4, 8, 16, 64);

  test("take, in each turn, the positions sorted by their lanes", () => {
    fc.assert(
      fc.property(
        laneCounts,
        fc.integer({ min: 1, max: 100 }),
        fc.nat(2 ** 40),
        (lanes, ranks, first) => {
          const turn = upTo(ranks).map((i) => first + i);
          const sorted = turn.toSorted((a, b) => laneOf(a, lanes) - laneOf(b, lanes) || a - b);
          assert.deepEqual(
            upTo(ranks).map((rank) => positionInLanes(rank, first, ranks, lanes)),
            sorted,
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test("share an epoch from any position on: every turn whole, whatever the lanes", () => {
    fc.assert(
      fc.property(
        laneCounts,
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(),
        (lanes, length, worldSize, number) => {
          const start = number % length;
          const slices = upTo(worldSize).map((rank) => readRankSlice({ rank, worldSize }));
          const count = sliceLength(length - start, slices[0] as (typeof slices)[number]);
          for (let i = 0; i < count; i += 1) {
            const turn = slices.map((slice) => slicePosition(i, start, length, slice, lanes));
            const expected = upTo(worldSize).map((rank) => (start + i * worldSize + rank) % length);
            assert.deepEqual(turn.sort(byNumber), expected.sort(byNumber));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("have lanes of their own where these are as many or more, and share them with neighbours where not", () => {
    for (const [lanes, worldSize] of [
      [8, 2],
      [8, 8],
      [8, 32],
      [64, 16],
    ] as const) {
      const lanesOfRank = upTo(worldSize).map((rank) => {
        const positions = upTo(50).map((i) =>
          positionInLanes(rank, 5 + i * worldSize, worldSize, lanes),
        );
        return [...new Set(positions.map((position) => laneOf(position, lanes)))].sort(byNumber);
      });
      const each = Math.max(1, lanes / worldSize);
      for (const [rank, own] of lanesOfRank.entries()) {
        const from = Math.floor((rank * lanes) / worldSize);
        assert.deepEqual(
          own,
          upTo(each).map((i) => from + i),
        );
      }
    }
  });

  test("fetch few blocks that others fetch too, also where their number divides nothing", () => {
    const lengths = new Array<number>(256).fill(50);
    const sampler = blockSampler(lengths, { window: 64 });
    assert.equal(sampler.lanes, 16);
    for (const [worldSize, most] of [
      [1, 1.06],
      [4, 1.06],
      [16, 1.06],
      [3, 1.7],
      [6, 2.2],
      [12, 2.7],
    ] as const) {
      const fetched = upTo(worldSize).map((rank) => {
        const slice = readRankSlice({ rank, worldSize });
        const rows = upTo(sliceLength(sampler.length, slice)).map((i) =>
          sampler.indexAt(slicePosition(i, 0, sampler.length, slice, sampler.lanes), 0),
        );
        return new Set(rows.map((row) => Math.floor(row / 50))).size;
      });
      const share = sum(fetched) / lengths.length;
      assert.ok(share <= most, `${worldSize} ranks: ${share}`);
    }
  });
});
