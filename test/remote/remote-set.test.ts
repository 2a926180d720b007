// Which files of a set are held as copies, for how long, and of which parts alone are read.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RemoteFile } from "../../src/remote/remote-file.js";
import type { RemoteSettings } from "../../src/remote/remote-options.js";
import { remoteSet } from "../../src/remote/remote-set.js";
import type { SourceContext } from "../../src/shared/sample-context.js";

/** A set of files of ten bytes, and what is done with them. */
function setOf(count: number, cacheBytes: number, readCopy = async () => Buffer.from("copy")) {
  const log: string[] = [];
  const signals: unknown[] = [];
  const files = Array.from({ length: count }, (_, place) => ({
    size: 10,
    fetchAhead: async () => {},
    hold: async (signal: unknown) => {
      signals.push(signal);
      return { path: `/${place}`, bytes: 10, release: () => void log.push(`release ${place}`) };
    },
    read: async (offset: number, length: number, signal: unknown) => {
      signals.push(signal);
      log.push(`part ${place} ${offset} ${length}`);
      return Buffer.from("part");
    },
  }));
  const set = remoteSet(
    files as unknown as RemoteFile[],
    { cacheBytes } as RemoteSettings,
    async (path, offset, length) => {
      log.push(`copy ${path} ${offset} ${length}`);
      return readCopy();
    },
  );
  return { set, log, signals };
}

const { signal } = new AbortController();
const context = (more: Partial<SourceContext> = {}): SourceContext => ({
  seed: 0,
  epoch: 0,
  signal,
  ...more,
});

describe("of a set's files", () => {
  test("bytes are read in a copy, which is let go of then, also where that fails", async () => {
    const { set, log, signals } = setOf(3, 1000);
    assert.equal(String(await set.read(2, 3, 4, context())), "copy");
    assert.deepEqual(log, ["copy /2 3 4", "release 2"]);
    assert.deepEqual(signals, [signal]);
    const failing = setOf(1, 1000, async () => {
      throw new Error("gone");
    });
    await assert.rejects(failing.set.read(0, 3, 4), /gone/);
    assert.deepEqual(failing.log, ["copy /0 3 4", "release 0"]);
  });

  test("an image is in a copy, which stays as long as the context wants", async () => {
    const { set, log } = setOf(3, 1000);
    const kept: (() => void)[] = [];
    const keep = (release: () => void) => void kept.push(release);
    assert.deepEqual(await set.image(1, 3, 4, context({ keep })), {
      path: "/1",
      offset: 3,
      length: 4,
    });
    assert.deepEqual([log, kept.length], [[], 1]);
    kept[0]?.();
    assert.deepEqual(log, ["release 1"]);
  });

  test("an image's copy stays half a minute where nobody says", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { set, log } = setOf(3, 1000);
    await set.image(1, 3, 4, context());
    t.mock.timers.tick(29_999);
    assert.deepEqual(log, []);
    t.mock.timers.tick(1);
    assert.deepEqual(log, ["release 1"]);
  });

  test("parts alone are read once more of them are in use, in no order, than half the cache", async () => {
    const { set, log, signals } = setOf(20, 100);
    for (const place of [0, 7, 3, 15, 9]) await set.read(place, 1, 2);
    assert.deepEqual(
      log.filter((one) => one.startsWith("part")),
      [],
    );
    assert.equal(String(await set.read(12, 1, 2, context())), "part");
    assert.equal(String(await set.image(5, 6, 7, context())), "part");
    assert.deepEqual(log.slice(-2), ["part 12 1 2", "part 5 6 7"]);
    assert.deepEqual(signals.slice(-2), [signal, signal]);
    // in order again
    await set.read(6, 1, 2);
    assert.deepEqual(log.slice(-2), ["copy /6 1 2", "release 6"]);
  });

  test("what is expected is read in copies, whatever the order", async () => {
    const { set, log } = setOf(20, 200);
    const places = [0, 7, 3, 15, 9, 12, 5, 11, 13, 18];
    set.expect(places);
    for (const place of [...places].reverse()) await set.read(place, 1, 2);
    assert.deepEqual(
      log.filter((one) => one.startsWith("part")),
      [],
    );
  });
});
