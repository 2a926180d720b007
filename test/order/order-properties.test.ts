// What holds of every order, whatever its length, seed, epoch and number of ranks.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { aliasTable } from "../../src/order/alias-table.js";
import { keyedPermutation, unitFraction } from "../../src/order/permutation.js";
import { readRankSlice, sliceLength, slicePosition } from "../../src/order/rank-slice.js";
import { sequentialSampler, shuffledSampler } from "../../src/order/sampler.js";
import { weightedSampler } from "../../src/order/weighted-sampler.js";
import { fixture, readJsonLines } from "../support/fixtures.js";
import { fc } from "../support/properties.js";

const byNumber = (a: number, b: number) => a - b;
const upTo = (length: number) => Array.from({ length }, (_, i) => i);

/** Around the sizes of a Feistel block, where one is as large as the order, and one too small. */
const lengths = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.constantFrom(255, 256, 257, 1023, 1024, 1025),
);
const seeds = fc.maxSafeNat();
const epochs = fc.nat(1000);

interface OrderLine {
  length: number;
  seed: number;
  epoch: number;
  first: number[];
}

describe("a shuffled order", () => {
  test("is the one that Python computes", () => {
    for (const { length, seed, epoch, first } of readJsonLines<OrderLine>(
      fixture("goldens/order.jsonl"),
    )) {
      const { indexAt } = keyedPermutation(length, seed, epoch);
      assert.deepEqual(
        first.map((_, position) => indexAt(position)),
        first,
      );
    }
  });

  test("has every index once", () => {
    fc.assert(
      fc.property(lengths, seeds, epochs, (length, seed, epoch) => {
        const { indexAt } = keyedPermutation(length, seed, epoch);
        const order = upTo(length).map(indexAt);
        assert.deepEqual([...order].sort(byNumber), upTo(length));
      }),
      { numRuns: 60 },
    );
  });

  test("is another for another seed, epoch, or number beside them, low and high bits alike", () => {
    const orderOf = (...key: [number, number, ...number[]]) =>
      upTo(64).map(keyedPermutation(64, ...key).indexAt);
    fc.assert(
      fc.property(
        seeds,
        epochs,
        fc.nat(),
        fc.integer({ min: 0, max: 52 }),
        (seed, epoch, more, bit) => {
          const otherSeed = seed % 2 ** (bit + 1) < 2 ** bit ? seed + 2 ** bit : seed - 2 ** bit;
          fc.pre(Number.isSafeInteger(otherSeed));
          const keys: [number, number, ...number[]][] = [
            [seed, epoch, more],
            [otherSeed, epoch, more],
            [seed, epoch + 1, more],
            [seed, epoch, more + 1],
            [seed, epoch],
          ];
          const orders = keys.map((key) => orderOf(...key).join());
          assert.equal(new Set(orders).size, keys.length);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("is kept for its epoch alone", () => {
    fc.assert(
      fc.property(
        lengths,
        seeds,
        fc.array(epochs, { minLength: 2, maxLength: 6 }),
        (length, seed, visited) => {
          const sampler = shuffledSampler(length, seed);
          for (const epoch of visited) {
            assert.equal(
              sampler.indexAt(length - 1, epoch),
              keyedPermutation(length, seed, epoch).indexAt(length - 1),
            );
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("the ranks of an epoch", () => {
  const worlds = fc.record({
    length: fc.integer({ min: 1, max: 60 }),
    worldSize: fc.integer({ min: 1, max: 9 }),
    padRanks: fc.boolean(),
    done: fc.nat(200),
  });

  test("share what is left of it: as many each, all of it when padded, none twice when not", () => {
    fc.assert(
      fc.property(worlds, ({ length, worldSize, padRanks, done }) => {
        const start = done % length;
        const left = length - start;
        const taken = upTo(worldSize).flatMap((rank) => {
          const slice = readRankSlice({ rank, worldSize, padRanks });
          assert.deepEqual(slice, { rank, worldSize, padded: padRanks });
          return upTo(sliceLength(left, slice)).map((i) => slicePosition(i, start, length, slice));
        });
        const behind = (position: number) => (position - start + length) % length;
        if (padRanks) {
          assert.equal(taken.length, Math.ceil(left / worldSize) * worldSize);
          const missed = upTo(left).filter((i) => !taken.includes(start + i));
          assert.deepEqual(missed, []);
        } else {
          const whole = left - (left % worldSize);
          assert.deepEqual(taken.map(behind).sort(byNumber), upTo(whole));
        }
      }),
      { numRuns: 200 },
    );
  });

  test("are padded by default", () => {
    assert.deepEqual(readRankSlice({}), { rank: 0, worldSize: 1, padded: true });
    assert.equal(readRankSlice({ rank: 1, worldSize: 2 }).padded, true);
  });
});

describe("drawn by weights", () => {
  const weights = fc
    .array(
      fc.oneof(
        fc.constantFrom(0, 1, 2, 1e-300, 1e300),
        fc.double({ min: 0, max: 1000, noNaN: true }),
      ),
      {
        minLength: 1,
        maxLength: 40,
      },
    )
    .filter((some) => some.some((weight) => weight > 0));

  test("an index has the share of its weight", () => {
    fc.assert(
      fc.property(weights, (some) => {
        const { keptAt, aliasAt } = aliasTable(some);
        const shares = new Float64Array(some.length);
        for (const column of some.keys()) {
          const stays = keptAt(column);
          assert.ok(stays >= 0 && stays <= 1, `${stays} of column ${column}`);
          shares[column] = (shares[column] as number) + stays;
          const other = aliasAt(column);
          shares[other] = (shares[other] as number) + 1 - stays;
        }
        const largest = Math.max(...some);
        const sum = some.reduce((all, weight) => all + weight / largest, 0);
        for (const [index, weight] of some.entries()) {
          const expected = (weight / largest / sum) * some.length;
          assert.ok(Math.abs((shares[index] as number) - expected) < 1e-9 * some.length);
          if (weight === 0) assert.equal(shares[index], 0);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("it is the same number for the same seed, epoch and position, from 0 to below 1", () => {
    fc.assert(
      fc.property(seeds, epochs, fc.nat(), (seed, epoch, position) => {
        const fraction = unitFraction(seed, epoch, position);
        assert.ok(fraction >= 0 && fraction < 1);
        assert.equal(unitFraction(seed, epoch, position), fraction);
        assert.notEqual(unitFraction(seed, epoch, position + 1), fraction);
      }),
      { numRuns: 100 },
    );
  });

  test("the fingerprint tells other weights, whichever differs", () => {
    const fingerprint = (some: readonly number[]) => weightedSampler(some).fingerprint;
    const some = [1, 2, 3, 4];
    for (let i = 0; i < some.length; i += 1) {
      assert.notEqual(fingerprint(some.with(i, 9)), fingerprint(some));
    }
    assert.equal(fingerprint([...some]), fingerprint(some));
    assert.notEqual(weightedSampler(some, { seed: 1 }).fingerprint, fingerprint(some));
  });

  test("an epoch is as long as the weights are many, or as is asked", () => {
    assert.equal(weightedSampler([1, 2, 3]).length, 3);
    assert.equal(weightedSampler([1, 2, 3], { length: 7 }).length, 7);
    assert.throws(
      () => weightedSampler([1], { length: 0 }),
      /length: expected an integer of at least 1/,
    );
  });
});

describe("samplers", () => {
  test("are named in a loader's state", () => {
    assert.equal(sequentialSampler(3).fingerprint, "sequential");
    assert.equal(shuffledSampler(3, 5).fingerprint, "shuffled, seed 5");
    assert.match(
      weightedSampler([1], { seed: 4 }).fingerprint ?? "",
      /^weighted, seed 4, weights [0-9a-f]{32}$/,
    );
  });

  test("refuse lengths and seeds that there are not", () => {
    assert.throws(() => sequentialSampler(0), /length: expected an integer of at least 1, got 0/);
    assert.throws(() => shuffledSampler(0), /length: expected an integer of at least 1, got 0/);
    assert.throws(() => shuffledSampler(1, -1), /seed: expected an integer of at least 0, got -1/);
  });
});
