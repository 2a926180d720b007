// Sources that are made of other sources, without reading more than is needed.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  concat,
  DataLoader,
  filter,
  MultimodalDataset,
  map,
  openSource,
  type Pair,
  type PairSource,
  PixtokError,
  packDataset,
  repeat,
  select,
  split,
  take,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { smallTokenizer, tinyImage } from "../support/pairs.js";
import { fc } from "../support/properties.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-sets-"));
after(() => rmSync(root, { recursive: true }));
const context = { seed: 0, epoch: 0 };

/** Pairs whose text and key are a prefix and their index; one byte of pixels each. */
function lettered(prefix: string, length: number, extra: Partial<PairSource> = {}): PairSource {
  return {
    length,
    fingerprint: prefix,
    get: (index): Pair => ({
      image: { data: Uint8Array.of(index, 0, 0), width: 1, height: 1, channels: 3 },
      text: `${prefix}${index}`,
      key: `${prefix}${index}`,
    }),
    ...extra,
  };
}

async function textsOf(source: PairSource): Promise<string[]> {
  const pairs = Array.from({ length: source.length }, (_, i) => source.get(i, context));
  return (await Promise.all(pairs)).map(({ text }) => String(text));
}

/** A source in which one pair cannot be read. */
function withBad(length: number, bad: number): PairSource {
  const { get, ...others } = lettered("p", length);
  return {
    ...others,
    get(index, given) {
      if (index === bad) throw new PixtokError("SAMPLE_FAILED", "it is bad", { index });
      return get(index, given);
    },
  };
}

describe("select", () => {
  test("has the pairs at the indices, in their order, some of them twice", async () => {
    assert.deepEqual(await textsOf(select(lettered("p", 9), [3, 0, 3])), ["p3", "p0", "p3"]);
    assert.deepEqual(await textsOf(select(lettered("p", 9), Uint32Array.of(8))), ["p8"]);
  });

  test("names the index that does not exist", () => {
    assert.throws(() => select(lettered("p", 9), [0, 9]), /indices\[1\]: .*got 9/);
    assert.throws(() => select(lettered("p", 9), [-1]), RangeError);
    assert.throws(() => select(lettered("p", 9), [0.5]), /indices\[0\]/);
    assert.throws(() => select(lettered("p", 9), []), RangeError);
    assert.throws(() => select(lettered("p", 9), 3 as never), TypeError);
  });

  test("tells other indices apart by its fingerprint", () => {
    const source = lettered("p", 9);
    assert.notEqual(select(source, [1, 2]).fingerprint, select(source, [2, 1]).fingerprint);
    assert.equal(select(source, [1, 2]).fingerprint, select(source, [1, 2]).fingerprint);
    assert.notEqual(select(source, [1]).fingerprint, select(lettered("q", 9), [1]).fingerprint);
  });

  test("names its own index in errors", async () => {
    await assert.rejects(async () => select(withBad(9, 7), [1, 2, 7]).get(2, context), {
      code: "SAMPLE_FAILED",
      index: 2,
    });
  });

  test("gives texts without images where its source does", async () => {
    const source = lettered("p", 9, { texts: (index) => `text ${index}` });
    assert.equal(await select(source, [4]).texts?.(0, context), "text 4");
    assert.equal(select(lettered("p", 9), [4]).texts, undefined);
  });
});

describe("take and repeat", () => {
  test("take has the first pairs", async () => {
    assert.deepEqual(await textsOf(take(lettered("p", 9), 2)), ["p0", "p1"]);
    assert.throws(() => take(lettered("p", 9), 10), /count: .*got 10/);
  });

  test("repeat has all pairs several times over", async () => {
    const twice = await textsOf(repeat(lettered("p", 2), 3));
    assert.deepEqual(twice, ["p0", "p1", "p0", "p1", "p0", "p1"]);
    assert.throws(() => repeat(lettered("p", 2), 0), RangeError);
    assert.throws(() => repeat(lettered("p", 2), 2 ** 53), RangeError);
  });
});

describe("concat", () => {
  test("has the pairs of each source, one behind the other", async () => {
    const all = concat([lettered("a", 2), lettered("b", 1), lettered("c", 2)]);
    assert.deepEqual(await textsOf(all), ["a0", "a1", "b0", "c0", "c1"]);
  });

  test("names the index of the whole in errors", async () => {
    const all = concat([lettered("a", 5), withBad(3, 1)]);
    await assert.rejects(async () => all.get(6, context), { code: "SAMPLE_FAILED", index: 6 });
  });

  test("gives texts without images where all of the sources do", async () => {
    const some = lettered("a", 2, { texts: (index) => `some ${index}` });
    const more = lettered("b", 2, { texts: (index) => `more ${index}` });
    assert.equal(await concat([some, more]).texts?.(3, context), "more 1");
    assert.equal(concat([some, lettered("c", 2)]).texts, undefined);
  });

  test("refuses what is no list of sources", () => {
    assert.throws(() => concat([]), RangeError);
    assert.throws(() => concat(lettered("a", 2) as never), TypeError);
    assert.throws(() => concat([{} as never]), TypeError);
  });
});

describe("map", () => {
  test("has what the function makes of each pair", async () => {
    const louder = map(lettered("p", 2), (pair, index) => ({
      ...pair,
      text: `${pair.text}! ${index}`,
    }));
    assert.deepEqual(await textsOf(louder), ["p0! 0", "p1! 1"]);
  });

  test("does not give texts that the function has not seen", () => {
    const source = lettered("p", 2, { texts: () => "unchanged" });
    assert.equal(map(source, (pair) => pair).texts, undefined);
  });

  test("makes an error of what the function throws an error of that pair", async () => {
    const source = map(lettered("p", 3), () => {
      throw new Error("no such word");
    });
    const dataset = new MultimodalDataset({
      source,
      tokenizer: await smallTokenizer(),
      image: tinyImage,
    });
    await assert.rejects(dataset.get(2), {
      code: "SAMPLE_FAILED",
      index: 2,
      reason: "no such word",
    });
  });
});

describe("filter", () => {
  test("has the pairs for which the function is true, in their order", async () => {
    const even = await filter(lettered("p", 130), (_, index) => index % 64 === 1);
    assert.deepEqual(await textsOf(even), ["p1", "p65", "p129"]);
  });

  test("waits for a function that is asynchronous", async () => {
    const some = await filter(lettered("p", 3), async ({ text }) => text !== "p1");
    assert.deepEqual(await textsOf(some), ["p0", "p2"]);
  });

  test("keeps a pair that cannot be read: making a batch of it reports the error", async () => {
    const some = await filter(withBad(4, 2), (_, index) => index === 0);
    assert.equal(some.length, 2);
    await assert.rejects(async () => some.get(1, context), { code: "SAMPLE_FAILED", index: 1 });
  });

  test("ends with a fault of the machine", async () => {
    const source = lettered("p", 3, {
      get: () => {
        throw Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
      },
    });
    await assert.rejects(
      filter(source, () => true),
      { code: "OUT_OF_FILE_DESCRIPTORS" },
    );
  });

  test("ends with what the function throws", async () => {
    const failing = filter(lettered("p", 3), () => {
      throw new Error("a mistake in it");
    });
    await assert.rejects(failing, /a mistake in it/);
  });

  test("ends when its signal is aborted, without waiting for the source", async () => {
    const source = lettered("p", 3, { get: () => new Promise(() => {}) });
    const signal = AbortSignal.timeout(1);
    await assert.rejects(
      filter(source, () => true, { signal }),
      { name: "TimeoutError" },
    );
  });

  test("tells how far it is", async () => {
    const calls: number[][] = [];
    await filter(lettered("p", 130), () => true, { onProgress: (...of) => calls.push(of) });
    assert.deepEqual(calls, [
      [64, 130],
      [128, 130],
      [130, 130],
    ]);
  });

  test("refuses a condition that no pair meets, and conditions that do not exist", async () => {
    await assert.rejects(filter(lettered("p", 3), { minSide: 2 }), RangeError);
    await assert.rejects(filter(lettered("p", 3), { minSize: 2 } as never), /minSize/);
    await assert.rejects(filter(lettered("p", 3), { aspect: [2, 1] }), RangeError);
    await assert.rejects(filter(lettered("p", 3), { aspect: 2 } as never), TypeError);
    await assert.rejects(
      filter(lettered("p", 3), () => 1 as never),
      TypeError,
    );
  });

  const images = ["jpeg-500x375.jpg", "jpeg-7x5.jpg", "png-rgb.png", "webp-lossy.webp"].map(
    (name) => fixture(`images/${name}`),
  );
  const files: PairSource = {
    length: images.length,
    get: (index) => ({ image: images[index] as string, text: "a text", key: String(index) }),
  };

  test("knows sizes from what is in front of the pixels, up to the last pixel", async () => {
    const idsOf = async (source: PairSource) =>
      Promise.all(
        Array.from({ length: source.length }, async (_, i) => (await source.get(i, context)).key),
      );
    assert.deepEqual(await idsOf(await filter(files, { minSide: 375 })), ["0"]);
    await assert.rejects(filter(take(files, 1), { minSide: 376 }), RangeError);
    assert.deepEqual(await idsOf(await filter(take(files, 2), { maxSide: 7 })), ["1"]);
    await assert.rejects(filter(take(files, 2), { maxSide: 6 }), RangeError);
    assert.deepEqual(await idsOf(await filter(take(files, 2), { aspect: [1.4, 1.4] })), ["1"]);
    const [wide] = await idsOf(await filter(take(files, 1), { aspect: [500 / 375, 2] }));
    assert.equal(wide, "0");
  });

  test("keeps an image that is damaged in front of its pixels, whatever its size is to be", async () => {
    const damaged = ["gif-still.gif", "png-rgb.png", "tiff-rgb.tiff"].map((name) => {
      const file = readFileSync(fixture(`images/${name}`)).subarray(0, 12);
      return { image: file, text: "a text", key: name };
    });
    const source: PairSource = { length: 3, get: (index) => damaged[index] as Pair };
    assert.equal((await filter(source, { minSide: 1000 })).length, 3);
  });

  test("counts the characters of each text, not their UTF-16 units", async () => {
    const source = lettered("", 3, {
      get: (index) => ({
        image: images[0] as string,
        text: [["😀😀"], ["ab", "abc"], ["a", "😀"]][index] as string[],
        key: String(index),
      }),
    });
    const twos = await filter(source, { textLength: [2, 2] });
    assert.equal(twos.length, 1);
    assert.equal((await twos.get(0, context)).key, "0");
    assert.equal((await filter(source, { textLength: [1, 3] })).length, 3);
  });
});

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

  test("leaves a pair in its part when the source grows", async () => {
    const shares = { train: 0.7, rest: 0.3 };
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 40, max: 300 }),
        fc.integer({ min: 1, max: 300 }),
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
    const source = lettered("p", 20_000);
    const first = await split(source, { train: 0.9, validation: 0.1 });
    const second = await split(source, { train: 0.9, validation: 0.1 }, { seed: 1 });
    for (const { train } of [first, second]) assert.ok(Math.abs(train.length - 18_000) < 200);
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
    await assert.rejects(split(source, { a: 0.9, b: 0.2 }), /shares: .*sum of at most 1/);
    await assert.rejects(split(source, { a: 1, b: 0 }), /shares\.b/);
    await assert.rejects(split(source, {}), RangeError);
    await assert.rejects(split(source, { a: "0.5" } as never), TypeError);
  });
});

describe("a packed set", () => {
  async function packed(name: string, length: number, maxLength = 8): Promise<PairSource> {
    const folder = join(root, name);
    const dataset = new MultimodalDataset({
      source: lettered(name, length),
      tokenizer: await smallTokenizer(),
      image: tinyImage,
      text: { maxLength },
    });
    await packDataset(dataset, folder);
    return openSource(folder);
  }

  test("can be selected from, split and concatenated, and goes on as a packed set", async () => {
    const [a, b] = [await packed("a", 6), await packed("b", 4)];
    const some = concat([select(a, [5, 0]), b]);
    const dataset = await MultimodalDataset.from(some);
    const texts: string[] = [];
    for await (const batch of new DataLoader(dataset, { batchSize: 4 })) texts.push(...batch.texts);
    assert.deepEqual(texts, ["a5", "a0", "b0", "b1", "b2", "b3"]);
  });

  test("does not go with one that was packed in another way, nor with one that is not packed", async () => {
    const [a, other] = [await packed("c", 2), await packed("d", 2, 9)];
    assert.throws(() => concat([a, other]), { code: "PACK_MISMATCH" });
    assert.throws(() => concat([a, lettered("p", 2)]), TypeError);
  });

  test("is not mapped: its pairs are ready", async () => {
    const a = await packed("e", 2);
    assert.throws(() => map(a, (pair) => pair), TypeError);
  });
});

test("MultimodalDataset.from takes a source that is open, and no options of what is opened", async () => {
  const tokenizer = await smallTokenizer();
  const source = lettered("p", 3);
  const dataset = await MultimodalDataset.from(source, { tokenizer, image: tinyImage });
  assert.equal(dataset.length, 3);
  await assert.rejects(
    MultimodalDataset.from(source, { tokenizer, textColumn: "x" }),
    /textColumn/,
  );
});
