// What holds numbers, strings, bytes and tasks.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import { stopWith, untilAborted } from "../../src/shared/abort.js";
import { depthGuard, parseBoundedJson } from "../../src/shared/bounded-json.js";
import {
  byteName,
  pathOfName,
  shownName,
  shownPath,
  textOfName,
} from "../../src/shared/byte-name.js";
import { byteWindow } from "../../src/shared/byte-window.js";
import { closeGaps } from "../../src/shared/close-gaps.js";
import { findSpan } from "../../src/shared/find-span.js";
import { growingNumbers } from "../../src/shared/growing-numbers.js";
import { stringStore } from "../../src/shared/string-store.js";
import { taskQueue } from "../../src/shared/task-queue.js";
import { fc } from "../support/properties.js";

/** Lengths on both sides of the 1024 with which arrays that grow begin, and of its double. */
const counts = fc.oneof(fc.nat(50), fc.constantFrom(1023, 1024, 1025, 2048, 2049));

describe("what grows", () => {
  test("gives the numbers that were pushed, and no others", () => {
    fc.assert(
      fc.property(counts, (count) => {
        const pushed = Array.from({ length: count }, (_, i) => i / 3);
        const numbers = growingNumbers();
        for (const number of pushed) numbers.push(number);
        assert.equal(numbers.length, count);
        assert.deepEqual([...numbers.finished()], pushed);
      }),
      { numRuns: 20 },
    );
  });

  test("gives the strings that were pushed, where there are many, and where they are long", () => {
    const texts = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.nat(90_000).map((length) => "ü".repeat(length)),
    );
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 12 }), counts, (some, count) => {
        const pushed = [...some, ...Array.from({ length: count }, (_, i) => `n${i}`)];
        const store = stringStore();
        for (const text of pushed) store.push(text);
        assert.equal(store.length, pushed.length);
        assert.deepEqual(
          pushed.map((_, i) => store.at(i)),
          pushed,
        );
      }),
      { numRuns: 20 },
    );
  });

  test("does not grow for what just fits", () => {
    const store = stringStore();
    const texts = ["a".repeat(65_533), "b", "€", "c"];
    for (const text of texts) store.push(text);
    assert.deepEqual(
      texts.map((_, i) => store.at(i)),
      texts,
    );
  });
});

test("an index is found in its span, where spans are empty too", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 9 }), (sizes) => {
      const places = sizes.flatMap((size, span) =>
        Array.from({ length: size }, (_, indexInSpan) => ({ span, indexInSpan })),
      );
      let end = 0;
      const ends = sizes.map((size) => (end += size));
      assert.deepEqual(
        places.map((_, index) => findSpan(ends, index)),
        places,
      );
    }),
  );
});

test("rows that are kept move up over the others", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.boolean(), { maxLength: 9 }),
      (size, flags) => {
        const rows = flags.map((_, row) => Array.from({ length: size }, (_, i) => 10 * row + i));
        const kept = [...flags.keys()].filter((row) => flags[row]);
        const data = Int32Array.from(rows.flat());
        closeGaps(data, size, kept);
        assert.deepEqual(
          [...data.subarray(0, kept.length * size)],
          kept.flatMap((row) => rows[row] as number[]),
        );
      },
    ),
  );
});

describe("a window over bytes", () => {
  const content = Buffer.from(Array.from({ length: 200 }, (_, i) => i));
  const reading = () => {
    const reads: [number, number][] = [];
    return {
      reads,
      read: async (position: number, length: number) => {
        reads.push([position, length]);
        return content.subarray(position, position + length);
      },
    };
  };

  test("gives the bytes that are asked for, wherever it stands", async () => {
    const spans = fc.array(fc.tuple(fc.nat(199), fc.integer({ min: 1, max: 40 })), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(spans, fc.integer({ min: 1, max: 30 }), async (asked, size) => {
        const window = byteWindow(reading().read, { size, end: 200 });
        for (const [position, length] of asked) {
          assert.deepEqual(
            await window(position, length),
            content.subarray(position, position + length),
          );
        }
      }),
    );
  });

  test("reads once what is in it, to its last byte, and nothing ahead of its end", async () => {
    const { reads, read } = reading();
    const window = byteWindow(read, { size: 50, end: 120 });
    for (const [position, length] of [
      [0, 10],
      [40, 10],
      [41, 10],
      [41, 50],
      [100, 5],
      [99, 1],
      [110, 30],
    ] as const) {
      await window(position, length);
    }
    assert.deepEqual(reads, [
      [0, 50],
      [41, 50],
      [100, 20],
      [99, 21],
      [110, 30],
    ]);
  });
});

describe("JSON of elsewhere", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

  test("is what JSON.parse() gives", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        assert.deepEqual(
          parseBoundedJson(JSON.stringify(value)),
          JSON.parse(JSON.stringify(value)),
        );
      }),
    );
  });

  test("may be 100 deep, and no deeper, in however many pieces", () => {
    assert.doesNotThrow(() => parseBoundedJson(nested(100)));
    assert.doesNotThrow(() => parseBoundedJson(`[${nested(99)},${nested(99)}]`));
    const message = "arrays and objects are nested more than 100 deep";
    assert.throws(() => parseBoundedJson(nested(101)), { name: "SyntaxError", message });
    assert.throws(
      () => parseBoundedJson(nested(101).replaceAll("[", '{"a":').replaceAll("]", "}")),
      { message },
    );
    const guard = depthGuard();
    guard("[".repeat(60));
    assert.throws(() => guard("[".repeat(41)), { message });
  });

  test("may have as many brackets as it likes in its strings", () => {
    const brackets = "[{".repeat(80);
    for (const text of [brackets, `${brackets}\\`, `\\"${brackets}`, `"${brackets}"`]) {
      assert.equal(parseBoundedJson(JSON.stringify(text)), text);
    }
    const guard = depthGuard();
    for (const piece of ['"', "[".repeat(101), "\\", '"', "[".repeat(101), '"']) guard(piece);
  });
});

describe("a file's name", () => {
  const names = fc
    .uint8Array({ min: 1, minLength: 1, maxLength: 8 })
    .map((bytes) => Buffer.from(bytes));

  test("leads back to its bytes, be they UTF-8 or not", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          names,
          fc.string({ unit: "grapheme", minLength: 1 }).map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          fc.pre(!bytes.includes(0x2f) && bytes.toString("latin1").replaceAll(".", "") !== "");
          const name = byteName(bytes);
          assert.equal(Buffer.from(name, "latin1").compare(bytes), 0);
          const path = pathOfName("folder", name);
          assert.equal(
            Buffer.from(path).compare(Buffer.concat([Buffer.from("folder/"), bytes])),
            0,
          );
          const text = textOfName(name);
          if (text !== undefined) assert.equal(byteName(text), name);
          assert.equal(
            text === undefined,
            Buffer.compare(Buffer.from(bytes.toString("utf8")), bytes) !== 0,
          );
        },
      ),
    );
  });

  test("is shown as text, or with escapes", () => {
    const latin = Buffer.from("caf\xe9.jpg", "latin1");
    assert.equal(shownName(byteName(latin)), "caf\\xE9.jpg");
    assert.equal(shownName(byteName("café.jpg")), "café.jpg");
    assert.equal(shownPath("café.jpg"), "café.jpg");
    assert.equal(shownPath(latin), "caf\\xE9.jpg");
    assert.equal(textOfName(byteName("plain")), "plain");
  });
});

describe("work that is given up", () => {
  const never = new Promise<never>(() => {});
  const reason = new Error("enough");

  test("ends with its parent's reason, be it aborted before or after", () => {
    const parent = new AbortController();
    const early = stopWith(parent.signal);
    const free = stopWith(parent.signal);
    free.unlink();
    parent.abort(reason);
    assert.equal(early.signal.reason, reason);
    assert.equal(stopWith(parent.signal).signal.reason, reason);
    assert.equal(free.signal.aborted, false);
    assert.equal(stopWith().signal.aborted, false);
  });

  test("ends by itself, without its parent", () => {
    const parent = new AbortController();
    const stop = stopWith(parent.signal);
    stop.abort();
    assert.equal((stop.signal.reason as Error).name, "AbortError");
    assert.equal(parent.signal.aborted, false);
  });

  test("is not waited for", async () => {
    const controller = new AbortController();
    const waiting = untilAborted(never, controller.signal);
    controller.abort(reason);
    await assert.rejects(waiting, reason);
    await assert.rejects(untilAborted(never, controller.signal), reason);
  });

  test("leaves no listener behind, whatever becomes of it", async () => {
    const { signal } = new AbortController();
    const listening = new Set<unknown>();
    const spy = {
      aborted: false,
      addEventListener: (_: string, listener: unknown) => void listening.add(listener),
      removeEventListener: (_: string, listener: unknown) => void listening.delete(listener),
    } as unknown as typeof signal;
    assert.equal(await untilAborted(Promise.resolve(5), spy), 5);
    await assert.rejects(untilAborted(Promise.reject(reason), spy), reason);
    const stop = stopWith(spy);
    assert.equal(listening.size, 1);
    stop.unlink();
    assert.equal(listening.size, 0);
  });
});

describe("a queue of tasks", () => {
  test("gives results in the order of the tasks, and what is left is given up and discarded", async () => {
    const discarded: string[] = [];
    const signals: AbortSignal[] = [];
    const finish = new Map<number, (result: string) => void>();
    const queue = taskQueue<number, string>({
      work: (task, signal) => {
        signals.push(signal);
        if (task === 3) return Promise.reject(new Error("bad"));
        return new Promise((resolve) => finish.set(task, resolve));
      },
      discard: (result) => void discarded.push(result),
    });
    assert.equal(queue.first(), undefined);
    for (const task of [1, 2, 3, 4]) queue.start(task);
    assert.equal(queue.length, 4);
    finish.get(2)?.("two");
    finish.get(1)?.("one");
    assert.equal(queue.first()?.task, 1);
    assert.equal(await queue.first()?.result, "one");
    queue.shift();
    assert.equal(queue.first()?.task, 2);
    assert.ok(signals.every(({ aborted }) => !aborted));

    let cleared = false;
    const clearing = queue.clear().then(() => {
      cleared = true;
    });
    assert.ok(signals.every(({ aborted }) => aborted));
    assert.equal(queue.length, 0);
    assert.equal(cleared, false);
    finish.get(4)?.("four");
    await clearing;
    assert.deepEqual(discarded, ["two", "four"]);

    queue.start(5);
    assert.equal(signals.at(-1)?.aborted, false, "it can be used again");
    finish.get(5)?.("five");
    assert.equal(await queue.first()?.result, "five");
  });

  test("waits until what it gives up has ended", async () => {
    let end = () => {};
    const queue = taskQueue<number, void>({
      work: () => new Promise((resolve) => (end = resolve)),
    });
    queue.start(1);
    let cleared = false;
    const clearing = queue.clear().then(() => {
      cleared = true;
    });
    await Promise.resolve();
    assert.equal(cleared, false);
    end();
    await clearing;
  });

  test("is given up by its parent, with its reason, until it is cleared", async () => {
    const parent = new AbortController();
    const signals: AbortSignal[] = [];
    const queue = taskQueue<number, void>(
      { work: async (_, signal) => void signals.push(signal) },
      parent.signal,
    );
    queue.start(1);
    const reason = new Error("enough");
    parent.abort(reason);
    assert.equal(signals[0]?.reason, reason);
    await queue.clear();
  });

  test("listens to its parent from the first task on until it is cleared", async () => {
    const { signal } = new AbortController();
    const listeners = () => getEventListeners(signal, "abort").length;
    const queue = taskQueue<number, void>({ work: async () => {} }, signal);
    assert.equal(listeners(), 0);
    for (const _ of ["first", "again"]) {
      for (const task of [1, 2]) queue.start(task);
      assert.equal(listeners(), 1);
      await queue.clear();
      assert.equal(listeners(), 0);
    }
  });
});
