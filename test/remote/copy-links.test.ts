// The links by which a thread keeps copies of a cache, apart from the cache.

import assert from "node:assert/strict";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { copyLinks } from "../../src/remote/copy-links.js";
import { newFolder } from "../support/remote-sets.js";

/** Links to the copies "a" and "b", of five and seven bytes. */
function newLinks(isAsWritten: (key: string) => boolean = () => true) {
  const [copies, own] = [newFolder(), newFolder()];
  const pathOf = (key: string) => join(copies, key);
  writeFileSync(pathOf("a"), Buffer.alloc(5));
  writeFileSync(pathOf("b"), Buffer.alloc(7));
  for (const key of ["a", "b"]) utimesSync(pathOf(key), 1000, 1000);
  const links = copyLinks(own, pathOf, isAsWritten);
  const stored = (key: string) => {
    const { size, nlink } = statSync(pathOf(key));
    return { key, path: pathOf(key), bytes: size, used: 0, links: nlink };
  };
  return { links, own, pathOf, stored };
}

describe("a copy", () => {
  test("is kept by one link for all who hold it, until the last lets go", async () => {
    const { links, own, pathOf, stored } = newLinks();
    const [first, second] = await Promise.all([links.take("a"), links.take("a")]);
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual([first.path, first.bytes], [second.path, 5]);
    assert.equal(readdirSync(own).length, 1);
    assert.equal(await links.remove(stored("a")), false);
    first.release();
    first.release(); // counts once
    assert.equal(await links.remove(stored("a")), false);
    second.release();
    assert.equal(await links.remove(stored("a")), true);
    assert.deepEqual([existsSync(pathOf("a")), readdirSync(own)], [false, []]);
    assert.equal(await links.take("a"), undefined);
  });

  test("that another thread has a link to is in use", async () => {
    const { links, pathOf, stored } = newLinks();
    linkSync(pathOf("a"), join(newFolder(), "0"));
    assert.equal(await links.remove(stored("a")), false);
    (await links.take("a"))?.release();
    assert.equal(stored("a").links, 3);
    assert.equal(await links.remove(stored("a")), false);
    assert.equal(await links.remove(stored("b")), true);
  });

  test("tells when it was used, and not that it was changed", async () => {
    const { links, pathOf } = newLinks();
    assert.equal(links.usedAt("a"), undefined);
    const before = Date.now();
    await links.take("a");
    const used = links.usedAt("a") as number;
    assert.ok(used >= before && used <= Date.now());
    const { atimeMs, mtimeMs } = statSync(pathOf("a"));
    assert.equal(mtimeMs, 1_000_000);
    assert.ok(atimeMs >= before - 1);
  });

  test("that is not as it was written is removed, with its link", async () => {
    const { links, own, pathOf } = newLinks((key) => key !== "a");
    assert.equal(await links.take("a"), undefined);
    assert.deepEqual([existsSync(pathOf("a")), readdirSync(own)], [false, []]);
    assert.equal((await links.take("b"))?.bytes, 7);
  });

  test("that somebody has removed is looked for again, once nobody holds it", async () => {
    const { links, own, pathOf } = newLinks();
    const held = await links.take("a");
    for (const path of [held?.path as string, pathOf("a")]) rmSync(path);
    assert.equal((await links.take("a"))?.path, held?.path);
    writeFileSync(pathOf("b"), Buffer.alloc(9));
    (await links.take("b"))?.release();
    for (const name of readdirSync(own)) rmSync(join(own, name));
    rmSync(pathOf("b"));
    assert.equal(await links.take("b"), undefined);
  });

  test("has a version where its file system keeps the time that it was given", async () => {
    const { links, pathOf } = newLinks();
    const held = await links.take("a");
    assert.deepEqual(held?.version, { size: 5, modified: 1_000_000_000_000n });
    utimesSync(pathOf("b"), 1000, 1000.5);
    assert.equal((await links.take("b"))?.version, undefined);
  });

  test("that is not there yet is looked for again", async () => {
    const { links, pathOf } = newLinks();
    assert.equal(await links.take("c"), undefined);
    writeFileSync(pathOf("c"), "c");
    assert.equal((await links.take("c"))?.bytes, 1);
  });

  test("is found also where the thread's folder has been removed", async () => {
    const { links, own } = newLinks();
    rmSync(own, { recursive: true });
    const held = await links.take("a");
    assert.ok(held !== undefined && existsSync(held.path));
  });

  test("whose folder is none is an error, and the next one asks again", async () => {
    const { links, own } = newLinks();
    rmSync(own, { recursive: true });
    writeFileSync(own, "");
    await assert.rejects(links.take("a"), { code: "EEXIST" });
    rmSync(own);
    mkdirSync(own);
    assert.equal((await links.take("a"))?.bytes, 5);
  });

  test("is forgotten: its link goes where nobody holds it, else it stays", async () => {
    const { links, own } = newLinks();
    const held = await links.take("a");
    await links.forget("a");
    assert.ok(existsSync(held?.path as string));
    (await links.take("b"))?.release();
    await links.forget("b");
    assert.equal(readdirSync(own).length, 1);
    assert.deepEqual([links.usedAt("a"), links.usedAt("b")], [undefined, undefined]);
    await links.forget("c");
  });

  test("is taken over by its link; a second link is removed", async () => {
    const { links, own, pathOf } = newLinks();
    const paths = [links.newName(), links.newName()] as const;
    for (const path of paths) linkSync(pathOf("a"), path);
    await links.adopt("a", paths[0]);
    await links.adopt("a", paths[1]);
    assert.deepEqual(
      readdirSync(own).map((name) => join(own, name)),
      [paths[0]],
    );
    assert.deepEqual(
      [(await links.take("a"))?.path, (await links.take("a"))?.bytes],
      [paths[0], 5],
    );
  });

  test("that was taken over is in use by nobody until somebody takes it", async () => {
    const { links, pathOf, stored } = newLinks();
    const path = links.newName();
    linkSync(pathOf("a"), path);
    await links.adopt("a", path);
    assert.equal(await links.remove(stored("a")), true);
    assert.ok(!existsSync(path) && !existsSync(pathOf("a")));
  });

  test("that cannot be removed is still there", async () => {
    const { links, own } = newLinks();
    const path = join(own, "folder");
    mkdirSync(path);
    assert.equal(await links.remove({ key: "c", path, bytes: 0, used: 0, links: 1 }), false);
  });

  test("that is being removed is not there any more for who asks for it", async () => {
    const { links, stored } = newLinks();
    const removed = links.remove(stored("a"));
    assert.deepEqual([await links.take("a"), await removed], [undefined, true]);
  });

  test("notes when it was let go of, once its link goes", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 1_600_000_000_000 });
    const { links, pathOf } = newLinks();
    const held = await links.take("a");
    t.mock.timers.setTime(1_600_000_005_000);
    held?.release();
    assert.equal(links.usedAt("a"), 1_600_000_005_000);
    await links.forget("a");
    const { atimeMs, mtimeMs } = statSync(pathOf("a"));
    assert.deepEqual([atimeMs, mtimeMs], [1_600_000_005_000, 1_000_000]);
  });

  test("that nobody holds keeps its link for ten seconds", async (t) => {
    const { links, own } = newLinks();
    t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
    const held = await links.take("a");
    (await links.take("b"))?.release();
    t.mock.timers.tick(10_000);
    assert.notEqual(links.usedAt("b"), undefined, "not longer than ten seconds ago");
    t.mock.timers.tick(10_000);
    assert.equal(links.usedAt("b"), undefined);
    held?.release();
    t.mock.timers.tick(20_000);
    assert.equal(links.usedAt("a"), undefined);
    await links.take("a");
    assert.ok(readdirSync(own).length >= 1);
  });

  test("that was taken over and that nobody takes keeps its link for ten seconds", async (t) => {
    const { links, pathOf } = newLinks();
    t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
    const path = links.newName();
    linkSync(pathOf("a"), path);
    await links.adopt("a", path);
    t.mock.timers.tick(10_000);
    assert.equal(links.usedAt("a"), 1_000_000);
    t.mock.timers.tick(10_000);
    assert.equal(links.usedAt("a"), undefined);
  });
});
