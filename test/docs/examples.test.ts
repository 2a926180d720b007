import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { startFileServer } from "../support/file-server.js";
import { fixture } from "../support/fixtures.js";
import { programFile, typescript } from "../support/programs.js";

async function run(name: string, ...args: string[]): Promise<string[]> {
  const program = [...typescript, programFile(`examples/${name}`)];
  const { stdout } = await promisify(execFile)(process.execPath, [...program, ...args]);
  return stdout.trim().split("\n");
}

test("minimal.ts gives every image of a folder, 64 at a time", async () => {
  const images = readdirSync(fixture("images")).filter((file) => /\.(jpe?g|png|webp)$/.test(file));
  const shapes = (n: number) => `[ ${n}, 3, 224, 224 ] [ ${n}, 128 ] [ ${n}, 128 ]`;
  assert.deepEqual(await run("minimal.ts", fixture("images"), fixture("wordpiece")), [
    shapes(64),
    shapes(images.length - 64),
  ]);
});

test("classifier.ts gives the number of each image's class", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pixtok-example-"));
  try {
    for (const [path, name] of [
      ["dog/1.png", "png-rgb.png"],
      ["cat/1.jpg", "jpeg-420.jpg"],
      ["cat/2.jpg", "jpeg-444.jpg"],
    ] as const) {
      mkdirSync(join(folder, path, ".."), { recursive: true });
      copyFileSync(fixture(`images/${name}`), join(folder, path));
    }
    const [batch, counts] = await run("classifier.ts", folder);
    assert.equal(batch, "[ 3, 3, 224, 224 ] [ 3 ]");
    assert.equal(counts, "images of each class: { '0': 2, '1': 1 }");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("out-of-memory.ts halves its batches twice and trains on every pair", async () => {
  const images = readdirSync(fixture("images")).filter((file) => /\.(jpg|png|webp)$/.test(file));
  const lines = await run("out-of-memory.ts", fixture("images"), fixture("wordpiece"));
  // 10 MB hold 16 images of 224 x 224 x 3 floats
  assert.deepEqual(lines, [
    "64 pairs are too many, going on with 32",
    "32 pairs are too many, going on with 16",
    `trained on ${images.length} of ${images.length} pairs`,
  ]);
});

test("packed.ts packs once, leaves out what cannot be read, and crops at random", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pixtok-example-"));
  try {
    const names = ["jpeg-420.jpg", "png-rgb.png", "webp-lossy.webp"];
    for (const name of names) copyFileSync(fixture(`images/${name}`), join(folder, name));
    const rows = [...names, "none.jpg"].map((name) => `${name},an image`);
    writeFileSync(join(folder, "pairs.csv"), `image,text\n${rows.join("\n")}\n`);
    const given = [join(folder, "pairs.csv"), fixture("wordpiece"), join(folder, "packed")];
    const batches = ["epoch 0: 3 x 3 x 224 x 224", "epoch 1: 3 x 3 x 224 x 224"];
    assert.deepEqual(await run("packed.ts", ...given), [
      "CSV manifest, 4 pairs",
      "packed 3 pairs, left out 1",
      "packed set, 3 pairs of 256x256 in 1 files",
      ...batches,
    ]);
    const again = await run("packed.ts", ...given);
    assert.equal(again[1], "packed 0 pairs, left out 0");
    assert.deepEqual(again.slice(3), batches);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("urls.ts fetches every image once, and leaves out what its server does not have", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pixtok-example-"));
  const server = await startFileServer();
  try {
    const names = ["jpeg-420.jpg", "png-rgb.png"];
    for (const name of names) server.files.set(`/${name}`, readFileSync(fixture(`images/${name}`)));
    const rows = [...names, "none.jpg"].map((name) => `${server.url}/${name},an image`);
    writeFileSync(join(folder, "list.csv"), `url,caption\n${rows.join("\n")}\n`);
    const given = [join(folder, "list.csv"), fixture("wordpiece"), join(folder, "cache")];
    assert.deepEqual(await run("urls.ts", ...given), [
      "epoch 0: 2 of 3 pairs",
      "epoch 1: 2 of 3 pairs",
      "pair 2: IMAGE_NOT_AVAILABLE",
      "pair 2: IMAGE_NOT_AVAILABLE",
    ]);
    const fetched = server.fetched().filter((path) => path !== "/none.jpg");
    assert.deepEqual(fetched.sort(), ["/jpeg-420.jpg", "/png-rgb.png"]);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
});

test("worker.ts gives every batch to its worker", async () => {
  const lines = await run("worker.ts");
  assert.equal(lines.length, 4);
  for (const line of lines) assert.match(line, /^16 rows, mean -?\d\.\d{4}$/);
});
