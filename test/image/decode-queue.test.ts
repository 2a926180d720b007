import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { inTurn } from "../../src/image/decode/decode-queue.js";
import { inChild } from "../support/child.js";
import { fixture } from "../support/fixtures.js";

test("images are decoded whatever UV_THREADPOOL_SIZE is: libuv has a thread at least", async () => {
  const { value, errors } = await inChild(
    `
      const { ImageProcessor } = await import("pixtok");
      const { pixel_values } = await new ImageProcessor().process(process.argv[1]);
      return pixel_values.dims;
    `,
    { args: [fixture("images/avif-1x1.avif")], env: { UV_THREADPOOL_SIZE: "-1" } },
  );
  assert.deepEqual([value, errors], [[1, 3, 224, 224], ""]);
});

describe("images that wait for their turn", () => {
  const most = Math.max(1, Number(process.env.UV_THREADPOOL_SIZE) || 4);
  const running: (() => void)[] = [];
  const start = (signal = new AbortController().signal) =>
    inTurn(() => new Promise<void>((end) => running.push(end)), signal);
  const endOne = async () => {
    running.shift()?.();
    await setImmediate();
  };

  test("get that of one that has ended, and no more are decoded at once", async () => {
    const { signal } = new AbortController();
    const first = Array.from({ length: most + 1 }, () => start(signal));
    await setImmediate();
    assert.equal(running.length, most);
    await endOne();
    const later = start();
    await setImmediate();
    assert.equal(running.length, most);
    while (running.length > 0) await endOne();
    await Promise.all([...first, later]);
    assert.deepEqual(getEventListeners(signal, "abort"), []);
  });

  test("are not decoded when they are given up, and keep nobody from it", async () => {
    const { signal, abort } = abortable();
    const first = Array.from({ length: most }, () => start());
    const givenUp = start(signal);
    abort();
    await assert.rejects(givenUp, /enough/);
    while (running.length > 0) await endOne();
    const later = Array.from({ length: most }, () => start());
    await setImmediate();
    assert.equal(running.length, most);
    while (running.length > 0) await endOne();
    await Promise.all([...first, ...later]);
  });
});

function abortable() {
  const stop = new AbortController();
  return { signal: stop.signal, abort: () => stop.abort(new Error("that is enough")) };
}
