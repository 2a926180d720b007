import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { PixtokError } from "pixtok";
import { fileMaps, sizesOf } from "../../src/native/file-maps.js";
import { nativeAddon } from "../../src/native/load-addon.js";
import { inChild } from "../support/child.js";
import { folderOf } from "../support/remote-sets.js";

const newPaths = () => {
  const folder = folderOf({ "/a": "first", "/b": "second", "/c": "", "/d": "fourth" });
  return ["a", "b", "c", "d"].map((name) => join(folder, name)) as [string, string, string, string];
};
const [first, second, empty, fourth] = newPaths();
/** Files begin at multiples of this. */
const PLACE = nativeAddon().mapGranularity();
/** Windows has no such addresses for them. */
const isTogether = process.platform !== "win32";

describe("the files of a set as memory", () => {
  test("are the bytes of each, in whatever order they are mapped", () => {
    const map = fileMaps([5, 6]);
    assert.equal(map(1, second).toString(), "second");
    assert.equal(map(0, first).toString(), "first");
  });

  test("lie in one array buffer, which is no larger than they need", { skip: !isTogether }, () => {
    const map = fileMaps([5, 6, 6]);
    const [a, b, d] = [map(0, first), map(1, second), map(2, fourth)];
    assert.equal(a.buffer, b.buffer);
    assert.equal(b.buffer, d.buffer);
    assert.deepEqual([a.byteOffset, b.byteOffset, d.byteOffset], [0, PLACE, 2 * PLACE]);
    assert.equal(d.buffer.byteLength, 3 * PLACE);
  });

  test("lie in several where one cannot have as many bytes", { skip: !isTogether }, () => {
    const map = fileMaps([5, 6, 6], PLACE + 6);
    const [a, b, d] = [map(0, first), map(1, second), map(2, fourth)];
    assert.equal(a.buffer, b.buffer);
    assert.equal(a.buffer.byteLength, PLACE + 6);
    assert.notEqual(b.buffer, d.buffer);
    assert.equal(d.toString(), "fourth");
  });

  test("are mapped alone where one is larger than an array buffer may be", () => {
    const map = fileMaps([5, 6], 5);
    assert.equal(map(1, second).buffer.byteLength, 6);
    assert.equal(map(0, first).toString(), "first");
  });

  test("are mapped alone where the system has not so many addresses", () => {
    const map = fileMaps([5, 2 ** 50], 2 ** 52);
    assert.equal(map(0, first).buffer.byteLength, 5);
    assert.equal(map(1, second).toString(), "second");
  });

  test("are mapped alone once somebody has made the array buffer empty", () => {
    const map = fileMaps([5, 6]);
    nativeAddon().unmapRange(map(0, first).buffer as ArrayBuffer);
    assert.equal(map(1, second).toString(), "second");
  });

  test("are what they are now, where they had other sizes", async () => {
    const [own, other] = newPaths();
    const map = fileMaps(await sizesOf([own, other]));
    appendFileSync(own, " and more");
    assert.equal(map(0, own).toString(), "first and more");
    assert.equal(map(1, other).toString(), "second");
  });

  test("are refused one by one, with the others there", async () => {
    const gone = `${first}.gone`;
    const paths = [first, gone, empty, second];
    assert.deepEqual(await sizesOf(paths), [5, 0, 0, 6]);
    const map = fileMaps([5, 9, 0, 6]);
    const refused = (code: string, source: string) => (error: unknown) =>
      error instanceof PixtokError && error.code === code && error.source === source;
    assert.throws(() => map(1, gone), refused("FILE_NOT_FOUND", gone));
    assert.throws(() => map(2, empty), refused("EMPTY_FILE", empty));
    assert.equal(map(3, second).toString(), "second");
    assert.equal(map(0, first).toString(), "first");
  });
});

test("parts of files that come and go make V8 look for garbage when they have doubled, not each 64 MiB", {
  skip: "bun" in process.versions,
}, async () => {
  const [path] = newPaths();
  const { value, errors } = await inChild(`
    const { truncateSync } = await import("node:fs");
    const { setImmediate: nextTurn } = await import("node:timers/promises");
    const { GCProfiler } = await import("node:v8");
    const { runtime } = await import("./dist/native/runtime.js");
    const [path, bytes] = [${JSON.stringify(path)}, 2 ** 24];
    truncateSync(path, bytes);
    const looks = [];
    for (const time of ["first", "second"]) {
      const profiler = new GCProfiler();
      profiler.start();
      const parts = [];
      for (let i = 0; i < 96; i += 1) {
        parts.push(runtime().addon.mapRange(path, bytes, 0, bytes, new Uint8Array()).bytes);
        if (i % 4 === 3) await nextTurn(); // V8 goes on with its look in turns of its own
      }
      for (const part of parts) runtime().addon.unmapRange(part);
      const found = profiler.stop().statistics;
      looks.push(found.filter(({ gcType }) => gcType === "MarkSweepCompact").length);
    }
    return looks;
  `);
  assert.ok(Array.isArray(value), errors);
  const [first, second] = value as [number, number];
  assert.ok(first <= 5, `${first} looks at first`);
  assert.ok(second <= 1, `${second} looks where there were as many before`);
});
