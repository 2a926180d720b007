import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type PairSource, split } from "pixtok";
import { context, lettered, textsOf } from "../support/lettered-pairs.js";
import { fc } from "../support/properties.js";

describe("split", () => {
  test("has every pair in one part, in the order of the source", async () => {
    const source = lettered("p", 500);
    const {
      train,
      validation,
      test: held,
    } = await split(source, {
      train: 0.8,
      validation: 0.1,
      test: 0.1,
    });
    const parts = await Promise.all([train, validation, held].map(textsOf));
    assert.deepEqual(parts.flat().toSorted(), (await textsOf(source)).toSorted());
    const numbers = (texts: string[]) => texts.map((text) => Number(text.slice(1)));
    for (const part of parts) {
      assert.deepEqual(
        numbers(part),
        numbers(part).toSorted((a, b) => a - b),
      );
    }
  });

  test("is the one that Python computes, so that no version parts pairs in another way", async () => {
    // int.from_bytes(hashlib.sha256(f"{seed}\0p{i}".encode()).digest()[:6], "big") / 2**48 < 0.6
    const expected = {
      0: ["p1", "p2", "p3", "p5", "p9", "p10", "p11"],
      3: ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p11"],
    };
    for (const [seed, keys] of Object.entries(expected)) {
      const shares = { train: 0.6, test: 0.4 };
      const { train } = await split(lettered("p", 12), shares, { seed: Number(seed) });
      assert.deepEqual(await textsOf(train), keys);
    }
  });

  test("leaves a pair in its part when the source grows", async () => {
    const shares = { train: 0.7, rest: 0.3 };
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 40, max: 120 }),
        fc.integer({ min: 1, max: 120 }),
        fc.maxSafeNat(),
        async (length, more, seed) => {
          const before = await split(lettered("p", length), shares, { seed });
          const grown = await split(lettered("p", length + more), shares, { seed });
          const texts = new Set(await textsOf(grown.train));
          assert.ok((await textsOf(before.train)).every((text) => texts.has(text)));
        },
      ),
      { numRuns: 25 },
    );
  });

  test("has about the shares that are asked for, others for another seed", async () => {
    const source = lettered("p", 8000);
    const first = await split(source, { train: 0.9, validation: 0.1 });
    const second = await split(source, { train: 0.9, validation: 0.1 }, { seed: 1 });
    for (const { train } of [first, second]) assert.ok(Math.abs(train.length - 7200) < 80);
    assert.notEqual(first.validation.fingerprint, second.validation.fingerprint);
  });

  test("leaves out what is beyond the sum of the shares", async () => {
    const { sample } = await split(lettered("p", 2000), { sample: 0.25 });
    assert.ok(sample.length > 400 && sample.length < 600, `${sample.length}`);
  });

  test("has pairs of one key in one part", async () => {
    const source = lettered("p", 300, {
      get: (index) => ({ image: "x.jpg", text: `${index}`, key: `same ${index % 30}` }),
    });
    const { a, b } = await split(source, { a: 0.5, b: 0.5 });
    const keys = async (part: PairSource) => {
      const pairs = Array.from({ length: part.length }, (_, i) => part.get(i, context));
      return new Set((await Promise.all(pairs)).map(({ key }) => key));
    };
    const [ofA, ofB] = [await keys(a), await keys(b)];
    assert.equal(ofA.size + ofB.size, 30);
  });

  test("goes by the image's path where a pair has no key, which batches show there", async () => {
    const named = (names: readonly string[]): PairSource => ({
      length: names.length,
      get: (index) => ({ image: names[index] as string, text: names[index] as string }),
    });
    const names = Array.from({ length: 200 }, (_, i) => `images/${1000 + i}.jpg`);
    const shares = { train: 0.5, rest: 0.5 };
    const before = await split(named(names), shares);
    // a folder's images are in the order of their names
    const more = Array.from({ length: 50 }, (_, i) => `images/${900 + i}.jpg`);
    const grown = await split(named([...more, ...names].toSorted()), shares);
    const texts = new Set(await textsOf(grown.train));
    assert.ok((await textsOf(before.train)).every((text) => texts.has(text)));

    const { get } = named(names);
    const keyed = await split(
      lettered("p", names.length, {
        async get(index, given) {
          const pair = await get(index, given);
          return { ...pair, image: "x.jpg", key: names[index] as string };
        },
      }),
      shares,
    );
    assert.deepEqual(await textsOf(keyed.train), await textsOf(before.train));
  });

  test("refuses shares that are more than the whole, and a part without a pair", async () => {
    const source = lettered("p", 9);
    await assert.rejects(split(source, { a: 0.9, b: 0.2 }), /shares: .*sum of at most 1, got 1.1$/);
    const noPair = /shares\.b: expected a share in which some of the 9 pairs fall, got 0$/;
    await assert.rejects(split(source, { a: 1, b: 0 }), noPair);
    await assert.rejects(split(source, {}), RangeError);
    await assert.rejects(split(source, { a: "0.5" } as never), TypeError);
  });
});
