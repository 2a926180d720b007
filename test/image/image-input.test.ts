// What is taken for an image, and what is said of the rest.

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { type ImageInput, ImageProcessor, PixtokError } from "pixtok";
import { fixture, sha256 } from "../support/fixtures.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-input-"));
after(() => rmSync(folder, { recursive: true }));
const processor = new ImageProcessor({ resize: { width: 8, height: 8 }, type: "uint8" });

async function digestOf(image: ImageInput): Promise<string> {
  return sha256((await processor.process(image)).pixel_values.data);
}

async function errorOf(image: unknown): Promise<PixtokError> {
  try {
    await processor.process(image as ImageInput);
  } catch (error) {
    if (error instanceof PixtokError) return error;
    throw error;
  }
  return assert.fail("it was read");
}

const jpeg = fixture("images/jpeg-420.jpg");
const png = fixture("images/png-rgb.png");

describe("an image may be given as", () => {
  test("a file: URL, as a string or an object, of a path with a # in it", async () => {
    const path = join(folder, "number #1 and 100%.png");
    copyFileSync(png, path);
    const url = pathToFileURL(path);
    const expected = await digestOf(png);
    assert.equal(await digestOf(url), expected);
    assert.equal(await digestOf(url.href), expected);
    assert.equal(await digestOf(url.href.replace("file:///", "file:/")), expected); // as Java writes it
  });

  test("a data: URL of base64", async () => {
    for (const path of [jpeg, png]) {
      const data = readFileSync(path).toString("base64");
      assert.equal(await digestOf(`data:image/any;base64,${data}`), await digestOf(path));
      assert.equal(
        await digestOf(`DATA:;base64,${encodeURIComponent(data)}`),
        await digestOf(path),
      );
    }
  });

  test("bytes of shared memory", async () => {
    for (const path of [jpeg, png]) {
      const file = readFileSync(path);
      const shared = new Uint8Array(new SharedArrayBuffer(file.length));
      shared.set(file);
      assert.equal(await digestOf(shared), await digestOf(path));
    }
  });

  test("bytes of memory that may shrink, and does", async () => {
    for (const path of [jpeg, png]) {
      const file = readFileSync(path);
      const resizable = new (ArrayBuffer as unknown as ResizableBuffer)(file.length, {
        maxByteLength: 2 * file.length,
      });
      new Uint8Array(resizable).set(file);
      const digest = digestOf(new Uint8Array(resizable));
      resizable.resize(0);
      assert.equal(await digest, await digestOf(path));
    }
  });

  test("pixels in shared memory", async () => {
    const data = new Uint8Array(new SharedArrayBuffer(12));
    data.set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const pixels = { width: 2, height: 2, channels: 3 } as const;
    assert.equal(
      await digestOf({ ...pixels, data }),
      await digestOf({ ...pixels, data: Uint8Array.from(data) }),
    );
  });
});

test("pixels may begin in the middle of their memory, also as a canvas has them", async () => {
  const bytes = Uint8Array.from({ length: 15 }, (_, i) => 16 * i);
  const pixels = { width: 2, height: 2, channels: 3 } as const;
  const expected = await digestOf({ ...pixels, data: bytes.slice(3) });
  for (const Bytes of [Uint8Array, Uint8ClampedArray])
    assert.equal(await digestOf({ ...pixels, data: new Bytes(bytes.buffer, 3) }), expected);
});

type ResizableBuffer = new (
  bytes: number,
  options: { maxByteLength: number },
) => ArrayBuffer & { resize(bytes: number): void };

describe("what is no image is INVALID_IMAGE and named", () => {
  const urls = [
    "https://example.org/a.jpg",
    "http://example.org/a",
    "s3://bucket/a.jpg",
    "hf://a/b",
  ];
  for (const url of urls) {
    test(url, async () => {
      for (const image of [url, new URL(url)]) {
        const error = await errorOf(image);
        assert.equal(error.code, "INVALID_IMAGE");
        assert.match(error.message, /this is a URL; images are read from files: download it/);
        assert.match(error.message, new RegExp(url.slice(0, 20)));
      }
    });
  }

  test("a path from ~", async () => {
    const error = await errorOf("~/images/a.jpg");
    assert.equal(error.code, "INVALID_IMAGE");
    assert.match(error.message, /only a shell knows what ~ is/);
  });

  test("a data: URL that is not base64", async () => {
    assert.match((await errorOf("data:image/svg+xml,<svg/>")).message, /without base64/);
  });

  test("a file: URL of another machine", async () => {
    assert.equal((await errorOf("file://host/a.jpg")).code, "INVALID_IMAGE");
  });

  const objects: [string, unknown, RegExp][] = [
    ["a Blob", new Blob(["x"]), /new Uint8Array\(await blob\.arrayBuffer\(\)\)/],
    ["an ArrayBuffer", new ArrayBuffer(8), /ArrayBuffer: pass new Uint8Array\(buffer\)/],
    ["a SharedArrayBuffer", new SharedArrayBuffer(8), /pass new Uint8Array\(buffer\)/],
    ["a Float32Array", new Float32Array(8), /Float32Array: pass the file's bytes/],
    ["a Promise", Promise.resolve(png), /got a Promise \(await it\)/],
  ];
  for (const [name, image, message] of objects) {
    test(name, async () => {
      const error = await errorOf(image);
      assert.equal(error.code, "INVALID_IMAGE");
      assert.match(error.message, message);
    });
  }

  test("bytes whose memory was transferred", async () => {
    for (const image of [
      new Uint8Array(readFileSync(png)),
      { data: new Uint8Array(12), width: 2, height: 2, channels: 3 },
    ]) {
      structuredClone(0, {
        transfer: [("data" in image ? image.data : image).buffer as ArrayBuffer],
      });
      const error = await errorOf(image);
      assert.equal(error.code, "INVALID_IMAGE");
      assert.match(error.message, /its memory is gone/);
    }
  });
});

test("a message about a data: URL of megabytes is short", async () => {
  const error = await errorOf(`data:image/png;base64,${"A".repeat(3e6)}`);
  assert.ok(error.message.length < 400, `${error.message.length} characters`);
  assert.ok((error.source ?? "").length < 200);
});
