// WebP files are decoded by the addon's threads, where there is libwebp, or by sharp: with the same verdict, and the
// same bytes. What they are is compared with Pillow's in conformance.test.ts and damaged-images.test.ts.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { type ImageProcessorOptions, runtimeInfo } from "pixtok";
import { inChild } from "../support/child.js";
import { decoderOutcomes } from "../support/decoder-outcomes.js";
import { fixture } from "../support/fixtures.js";
import { randomNumbers } from "../support/random-numbers.js";

const seed = Number(process.env.PIXTOK_TEST_SEED) || Date.now() % 2 ** 31;
const HEAD_BYTES = 12;

const hasLibrary = runtimeInfo().decoder.webp !== undefined;
const missing =
  !hasLibrary &&
  "there is no libwebp: node scripts/build-platforms.mjs --webp --no-addon, for this platform";

function damaged(whole: Buffer, random: () => number): Buffer {
  const place = () => HEAD_BYTES + Math.floor(random() * (whole.length - HEAD_BYTES));
  const file = Buffer.from(whole);
  const change = Math.floor(random() * 3);
  if (change === 0) return file.subarray(0, place());
  for (let i = 0; i < change; i += 1) file[place()] = Math.floor(random() * 256);
  return file;
}

const [folder, pipes] = ["files", "pipes"].map((name) =>
  mkdtempSync(join(tmpdir(), `pixtok-webp-${name}-`)),
) as [string, string];
after(() => {
  for (const made of [folder, pipes]) rmSync(made, { recursive: true, force: true });
});

const names = readdirSync(fixture("images")).filter((name) => name.endsWith(".webp"));
const random = randomNumbers(seed);
for (const name of names) {
  const whole = readFileSync(fixture(`images/${name}`));
  writeFileSync(join(folder, `${name} whole`), whole);
  for (let i = 0; i < 5; i += 1)
    writeFileSync(join(folder, `${name} ${i}`), damaged(whole, random));
}

describe(`WebP files, whole and damaged by seed ${seed}`, { skip: missing }, () => {
  test("both decoders agree, also on white, turned, and with a limit", async () => {
    const options: ImageProcessorOptions[] = [
      {},
      { alpha: "white" },
      { exifOrientation: true },
      { maxPixels: 1000 },
    ];
    const native = await decoderOutcomes(folder, "auto", options);
    assert.deepEqual(native, await decoderOutcomes(folder, "sharp", options));
  });
});

test("WebP files do not wait for libuv's threads", { skip: missing }, async () => {
  // the only one waits for a pipe that nobody writes to
  const { value, errors } = await inChild(
    `
      const { execFileSync } = await import("node:child_process");
      const { readFile } = await import("node:fs");
      const { ImageProcessor } = await import("pixtok");
      const [folder, image] = process.argv.slice(1);
      execFileSync("mkfifo", [folder + "/pipe"]);
      readFile(folder + "/pipe", () => {});
      const { pixel_values } = await new ImageProcessor().process(image);
      console.log(JSON.stringify({ value: pixel_values.dims, peakMiB: 0 }));
      // exit() would wait for the thread
      process.kill(process.pid, "SIGKILL");
    `,
    {
      args: [pipes, fixture("images/webp-lossy.webp")],
      env: { UV_THREADPOOL_SIZE: "1" },
    },
  );
  assert.equal(errors, "");
  assert.deepEqual(value, [1, 3, 224, 224]);
});
