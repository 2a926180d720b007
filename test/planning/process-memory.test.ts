// The memory of a process.

import assert from "node:assert/strict";
import { constants } from "node:buffer";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { runtime } from "../../src/native/runtime.js";
import { keptMemory, ownMemory } from "../../src/planning/process-memory.js";

const MIB = 2 ** 20;

/** When what tests before have kept is gone, which takes more than one collection where one object holds another's memory. */
async function settledMemory(): Promise<number> {
  let before = await keptMemory();
  for (let [again, calm] = [0, 0]; again < 50 && calm < 3; again += 1) {
    await setTimeout(10);
    const now = await keptMemory();
    calm = Math.abs(now - before) < MIB / 16 ? calm + 1 : 0;
    before = now;
  }
  return before;
}

test("own memory has no files that are mapped, be they of a disk or of a file system in memory", () => {
  const status = "VmRSS:\t  900 kB\nRssAnon:\t  100 kB\nRssFile:\t  300 kB\nRssShmem:\t  500 kB\n";
  assert.equal(ownMemory(status), 102_400);
});

test("own memory is all that is resident where the system does not tell it apart", () => {
  const rss = process.memoryUsage.rss();
  for (const status of ["", "VmRSS:\t  900 kB\n"]) {
    assert.ok(Math.abs(ownMemory(status) - rss) < 64 * MIB, `${ownMemory(status)}`);
  }
});

test("kept memory grows by what is kept, and not by garbage", async () => {
  const before = await settledMemory();
  let lost: Uint8Array | null = new Uint8Array(16 * MIB);
  assert.ok(lost.length > 0);
  lost = null;
  assert.ok(Math.abs((await keptMemory()) - before) < MIB);
  const kept = new Uint8Array(16 * MIB);
  assert.ok(Math.abs((await keptMemory()) - before - kept.length) < MIB);
});

test("kept memory has no files that are mapped", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pixtok-kept-"));
  try {
    const path = join(folder, "mapped");
    writeFileSync(path, new Uint8Array(16 * MIB));
    const before = await settledMemory();
    const mapped = runtime().addon.mapFile(path, constants.MAX_LENGTH);
    assert.equal("bytes" in mapped && mapped.bytes.byteLength, 16 * MIB);
    assert.ok(Math.abs((await keptMemory()) - before) < MIB);
    if ("bytes" in mapped) runtime().addon.unmapRange(mapped.bytes);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
