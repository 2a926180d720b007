// Where the time of an epoch goes, by a clock that the tests set.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type EpochMeter, epochMeter } from "../../src/loader/epoch-meter.js";
import { fc } from "../support/properties.js";

/** A meter, and its clock in milliseconds. */
function meterAt(threads = 2): { meter: EpochMeter; after(milliseconds: number): void } {
  let time = 5000;
  const meter = epochMeter(3, threads, () => time);
  return {
    meter,
    after(milliseconds) {
      time += milliseconds;
    },
  };
}

/** What the meter is told of a batch: its rows, images and tokens are there at these times of the clock. */
function note(
  times: ReturnType<EpochMeter["begin"]>,
  [rowsAt, imagesAt, tokensAt, madeAt]: readonly [number, number, number, number],
): void {
  Object.assign(times, { rowsAt, imagesAt, tokensAt, madeAt, rows: 8 });
}

describe("an epoch's meter", () => {
  test("tells apart when the trainer waits, the loader waits, and both work", () => {
    const { meter, after } = meterAt();
    meter.begin(0);
    meter.wait(0);
    after(100);
    meter.end(0, 1000);
    meter.deliver(0, 8);
    meter.begin(8);
    after(30);
    meter.end(8, 1000);
    after(170);
    const { seconds, waitForData, bothAtWork, waitForTrainer, batches, pairs, rate } =
      meter.stats();
    assert.deepEqual(
      { seconds, waitForData, bothAtWork, waitForTrainer, batches, pairs },
      {
        seconds: 0.3,
        waitForData: 0.1,
        bothAtWork: 0.03,
        waitForTrainer: 0.17,
        batches: 1,
        pairs: 8,
      },
    );
    assert.equal(rate, 8 / 0.3);
  });

  test("says what of its batch the trainer waits for, in its order", () => {
    const { meter, after } = meterAt();
    const times = meter.begin(0);
    after(10);
    meter.wait(0);
    after(190);
    note(times, [5050, 5120, 5150, 5160]);
    meter.end(0, 1);
    after(4);
    meter.deliver(0, 8);
    const { waitsOn, waitForData } = meter.stats();
    // before meter.wait() the trainer waits as well, but for nothing that is known
    assert.deepEqual(waitsOn, {
      source: 0.04,
      images: 0.07,
      tokenize: 0.03,
      mix: 0,
      fields: 0.04,
      other: 0.024,
    });
    assert.equal(waitForData, 0.204);
  });

  test("says of a wait that is under way what it is for", () => {
    const { meter, after } = meterAt();
    const times = meter.begin(0);
    meter.wait(0);
    after(20);
    times.rowsAt = 5020;
    after(30);
    assert.deepEqual(meter.stats().waitsOn, {
      source: 0.02,
      images: 0.03,
      tokenize: 0,
      mix: 0,
      fields: 0,
      other: 0,
    });
  });

  test("tells mixing apart from images, tokens and its own work", () => {
    const { meter, after } = meterAt();
    const times = meter.begin(0);
    meter.wait(0);
    after(100);
    Object.assign(times, { rowsAt: 5010, imagesAt: 5040, tokensAt: 5030, mixFrom: 5045, rows: 8 });
    const waits = { source: 0.01, images: 0.03, tokenize: 0, fields: 0 };
    assert.deepEqual(meter.stats().waitsOn, { ...waits, mix: 0.055, other: 0.005 });
    Object.assign(times, { mixedAt: 5075, madeAt: 5080, imageBytes: 960 });
    meter.end(0, 1);
    meter.deliver(0, 8);
    const { waitsOn, waitForData, stages } = meter.stats();
    assert.deepEqual(waitsOn, { ...waits, mix: 0.03, fields: 0.02, other: 0.01 });
    assert.equal(waitForData, 0.1);
    assert.deepEqual(stages.mix, { seconds: 0.03, rate: 8 / 0.03, depth: 0.3, bytes: 960 });
  });

  test("counts mixing that has been given up until then", () => {
    const { meter, after } = meterAt();
    const times = meter.begin(0);
    after(100);
    Object.assign(times, { rowsAt: 5010, imagesAt: 5040, tokensAt: 5030, mixFrom: 5060 });
    meter.end(0, undefined);
    after(100);
    assert.equal(meter.stats().stages.mix.seconds, 0.04);
  });

  test("has stages with their time, rate, mean depth and bytes", () => {
    const { meter, after } = meterAt(2);
    const times = meter.begin(0);
    meter.wait(0);
    after(400);
    note(times, [5100, 5350, 5300, 5400]);
    Object.assign(times, { sourceBytes: 80, tokenize: 200, tokenBytes: 640 });
    Object.assign(times, { imageElements: 24, imageBytes: 96 });
    Object.assign(times.images, { images: 8, read: 40, decode: 300, resize: 50, normalize: 10 });
    Object.assign(times.images, { queued: 600, fileBytes: 900, pixelBytes: 7000 });
    meter.end(0, 736);
    meter.deliver(0, 8);
    after(100);
    const { stages, threads } = meter.stats();
    assert.deepEqual(stages.source, { seconds: 0.1, rate: 80, depth: 0.2, bytes: 80 });
    assert.deepEqual(stages.queued, { seconds: 0.6, rate: 8 / 0.6, depth: 1.2, bytes: 0 });
    assert.deepEqual(stages.read, { seconds: 0.04, rate: 200, depth: 0.08, bytes: 900 });
    assert.deepEqual(stages.decode, { seconds: 0.3, rate: 8 / 0.3, depth: 0.6, bytes: 7000 });
    assert.deepEqual(stages.resize, { seconds: 0.05, rate: 160, depth: 0.1, bytes: 24 });
    assert.deepEqual(stages.normalize, { seconds: 0.01, rate: 800, depth: 0.02, bytes: 96 });
    assert.deepEqual(stages.sharp, { seconds: 0, rate: 0, depth: 0, bytes: 0 });
    assert.deepEqual(stages.tokenize, { seconds: 0.2, rate: 40, depth: 0.4, bytes: 640 });
    assert.deepEqual(stages.mix, { seconds: 0, rate: 0, depth: 0, bytes: 0 });
    assert.deepEqual(stages.fields, { seconds: 0, rate: 0, depth: 0, bytes: 0 });
    assert.equal(threads.count, 2);
    assert.ok(Math.abs(threads.busy - 0.4) < 1e-12);
    assert.ok(Math.abs(threads.idle - 0.6) < 1e-12);
  });

  test("counts the batches that wait for the trainer, and their bytes", () => {
    const { meter, after } = meterAt();
    for (const first of [0, 8, 16]) meter.begin(first);
    meter.wait(0);
    meter.end(0, 100);
    meter.deliver(0, 8);
    meter.end(8, 200);
    after(10);
    meter.end(16, 50);
    after(30);
    const { ready, meanReady, bytes, underWay } = meter.stats().queue;
    assert.deepEqual({ ready, bytes, underWay }, { ready: 2, bytes: 250, underWay: 0 });
    assert.equal(meanReady, (1 * 10 + 2 * 30) / 40);
    meter.discard();
    assert.deepEqual(meter.stats().queue, { ready: 0, meanReady, bytes: 0, underWay: 0 });
  });

  test("counts a wait until what is prepared is discarded to the batch that it was for", () => {
    const { meter, after } = meterAt();
    note(meter.begin(0), [5010, Infinity, Infinity, Infinity]);
    meter.wait(0);
    after(30);
    meter.discard();
    after(5);
    const { waitsOn } = meter.stats();
    assert.deepEqual(waitsOn, {
      source: 0.01,
      images: 0.02,
      tokenize: 0,
      mix: 0,
      fields: 0,
      other: 0.005,
    });
  });

  test("counts a wait for a batch without rows to it, and lets go of it", () => {
    const { meter, after } = meterAt();
    note(meter.begin(0), [5030, 5030, 5030, 5030]);
    meter.wait(0);
    after(30);
    meter.end(0, 70);
    meter.drop(0);
    meter.wait(8);
    const { waitsOn, queue, batches } = meter.stats();
    assert.equal(waitsOn.source, 0.03);
    assert.deepEqual([queue.ready, queue.bytes, batches], [0, 0, 0]);
  });

  test("has no batch ready that has been given up, but what was done for it", () => {
    const { meter, after } = meterAt();
    note(meter.begin(0), [5010, Infinity, Infinity, Infinity]);
    after(10);
    meter.end(0, undefined);
    after(10);
    const { queue, stages } = meter.stats();
    assert.deepEqual(queue, { ready: 0, meanReady: 0, bytes: 0, underWay: 0 });
    assert.deepEqual([stages.source.seconds, stages.fields.seconds], [0.01, 0]);
  });

  for (const end of ["discard", "close"] as const) {
    test(`has no batch ready that was under way at ${end}(), and is made nevertheless`, () => {
      const { meter, after } = meterAt();
      meter.begin(0);
      after(10);
      meter[end]();
      meter.end(0, 100);
      const { ready, bytes, underWay } = meter.stats().queue;
      assert.deepEqual({ ready, bytes, underWay }, { ready: 0, bytes: 0, underWay: 0 });
    });
  }

  test("stands still when the epoch is over", () => {
    const { meter, after } = meterAt();
    after(10);
    meter.close();
    const stats = meter.stats();
    after(10);
    assert.deepEqual(meter.stats(), stats);
    assert.equal(stats.seconds, 0.01);
  });

  test("sums to the time that passed, whatever happens in it", () => {
    const events = fc.array(fc.record({ passed: fc.nat(50), event: fc.nat(4) }), { maxLength: 60 });
    fc.assert(
      fc.property(events, (all) => {
        const { meter, after } = meterAt();
        let next = 0;
        const underWay: number[] = [];
        const ready: number[] = [];
        let trainerWaits = true;
        let total = 0;
        for (const { passed, event } of all) {
          after(passed);
          total += passed;
          const made = underWay[0];
          const first = ready[0];
          if (event === 0) {
            const times = meter.begin(next);
            if (next % 2 === 0) times.rowsAt = 5000 + total + 3;
            underWay.push(next);
            next += 1;
          } else if (event === 1 && made !== undefined) {
            meter.end(underWay.shift() as number, 10);
            ready.push(made);
          } else if (event === 2 && trainerWaits) {
            const awaited = first ?? made;
            if (awaited !== undefined) meter.wait(awaited);
          } else if (event === 3 && trainerWaits && first !== undefined) {
            meter.deliver(ready.shift() as number, 1);
            trainerWaits = false;
          } else if (event === 4 && !trainerWaits) {
            meter.resume();
            trainerWaits = true;
          }
        }
        const { seconds, waitForData, waitForTrainer, bothAtWork, waitsOn } = meter.stats();
        const near = (sum: number, whole: number) => Math.abs(sum - whole) < 1e-9;
        assert.equal(seconds, total / 1000);
        assert.ok(near(waitForData + waitForTrainer + bothAtWork, seconds));
        const waited = Object.values(waitsOn).reduce((sum, wait) => sum + wait, 0);
        assert.ok(near(waited, waitForData));
      }),
    );
  });
});

describe("what limits an epoch", () => {
  /** An epoch of one second: the trainer waits for so many milliseconds, and works for what is left. */
  function epochOf(
    waitForData: number,
    marks: readonly [number, number, number, number],
    images: Record<string, number> = {},
    loaderIsDone = true,
  ) {
    const { meter, after } = meterAt(2);
    const times = meter.begin(0);
    meter.wait(0);
    after(waitForData);
    note(times, marks);
    Object.assign(times.images, images);
    meter.end(0, 1);
    meter.deliver(0, 8);
    if (!loaderIsDone) meter.begin(8);
    after(1000 - waitForData);
    const { limit, sentence } = meter.stats();
    return { limit, sentence };
  }

  test("is the trainer, where the loader waits for it", () => {
    assert.deepEqual(epochOf(290, [5000, 5290, 5000, 5290]), {
      limit: "trainer",
      sentence: "the trainer: the loader waits 71 % of the time",
    });
  });

  test("is the trainer, where it hardly waits at all", () => {
    assert.deepEqual(epochOf(20, [5000, 5020, 5000, 5020], {}, false), {
      limit: "trainer",
      sentence: "the trainer: it waits for data only 2 % of the time",
    });
  });

  test("is the stage that the threads spend most of their time on, where images are waited for", () => {
    const images = { read: 100, decode: 1300, resize: 200, normalize: 200 };
    assert.deepEqual(epochOf(900, [5000, 5900, 5000, 5900], images), {
      limit: "decode",
      sentence: "decode, 72 % of the threads' work: the trainer waits 90 % of the time",
    });
  });

  test("says that threads are idle where they are", () => {
    const images = { read: 100, decode: 20, resize: 30, normalize: 50 };
    assert.deepEqual(epochOf(900, [5000, 5900, 5000, 5900], images), {
      limit: "read",
      sentence:
        "read, 50 % of the work of threads that are busy 10 % of the time: the trainer waits 90 % of the time",
    });
  });

  test("is sharp, where that takes longer than the threads", () => {
    const { limit } = epochOf(900, [5000, 5900, 5000, 5900], { decode: 20, sharp: 400 });
    assert.equal(limit, "sharp");
    // times of all threads are compared with those of all images
    const both = epochOf(900, [5000, 5900, 5000, 5900], { decode: 500, sharp: 400 });
    assert.equal(both.limit, "decode");
  });

  test("is the source, the tokenizer, fields, or the loader itself", () => {
    assert.equal(epochOf(900, [5800, 5850, 5850, 5900]).limit, "source");
    assert.equal(epochOf(900, [5050, 5100, 5880, 5900]).limit, "tokenize");
    assert.equal(epochOf(900, [5050, 5100, 5100, 5150]).limit, "fields");
    assert.equal(epochOf(900, [5050, 5100, 5100, 5900]).limit, "loader");
    assert.match(
      epochOf(900, [5800, 5850, 5850, 5900]).sentence,
      /^the source, which gives rows: the trainer waits 90 % of the time$/,
    );
  });

  test("is not known before a batch has been delivered", () => {
    const { limit, sentence } = meterAt().meter.stats();
    assert.deepEqual({ limit, sentence }, { limit: null, sentence: "no batch has been delivered" });
  });
});

describe("the share of padding", () => {
  test("is of the tokens of all batches that were delivered", () => {
    const { meter, after } = meterAt();
    assert.equal(meter.stats().paddingShare, 0);
    for (const [first, all, padding] of [
      [0, 100, 40],
      [8, 60, 0],
      [16, 40, 10],
    ] as const) {
      meter.begin(first);
      meter.wait(first);
      after(5);
      meter.end(first, 1);
      meter.deliver(first, 8, { all, padding });
      meter.resume();
    }
    assert.equal(meter.stats().paddingShare, 50 / 200);
  });
});
