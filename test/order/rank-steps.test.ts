// Bins, and lists that ranks share.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { firstFit } from "../../src/order/first-fit.js";
import { rankSteps } from "../../src/order/rank-steps.js";
import { fc } from "../support/properties.js";

describe("first fit", () => {
  const room = 20;
  const lengths = fc.array(fc.integer({ min: 0, max: room }), { maxLength: 60 });

  test("has each thing in one bin, with room for it", () => {
    fc.assert(
      fc.property(lengths, (given) => {
        const bins = firstFit(given, room);
        assert.deepEqual(
          bins.flat().toSorted((a, b) => a - b),
          [...given.keys()],
        );
        for (const bin of bins) {
          assert.ok(bin.length > 0);
          assert.ok(bin.reduce((sum, place) => sum + (given[place] as number), 0) <= room);
        }
      }),
    );
  });

  test("is what trying all bins one after the other gives, the longest first", () => {
    fc.assert(
      fc.property(lengths, (given) => {
        const bins: { left: number; places: number[] }[] = [];
        const places = [...given.keys()].sort(
          (a, b) => (given[b] as number) - (given[a] as number) || a - b,
        );
        for (const place of places) {
          const length = given[place] as number;
          const bin = bins.find(({ left }) => left >= length);
          if (bin === undefined) bins.push({ left: room - length, places: [place] });
          else {
            bin.left -= length;
            bin.places.push(place);
          }
        }
        const expected = bins.map((bin) => bin.places.toSorted((a, b) => a - b));
        assert.deepEqual(firstFit(given, room), expected);
      }),
    );
  });
});

describe("steps of ranks", () => {
  const shared = fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 }),
    worldSize: fc.integer({ min: 1, max: 5 }),
    padded: fc.boolean(),
  });

  /** Lists of the numbers from 0 on. */
  const listsOf = (sizes: readonly number[]) => {
    let next = 0;
    return sizes.map((size) => Array.from({ length: size }, () => next++));
  };

  test("have all things in their order, a list for each rank", () => {
    fc.assert(
      fc.property(shared, ({ sizes, worldSize, padded }) => {
        const lists = listsOf(sizes);
        const all = lists.flat();
        const steps = rankSteps(lists, { worldSize, padded });
        for (const { lists: own } of steps) {
          assert.equal(own.length, worldSize);
          assert.ok(own.every((list) => list.length > 0));
        }
        const count = Math.ceil(lists.length / worldSize);
        const isEnough = all.length >= count * worldSize;
        const isWhole = isEnough || padded;
        assert.equal(steps.length, isWhole ? count : Math.floor(lists.length / worldSize));
        const seen = steps.flatMap(({ lists: own }) => own.flat());
        if (isEnough) assert.deepEqual(seen, all);
        else if (padded) assert.deepEqual([...new Set(seen)], all);
        else assert.ok(seen.length > all.length - worldSize);
        let end = 0;
        for (const step of steps) {
          end = Math.min(end + step.lists.flat().length, all.length);
          assert.equal(step.end, end);
        }
      }),
    );
  });

  test("are the lists themselves where these are enough", () => {
    const lists = listsOf([3, 1, 2, 2]);
    const [first, second] = rankSteps(lists, { worldSize: 2, padded: true });
    assert.deepEqual([...(first?.lists ?? []), ...(second?.lists ?? [])], lists);
  });

  test("give ranks without a thing of their own the first ones again", () => {
    const [step] = rankSteps([[7, 8]], { worldSize: 3, padded: true });
    assert.deepEqual(step, { lists: [[7, 8], [7], [8]], end: 2 });
    assert.deepEqual(rankSteps([[7]], { worldSize: 3, padded: true }), [
      { lists: [[7], [7], [7]], end: 1 },
    ]);
  });
});
