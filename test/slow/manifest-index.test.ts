// The index of a large manifest: what opening it costs, and several processes and threads at once.

import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inChild } from "../support/child.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-manifest-index-"));
after(() => rmSync(folder, { recursive: true }));

const ROWS = 6_000_000;
const BLOCK = 100_000;
const path = join(folder, "pairs.jsonl");

before(() => {
  const rows = Array.from(
    { length: BLOCK },
    (_, row) => `{"image":"${row}.jpg","text":"${row}"}\n`,
  );
  const block = Buffer.from(rows.join(""));
  const file = openSync(path, "w");
  for (let row = 0; row < ROWS; row += BLOCK) writeSync(file, block);
  closeSync(file);
});

/** Opens the manifest and reads some rows; gives how many there are, and what opening read and took in memory. */
const OPENING = `
  const { readFileSync } = await import("node:fs");
  const { openManifest } = await import("pixtok");
  const counted = (file, name) => {
    const found = new RegExp(name + ":\\\\s*(\\\\d+)").exec(readFileSync("/proc/self/" + file, "latin1"));
    return Number(found[1]);
  };
  const before = { read: counted("io", "rchar"), memory: counted("status", "VmRSS") };
  const source = await openManifest(${JSON.stringify(path)});
  const read = counted("io", "rchar") - before.read;
  const memory = 1024 * (counted("status", "VmRSS") - before.memory);
  let right = true;
  for (let i = 0; i < 1000; i += 1) {
    const row = Math.floor((i * ${ROWS}) / 1000) + (i % 7);
    right &&= (await source.texts(row)) === String(row % ${BLOCK});
  }
`;

const skip = process.platform !== "linux" && "what a process has read is asked of Linux";

test("processes that open a manifest at once for the first time are all right, and leave one index", {
  skip,
}, async () => {
  const opening = () => inChild(`${OPENING} return [source.length, right];`);
  for (const { value, ended, errors } of await Promise.all([opening(), opening(), opening()])) {
    assert.equal(ended, 0, errors);
    assert.deepEqual(value, [ROWS, true]);
  }
  assert.deepEqual(readdirSync(folder).sort(), ["pairs.jsonl", "pairs.jsonl.idx"]);
});

test("the second opening reads little of 200 MB, and takes little memory", { skip }, async () => {
  const { value, ended, errors } = await inChild(
    `${OPENING} return [source.length, right, read, memory];`,
  );
  assert.equal(ended, 0, errors);
  const [rows, right, read, memory] = value as [number, boolean, number, number];
  assert.deepEqual([rows, right], [ROWS, true]);
  assert.ok(read < 2 ** 21, `${read} bytes read`); // modules, which are loaded then, included
  assert.ok(memory < 32 * 2 ** 20, `${memory} bytes of memory`);
});

test("threads of a process share it", { skip }, async () => {
  const { value, ended, errors } = await inChild(`
    const { Worker } = await import("node:worker_threads");
    const code = ${JSON.stringify(`(async () => {
      const { parentPort } = await import("node:worker_threads");
      ${OPENING}
      parentPort.postMessage([source.length, right]);
    })()`)};
    const answers = [1, 2].map(() => new Promise((resolve, reject) => {
      const worker = new Worker(code, { eval: true });
      worker.on("message", resolve);
      worker.on("error", reject);
    }));
    return Promise.all(answers);
  `);
  assert.equal(ended, 0, errors);
  assert.deepEqual(value, [
    [ROWS, true],
    [ROWS, true],
  ]);
});
