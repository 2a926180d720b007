// Images of bytes made here, at the limits of what their formats and options say.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { describe, test } from "node:test";
import { ImageProcessor } from "pixtok";
import { imageFacts } from "../../src/image/decode/image-facts.js";
import { requireSize } from "../../src/image/decode/image-fault.js";
import { readImageRange } from "../../src/image/decode/read-image-range.js";
import { imageSize } from "../../src/image/image-size.js";
import { inChild } from "../support/child.js";
import { fixture } from "../support/fixtures.js";

/** Gives the bytes of an image of this size. */
const sized = (width: number, height: number) =>
  new ImageProcessor({ resize: { width, height }, type: "uint8", layout: "hwc" });

test("a TIFF image of every orientation has the size of the turned image", async () => {
  const file = readFileSync(fixture("images/tiff-orientation-6.tiff"));
  const entries = file.readUInt32LE(4);
  const entry = Array.from({ length: file.readUInt16LE(entries) }, (_, i) => entries + 2 + 12 * i);
  const at = entry.find((position) => file.readUInt16LE(position) === 274);
  assert.ok(at !== undefined);
  const sizeOf = async (orientation: number) => {
    const other = Buffer.from(file);
    other.writeUInt16LE(orientation, at + 8);
    return (await imageFacts(other)).size;
  };
  const upright = await sizeOf(1);
  assert.ok(upright && upright.width !== upright.height);
  const turned = { width: upright.height, height: upright.width };
  for (const orientation of [1, 2, 3, 4, 0, 9])
    assert.deepEqual(await sizeOf(orientation), upright);
  for (const orientation of [5, 6, 7, 8]) assert.deepEqual(await sizeOf(orientation), turned);
});

describe("a GIF image on a larger canvas", () => {
  /** One pixel of index 1 in the corner of a canvas of two; the rest of it is background. */
  function gif(flags: number, transparent: number): Buffer {
    return Buffer.from([
      ...Buffer.from("GIF89a"),
      ...[2, 0, 1, 0, 0x80, 0, 0],
      ...[10, 20, 30, 40, 50, 60], // two colours
      ...[0x21, 0xf9, 4, flags, 0, 0, transparent, 0],
      ...[0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0],
      ...[2, 2, 0x4c, 0x01, 0, 0x3b],
    ]);
  }

  // Pillow 12.3: Image.open(f).convert("RGB") of these bytes
  test("has the transparent index around its image only where its flag says that there is one", async () => {
    const pixels = async (file: Buffer) => [...(await sized(2, 1).process(file)).pixel_values.data];
    assert.deepEqual(await pixels(gif(0, 1)), [40, 50, 60, 10, 20, 30]);
    assert.deepEqual(await pixels(gif(1, 1)), [40, 50, 60, 40, 50, 60]);
  });
});

test("an image may have just as many pixels as are allowed", () => {
  assert.doesNotThrow(() => requireSize(20, 10, 200));
  for (const [width, height] of [
    [201, 1],
    [67, 3],
  ] as const) {
    assert.throws(() => requireSize(width, height, 200), {
      code: "TOO_MANY_PIXELS",
      message: `the file declares ${width} x ${height} pixels, more than maxPixels = 200`,
    });
  }
});

test("a JPEG image may have more pixels than libvips reads by default, where its size alone is asked for", async () => {
  const file = readFileSync(fixture("images/jpeg-420.jpg"));
  const frame = file.indexOf(Buffer.from([0xff, 0xc0]));
  // 2^28 pixels and more, which the header declares
  file.writeUInt16BE(20_000, frame + 5);
  file.writeUInt16BE(30_000, frame + 7);
  const reading = { maxPixels: 1000, exifOrientation: false };
  assert.deepEqual(await imageSize(file, 0, reading), { width: 30_000, height: 20_000 });
});

describe("a range of a file", () => {
  const path = fixture("images/png-rgb.png");
  const file = readFileSync(path);

  test("may end where the file does, and have as many bytes as are allowed", async () => {
    const last = { path, offset: file.length - 5, length: 5 };
    assert.deepEqual(await readImageRange(last, 5), file.subarray(-5));
    assert.equal((await readImageRange({ ...last, offset: file.length, length: 0 }, 5)).length, 0);
    await assert.rejects(readImageRange({ ...last, length: 6 }, 9), { code: "TRUNCATED_IMAGE" });
    await assert.rejects(readImageRange({ ...last, offset: file.length + 1, length: 1 }, 9), {
      code: "TRUNCATED_IMAGE",
    });
    // what is not there is told before what is too large
    for (const range of [
      { ...last, length: 6 },
      { path, offset: 0, length: file.length + 1 },
    ]) {
      await assert.rejects(readImageRange(range, 5), { code: "TRUNCATED_IMAGE" });
    }
    await assert.rejects(readImageRange(last, 4, { index: 3 }), {
      code: "FILE_TOO_LARGE",
      index: 3,
      message: /the image has 5 bytes; at most 4 are read/,
    });
  });

  test("is closed, be it read or refused", { skip: !existsSync("/proc/self/fd") }, async () => {
    const opened = () =>
      readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`) === path;
        } catch {
          return false; // that of the listing itself
        }
      }).length;
    await readImageRange({ path, offset: 0, length: 9 }, 9);
    await readImageRange({ path, offset: 0, length: 9 }, 8).catch(() => {});
    await readImageRange({ path, offset: 0, length: file.length + 1 }, 8).catch(() => {});
    assert.equal(opened(), 0);
  });
});

describe("pixels", () => {
  const image = { data: new Uint8Array(4 * 3 * 2), width: 3, height: 2, channels: 4 as const };
  const of = (fields: object) => sized(3, 2).process({ ...image, ...fields } as never);

  test("have sides that are whole numbers, and bytes for each of them", async () => {
    assert.deepEqual((await of({})).pixel_values.dims, [1, 2, 3, 3]);
    for (const [name, most] of [
      ["width", undefined],
      ["height", undefined],
      ["channels", 4],
    ] as const) {
      for (const value of [0, -1, 1.5, Number.NaN, "3", null, ...(most ? [most + 1] : [])]) {
        await assert.rejects(of({ [name]: value }), {
          code: "INVALID_IMAGE",
          message: new RegExp(`image\\.${name}: expected an integer from 1 to \\d+, got `),
        });
      }
    }
    for (const length of [23, 25]) {
      await assert.rejects(of({ data: new Uint8Array(length) }), {
        code: "INVALID_IMAGE",
        message: new RegExp(`image\\.data: expected 24 bytes \\(3 x 2 x 4\\), got ${length}`),
      });
    }
  });

  test("of a range begin and end at whole numbers from 0", async () => {
    const path = fixture("images/jpeg-7x5.jpg");
    const { length } = readFileSync(path);
    assert.deepEqual(
      (await sized(7, 5).process({ path, offset: 0, length })).pixel_values.dims,
      [1, 5, 7, 3],
    );
    for (const name of ["offset", "length"] as const) {
      for (const value of [-1, 0.5, 2 ** 53, "0", undefined]) {
        await assert.rejects(
          sized(7, 5).process({ path, offset: 0, length, [name]: value } as never),
          {
            code: "INVALID_IMAGE",
            message: new RegExp(`image\\.${name}: expected an integer of at least 0, got `),
          },
        );
      }
    }
  });
});

test("an AVIF file of a size that libavif refuses is an error, and nothing is printed", async () => {
  // as Pillow 13 judges them, by the sizes that their ispe boxes declare
  const refused = [
    ...[
      [0, 0],
      [0, 5],
      [2 ** 31 - 1, 1],
      [2 ** 32 - 1, 2 ** 32 - 1],
      [65_536, 65_536],
    ],
    ...[
      [32_769, 2],
      [2, 32_769],
      [16_385, 16_384],
      [16_384, 16_385],
    ],
  ];
  const { value, errors, ended } = await inChild(
    `
    const { readFileSync } = await import("node:fs");
    const { ImageProcessor } = await import("pixtok");
    const [path, sizes] = process.argv.slice(1);
    const file = readFileSync(path);
    const size = file.indexOf("ispe") + 8;
    const codes = [];
    for (const [width, height] of JSON.parse(sizes)) {
      file.writeUInt32BE(width, size);
      file.writeUInt32BE(height, size + 4);
      codes.push(await ImageProcessor.standard().process(file).then(() => "opens", ({ code }) => code));
    }
    return codes;`,
    { args: [fixture("images/avif-420.avif"), JSON.stringify(refused)] },
  );
  assert.deepEqual(
    value,
    refused.map(() => "CORRUPT_IMAGE"),
  );
  assert.deepEqual([errors, ended], ["", 0]);
});
