import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openParquet } from "pixtok";
import { inChild } from "../support/child.js";
import { fixture, onWindows } from "../support/fixtures.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-row-groups-"));
after(() => rmSync(root, { recursive: true }));
const context = { seed: 0, epoch: 0 };

test("row groups are read anew after the file could not be read, and kept where the file is damaged", async () => {
  const path = join(root, "changing.parquet");
  copyFileSync(fixture("parquet/hub-snappy.parquet"), path);
  utimesSync(path, 1, 1);
  const source = await openParquet(path);
  const whole = readFileSync(path);
  writeFileSync(path, whole.subarray(0, 100));
  await new Promise((resolve) => setTimeout(resolve, 1500)); // it is no longer kept open
  await assert.rejects(async () => source.get(0, context), { code: "SOURCE_CHANGED" });
  writeFileSync(path, whole);
  utimesSync(path, 1, 1);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal((await source.get(0, context)).text, "a first text");
});

test("row groups that cannot be read without file descriptors are a fault of the machine, and are read when there are some", {
  skip: onWindows("there is no ulimit"),
}, async () => {
  const path = fixture("parquet/hub-snappy.parquet");
  const { value, ended, errors } = await inChild(`
    const { openParquet, PixtokError } = await import("pixtok");
    const { closeSync, openSync } = await import("node:fs");
    const context = { seed: 0, epoch: 0 };
    const source = await openParquet(${JSON.stringify(path)});
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const open = [];
    try {
      for (;;) open.push(openSync("/dev/null"));
    } catch {}
    const { code } = await source.get(0, context).catch((error) => error);
    for (const one of open) closeSync(one);
    return [code, (await source.get(0, context)).text];
  `);
  assert.equal(ended, 0, errors);
  assert.deepEqual(value, ["OUT_OF_FILE_DESCRIPTORS", "a first text"]);
});
