// Room in a cache: when it is there, and what is removed for it.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { describe, test } from "node:test";
import timers from "node:timers/promises";
import { copyRoom } from "../../src/remote/copy-room.js";
import type { StoredCopy } from "../../src/remote/copy-sizes.js";
import { addUser } from "../../src/remote/copy-users.js";
import { neverAborted } from "../../src/shared/abort.js";
import { newFolder } from "../support/remote-sets.js";
import { key, storeCopies } from "../support/stored-copies.js";

describe("room in a cache", () => {
  /** A cache of these copies; those in use are never removed. */
  function roomOf(sizes: Record<string, number>, inUse: string[] = [], usedAt = new Map()) {
    const [copies, users] = [newFolder(), newFolder()];
    storeCopies(copies, sizes);
    const removed: string[] = [];
    const remove = async (copy: StoredCopy) => {
      const name = copy.key[0] as string;
      if (!inUse.includes(name)) removed.push(name);
      return !inUse.includes(name);
    };
    const options = { copies, users, own: join(users, "own"), remove };
    return { room: copyRoom({ ...options, usedAt: (of) => usedAt.get(of) }), removed, copies };
  }
  const hundred = { [key("a")]: 100, [key("b")]: 100, [key("c")]: 100 };

  test("is there up to the last byte, and nothing is removed for it", async () => {
    const { room, removed } = roomOf(hundred);
    await room.reserve(100, 400, neverAborted);
    assert.deepEqual(removed, []);
  });

  test("is made by what was used longest ago, here or by others", async () => {
    const first = roomOf(hundred);
    await first.room.reserve(101, 400, neverAborted);
    assert.deepEqual(first.removed, ["a"]);
    const second = roomOf(hundred, [], new Map([[key("a"), 2_000_000_000]]));
    await second.room.reserve(101, 400, neverAborted);
    assert.deepEqual(second.removed, ["b"]);
    const third = roomOf(hundred, ["a", "b"]);
    await third.room.reserve(101, 400, neverAborted);
    assert.deepEqual(third.removed, ["c"]);
  });

  test("is not made by what takes little of it, while something larger can go", async () => {
    const { room, removed } = roomOf({ [key("a")]: 1, [key("b")]: 100, [key("c")]: 100 });
    await room.reserve(150, 300, neverAborted);
    assert.deepEqual(removed, ["b"]);
  });

  test("is not where others are fetching something", async () => {
    const [copies, users] = [newFolder(), newFolder()];
    storeCopies(copies, hundred);
    for (const bytes of [60, 40]) {
      writeFileSync(join(await addUser(users), "under way"), Buffer.alloc(bytes));
    }
    const removed: string[] = [];
    const remove = async ({ key: [name = ""] }: StoredCopy) => removed.push(name) > 0;
    const own = await addUser(users);
    writeFileSync(join(own, "under way"), Buffer.alloc(1000));
    const room = copyRoom({ copies, users, own, remove, usedAt: () => undefined });
    await room.reserve(1, 400, neverAborted);
    assert.deepEqual(removed, ["a"]);
  });

  test("is made for a 32nd of the cache more, as the whole of it is looked through", async () => {
    const digits = [..."0123456789abcdef"];
    const keys = digits.flatMap((one) => digits.map((other) => `${one}${other}`.padEnd(40, one)));
    const sizes = Object.fromEntries(keys.slice(0, 160).map((one) => [one, 20]));
    const { room, removed } = roomOf(sizes);
    await room.reserve(20, 3200, neverAborted);
    // 20 bytes, and 100
    assert.equal(removed.length, 6);
  });

  test("is looked for in what others have written once a 16th of the cache is written here", async () => {
    for (const [bytes, sees] of [
      [25, false],
      [26, true],
    ] as const) {
      const { room, removed, copies } = roomOf(hundred);
      await room.reserve(bytes, 400, neverAborted);
      storeCopies(copies, { [key("d")]: bytes, [key("e")]: 70 });
      room.settle(bytes, bytes);
      await room.reserve(10, 400, neverAborted);
      assert.equal(removed.length > 0, sees, `${bytes} bytes`);
    }
  });

  test("counts what was written here once", async () => {
    const { room, removed, copies } = roomOf(hundred);
    await room.reserve(30, 400, neverAborted);
    storeCopies(copies, { [key("d")]: 30 });
    room.settle(30, 30);
    await room.reserve(70, 400, neverAborted);
    assert.deepEqual(removed, []);
  });

  test("that is reserved is nobody else's, until it is given back", async () => {
    const { room, removed } = roomOf({}, []);
    await room.reserve(100, 150, neverAborted);
    await assert.rejects(room.reserve(51, 150, neverAborted, 0), { code: "CACHE_FULL" });
    room.settle(100, 0);
    await room.reserve(51, 150, neverAborted, 0);
    assert.deepEqual(removed, []);
  });

  test("is made beside what is reserved, which is room already taken", async () => {
    const { room, removed } = roomOf(hundred);
    await room.reserve(100, 400, neverAborted);
    await room.reserve(150, 400, neverAborted, 0);
    assert.deepEqual(removed, ["a", "b"]);
  });

  test("is refused where all is in use, or a file is larger than the cache", async () => {
    const { room } = roomOf(hundred, ["a", "b", "c"]);
    await assert.rejects(room.reserve(101, 400, neverAborted, 0), {
      code: "CACHE_FULL",
      message: /all of cacheBytes, 400, is in use, and 101 bytes more/,
    });
    await assert.rejects(room.reserve(401, 400, neverAborted, 0), {
      code: "CACHE_FULL",
      message: /a file of 401 bytes does not fit into cacheBytes, 400/,
    });
    const aborted = AbortSignal.abort(new Error("stopped"));
    await assert.rejects(room.reserve(101, 400, aborted), /stopped/);
  });

  test("is made for the next one where it could not be looked for once", async () => {
    const [copies, users] = [newFolder(), newFolder()];
    storeCopies(copies, hundred);
    const removes = [async () => Promise.reject(new Error("the disk fails")), async () => true];
    const remove = () => (removes.shift() as () => Promise<boolean>)();
    const own = join(users, "own");
    const room = copyRoom({ copies, users, own, remove, usedAt: () => undefined });
    await assert.rejects(room.reserve(101, 400, neverAborted), /the disk fails/);
    await room.reserve(101, 400, neverAborted);
    assert.equal(removes.length, 0);
  });

  test("is waited for as long as is said, and looked for every 50 ms", async (t) => {
    const { room } = roomOf(hundred, ["a", "b", "c"]);
    const waits: unknown[] = [];
    t.mock.method(performance, "now", () => 50 * waits.length);
    t.mock.method(timers, "setTimeout", async (milliseconds: number) => {
      waits.push(milliseconds);
    });
    syncBuiltinESMExports();
    t.after(() => {
      t.mock.reset();
      syncBuiltinESMExports();
    });
    await assert.rejects(room.reserve(101, 400, neverAborted, 100), { code: "CACHE_FULL" });
    assert.deepEqual(waits, [50, 50]);
  });
});
