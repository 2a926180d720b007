import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { DataLoader, MultimodalDataset, type SourceContext, type Tensor } from "pixtok";
import { bucketedOrder } from "../../src/loader/length-buckets.js";
import {
  numberedPairs,
  randomIntegers,
  seed,
  smallTokenizer,
  tinyImage,
} from "../support/pairs.js";

async function wordyDataset(length: number): Promise<MultimodalDataset> {
  const random = randomIntegers(11);
  const words = Array.from({ length }, () => 1 + random(20));
  const pairs = numberedPairs(length);
  return new MultimodalDataset({
    source: {
      length,
      get: async (index) => ({
        image: (await pairs.get(index)).image,
        text: "a ".repeat(words[index] as number),
      }),
    },
    tokenizer: await smallTokenizer(),
    image: tinyImage,
    text: { maxLength: 32, padding: "longest" },
  });
}

const byNumber = (a: number, b: number) => a - b;

describe("length buckets", () => {
  test("sort by the lengths that texts have when they are cut", async () => {
    const pairs = numberedPairs(8);
    const dataset = new MultimodalDataset({
      source: {
        length: 8,
        get: async (index) => ({
          image: (await pairs.get(index)).image,
          text: "a ".repeat(index % 2 === 0 ? 40 - index : 20),
        }),
      },
      tokenizer: await smallTokenizer(),
      image: tinyImage,
      text: { maxLength: 6 },
    });
    const options = { batchSize: 2, lengthBuckets: { window: 8, size: 2 } };
    // all are of one length then, and equal ones keep their order within the window
    for await (const { indices } of new DataLoader(dataset, options)) {
      const [first = 0, second = 0] = indices;
      assert.deepEqual([first % 2, second], [0, first + 1]);
    }
  });

  test("are of the texts that the epoch has, by its seed", async () => {
    const asked = new Set<string>();
    const pairs = numberedPairs(4);
    const texts = (_: number, { seed: own, epoch }: SourceContext) => {
      asked.add(`${own} ${epoch}`);
      return ["a", "a a a"];
    };
    const dataset = new MultimodalDataset({
      ...{ source: { ...pairs, texts }, onMultipleTexts: "random", image: tinyImage },
      tokenizer: await smallTokenizer(),
    });
    const options = { batchSize: 4, lengthBuckets: { window: 4, size: 2 }, seed: 7 };
    const loader = new DataLoader(dataset, options);
    loader.setEpoch(5);
    for await (const _ of loader);
    assert.deepEqual([...asked], ["7 5"]);
  });

  test(`keep every index once an epoch, in an order that no batch size changes (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    for (let i = 0; i < 6; i += 1) {
      const length = 5 + random(100);
      const dataset = await wordyDataset(length);
      const size = 1 + random(8);
      const options = {
        shuffle: true,
        seed: random(100),
        lengthBuckets: { window: size + random(40), size },
      };
      const orders = [];
      for (const batchSize of [1, size, 1 + random(9)]) {
        const order: number[] = [];
        for await (const batch of new DataLoader(dataset, { ...options, batchSize })) {
          order.push(...batch.indices);
        }
        orders.push(order);
      }
      assert.deepEqual(orders[0], orders[1]);
      assert.deepEqual(orders[0], orders[2]);
      assert.deepEqual([...(orders[0] ?? [])].sort(byNumber), [...Array(length).keys()]);
    }
  });

  test("are in another order in each window, epoch and seed", async () => {
    const [window, size, windows] = [64, 2, 3];
    const length = window * windows;
    const plain = { length, indexAt: (position: number) => position };
    /** Buckets of each window, by their places when they are sorted. */
    const bucketsOf = async (seed: number, epoch: number) => {
      const count = async (indices: readonly number[]) => [...indices];
      const order = bucketedOrder(plain, { window, size }, seed, epoch, count);
      const indices = await order.indicesAt([...Array(length).keys()]);
      const places = indices.map((index) => (index % window) / size);
      return Array.from({ length: windows }, (_, i) =>
        places.slice(i * window, (i + 1) * window).join(),
      );
    };
    const orders = [
      ...(await bucketsOf(1, 0)),
      ...(await bucketsOf(1, 1)),
      ...(await bucketsOf(2, 0)),
    ];
    assert.equal(new Set(orders).size, 9);
  });

  test("pad less", async () => {
    const dataset = await wordyDataset(512);
    const meanPadding = async (lengthBuckets?: { window: number; size: number }) => {
      const options = { batchSize: 16, shuffle: true, ...(lengthBuckets && { lengthBuckets }) };
      let sum = 0;
      let batches = 0;
      for await (const { paddingShare, attention_mask } of new DataLoader(dataset, options)) {
        const ones = [...attention_mask.data].filter((value) => Number(value) === 1).length;
        assert.ok(Math.abs(paddingShare - (1 - ones / attention_mask.data.length)) < 1e-12);
        sum += paddingShare;
        batches += 1;
      }
      return sum / batches;
    };
    const plain = await meanPadding();
    const bucketed = await meanPadding({ window: 256, size: 16 });
    assert.ok(bucketed < plain / 4, `${bucketed} of ${plain}`);
  });

  test("read a bounded number of pairs at once", async () => {
    const pairs = numberedPairs(3000);
    let underWay = 0;
    let most = 0;
    const dataset = new MultimodalDataset({
      source: {
        length: 3000,
        async get(index) {
          underWay += 1;
          most = Math.max(most, underWay);
          await nextTurn();
          underWay -= 1;
          return pairs.get(index);
        },
      },
      tokenizer: await smallTokenizer(),
      image: tinyImage,
    });
    const lengthBuckets = { window: 3000, size: 10 };
    for await (const _ of new DataLoader(dataset, { batchSize: 10, lengthBuckets })) break;
    assert.ok(most <= 256, `${most} at once`);
  });

  test("are made of the next window ahead, once, and anew where that failed before anybody asked for it", async () => {
    const counted: number[] = [];
    let fails = true;
    const order = bucketedOrder(
      { length: 10, indexAt: (position) => position },
      { window: 4, size: 2 },
      7,
      0,
      async (indices) => {
        const [first = -1] = indices;
        counted.push(first);
        if (first === 4 && fails) throw new Error("the disk is away");
        return indices.map(() => 1);
      },
    );
    await order.indicesAt([0, 1]);
    assert.deepEqual(counted, [0, 4]);
    await nextTurn();
    fails = false;
    await order.indicesAt([2, 3]);
    assert.deepEqual(counted, [0, 4]);
    const second = await order.indicesAt([4, 5, 6, 7]);
    assert.deepEqual([...second].sort(byNumber), [4, 5, 6, 7]);
    await order.indicesAt([8, 9]);
    assert.deepEqual(counted, [0, 4, 4, 8]);
  });

  test("larger than their window are refused", async () => {
    const dataset = await wordyDataset(4);
    assert.throws(
      () => new DataLoader(dataset, { lengthBuckets: { window: 4, size: 5 } }),
      /lengthBuckets.size: expected at most window, 4, got 5/,
    );
  });
});

describe("fields", () => {
  test("add to a batch what functions of it give", async () => {
    const loader = new DataLoader(await wordyDataset(7), {
      batchSize: 3,
      fields: {
        lengths: async ({ attention_mask }): Promise<Tensor<"int32">> => {
          const [rows, length] = attention_mask.dims as [number, number];
          const data = Int32Array.from({ length: rows }, (_, row) =>
            [...attention_mask.data.slice(row * length, (row + 1) * length)]
              .map(Number)
              .reduce((a, b) => a + b),
          );
          return { type: "int32", data, dims: [rows] };
        },
        first: ({ texts }) => texts[0],
      },
    });
    for await (const { fields, texts } of loader) {
      const lengths: Int32Array = fields.lengths.data;
      const words = texts.map((text) => text.trim().split(" ").length + 2);
      assert.deepEqual([...lengths], words);
      assert.equal(fields.first, texts[0]);
    }
  });

  test("are computed ahead with the batches, once each", async () => {
    const begun: number[] = [];
    const loader = new DataLoader(await wordyDataset(12), {
      batchSize: 2,
      prefetch: 2,
      fields: {
        first({ indices }) {
          begun.push(indices[0] as number);
          return indices[0];
        },
      },
    });
    let delivered = 0;
    for await (const { fields } of loader) {
      assert.equal(fields.first, 2 * delivered);
      delivered += 1;
      const due = Math.min(6, delivered + 2);
      const deadline = performance.now() + 20_000;
      while (begun.length < due && performance.now() < deadline) await nextTurn();
      assert.equal(begun.length, due);
    }
    assert.deepEqual(begun.sort(byNumber), [0, 2, 4, 6, 8, 10]);
  });

  test("that fail are named", async () => {
    const loader = new DataLoader(await wordyDataset(2), {
      fields: {
        broken() {
          throw new Error("no model");
        },
      },
    });
    await assert.rejects(loader[Symbol.asyncIterator]().next(), /fields.broken: no model/);
  });
});
