// A pair that cannot be read is left out, and what is said of the others is of them: row for row.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkDataset, computeStats, fitTfidf, MultimodalDataset, type Pair } from "pixtok";
import { smallTokenizer, tinyImage } from "../support/pairs.js";

const tokenizer = await smallTokenizer();
const COUNT = 12;

/** A pair whose image, length and unknown tokens are those of its number alone. */
function pairAt(number: number): Pair {
  const side = 2 + number;
  const data = new Uint8Array(3 * side * side).fill(20 * number);
  return {
    image: { data, width: side, height: side, channels: 3 },
    text: "a ".repeat(1 + number) + "☃ ".repeat(number % 3),
  };
}

const unreadable: ((pair: Pair) => Pair)[] = [
  (pair) => ({ ...pair, image: "no-such-file.jpg" }),
  (pair) => ({ ...pair, image: Buffer.from("this is no image") }),
  () => {
    throw new Error("it is gone");
  },
  (pair) => ({ ...pair, text: 5 as unknown as string }),
];

function datasetOf(numbers: readonly number[], bad: ReadonlyMap<number, number> = new Map()) {
  const source = {
    length: numbers.length,
    get(index: number): Pair {
      const pair = pairAt(numbers[index] as number);
      const how = bad.get(index);
      return how === undefined ? pair : (unreadable[how] as (pair: Pair) => Pair)(pair);
    },
  };
  const text = { clean: "none", maxLength: 8 } as const;
  return new MultimodalDataset({ source, tokenizer, image: tinyImage, text });
}

const all = [...Array(COUNT).keys()];
const places: [string, number[]][] = [
  ["the first", [0]],
  ["one in the middle", [5]],
  ["the last", [COUNT - 1]],
  ["two that follow each other", [3, 4]],
  ["all but one", all.filter((index) => index !== 7)],
];

describe("where pairs cannot be read", () => {
  for (const [where, indices] of places) {
    const bad = new Map(indices.map((index, i) => [index, i % unreadable.length]));
    const good = all.filter((index) => !bad.has(index));

    test(`${where}, a check is of the others`, async () => {
      const report = await checkDataset(datasetOf(all, bad), { batchSize: 5 });
      const expected = await checkDataset(datasetOf(good), { batchSize: 5 });
      assert.deepEqual(report.texts, expected.texts);
      assert.deepEqual(report.images, expected.images);
      assert.deepEqual([report.checked, report.length, report.ok], [COUNT, COUNT, false]);
      const found = report.errors.list.map(({ index }) => index);
      assert.deepEqual([report.errors.count, found], [indices.length, indices]);
    });

    test(`${where}, statistics are of the others`, async () => {
      const stats = await computeStats(datasetOf(all, bad));
      const { errors, ...others } = stats;
      const { errors: none, ...expected } = await computeStats(datasetOf(good));
      assert.deepEqual(others, expected);
      assert.equal(none.count, 0);
      const found = errors.list.map(({ index }) => index);
      assert.deepEqual(found, indices);
    });
  }

  test("none of them, that is an error", async () => {
    const bad = new Map(all.map((index) => [index, index % unreadable.length]));
    const dataset = datasetOf(all, bad);
    await assert.rejects(computeStats(dataset), {
      code: "NO_READABLE_SAMPLE",
      message: /^none of 12 pairs can be read; the first: sample 0/,
    });
    const report = await checkDataset(dataset);
    assert.deepEqual([report.texts, report.images, report.batch], [null, null, null]);
    assert.equal(report.errors.count, COUNT);
  });
});

describe("of pairs one by one", () => {
  test("the same is said whatever the batch size and the threads", async () => {
    const { batch: _, ...expected } = await checkDataset(datasetOf(all), { batchSize: 12 });
    for (const batchSize of [1, 5, 13]) {
      const { batch, ...report } = await checkDataset(datasetOf(all), { batchSize });
      assert.deepEqual(report, expected);
      assert.equal(batch?.tensors.image?.dims[0], Math.min(batchSize, COUNT));
    }
    const stats = await computeStats(datasetOf(all), { threads: 1 });
    assert.deepEqual(await computeStats(datasetOf(all), { threads: 3 }), stats);
    // one token of each "a" and "☃", and two special ones
    const lengths = all.map((number) => 3 + number + (number % 3));
    const histogram = Array.from(
      { length: Math.max(...lengths) + 1 },
      (_, length) => lengths.filter((one) => one === length).length,
    );
    assert.deepEqual(stats.tokenLengthHistogram, histogram);
    const { texts } = expected;
    assert.equal(texts?.longest, Math.max(...lengths));
    assert.equal(texts?.truncated, lengths.filter((length) => length > 8).length);
    assert.equal(
      texts?.unknown,
      all.reduce((sum, number) => sum + (number % 3), 0),
    );
  });

  test("progress is reported after every batch, of the pairs and of the batches that they make", async () => {
    const reported: [number, number][] = [];
    await checkDataset(datasetOf(all), {
      batchSize: 5,
      onProgress: (done, total) => void reported.push([done, total]),
    });
    assert.deepEqual(reported.at(-1), [2 * COUNT, 2 * COUNT]);
    assert.ok(reported.every(([done], i) => done > (reported[i - 1]?.[0] ?? 0)));
  });

  test("work that is given up ends with the signal's reason", async () => {
    const reason = new Error("enough");
    const works: ((signal: AbortSignal) => Promise<unknown>)[] = [
      (signal) => checkDataset(datasetOf(all), { signal }),
      (signal) => computeStats(datasetOf(all), { signal }),
      (signal) => fitTfidf(datasetOf(all), { signal }),
    ];
    for (const work of works) await assert.rejects(work(AbortSignal.abort(reason)), reason);
  });
});
