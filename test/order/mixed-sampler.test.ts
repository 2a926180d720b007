// Draws from several sets, against a list of all draws by the times that they are due at.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { mixedSampler } from "../../src/order/mixed-sampler.js";
import { fc } from "../support/properties.js";

const BLOCK = 32;
const mixes = fc.record({
  sets: fc.array(
    fc.record({ length: fc.integer({ min: 1, max: 9 }), weight: fc.constantFrom(0.5, 1, 2, 5) }),
    {
      minLength: 1,
      maxLength: 4,
    },
  ),
  length: fc.integer({ min: 1, max: 130 }),
  seed: fc.nat(),
});

/** Sets in the order in which their draws are due: draw k of a share at (k + 0.5) / share. */
function dueSets(sets: readonly { weight: number }[], count: number): number[] {
  const sum = sets.reduce((total, { weight }) => total + weight, 0);
  return sets
    .flatMap(({ weight }, set) =>
      Array.from({ length: count }, (_, k) => ({ set, due: (k + 0.5) * (sum / weight) })),
    )
    .sort((a, b) => a.due - b.due || a.set - b.set)
    .slice(0, count)
    .map(({ set }) => set);
}

describe("a mixed order", () => {
  test("has in each block of 32 the draws that are due, and goes on with each set over epochs", () => {
    fc.assert(
      fc.property(mixes, ({ sets, length, seed }) => {
        const sampler = mixedSampler(sets, length, seed);
        const starts = sets.map((_, i) =>
          sets.slice(0, i).reduce((sum, one) => sum + one.length, 0),
        );
        const due = dueSets(sets, length);
        const pairs = sets.map((): number[] => []);
        for (let epoch = 0; epoch < 3; epoch += 1) {
          const indices = due.map((_, position) => sampler.indexAt(position, epoch));
          const drawn = indices.map((index) => starts.findLastIndex((start) => start <= index));
          for (let first = 0; first < length; first += BLOCK) {
            assert.deepEqual(
              drawn.slice(first, first + BLOCK).sort(),
              due.slice(first, first + BLOCK).sort(),
            );
          }
          for (const [i, index] of indices.entries()) pairs[drawn[i] as number]?.push(index);
        }
        for (const [set, { length: size }] of sets.entries()) {
          const counts = new Map<number, number>();
          for (const index of pairs[set] as number[])
            counts.set(index, (counts.get(index) ?? 0) + 1);
          const times = (pairs[set] as number[]).length / size;
          for (const count of counts.values()) assert.ok(count <= Math.ceil(times));
          assert.equal(counts.size, Math.min(size, (pairs[set] as number[]).length));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("is another for another seed and epoch, and told by sets and seed", () => {
    const sets = [
      { length: 50, weight: 1 },
      { length: 50, weight: 1 },
    ];
    const orderOf = (seed: number, epoch: number) => {
      const { indexAt } = mixedSampler(sets, 64, seed);
      return Array.from({ length: 64 }, (_, position) => indexAt(position, epoch));
    };
    assert.deepEqual(orderOf(1, 0), orderOf(1, 0));
    assert.notDeepEqual(orderOf(1, 0), orderOf(2, 0));
    assert.notDeepEqual(orderOf(1, 0), orderOf(1, 1));
    const { fingerprint, length } = mixedSampler(sets, 64, 7);
    assert.deepEqual([length, fingerprint], [64, "mixed, seed 7, 50 by 1, 50 by 1"]);
    // the positions of a block are permuted: sets do not take turns
    const turns = orderOf(1, 0).map((index) => (index < 50 ? 0 : 1));
    assert.notDeepEqual(
      turns,
      turns.map((_, i) => i % 2),
    );
  });
});
