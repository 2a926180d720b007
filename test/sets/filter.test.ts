import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { filter, type Pair, type PairSource, take } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { context, lettered, textsOf, withBad } from "../support/lettered-pairs.js";

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
    const source = lettered("p", 3);
    const get: PairSource["get"] = (index, context) => {
      if (index < 2) return source.get(index, context);
      throw Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
    };
    await assert.rejects(
      filter({ ...source, get }, () => true),
      { code: "OUT_OF_FILE_DESCRIPTORS", index: 2 },
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

  test("asks for no more pairs once its signal is aborted", async () => {
    const source = lettered("p", 130);
    let asked = 0;
    const get: PairSource["get"] = (index, context) => {
      asked += 1;
      return source.get(index, context);
    };
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = () => controller.abort(new Error("enough"));
    await assert.rejects(
      filter({ ...source, get }, () => true, { signal, onProgress }),
      /enough/,
    );
    assert.equal(asked, 64);
  });

  test("lets go of a pair's files once it has looked at the pair", async () => {
    const source = lettered("p", 130);
    let [held, most] = [0, 0];
    const get: PairSource["get"] = (index, context) => {
      held += 1;
      most = Math.max(most, held);
      context.keep?.(() => {
        held -= 1;
      });
      return source.get(index, context);
    };
    await filter({ ...source, get }, () => true);
    assert.deepEqual([held, most], [0, 64]);
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

  test("wants of several images that each has such a size", async () => {
    const lists = [[0, 1], [0, null, 3], [1], []].map((list) =>
      list.map((place) => (place === null ? null : (images[place] as string))),
    );
    const source: PairSource = {
      length: lists.length,
      get: (index) => ({ image: lists[index] as string[], text: "", key: String(index) }),
    };
    const large = await filter(source, { minSide: 8 });
    const keys = Array.from(
      { length: large.length },
      async (_, i) => (await large.get(i, context)).key,
    );
    assert.deepEqual(await Promise.all(keys), ["1", "3"]);
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
