// One verdict on damaged JPEG files, Pillow's, is held against its goldens by conformance.test.ts on
// both decoders. What is here are the addon's refusals, and memory that threads cannot rely upon.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { ImageProcessor } from "pixtok";
import { nativeAddon } from "../../src/native/load-addon.js";
import { fixture } from "../support/fixtures.js";

const addon = nativeAddon();
const whole = readFileSync(fixture("images/jpeg-420.jpg"));
const processor = new ImageProcessor({ resize: { width: 20, height: 15 }, type: "uint8" });

describe("a damaged JPEG file", () => {
  test("in which a warning comes before an error never shows an earlier image", async () => {
    for (const name of ["junk-then-no-quantization", "app0-length-bit", "junk-then-bad-huffman"]) {
      await processor.process(whole);
      await assert.rejects(processor.process(fixture(`broken/jpeg-${name}.jpg`)), {
        code: "CORRUPT_IMAGE",
      });
    }
  });

  test("is the same pixels whatever was decoded before it", async () => {
    const path = fixture("broken/jpeg-marker-in-scan-d9.jpg");
    const others = ["jpeg-420.jpg", "jpeg-cmyk.jpg", "jpeg-500x375.jpg", "jpeg-progressive.jpg"];
    const seen: Uint8Array[] = [];
    for (const other of others) {
      await processor.process(fixture(`images/${other}`));
      seen.push((await processor.process(path)).pixel_values.data as Uint8Array);
    }
    for (const pixels of seen) assert.deepEqual(pixels, seen[0]);
  });

  test("is judged by the addon for decoders that are not its own", async () => {
    assert.equal(await addon.jpegVerdict(whole, 1e9), null);
    const verdict = async (file: Uint8Array, maxPixels = 1e9) =>
      (await addon.jpegVerdict(file, maxPixels))?.code;
    assert.equal(await verdict(whole.subarray(0, whole.length / 2)), "TRUNCATED_IMAGE");
    const broken = readFileSync(fixture("broken/jpeg-no-quantization.jpg"));
    assert.equal(await verdict(broken), "CORRUPT_IMAGE");
    assert.equal(await verdict(whole, 150 * 100 - 1), "TOO_MANY_PIXELS");
  });
});

describe("memory that can change under a thread is refused with a clear error", () => {
  const { buffer: shared } = new Uint8Array(new SharedArrayBuffer(whole.length));
  new Uint8Array(shared).set(whole);
  const options = { maxByteLength: 2 * whole.length };
  const resizable: ArrayBuffer = Reflect.construct(ArrayBuffer, [whole.length, options]);
  new Uint8Array(resizable).set(whole);
  for (const [name, memory, expected] of [
    ["shared", new Uint8Array(shared), /expected memory that is not shared/],
    ["resizable", new Uint8Array(resizable), /expected memory whose size cannot change/],
    ["of other numbers", new Float64Array(100), /expected a typed array of another type/],
  ] as const) {
    test(name, () => {
      const bytes = memory as Uint8Array;
      const refusal = { name: "TypeError", message: expected };
      assert.throws(() => addon.jpegOrientation(bytes), refusal);
      assert.throws(() => addon.jpegVerdict(bytes, 1e9), refusal);
      assert.throws(() => addon.exifOrientation(bytes, null), refusal);
      assert.throws(() => addon.countBytes(bytes, 12, [0]), refusal);
    });
  }

  test("no array at all", () => {
    for (const value of [undefined, 1, "text", {}, [1]]) {
      const bytes = value as unknown as Uint8Array;
      assert.throws(() => addon.jpegOrientation(bytes), {
        name: "TypeError",
        message: /file: expected a typed array/,
      });
    }
  });
});

describe("an orientation of EXIF data", () => {
  const six = Buffer.from("49492a0008000000010012010300010000000600000000000000", "hex");

  test("is read from a TIFF structure, with or without its header, and from XMP", () => {
    assert.equal(addon.exifOrientation(six, null), 6);
    assert.equal(addon.exifOrientation(Buffer.concat([Buffer.from("Exif\0\0"), six]), null), 6);
    assert.equal(addon.exifOrientation(null, Buffer.from('tiff:Orientation="8"')), 8);
    assert.equal(addon.exifOrientation(null, null), 1);
  });

  test("is read from all EXIF segments of a JPEG file together", () => {
    const segment = (body: Buffer): Buffer => {
      const head = Buffer.from([0xff, 0xe1, 0, 0]);
      head.writeUInt16BE(body.length + 2, 2);
      return Buffer.concat([head, body]);
    };
    const part = (bytes: Buffer) => segment(Buffer.concat([Buffer.from("Exif\0\0"), bytes]));
    const file = Buffer.concat([
      whole.subarray(0, 2),
      part(six.subarray(0, 11)),
      part(six.subarray(11)),
      whole.subarray(2),
    ]);
    assert.equal(addon.jpegOrientation(file), 6);
    assert.equal(addon.jpegOrientation(whole), 1);
    assert.equal(addon.jpegOrientation(Buffer.from("no JPEG")), 1);
    assert.equal(addon.jpegOrientation(Buffer.concat([whole.subarray(0, 2), part(six)])), 1);
  });
});
