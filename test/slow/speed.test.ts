// What has to be fast enough to be forgotten. The limits are several times what an idle machine takes.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { blockSampler, openWebDataset, type PairSource, shuffledSampler } from "pixtok";
import { slicePosition } from "../../src/order/rank-slice.js";
import { TAR_END, tarEntry } from "../support/tar.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-speed-"));
after(() => rmSync(folder, { recursive: true }));

async function settledMemory(): Promise<number> {
  globalThis.gc?.();
  await sleep(20); // buffers are given back a little later
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Milliseconds of the processor since a call of process.cpuUsage(): whatever else it has to do does not count. */
function busySince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Milliseconds of the fastest of several runs: what else the machine does is not counted. */
function fastestOf(runs: number, work: () => void): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run += 1) {
    const start = process.cpuUsage();
    work();
    fastest = Math.min(fastest, busySince(start));
  }
  return fastest;
}

test("a permutation of two million takes under a microsecond a position, and stores nothing", async () => {
  const sampler = shuffledSampler(2_000_000, 7);
  let sum = 0;
  const before = await settledMemory();
  let position = 0;
  const milliseconds = fastestOf(20, () => {
    for (let i = 0; i < 100_000; i += 1, position += 1) sum += sampler.indexAt(position, 1);
  });
  const grown = (await settledMemory()) - before;
  assert.ok(sum > 0);
  assert.ok(milliseconds < 100, `${milliseconds} ms for 100 000 positions`);
  assert.ok(grown < 1 << 20, `${grown} bytes`);
});

test("an order by blocks takes under a microsecond a position, on one rank and on many, and keeps little of a block", async () => {
  const lengths = new Float64Array(100_000).fill(10_000);
  const before = await settledMemory();
  const sampler = blockSampler(lengths, { window: 32, seed: 7 });
  sampler.indexAt(0, 1);
  const grown = (await settledMemory()) - before;
  assert.ok(grown < 40 * lengths.length, `${grown / lengths.length} bytes a block`);
  for (const worldSize of [1, 1024]) {
    const slice = { rank: worldSize >> 1, worldSize, padded: true };
    let sum = 0;
    let i = 0;
    const milliseconds = fastestOf(20, () => {
      for (const end = i + 40_000; i < end; i += 1) {
        const position = slicePosition(i, 0, sampler.length, slice, sampler.lanes);
        sum += sampler.indexAt(position, 1);
      }
    });
    assert.ok(sum > 0);
    assert.ok(milliseconds < 40, `${milliseconds} ms for 40 000 positions`);
  }
});

test("the index of 10 000 entries opens in less than 50 ms of a processor, and takes little memory", async () => {
  const files = Array.from({ length: 5000 }, (_, i) => {
    const key = String(i).padStart(8, "0");
    return [
      tarEntry({ path: `${key}.jpg` }, "x".repeat(600)),
      tarEntry({ path: `${key}.txt` }, key),
    ];
  });
  const path = join(folder, "x.tar");
  writeFileSync(path, Buffer.concat([...files.flat(), TAR_END]));
  await openWebDataset(path);
  const before = await settledMemory();
  const sources: PairSource[] = [];
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 32; i += 1) {
    const start = process.cpuUsage();
    sources.push(await openWebDataset(path));
    fastest = Math.min(fastest, busySince(start));
  }
  const grown = (await settledMemory()) - before;
  for (const source of sources) {
    assert.equal(source.length, 5000);
    assert.equal(await source.texts?.(4999), "00004999");
  }
  const each = grown / sources.length / 10_000;
  assert.ok(each < 64, `${each.toFixed(1)} bytes an entry`);
  assert.ok(fastest < 50, `${fastest.toFixed(1)} ms`);
});
