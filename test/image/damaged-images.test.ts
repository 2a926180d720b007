// Damaged files of every format that is decoded outside of the native threads: each opens where Pillow
// opens it, to the same pixels. Expected values: test/goldens/make_damaged.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { ImageProcessor, PixtokError } from "pixtok";
import { fixture, readJsonLines, sha256 } from "../support/fixtures.js";

interface Damaged {
  name: string;
  damage: string;
  opens: boolean;
  width?: number;
  height?: number;
  rgb?: string;
  at: number;
  bytes: number;
}

const cases = readJsonLines<Damaged>(fixture("damaged/images.jsonl"));
const files = readFileSync(fixture("damaged/images.bin"));
const fileOf = ({ at, bytes }: Damaged): Buffer => files.subarray(at, at + bytes);

/** The pixels as they are. */
function processorFor(width: number, height: number): ImageProcessor {
  return new ImageProcessor({
    resize: null,
    centerCrop: { width, height },
    type: "uint8",
    layout: "hwc",
  });
}

async function digestOf(damaged: Damaged): Promise<string | PixtokError> {
  const { width = 1, height = 1 } = damaged;
  try {
    const { pixel_values } = await processorFor(width, height).process(fileOf(damaged));
    return sha256(pixel_values.data);
  } catch (error) {
    if (error instanceof PixtokError) return error;
    throw error;
  }
}

describe("a damaged image is judged as Pillow judges it", () => {
  for (const format of ["png", "gif", "tiff", "webp"]) {
    const some = cases.filter(({ name }) => name.startsWith(format));
    test(`${some.length} ${format} files`, async () => {
      assert.equal(some.length, 60);
      const differing: unknown[] = [];
      for (const damaged of some) {
        const found = await digestOf(damaged);
        const isAsExpected = damaged.opens ? found === damaged.rgb : found instanceof PixtokError;
        if (!isAsExpected) differing.push({ ...damaged, found: String(found) });
      }
      assert.deepEqual(differing, []);
    });
  }
});

describe("what is wrong with a damaged image follows from its own bytes", () => {
  const codesOf = async (file: Buffer): Promise<string> => {
    const [error] = await Promise.allSettled([processorFor(4, 4).process(file)]);
    assert.ok(error?.status === "rejected" && error.reason instanceof PixtokError);
    return error.reason.code;
  };
  const images = ["png-rgb.png", "webp-lossy.webp", "gif-still.gif", "tiff-rgb.tiff"];

  test("whatever is wrong with the images beside it", async () => {
    const cut = readFileSync(fixture("broken/cut.webp"));
    const corrupt = readFileSync(fixture("broken/idat-data.png"));
    const seen = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      const [first, second] = await Promise.all([
        codesOf(corrupt),
        codesOf(cut),
        codesOf(cut),
        codesOf(corrupt),
      ]);
      seen.add(`${first} ${second}`);
    }
    assert.deepEqual([...seen], ["CORRUPT_IMAGE TRUNCATED_IMAGE"]);
  });

  for (const name of images) {
    test(`${name}, cut in half, is TRUNCATED_IMAGE`, async () => {
      const file = readFileSync(fixture(`images/${name}`));
      const half = name.endsWith("tiff") ? withoutPixels(file) : file.subarray(0, file.length >> 1);
      assert.equal(await codesOf(half), "TRUNCATED_IMAGE");
    });
  }
});

/** A TIFF file whose directory is whole, and whose pixels lie behind its end. */
function withoutPixels(file: Buffer): Buffer {
  const moved = Buffer.from(file);
  const directory = file.readUInt32LE(4);
  for (let entry = 0; entry < file.readUInt16LE(directory); entry += 1) {
    const at = directory + 2 + 12 * entry;
    if (file.readUInt16LE(at) === 273) moved.writeUInt32LE(file.length - 100, at + 8);
  }
  return moved;
}
