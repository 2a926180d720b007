import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { type ImageInput, ImageProcessor } from "pixtok";
import { fixture, readJsonLines, sha256 } from "../support/fixtures.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-range-"));
after(() => rmSync(folder, { recursive: true }));

/** One of each decoder: JPEG in the native threads, the others by sharp. */
const names = ["jpeg-420.jpg", "png-rgb.png", "webp-lossy.webp", "gif-still.gif", "tiff-rgb.tiff"];

/** All of them in one file, with other bytes between them. */
function packed() {
  const path = join(folder, "packed.bin");
  const parts: Buffer[] = [];
  let position = 0;
  const add = (part: Buffer) => {
    parts.push(part);
    position += part.length;
    return position - part.length;
  };
  const ranges = names.map((name) => {
    add(Buffer.from("\xff\xd8\xff not an image", "latin1"));
    const file = readFileSync(fixture(`images/${name}`));
    return { path, offset: add(file), length: file.length };
  });
  add(Buffer.alloc(100));
  writeFileSync(path, Buffer.concat(parts));
  return { path, ranges, size: position };
}

const { path, ranges, size } = packed();
const processor = ImageProcessor.standard();

describe("an image within another file", () => {
  test("gives the reference's pixels, by every decoder", async () => {
    const lines = readJsonLines<{ image: string; tensor: string }>(
      fixture("goldens/imagenet224.jsonl"),
    );
    for (const [i, name] of names.entries()) {
      const { pixel_values } = await processor.process(ranges[i] as ImageInput);
      assert.equal(
        sha256(pixel_values.data),
        lines.find(({ image }) => image === name)?.tensor,
        name,
      );
    }
  });

  test("may be turned by its EXIF orientation", async () => {
    const turned = new ImageProcessor({ exifOrientation: true });
    for (const name of ["jpeg-orientation-6.jpg", "png-orientation-6.png"]) {
      const whole = fixture(`images/${name}`);
      const range = { path: whole, offset: 0, length: readFileSync(whole).length };
      const [a, b] = [await turned.process(whole), await turned.process(range)];
      assert.equal(sha256(a.pixel_values.data), sha256(b.pixel_values.data), name);
    }
  });

  for (const [what, image, code] of [
    ["that is cut short", { ...ranges[0], length: 900 }, "TRUNCATED_IMAGE"],
    ["that is cut short, read by sharp", { ...ranges[1], length: 120 }, "TRUNCATED_IMAGE"],
    ["that reaches beyond the file", { path, offset: size - 10, length: 11 }, "TRUNCATED_IMAGE"],
    ["that begins beyond the file", { path, offset: 2 ** 52, length: 1 }, "TRUNCATED_IMAGE"],
    ["of absurd length", { path, offset: 0, length: 2 ** 52 }, "TRUNCATED_IMAGE"],
    ["without bytes", { path, offset: 5, length: 0 }, "EMPTY_FILE"],
    ["of zeros", { path, offset: size - 50, length: 50 }, "UNSUPPORTED_FORMAT"],
    ["in no file", { path: `${path}.none`, offset: 0, length: 9 }, "FILE_NOT_FOUND"],
    ["at no integer", { path, offset: 0.5, length: 9 }, "INVALID_IMAGE"],
    ["of negative length", { path, offset: 0, length: -1 }, "INVALID_IMAGE"],
    ["without a length", { path, offset: 0 }, "INVALID_IMAGE"],
    ["without a path", { path: 5, offset: 0, length: 1 }, "INVALID_IMAGE"],
  ] as const) {
    test(`${what} is ${code}`, async () => {
      await assert.rejects(processor.process(image as ImageInput), { code });
    });
  }

  test("names the file in errors", async () => {
    const image = { path, offset: 0, length: 2 ** 40 };
    await assert.rejects(processor.process(image), { source: path });
    await assert.rejects(processor.process({ ...image, offset: -1 }), {
      code: "INVALID_IMAGE",
      source: path,
    });
  });
});
