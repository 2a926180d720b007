// Sets of very many pairs. In processes of their own: what node:test notes of every promise takes far longer than the work.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inChild } from "../support/child.js";

const PAIRS = 1_000_000;

const start = `
  const { filter, mix, split } = await import("pixtok");
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc");
  /** Bytes that are in use. */
  const used = () => {
    gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const settled = async () => {
    used();
    await new Promise((resolve) => setTimeout(resolve, 20)); // buffers are given back a little later
    return used();
  };
  const whole = { length: ${PAIRS}, get: (index) => ({ image: "", text: "", key: String(index) }) };
`;

async function numbersOf<T>(body: string): Promise<T> {
  const { value, errors } = await inChild(start + body);
  assert.ok(
    typeof value === "object" && value !== null && !("error" in value),
    errors || `${value}`,
  );
  return value as T;
}

test("a filter over a million pairs keeps no more than 16 bytes of each, while it is made as well", async () => {
  const { length, most, kept } = await numbersOf<Record<string, number>>(`
    const before = await settled();
    let most = 0;
    const all = await filter(whole, () => true, {
      onProgress(done) {
        if (done % 64_000 === 0) most = Math.max(most, used() - before);
      },
    });
    return { length: all.length, most, kept: (await settled()) - before };
  `);
  assert.equal(length, PAIRS);
  for (const bytes of [most, kept]) {
    assert.ok((bytes as number) < 16 * PAIRS, `${(bytes as number) / PAIRS} bytes a pair`);
  }
});

test("a mix of sets that were filtered and split takes under a microsecond a position", async () => {
  const { milliseconds, sum } = await numbersOf<Record<string, number>>(`
    const some = { ...whole, length: 200_000 };
    const half = await filter(some, (_, index) => index % 2 === 0);
    const { train } = await split(some, { train: 0.9, validation: 0.1 }, { seed: 7 });
    const { sampler } = mix([half, train, some], { weights: [1, 2, 3], seed: 7 });
    let sum = 0;
    let position = 0;
    let fastest = Infinity;
    for (let run = 0; run < 20; run += 1) {
      const before = process.cpuUsage();
      for (const end = position + 100_000; position < end; position += 1) {
        sum += sampler.indexAt(position, 1);
      }
      const { user, system } = process.cpuUsage(before);
      fastest = Math.min(fastest, (user + system) / 1000);
    }
    return { milliseconds: fastest, sum };
  `);
  assert.ok((sum as number) > 0);
  assert.ok((milliseconds as number) < 100, `${milliseconds} ms for 100 000 positions`);
});
