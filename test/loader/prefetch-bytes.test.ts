// Batches that are prepared ahead are bounded in bytes: large rows slow a loader down, they do not fill the memory.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { DataLoader, ImageProcessor, MultimodalDataset, type PairSource } from "pixtok";
import { type PrefetchWork, prefetch } from "../../src/loader/prefetch.js";
import { randomIntegers, seed } from "../support/pairs.js";
import { fc } from "../support/properties.js";

/** A batch that is being made, by its number; it is read and made when the test says so. */
interface Making {
  onRead(bytes: number): void;
  finish(bytes: number): void;
}

function batchesOf(count: number, options: Pick<PrefetchWork<number>, "ahead" | "mostBytes">) {
  const making: Making[] = [];
  const discarded: number[] = [];
  const work: PrefetchWork<number> = {
    ...options,
    endOf: (first) => (first < count ? first + 1 : undefined),
    make: (_positions, _signal, onRead) =>
      new Promise((finish) => {
        making.push({ onRead, finish });
      }),
    bytesOf: (bytes) => bytes,
    discard: (batch) => void discarded.push(batch),
  };
  const stop = new AbortController();
  return { batches: prefetch(work, stop.signal), making, discarded, stop };
}

describe("batches ahead, bounded in bytes", () => {
  test("wait until the size of the first one is known", async () => {
    const { batches, making } = batchesOf(10, { ahead: () => 3, mostBytes: 1000 });
    batches.next();
    assert.equal(making.length, 1);
    making[0]?.onRead(10);
    assert.equal(making.length, 4);
  });

  test("are started as there is room for them", async () => {
    const { batches, making } = batchesOf(10, { ahead: () => 5, mostBytes: 100 });
    batches.next();
    making[0]?.onRead(40);
    assert.equal(making.length, 2); // which may take 60, and is expected to take 40
    making[1]?.onRead(20);
    assert.equal(making.length, 3);
    making[2]?.onRead(40);
    assert.equal(making.length, 3);
    making[0]?.finish(5); // its rows are gone, its tensors are there
    await nextTurn();
    assert.equal(making.length, 3);
    batches.take();
    assert.equal(making.length, 4);
  });

  test("are read at once only where each may be larger than all before", async () => {
    const { batches, making } = batchesOf(10, { ahead: () => 5, mostBytes: 100 });
    batches.next();
    making[0]?.onRead(10);
    // 10 and four times 10 for each of the two that are being read
    assert.equal(making.length, 3);
    making[1]?.onRead(30);
    // nothing may be started beside the one that is being read, which could take 120
    assert.equal(making.length, 3);
    making[2]?.onRead(10);
    assert.equal(making.length, 4);
  });

  test("let a batch through that is larger than the bound, alone", async () => {
    const { batches, making } = batchesOf(4, { ahead: () => 3, mostBytes: 100 });
    for (let i = 0; i < 4; i += 1) {
      const next = batches.next();
      assert.equal(making.length, i + 1);
      making[i]?.onRead(5000);
      making[i]?.finish(4000);
      assert.equal(await next?.batch, 4000);
      batches.take();
    }
    assert.equal(batches.next(), undefined);
  });

  test("are none beside the next one where none is asked for", async () => {
    const { batches, making } = batchesOf(4, { ahead: () => 0, mostBytes: 100 });
    batches.next();
    making[0]?.onRead(1);
    making[0]?.finish(1);
    await nextTurn();
    batches.take();
    assert.equal(making.length, 1);
    batches.next();
    assert.equal(making.length, 2);
  });

  test("are not started once they have been ended, and count no more", async () => {
    const { batches, making, discarded } = batchesOf(10, { ahead: () => 3, mostBytes: 100 });
    batches.next();
    making[0]?.onRead(60);
    const again = batches.restartAt(5);
    making[0]?.finish(60);
    await again;
    assert.deepEqual([making.length, discarded], [1, [60]]);
    batches.next();
    assert.equal(making.length, 2); // 60 would have left no room for another
    making[1]?.onRead(30);
    assert.equal(making.length, 3);
    const ended = batches.end();
    making[1]?.finish(1);
    making[2]?.onRead(1);
    making[2]?.finish(1);
    await ended;
    assert.equal(making.length, 3);
  });

  test("pass the bound by no more than one of them, whatever the order in which they are read and made", async () => {
    // none is more than four times as large as another
    const sizes = fc.array(fc.integer({ min: 25, max: 100 }), { minLength: 1, maxLength: 30 });
    const property = fc.asyncProperty(
      sizes,
      fc.integer({ min: 1, max: 600 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 200 }),
      async (bytes, mostBytes, choices) => {
        const { batches, making } = batchesOf(bytes.length, { ahead: () => 8, mostBytes });
        const states: ("started" | "read" | "made")[] = [];
        let taken = 0;
        const check = () => {
          while (states.length < making.length) states.push("started");
          const underWay = bytes.slice(taken, making.length);
          const sum = underWay.reduce((total, size) => total + size, 0);
          if (underWay.length > 1) assert.ok(sum <= mostBytes + 75, `${sum} of ${mostBytes}`);
        };
        let next = batches.next();
        for (let i = 0; next !== undefined; i += 1) {
          check();
          const open = states.flatMap((state, at) => (state === "made" ? [] : [at]));
          const at = open[(choices[i % choices.length] as number) % open.length];
          if (at !== undefined && states[at] === "started") {
            states[at] = "read";
            making[at]?.onRead(bytes[at] as number);
          } else if (at !== undefined) {
            states[at] = "made";
            making[at]?.finish(bytes[at] as number);
          }
          await Promise.resolve();
          check();
          if (states[taken] !== "made") continue;
          assert.equal(await next.batch, bytes[taken]);
          taken += 1;
          batches.take();
          next = batches.next();
        }
        assert.equal(taken, bytes.length);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });
});

describe("prefetchBytes", () => {
  const image = new ImageProcessor({ resize: { width: 32, height: 32 }, type: "uint8" });
  const ROW_BYTES = 3 * 32 * 32;

  /** Images of ragged sizes, as the bytes of files. */
  function raggedImages(count: number): { source: PairSource; asked: () => number } {
    const random = randomIntegers(seed);
    const sizes = Array.from({ length: count }, () => 1 + random(120));
    let asked = 0;
    const source: PairSource = {
      length: count,
      get(index) {
        asked += 1;
        const side = sizes[index] as number;
        const header = Buffer.from(`P6 ${side} ${side} 255\n`);
        return { image: Buffer.concat([header, Buffer.alloc(3 * side * side, index)]), text: "" };
      },
    };
    return { source, asked: () => asked };
  }

  test(`bounds the ragged pairs that are asked for ahead, and changes no batch (seed ${seed})`, async () => {
    const digests = async (prefetchBytes: number, mostRows: number) => {
      const { source, asked } = raggedImages(120);
      const dataset = new MultimodalDataset({ source, image, text: null });
      const options = { batchSize: 4, prefetch: 100, prefetchBytes, shuffle: true } as const;
      const rows: string[] = [];
      for await (const batch of new DataLoader(dataset, options)) {
        rows.push(`${batch.indices}: ${Buffer.from(batch.image.data).toString("base64")}`);
        batch.release();
        await nextTurn();
        assert.ok(asked() - 4 * rows.length <= mostRows, `${asked()} asked for`);
      }
      assert.equal(asked(), 120);
      return rows;
    };
    const unbounded = await digests(2 ** 30, 120);
    // as many tensors as fit, and one batch more
    assert.deepEqual(await digests(5 * 4 * ROW_BYTES, 6 * 4), unbounded);
    // not even one batch fits
    assert.deepEqual(await digests(1, 4), unbounded);
  });

  test("prepares as many batches as are asked for, or as the threads can use, where there is room", async () => {
    for (const options of [{ prefetch: 9 }, { threads: 1 }]) {
      const { source, asked } = raggedImages(40);
      const dataset = new MultimodalDataset({ source, image, text: null });
      const expected = 2 * (1 + (options.prefetch ?? 8));
      for await (const _ of new DataLoader(dataset, { batchSize: 2, ...options })) {
        const deadline = performance.now() + 20_000;
        while (asked() < expected && performance.now() < deadline) await nextTurn();
        assert.equal(asked(), expected);
        break;
      }
    }
  });

  test("is a number of bytes", () => {
    const { source } = raggedImages(1);
    const dataset = new MultimodalDataset({ source, image, text: null });
    for (const prefetchBytes of [0, -1, 0.5]) {
      assert.throws(
        () => new DataLoader(dataset, { prefetchBytes }),
        /prefetchBytes: expected an integer of at least 1/,
      );
    }
  });
});
