// PNG files are decoded by the addon's threads, or by sharp where these decline them: with the same verdict, and
// the same bytes. What they are is compared with Pillow's in conformance.test.ts and damaged-images.test.ts.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { crc32 } from "node:zlib";
import { runtimeInfo } from "pixtok";
import { inChild } from "../support/child.js";
import { fixture } from "../support/fixtures.js";

const seed = Number(process.env.PIXTOK_TEST_SEED) || Date.now() % 2 ** 31;
const SIGNATURE_BYTES = 8;

/** Numbers from 0 to 1, from a seed (mulberry32). */
function randomNumbers(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** So that what is behind the checksums is reached. */
function withRightChecksums(file: Buffer): Buffer {
  for (let at = SIGNATURE_BYTES; at + 12 <= file.length; ) {
    const end = at + 8 + file.readUInt32BE(at);
    if (end + 4 > file.length) break;
    file.writeUInt32BE(crc32(file.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return file;
}

function damaged(whole: Buffer, random: () => number): Buffer {
  const place = () => SIGNATURE_BYTES + Math.floor(random() * (whole.length - SIGNATURE_BYTES));
  const file = Buffer.from(whole);
  const change = Math.floor(random() * 4);
  if (change === 0) return file.subarray(0, place());
  file[place()] = Math.floor(random() * 256);
  return change === 1 ? file : withRightChecksums(file);
}

const folder = mkdtempSync(join(tmpdir(), "pixtok-png-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const names = readdirSync(fixture("images")).filter((name) => /^png-.*\.png$/.test(name));
const random = randomNumbers(seed);
for (const name of names) {
  const whole = readFileSync(fixture(`images/${name}`));
  writeFileSync(join(folder, `${name} whole`), whole);
  for (let i = 0; i < 5; i += 1)
    writeFileSync(join(folder, `${name} ${i}`), damaged(whole, random));
}

/** Of each file a digest of its row, or the error's code, by the decoder that the environment names. */
async function outcomes(decoder: string, options: string): Promise<unknown> {
  const { value, errors } = await inChild(
    `
      const { createHash } = await import("node:crypto");
      const { readdirSync } = await import("node:fs");
      const { ImageProcessor } = await import("pixtok");
      const processor = new ImageProcessor({ resize: { width: 31, height: 17 }, ...${options} });
      const [folder] = process.argv.slice(1);
      const found = {};
      for (const name of readdirSync(folder)) {
        found[name] = await processor.process(folder + "/" + name).then(
          ({ pixel_values: { data } }) =>
            createHash("sha256").update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest("hex"),
          ({ code }) => code,
        );
      }
      return found;
    `,
    { args: [folder], env: { PIXTOK_DECODER: decoder } },
  );
  assert.equal(errors, "");
  return value;
}

describe(`PNG files, whole and damaged by seed ${seed}`, () => {
  for (const options of ["{}", '{ alpha: "white" }', "{ exifOrientation: true }"]) {
    test(`both decoders agree: ${options}`, async () => {
      assert.deepEqual(await outcomes("auto", options), await outcomes("sharp", options));
    });
  }
});

const elsewhere = process.platform !== "linux" && "seen on Linux alone";

test("Node has the zlib that PNG files are decoded with", { skip: elsewhere }, () => {
  assert.match(runtimeInfo().decoder.zlib ?? "none", /^1\./);
});
