// The index of many Parquet files, and of many row groups: what opening them again costs, and several processes at once.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { inChild } from "../support/child.js";
import { python, withoutPython } from "../support/python.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-parquet-index-"));
after(() => rmSync(folder, { recursive: true }));

const WRITE = `
import sys
import pyarrow as pa, pyarrow.parquet as pq
folder, files, rows, of_group = sys.argv[1], *map(int, sys.argv[2:])
for file in range(files):
    numbers = [str(row) for row in range(file * rows, (file + 1) * rows)]
    table = pa.table({"image": pa.array([b"image " + n.encode() for n in numbers]), "text": pa.array(numbers)})
    pq.write_table(table, f"{folder}/train-{file:05}-of-{files:05}.parquet", row_group_size=of_group)
`;

/** Two sets of 40 000 rows: in 2000 files, and in 20 000 row groups of 4 files. */
const ROWS = 40_000;
const sets = [
  { name: "files", files: 2000, ofGroup: 20 },
  { name: "groups", files: 4, ofGroup: 2 },
] as const;

/** Opens a set and reads some rows; gives how many there are, and what opening read, took of the processor and has in memory. */
const opening = (name: string) => `
  const { readFileSync } = await import("node:fs");
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc");
  const inUse = async () => {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20)); // buffers are given back a little later
    gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const { openSource } = await import("pixtok");
  const folder = ${JSON.stringify(join(folder, name))};
  const readUntilNow = () => Number(/rchar: (\\d+)/.exec(readFileSync("/proc/self/io", "latin1"))[1]);
  await openSource(folder); // modules are loaded
  const before = { read: readUntilNow(), memory: await inUse() };
  const start = process.cpuUsage();
  const source = await openSource(folder);
  const { user, system } = process.cpuUsage(start);
  const read = readUntilNow() - before.read;
  const memory = (await inUse()) - before.memory;
  let right = true;
  for (let i = 0; i < 500; i += 1) {
    const row = 80 * i + (i % 7);
    const { image, text } = await source.get(row, { seed: 0, epoch: 0 });
    right &&= text === String(row) && Buffer.from(image).toString() === "image " + row;
  }
  return { rows: source.length, right, read, seconds: (user + system) / 1e6, memory };
`;

interface Opened {
  rows: number;
  right: boolean;
  read: number;
  seconds: number;
  memory: number;
}

describe("many Parquet files, or many row groups", {
  skip:
    process.platform === "linux"
      ? withoutPython({ pyarrow: "26." })
      : "what a process has read is asked of Linux",
}, () => {
  before(() => {
    for (const { name, files, ofGroup } of sets) {
      mkdirSync(join(folder, name));
      const given = [join(folder, name), files, ROWS / files, ofGroup].map(String);
      execFileSync(python, ["-c", WRITE, ...given]);
    }
  });

  for (const { name, files } of sets) {
    test(`${name}: processes that open them at once are all right, and leave one index`, async () => {
      for (const { value, ended, errors } of await Promise.all(
        [1, 2, 3].map(() => inChild(opening(name))),
      )) {
        assert.equal(ended, 0, errors);
        const { rows, right } = value as Opened;
        assert.deepEqual([rows, right], [ROWS, true]);
      }
      const others = readdirSync(join(folder, name)).filter((one) => !one.endsWith(".parquet"));
      assert.deepEqual(others, [`.train-00000-of-${String(files).padStart(5, "0")}.parquet.idx`]);
    });

    test(`${name}: opened again, they read little and take little memory`, async () => {
      const { value, ended, errors } = await inChild(opening(name));
      assert.equal(ended, 0, errors);
      const { rows, right, read, seconds, memory } = value as Opened;
      assert.deepEqual([rows, right], [ROWS, true]);
      assert.ok(read < 2 ** 18, `${read} bytes read`);
      assert.ok(memory < 3 * 2 ** 20, `${memory} bytes of memory`);
      assert.ok(seconds < 0.5, `${seconds} s`); // a tenth on a quiet machine
    });
  }
});
