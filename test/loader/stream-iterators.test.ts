// What a stream may be given in place of pairs and iterators that are well-behaved.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  DataLoader,
  type DataLoaderOptions,
  MultimodalDataset,
  type Pair,
  PixtokError,
  stream,
} from "pixtok";
import { numberedPairs, smallTokenizer, tinyImage } from "../support/pairs.js";

const tokenizer = await smallTokenizer();
const pairs = numberedPairs(6);

function loaderOf(given: unknown, options: DataLoaderOptions = {}): DataLoader {
  const source = stream(given as Iterable<Pair>);
  return new DataLoader(new MultimodalDataset({ source, tokenizer, image: tinyImage }), options);
}

test("a promise of a pair that rejects before its batch is wanted is an error of that pair", async () => {
  const loader = loaderOf(
    function* () {
      for (let index = 0; index < 6; index += 1) {
        yield index === 2 ? Promise.reject(new Error("torn")) : pairs.get(index);
      }
    },
    { batchSize: 2, prefetch: 0, onError: "skip" },
  );
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  const seen: number[] = [];
  try {
    for await (const { indices } of loader) {
      seen.push(...indices);
      await nextTurn(); // what nobody has handled by then is told
    }
  } finally {
    process.off("unhandledRejection", note);
  }
  assert.deepEqual(unhandled, []);
  assert.deepEqual(seen, [0, 1, 3, 4, 5]);
  assert.match(loader.errors.list[0]?.message ?? "", /sample 2: torn/);
});

test("what throws when its iterator is asked for is a stream that has failed", async () => {
  const loader = loaderOf({
    [Symbol.asyncIterator]() {
      throw new Error("no line");
    },
  });
  await assert.rejects(loader[Symbol.asyncIterator]().next(), (error) => {
    assert.ok(error instanceof PixtokError);
    assert.deepEqual([error.code, error.index], ["SAMPLE_FAILED", 0]);
    assert.match(error.message, /the stream has failed, behind 0 pairs: no line/);
    return true;
  });
});

test("a source of one's own that has a begin() of its own is no stream", async () => {
  const source = { ...pairs, begin: () => assert.fail("it is not the loader's") };
  const dataset = new MultimodalDataset({ source, tokenizer, image: tinyImage });
  const seen: number[] = [];
  for await (const { indices } of new DataLoader(dataset)) seen.push(...indices);
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5]);
});

test("an iterable whose iterator is none says so", async () => {
  for (const wrong of [undefined, {}, 7]) {
    const loader = loaderOf({ [Symbol.iterator]: () => wrong });
    await assert.rejects(
      loader[Symbol.asyncIterator]().next(),
      /^TypeError: pairs: expected an iterable whose iterator has next\(\)/,
    );
  }
});

test("an iterable that comes once its epoch has been left is closed, and nothing is read of it", async () => {
  const calls: string[] = [];
  const ended = async (call: string) => {
    calls.push(call);
    return { done: true, value: undefined };
  };
  const pairsThatCome = {
    [Symbol.asyncIterator]: () => ({ next: () => ended("next"), return: () => ended("return") }),
  };
  let come: (given: unknown) => void = () => {};
  const controller = new AbortController();
  const loader = loaderOf(() => new Promise((resolve) => (come = resolve)), {
    signal: controller.signal,
  });
  const first = loader[Symbol.asyncIterator]().next();
  await nextTurn();
  controller.abort(new Error("enough"));
  await assert.rejects(first, /enough/);
  come(pairsThatCome);
  await nextTurn();
  assert.deepEqual(calls, ["return"]);
});

test("what a stream fails by keeps its code and what it is of", async () => {
  const loader = loaderOf(
    // biome-ignore lint/correctness/useYield: it fails before there is a pair
    function* () {
      throw new PixtokError("INVALID_ARCHIVE", "torn", { source: "x.tar" });
    },
  );
  await assert.rejects(loader[Symbol.asyncIterator]().next(), {
    ...{ code: "INVALID_ARCHIVE", index: 0, source: "x.tar" },
    reason: "the stream has failed, behind 0 pairs: torn",
  });
});
