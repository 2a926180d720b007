// What a pack says of its progress, what it removes from its folder, and which datasets it refuses.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { MultimodalDataset, packDataset } from "pixtok";
import { thisProcess } from "../../src/shared/process-identity.js";
import { tinyImage } from "../support/pairs.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-pack-folders-"));
after(() => rmSync(root, { recursive: true }));

const pixel = { data: new Uint8Array(3), width: 1, height: 1, channels: 3 as const };
/** Five rows of an image of three bytes. */
const rows = (options: object = {}) =>
  new MultimodalDataset({
    source: { length: 5, get: () => ({ image: pixel, text: "" }) },
    text: null,
    image: tinyImage,
    ...options,
  });

test("progress is of the pairs of a part, those of whole files that are there included", async () => {
  const folder = join(root, "parts");
  const said: number[][] = [];
  const pack = async (part: { index: number; of: number }) => {
    said.length = 0;
    const onProgress = (done: number, of: number) => void said.push([done, of]);
    const { pairs } = await packDataset(rows(), folder, { fileBytes: 6, part, onProgress });
    return [pairs, said.at(-1)];
  };
  // files of two, two and one
  assert.deepEqual(await pack({ index: 0, of: 1 }), [5, [5, 5]]);
  assert.deepEqual(said, [
    [2, 5],
    [4, 5],
    [5, 5],
  ]);
  assert.deepEqual(await pack({ index: 0, of: 1 }).then(([, last]) => last), [5, 5]);
  for (const file of readdirSync(folder)) {
    if (/^data-0+1-of/.test(file)) rmSync(join(folder, file));
  }
  await pack({ index: 0, of: 1 });
  assert.deepEqual(said[0], [3, 5]);
  assert.deepEqual(said.at(-1), [5, 5]);
});

test("files that a stopped run has left unfinished are removed, and no others", async () => {
  const folder = join(root, "left");
  await packDataset(rows(), folder, { fileBytes: 6, part: { index: 0, of: 3 } });
  const left = ["data-00001-of-00003.arrow", "tokenizer.json", "pixtok.lock.json", "pack", "time"];
  const unfinished = left.map((name) => `${name}.0123456789ab.incomplete`);
  const others = ["notes.0123456789ab.incomplete", "pack.0123.incomplete", "a.txt"];
  for (const name of [...unfinished, ...others]) writeFileSync(join(folder, name), "");
  await packDataset(rows(), folder, { fileBytes: 6, part: { index: 1, of: 3 } });
  const names = readdirSync(folder);
  assert.deepEqual(
    unfinished.filter((name) => names.includes(name)),
    [],
  );
  for (const name of others) assert.ok(names.includes(name), name);
});

test("what a process has left that was killed when it had just finished is removed", async () => {
  const folder = join(root, "finished");
  const part = { index: 0, of: 3 };
  await packDataset(rows(), folder, { fileBytes: 6, part });
  const files = readdirSync(folder);
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  const claim = { ...thisProcess(), pid, host: hostname(), token: "0123456789ab", terms: "{}" };
  writeFileSync(join(folder, "files-0-to-0-of-3.claim-0"), JSON.stringify(claim));
  writeFileSync(join(folder, "pixtok.lock.json.0123456789ab.incomplete"), "");
  await packDataset(rows(), folder, { fileBytes: 6, part });
  assert.deepEqual(readdirSync(folder), files);
});

test("a dataset whose rows are of several images, or of a drawn one, is refused with what it has", async () => {
  for (const [options, got] of [
    [{ maxImages: 2 }, /always the same, got "?maxImages: 2/],
    [{ onMultipleImages: "random" }, /always the same, got "?onMultipleImages: \\?"random/],
    [{ augmentation: { horizontalFlip: 0.5 } }, /one without augmentation, which is drawn anew/],
  ] as const) {
    await assert.rejects(packDataset(rows(options) as never, join(root, "none")), {
      message: got,
    });
  }
  await assert.rejects(packDataset(rows(), 5 as never), { message: /folder: .*path of a folder/ });
});
