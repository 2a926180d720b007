// What holds of a mix, whatever the sources, weights, seed, epoch and number of ranks.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DataLoader, MultimodalDataset, mix, type PairSource } from "pixtok";
import { smallTokenizer, tinyImage } from "../support/pairs.js";
import { fc } from "../support/properties.js";

function sourceOf(length: number): PairSource {
  return {
    length,
    fingerprint: `${length}`,
    get: (index) => ({
      image: { data: Uint8Array.of(1, 2, 3), width: 1, height: 1, channels: 3 },
      text: `${index}`,
    }),
  };
}

const weighted = fc.array(
  fc.record({
    length: fc.integer({ min: 1, max: 200 }),
    weight: fc.oneof(
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0.01, max: 10, noNaN: true }),
    ),
  }),
  { minLength: 1, maxLength: 6 },
);

function mixOf(sets: readonly { length: number; weight: number }[], length: number, seed: number) {
  const weights = sets.map(({ weight }) => weight);
  return mix(
    sets.map((set) => sourceOf(set.length)),
    { weights, length, seed },
  ).sampler;
}

/** Which of the sets an index is of, and which of its pairs it is. */
function placeOf(index: number, sets: readonly { length: number }[]) {
  let first = 0;
  for (const [set, { length }] of sets.entries()) {
    if (index < first + length) return { set, pair: index - first };
    first += length;
  }
  throw new Error(`no set has ${index}`);
}

describe("a mix", () => {
  test("has each source's share in every stretch of an epoch, give or take a block", () => {
    fc.assert(
      fc.property(weighted, fc.maxSafeNat(), fc.nat(50), (sets, seed, epoch) => {
        const length = 1500;
        const { indexAt } = mixOf(sets, length, seed);
        const order = Array.from({ length }, (_, at) => placeOf(indexAt(at, epoch), sets).set);
        const sum = sets.reduce((total, { weight }) => total + weight, 0);
        for (const [set, { weight }] of sets.entries()) {
          const counts = [0];
          for (const one of order) counts.push((counts.at(-1) ?? 0) + (one === set ? 1 : 0));
          for (const size of [64, 200, 700]) {
            for (let start = 0; start + size <= length; start += 1) {
              const count = (counts[start + size] ?? 0) - (counts[start] ?? 0);
              // one for the rounding at each end, and what the blocks of 32 that are cut there may have
              const share = weight / sum;
              const most = 2 + 2 * Math.min(32 * share + 1, 32 * (1 - share) + 1);
              assert.ok(Math.abs(count - size * share) <= most, `${count} of ${size} at ${start}`);
            }
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  test("goes through all of a source before any of its pairs comes again, over epochs too", () => {
    fc.assert(
      fc.property(
        weighted,
        fc.maxSafeNat(),
        fc.integer({ min: 1, max: 400 }),
        (sets, seed, length) => {
          const { indexAt } = mixOf(sets, length, seed);
          const seen = sets.map(() => new Map<number, number>());
          for (let epoch = 0; epoch < 4; epoch += 1) {
            const drawn = sets.map((): number[] => []);
            for (let at = 0; at < length; at += 1) {
              const { set, pair } = placeOf(indexAt(at, epoch), sets);
              drawn[set]?.push(pair);
            }
            for (const [set, pairs] of drawn.entries()) {
              const counts = seen[set] as Map<number, number>;
              for (const pair of pairs) counts.set(pair, (counts.get(pair) ?? 0) + 1);
              const most = Math.max(0, ...counts.values());
              const least =
                counts.size < (sets[set]?.length ?? 0) ? 0 : Math.min(...counts.values());
              assert.ok(most - least <= 1, `a pair has come ${most} times, another ${least}`);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("gives the same wherever it is asked from, so that it can be gone on from anywhere", () => {
    fc.assert(
      fc.property(weighted, fc.maxSafeNat(), fc.nat(20), (sets, seed, epoch) => {
        const length = 200;
        const { indexAt } = mixOf(sets, length, seed);
        const forwards = Array.from({ length }, (_, at) => indexAt(at, epoch));
        const other = mixOf(sets, length, seed);
        const backwards = Array.from({ length }, (_, at) => other.indexAt(length - 1 - at, epoch));
        assert.deepEqual(backwards.toReversed(), forwards);
      }),
      { numRuns: 40 },
    );
  });

  test("gives each of several ranks its share of every source", () => {
    const sets = [
      { length: 5000, weight: 1 },
      { length: 5000, weight: 1 },
    ];
    const { indexAt } = mixOf(sets, 8000, 3);
    for (const ranks of [2, 3, 4, 8]) {
      for (let rank = 0; rank < ranks; rank += 1) {
        const own = Array.from({ length: Math.floor(8000 / ranks) }, (_, i) => i * ranks + rank);
        const ofFirst = own.filter((at) => placeOf(indexAt(at, 0), sets).set === 0).length;
        assert.ok(Math.abs(ofFirst / own.length - 0.5) < 0.06, `rank ${rank} of ${ranks}`);
      }
    }
  });

  test("is in another order for another seed and epoch", () => {
    const sets = [
      { length: 100, weight: 3 },
      { length: 100, weight: 1 },
    ];
    const orderOf = (seed: number, epoch: number) => {
      const { indexAt } = mixOf(sets, 100, seed);
      return Array.from({ length: 100 }, (_, at) => indexAt(at, epoch));
    };
    assert.notDeepEqual(orderOf(0, 0), orderOf(1, 0));
    assert.notDeepEqual(orderOf(0, 0), orderOf(0, 1));
    assert.notEqual(mixOf(sets, 100, 0).fingerprint, mixOf(sets, 100, 1).fingerprint);
  });

  test("draws from each source as often as it has pairs, and as many as all have, by default", () => {
    const { source, sampler } = mix([sourceOf(300), sourceOf(100)]);
    assert.equal(source.length, 400);
    assert.equal(sampler.length, 400);
    const order = Array.from({ length: 400 }, (_, at) => sampler.indexAt(at, 0));
    assert.equal(new Set(order).size, 400);
  });

  test("is a loader's order, which can be gone on with", async () => {
    const { source, sampler } = mix([sourceOf(30), sourceOf(10)], { weights: [1, 1], seed: 5 });
    const dataset = new MultimodalDataset({
      source,
      tokenizer: await smallTokenizer(),
      image: tinyImage,
    });
    const options = { sampler, batchSize: 8 };
    const whole: number[] = [];
    for await (const batch of new DataLoader(dataset, options)) whole.push(...batch.indices);
    assert.equal(whole.filter((index) => index < 30).length, 20);
    const first = new DataLoader(dataset, options);
    const begun: number[] = [];
    for await (const batch of first) {
      begun.push(...batch.indices);
      if (begun.length === 16) break;
    }
    const resumed = new DataLoader(dataset, options);
    resumed.resume(first.state());
    for await (const batch of resumed) begun.push(...batch.indices);
    assert.deepEqual(begun, whole);
  });

  test("refuses weights that are none, or not one for each source", () => {
    const sources = [sourceOf(3), sourceOf(3)];
    assert.throws(() => mix(sources, { weights: [1] }), RangeError);
    assert.throws(() => mix(sources, { weights: [1, 0] }), RangeError);
    assert.throws(() => mix(sources, { weights: [1, Number.NaN] }), RangeError);
    assert.throws(
      () => mix(sources, { weights: [1e308, 1e308] }),
      /weights: expected a finite sum/,
    );
    assert.throws(() => mix(sources, { weights: "1" } as never), TypeError);
    assert.throws(() => mix(sources, { weight: [1, 1] } as never), /weight/);
    assert.throws(() => mix([]), RangeError);
  });
});
