// Rows that an epoch takes from a stream or an order, and fields of a batch: apart from the loader.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import { DataLoader, MultimodalDataset, type StreamContext, stream } from "pixtok";
import type { AssembledBatch } from "../../src/dataset/batch-assembly.js";
import { batchTimes } from "../../src/dataset/batch-times.js";
import { addWaits, noWaits } from "../../src/loader/batch-waits.js";
import { withFields } from "../../src/loader/compute-fields.js";
import { shownLoader } from "../../src/loader/shown-loader.js";
import { streamRows } from "../../src/loader/stream-rows.js";
import type { FieldFunctions, Fields } from "../../src/loader/user-fields.js";
import type { PairStream } from "../../src/sources/pair-stream.js";
import { numberedPairs, smallTokenizer, tinyImage } from "../support/pairs.js";

const { signal } = new AbortController();

/** A stream of so many numbers, and what has been asked of it. */
function numbers(length: number) {
  const asked = { begun: 0, read: 0, closed: 0 };
  const stream = {
    length: Number.POSITIVE_INFINITY,
    get: () => assert.fail("a stream is not indexed"),
    async begin() {
      asked.begun += 1;
      return {
        async next() {
          const index = asked.read;
          asked.read += 1;
          return index < length ? { index, pair: `pair ${index}` } : undefined;
        },
        async close() {
          asked.closed += 1;
        },
      };
    },
  } as unknown as PairStream;
  return { stream, asked };
}

const context: StreamContext = { seed: 1, epoch: 0, signal };

describe("a rank's rows of a stream", () => {
  const sliced = (
    length: number,
    parts: { start?: number; rank?: number; worldSize?: number; padded?: boolean },
  ) => {
    const { stream, asked } = numbers(length);
    const { start = 0, rank = 0, worldSize = 1, padded = true } = parts;
    const lengths: number[] = [];
    const rows = streamRows(stream, context, {
      start,
      slice: { rank, worldSize, padded },
      buffer: undefined,
      onEnd: (found) => void lengths.push(found),
    });
    return { rows, asked, lengths };
  };

  test("are those of its turn, from the start of the epoch or from its middle", async () => {
    const cases: [parts: Parameters<typeof sliced>[1], indices: number[]][] = [
      [{}, [0, 1, 2, 3, 4, 5, 6]],
      [{ start: 3 }, [3, 4, 5, 6]],
      [{ start: 7 }, []],
      [{ start: 9 }, []],
      [{ rank: 1, worldSize: 3 }, [1, 4, 1]],
      [{ rank: 1, worldSize: 3, padded: false }, [1, 4]],
      [{ rank: 0, worldSize: 3, padded: false }, [0, 3]],
      [{ rank: 2, worldSize: 3, start: 2 }, [4, 2]],
      [{ rank: 1, worldSize: 3, start: 4 }, [5]],
    ];
    for (const [parts, expected] of cases) {
      const { rows, lengths } = sliced(7, parts);
      const { indices, rows: pairs } = await rows.take({ first: 0, end: 100 }, signal);
      assert.deepEqual(indices, expected, JSON.stringify(parts));
      assert.deepEqual([rows.count, lengths], [expected.length, [7]], JSON.stringify(parts));
      for (const index of indices) assert.equal(pairs?.get(index), `pair ${index}`);
    }
  });

  test("are read as far as the row behind the batch, by whichever batch comes first", async () => {
    const { rows, asked, lengths } = sliced(100, {});
    const [first, second] = await Promise.all([
      rows.take({ first: 0, end: 4 }, signal),
      rows.take({ first: 4, end: 6 }, signal),
    ]);
    assert.deepEqual(
      [first.indices, second.indices],
      [
        [0, 1, 2, 3],
        [4, 5],
      ],
    );
    assert.deepEqual(asked, { begun: 1, read: 7, closed: 0 });
    assert.deepEqual([rows.count, lengths], [Number.POSITIVE_INFINITY, []]);
    rows.release(4);
    assert.deepEqual((await rows.take({ first: 4, end: 7 }, signal)).indices, [4, 5, 6]);
    await rows.close();
    assert.equal(asked.closed, 1);
    assert.equal(asked.read, 8);
  });
});

describe("a stream that cannot be closed", () => {
  const pairs = numberedPairs(3);
  /** An epoch of its pairs, read by a loop that may be left. */
  const loop = async (
    failsAt: number,
    { leave = false, bad = -1 }: { leave?: boolean; bad?: number },
  ) => {
    const given = () => {
      let index = -1;
      return {
        async next() {
          index += 1;
          if (index === failsAt) throw new Error("it has failed");
          const pair = pairs.get(index);
          const value = index === bad ? { ...pair, image: Buffer.from("no image") } : pair;
          return { value, done: index === 3 };
        },
        async return(): Promise<never> {
          throw new Error("it cannot be closed");
        },
      };
    };
    const source = stream({ [Symbol.asyncIterator]: given });
    const tokenizer = await smallTokenizer();
    const dataset = new MultimodalDataset({ source, tokenizer, image: tinyImage });
    for await (const _ of new DataLoader(dataset, { prefetch: 0 })) if (leave) break;
  };

  test("is an error of the loop that is left, but hides no other error", async () => {
    await assert.rejects(loop(3, { leave: true }), /it cannot be closed/);
    await assert.rejects(loop(1, {}), /it has failed/);
    await assert.rejects(loop(3, { bad: 1 }), { code: "UNSUPPORTED_FORMAT", index: 1 });
  });
});

describe("fields of a batch", () => {
  const batchOf = (rows: number) => {
    const released: number[] = [];
    const batch = {
      indices: Array.from({ length: rows }, (_, i) => i),
      release: () => void released.push(rows),
    } as unknown as AssembledBatch;
    return { batch, released };
  };
  const compute = (batch: AssembledBatch, functions: object, stop: AbortSignal = signal) =>
    withFields(Promise.resolve(batch), functions as FieldFunctions<Fields>, stop);

  test("are what their functions give, by name; of no rows there are none", async () => {
    const functions = { a: ({ indices }: AssembledBatch) => indices.length, b: async () => "b" };
    const { batch, released } = batchOf(2);
    const { signal: stop } = new AbortController();
    assert.deepEqual(await compute(batch, functions, stop), { batch, fields: { a: 2, b: "b" } });
    assert.deepEqual((await compute(batchOf(0).batch, functions, stop)).fields, {});
    assert.deepEqual(released, []);
    assert.deepEqual(getEventListeners(stop, "abort"), []);
  });

  test("end together where one of them fails; the memory is kept until all have settled", async () => {
    let signalOfOther: AbortSignal | undefined;
    let settle: () => void = () => {};
    const functions = {
      other: (_: unknown, context: { signal: AbortSignal }) => {
        signalOfOther = context.signal;
        return new Promise<void>((resolve) => {
          settle = resolve;
        });
      },
      failing: () => {
        throw new RangeError("no");
      },
    };
    const { batch, released } = batchOf(3);
    await assert.rejects(compute(batch, functions), (error: Error) => {
      assert.equal(error.message, "fields.failing: no");
      assert.ok(error.cause instanceof RangeError);
      return true;
    });
    assert.equal(signalOfOther?.aborted, true);
    assert.deepEqual(released, []);
    settle();
    await new Promise(setImmediate);
    assert.deepEqual(released, [3]);
    const thrown = compute(batchOf(1).batch, {
      failing: () => Promise.reject("words"),
    });
    await assert.rejects(thrown, { message: "fields.failing: words", cause: "words" });
  });

  test("are not waited for where the signal is aborted", async () => {
    const controller = new AbortController();
    const { batch, released } = batchOf(2);
    const waiting = compute(batch, { never: () => new Promise(() => {}) }, controller.signal);
    await new Promise(setImmediate);
    controller.abort(new Error("enough"));
    await assert.rejects(waiting, /enough/);
    assert.deepEqual(released, []);
    // one that is made when nobody wants it any more has none, and gives its memory back
    const late = batchOf(5);
    let calls = 0;
    const uncalled = { f: () => (calls += 1) };
    await assert.rejects(compute(late.batch, uncalled, controller.signal), /enough/);
    await new Promise(setImmediate);
    assert.deepEqual([late.released, calls], [[5], 0]);
  });
});

test("a wait is of what the batch was at, part by part", () => {
  const unmixed = { ...batchTimes(), rowsAt: 20, imagesAt: 50, tokensAt: 40, madeAt: 60 };
  const mixed = { ...unmixed, mixFrom: 52, mixedAt: 56 };
  const waited = (from: number, to: number, endedAt = 70, times = unmixed) => {
    const waits = noWaits();
    addWaits(waits, { startedAt: 10, endedAt, times }, from, to);
    return waits;
  };
  const none = noWaits();
  assert.deepEqual(waited(0, 100), { ...none, source: 10, images: 30, fields: 10, other: 50 });
  assert.deepEqual(waited(15, 55), { ...none, source: 5, images: 30, other: 5 });
  assert.deepEqual(waited(60, 65), { ...none, fields: 5 });
  // of one that was given up there is nothing behind its end
  assert.deepEqual(waited(0, 100, 30), { ...none, source: 10, images: 10, other: 80 });
  const mixing = { ...none, source: 10, images: 30, mix: 4, fields: 10, other: 46 };
  assert.deepEqual(waited(0, 100, 70, mixed), mixing);
  assert.deepEqual(waited(54, 58, 70, mixed), { ...none, mix: 2, other: 2 });
  const alone = noWaits();
  addWaits(alone, undefined, 3, 10);
  assert.deepEqual(alone, { ...noWaits(), other: 7 });
});

test("a loader says what it gives, where it stands and what limits it", () => {
  const loader = {
    description: "arrays, 4 pairs",
    length: 7,
    batchSize: 3,
    order: "shuffled",
    epoch: 2,
    errors: 0,
    stats: null,
  };
  const linesOf = (of: Parameters<typeof shownLoader>[0]) =>
    shownLoader(of)
      .split("\n")
      .map((line) => line.trim().replaceAll(/ {2,}/g, ": "));
  assert.deepEqual(linesOf(loader).slice(0, 1), ["DataLoader: 7 batches of 3"]);
  const words = linesOf(loader).join("; ");
  assert.match(words, /dataset:? arrays, 4 pairs; order:? shuffled; next epoch:? 2/);
  assert.doesNotMatch(words, /errors|limit/);
  const endless = linesOf({ ...loader, length: Infinity, errors: 5 }).join("; ");
  assert.match(endless, /^DataLoader: batches of 3; .*errors:? 5 pairs could not be read/);
  const stats = { epoch: 1, pairs: 12, rate: 3.6, sentence: "the trainer" } as never;
  assert.match(
    linesOf({ ...loader, stats }).join("; "),
    /epoch 1:? 12 pairs, 4 a second; limit:? the trainer/,
  );
});
