// A loader that goes through a stream: pairs that come one after the other, as many as there are.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  checkDataset,
  computeStats,
  concat,
  DataLoader,
  type DataLoaderOptions,
  filter,
  type LoaderState,
  MultimodalDataset,
  type Pair,
  PixtokError,
  packDataset,
  type StreamContext,
  select,
  stream,
} from "pixtok";
import { assertAligned } from "../support/alignment.js";
import {
  numberedPairs,
  randomIntegers,
  seed,
  smallTokenizer,
  tinyImage,
} from "../support/pairs.js";
import { byNumber, epochInPieces } from "../support/pieces-of-epochs.js";
import { spoiledPairs } from "../support/spoiled-pairs.js";

const tokenizer = await smallTokenizer();
const upTo = (length: number) => Array.from({ length }, (_, i) => i);

function datasetOf(...given: Parameters<typeof stream>): MultimodalDataset {
  return new MultimodalDataset({ source: stream(...given), tokenizer, image: tinyImage });
}

/** Numbered pairs, begun anew in every epoch. */
function numbered(length: number, pairs = numberedPairs(length)): MultimodalDataset {
  return datasetOf(async function* () {
    for (let index = 0; index < length; index += 1) yield pairs.get(index);
  });
}

async function inOne(loader: DataLoader, batches = Infinity): Promise<number[]> {
  const indices: number[] = [];
  for await (const batch of loader) {
    await assertAligned(batch);
    indices.push(...batch.indices);
    batch.release();
    batches -= 1;
    if (batches === 0) break;
  }
  return indices;
}

test(`an epoch of a stream in pieces, of any number of ranks, is the epoch in one (seed ${seed})`, async () => {
  const random = randomIntegers(seed);
  for (let round = 0; round < 10; round += 1) {
    const length = 1 + random(60);
    const dataset = numbered(length);
    const options: DataLoaderOptions = {
      seed: random(1000),
      ...(random(3) > 0 && { shuffleBuffer: 1 + random(80) }),
    };
    const how = { epoch: random(3), random, mostRanks: 5, indicesOf: inOne };
    const { whole, pieces } = await epochInPieces(dataset, options, how);
    assert.deepEqual(whole.toSorted(byNumber), upTo(length));

    for (const { position, ranks } of pieces) {
      for (const [rank, indices] of ranks.entries()) {
        assert.equal(indices.length, ranks[0]?.length);
        for (const [turn, index] of indices.entries()) {
          const at = position + turn * ranks.length + rank;
          // past the end a rank has its first pair of the order again
          assert.equal(index, whole[at < length ? at : Math.min(rank, length - 1)]);
        }
      }
    }
    const trained = pieces.flatMap(({ ranks }) => ranks.flat());
    assert.deepEqual([...new Set(trained)].sort(byNumber), upTo(length));
  }
});

describe("a stream", () => {
  test("is in its own order without a buffer, and in another one each epoch with it", async () => {
    const dataset = numbered(50);
    assert.deepEqual(await inOne(new DataLoader(dataset, { batchSize: 7 })), upTo(50));
    const loader = new DataLoader(dataset, { batchSize: 7, shuffleBuffer: 20 });
    const [first, second] = [await inOne(loader), await inOne(loader)];
    assert.notDeepEqual(first, upTo(50));
    assert.notDeepEqual(first, second);
    loader.setEpoch(0);
    assert.deepEqual(await inOne(loader), first);
  });

  test("may be an array, an iterable of its own, a function or a promise's", async () => {
    const pairs = upTo(5).map(numberedPairs(5).get);
    async function* later() {
      yield* pairs;
    }
    for (const given of [pairs, new Set(pairs), { [Symbol.asyncIterator]: later }, later]) {
      const loader = new DataLoader(datasetOf(given as Iterable<Pair>), { batchSize: 2 });
      assert.deepEqual(await inOne(loader), upTo(5));
      assert.deepEqual(await inOne(loader), upTo(5));
    }
    assert.deepEqual(await inOne(new DataLoader(datasetOf(async () => pairs))), upTo(5));
  });

  test("has seed, epoch and a signal to begin an epoch with", async () => {
    const contexts: StreamContext[] = [];
    const dataset = datasetOf((context) => {
      contexts.push(context);
      return upTo(3).map(numberedPairs(3).get);
    });
    const loader = new DataLoader(dataset, { seed: 5 });
    for await (const _ of loader) assert.equal(contexts[0]?.signal.aborted, false);
    for await (const _ of loader) break;
    assert.deepEqual(
      contexts.map(({ seed: given, epoch, signal }) => [given, epoch, signal.aborted]),
      [
        [5, 0, true],
        [5, 1, true],
      ],
    );
  });

  test("that is an iterator can be gone through once, and says so", async () => {
    const pairs = numberedPairs(3);
    async function* once() {
      for (const index of upTo(3)) yield pairs.get(index);
    }
    const loader = new DataLoader(datasetOf(once()));
    assert.deepEqual(await inOne(loader), upTo(3));
    await assert.rejects(
      inOne(loader),
      /pairs: expected a function that begins the pairs anew.*gone through/,
    );
  });

  test("is of no known length, which its loader does not know either", async () => {
    const dataset = numbered(3);
    assert.equal(dataset.length, Infinity);
    assert.equal(new DataLoader(dataset).length, Infinity);
    assert.equal(dataset.description, "a stream of pairs");
  });

  test("reads no further than the batches that are prepared, and a pair", async () => {
    let given = 0;
    const pairs = numberedPairs(1000);
    const dataset = datasetOf(function* () {
      while (true) {
        yield pairs.get(given);
        given += 1;
      }
    });
    let used = 0;
    for await (const { indices } of new DataLoader(dataset, { batchSize: 5, prefetch: 2 })) {
      used += indices.length;
      for (let i = 0; i < 5; i += 1) await nextTurn();
      assert.ok(given <= used + 2 * 5 + 1, `${given} given when ${used} were used`);
      if (used === 50) break;
    }
  });

  test("is closed when the loop is left, fails or is aborted", async () => {
    for (const leave of ["break", "throw", "abort"] as const) {
      const events: string[] = [];
      const pairs = numberedPairs(1000);
      const dataset = datasetOf(async function* () {
        try {
          for (let index = 0; ; index += 1) yield pairs.get(index);
        } finally {
          events.push("closed");
        }
      });
      const stop = new AbortController();
      const loop = async () => {
        for await (const _ of new DataLoader(dataset, { signal: stop.signal })) {
          if (leave === "break") break;
          if (leave === "throw") throw new Error("left");
          stop.abort(new Error("left"));
        }
      };
      if (leave === "break") await loop();
      else await assert.rejects(loop, /left/);
      assert.deepEqual(events, ["closed"]);
    }
  });

  test("that gives nothing any more does not hold the loop that is left", async () => {
    const pairs = numberedPairs(4);
    const dataset = datasetOf(async function* () {
      yield* upTo(4).map(pairs.get);
      await new Promise(() => {});
    });
    for await (const { indices } of new DataLoader(dataset, { batchSize: 3 })) {
      assert.deepEqual(indices, [0, 1, 2]);
      break;
    }
    const stop = new AbortController();
    const loader = new DataLoader(dataset, { batchSize: 9, signal: stop.signal });
    const next = loader[Symbol.asyncIterator]().next();
    setImmediate(() => stop.abort(new Error("enough")));
    await assert.rejects(next, /enough/);
  });

  test("changes the size of its batches, and gives the last one again", async () => {
    const loader = new DataLoader(numbered(40), { batchSize: 8, shuffleBuffer: 10, seed: 2 });
    const whole = await inOne(new DataLoader(numbered(40), { shuffleBuffer: 10, seed: 2 }));
    const trained: number[] = [];
    for await (const { indices } of loader) {
      if (indices.length > 3) {
        loader.setBatchSize(3);
        loader.retry();
      } else {
        trained.push(...indices);
        if (trained.length === 9) loader.setBatchSize(2);
      }
    }
    assert.deepEqual(trained, whole);
  });

  test("drops what is left over for dropLast and padRanks: false, on every rank alike", async () => {
    const dropped = new DataLoader(numbered(11), { batchSize: 4, dropLast: true });
    assert.deepEqual(await inOne(dropped), upTo(8));
    assert.equal(dropped.state().epoch, 1);
    const given = { worldSize: 3, padRanks: false, batchSize: 2 };
    const ranks = [0, 1, 2].map((rank) => inOne(new DataLoader(numbered(11), { ...given, rank })));
    assert.deepEqual(await Promise.all(ranks), [
      [0, 3, 6],
      [1, 4, 7],
      [2, 5, 8],
    ]);
  });

  test("is at the next epoch after its last batch", async () => {
    const loader = new DataLoader(numbered(8), { batchSize: 4 });
    const states: LoaderState[] = [];
    for (const _ of [0, 1]) {
      for await (const _ of loader) states.push(loader.state());
    }
    assert.deepEqual(
      states.map(({ epoch, position }) => [epoch, position]),
      [
        [0, 4],
        [1, 0],
        [1, 4],
        [2, 0],
      ],
    );
  });

  const shares: Record<string, [DataLoaderOptions, states: [epoch: number, position: number][]]> = {
    "padRanks: false": [
      { batchSize: 2, rank: 1, worldSize: 2, padRanks: false },
      [
        [0, 4],
        [1, 0],
      ],
    ],
    dropLast: [
      { batchSize: 4, dropLast: true },
      [
        [0, 4],
        [0, 8],
      ],
    ],
  };
  for (const [what, [given, expected]] of Object.entries(shares)) {
    test(`has the same states with ${what}, however far it has been read`, async () => {
      for (const prefetch of [0, 4]) {
        const loader = new DataLoader(numbered(9), { ...given, prefetch });
        const states: LoaderState[] = [];
        for await (const _ of loader) {
          for (let i = 0; i < 20; i += 1) await nextTurn();
          states.push(loader.state());
        }
        assert.deepEqual(
          states.map(({ epoch, position }) => [epoch, position]),
          expected,
          `with prefetch ${prefetch}`,
        );
      }
    });
  }

  test("without pairs is an epoch without batches", async () => {
    const loader = new DataLoader(numbered(0), { worldSize: 2, rank: 1 });
    assert.deepEqual(await inOne(loader), []);
    assert.equal(loader.epoch, 1);
  });
});

describe("what is wrong with a stream", () => {
  test("with one of its pairs, is told with its number, and left out where it may be", async () => {
    const bad = new Set([2, 5, 11]);
    const pairs = spoiledPairs(12, bad);
    const read = (index: number) => {
      try {
        return pairs.get(index);
      } catch {
        return 7 as unknown as Pair;
      }
    };
    const dataset = numbered(12, { length: 12, get: read });
    await assert.rejects(
      inOne(new DataLoader(dataset)),
      (error) => error instanceof PixtokError && error.index === 2,
    );
    const loader = new DataLoader(dataset, { onError: "skip", batchSize: 4 });
    assert.deepEqual(
      await inOne(loader),
      upTo(12).filter((index) => !bad.has(index)),
    );
    assert.deepEqual(
      loader.errors.list.map(({ index }) => index),
      [...bad],
    );
  });

  test("with the stream itself, ends the epoch, whatever onError is", async () => {
    const dataset = datasetOf(function* () {
      yield* upTo(5).map(numberedPairs(5).get);
      throw new Error("the line is dead");
    });
    const loader = new DataLoader(dataset, { onError: "skip", batchSize: 2 });
    const seen: number[] = [];
    await assert.rejects(
      async () => {
        for await (const { indices } of loader) seen.push(...indices);
      },
      (error) => {
        assert.ok(error instanceof PixtokError);
        assert.deepEqual([error.code, error.index], ["SAMPLE_FAILED", 5]);
        assert.match(error.message, /the stream has failed, behind 5 pairs: the line is dead/);
        return true;
      },
    );
    assert.deepEqual(seen, [0, 1, 2, 3]);
  });

  test("with what begins it, or of a code of its own, is told the same way", async () => {
    const missing = new PixtokError("FILE_NOT_FOUND", "no such file", { source: "rows.bin" });
    const dataset = datasetOf(() => Promise.reject(missing));
    await assert.rejects(inOne(new DataLoader(dataset, { onError: "skip" })), (error) => {
      assert.ok(error instanceof PixtokError);
      const { code, index, source, cause } = error;
      assert.deepEqual([code, index, source, cause], ["FILE_NOT_FOUND", 0, "rows.bin", missing]);
      assert.match(error.message, /the stream has failed, behind 0 pairs: no such file/);
      return true;
    });
  });

  test("is what it gives where that is no iterable", async () => {
    for (const wrong of [7, "abc", {}, null]) {
      assert.throws(
        () => stream(wrong as never),
        /pairs: expected an iterable of \{ image, text \}/,
      );
    }
    const dataset = datasetOf((() => 7) as never);
    await assert.rejects(inOne(new DataLoader(dataset)), /pairs: expected an iterable.*got 7/);
    assert.throws(() => stream([], { length: 3 } as object), /unknown option "length"/);
  });

  test("with what needs indices, is refused", async () => {
    const dataset = numbered(4);
    const refused: [DataLoaderOptions, RegExp][] = [
      [{ shuffle: true }, /shuffle: expected false with a stream, which shuffleBuffer mixes/],
      [{ shuffle: "blocks" }, /shuffle: expected false with a stream/],
      [{ sampler: { length: 4, indexAt: (i) => i } }, /sampler: expected none with a stream/],
      [{ lengthBuckets: { window: 4, size: 2 } }, /lengthBuckets: expected none with a stream/],
      [{ onError: "replace" }, /onError: expected "throw" or "skip" with a stream/],
      [{ shuffleBuffer: 0 }, /shuffleBuffer: expected an integer from 1/],
    ];
    for (const [options, message] of refused) {
      assert.throws(() => new DataLoader(dataset, options), message);
    }
    const indexed = new MultimodalDataset({ source: numberedPairs(4), tokenizer });
    assert.throws(
      () => new DataLoader(indexed, { shuffleBuffer: 4 }),
      /shuffleBuffer: expected none without a stream; shuffle: true, got 4/,
    );
    const source = stream([]);
    const unknown = /expected one of a known length, got "a stream of pairs"/;
    assert.throws(() => select(source, [0]), unknown);
    assert.throws(() => concat([source]), unknown);
    await assert.rejects(
      filter(source, () => true),
      unknown,
    );
    await assert.rejects(checkDataset(dataset), unknown);
    await assert.rejects(computeStats(dataset), unknown);
    await assert.rejects(packDataset(dataset, "nowhere"), unknown);
    await assert.rejects(
      dataset.get(0),
      /expected a DataLoader to go through the stream in its order, got a call for pair 0/,
    );
    await assert.rejects(
      MultimodalDataset.from(source, { tokenizer, onMultipleTexts: "all" }),
      /onMultipleTexts: expected "first" or "random" with a stream, got "all"/,
    );
  });

  test("is a state of another stream", async () => {
    const make = (fingerprint: string, options: DataLoaderOptions = {}) =>
      new DataLoader(datasetOf([], { fingerprint }), options);
    const state = make("a", { shuffleBuffer: 5 }).state();
    make("a", { shuffleBuffer: 5 }).resume(state);
    for (const other of [make("b", { shuffleBuffer: 5 }), make("a", { shuffleBuffer: 6 })]) {
      assert.throws(() => other.resume(state), { code: "STATE_MISMATCH" });
    }
  });
});
