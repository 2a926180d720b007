// Where strips of TIFF files may lie, and which names deflate has.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import sharp from "sharp";
import {
  packedBlocks,
  storedBlocks,
  type TiffImage,
} from "../../src/image/decode/tiff/tiff-blocks.js";
import { type TiffCodec, tiffCodecs } from "../../src/image/decode/tiff/tiff-codecs.js";
import { TAG, tiffFormat } from "../../src/image/decode/tiff/tiff-format.js";
import { decodeTiff } from "../../src/image/decode/tiff/tiff-image.js";
import { readTiffLayout, type TiffLayout } from "../../src/image/decode/tiff/tiff-layout.js";
import { undoPredictor } from "../../src/image/decode/tiff/tiff-predictor.js";
import { fixture } from "../support/fixtures.js";

const SIGNED_LONG = 9;

/** Grey, four pixels wide and high, in two strips of these places. */
function imageOf(places: readonly number[]): TiffImage {
  const data = Buffer.alloc(4 * places.length);
  for (const [at, place] of places.entries()) data.writeInt32LE(place, 4 * at);
  const long = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    return { type: SIGNED_LONG, data: bytes };
  };
  const tags = new Map([
    [TAG.stripOffsets, { type: SIGNED_LONG, data }],
    [TAG.rowsPerStrip, long(2)],
    [TAG.bitsPerSample, long(8)],
    [TAG.photometric, long(1)],
  ] as const);
  const directory = { littleEndian: true, tags };
  const format = tiffFormat(directory);
  const rest = { width: 4, height: 4, compression: 1, isPlanar: false };
  return { file: Buffer.alloc(64), directory, format, ...rest };
}

test("strips lie behind the beginning of their file", () => {
  assert.deepEqual(
    storedBlocks(imageOf([40, 8])).map(({ offset, top, height }) => [offset, top, height]),
    [
      [8, 2, 2],
      [40, 0, 2],
    ],
  );
  assert.throws(() => storedBlocks(imageOf([40, -8])), { code: "CORRUPT_IMAGE" });
});

test("a strip may end where its file does", () => {
  const file = readFileSync(fixture("images/tiff-deflate.tiff"));
  const layout = readTiffLayout(file, 3);
  const image = { ...imageOf([0]), width: layout.width, height: layout.height };
  const rgb = { ...image, format: { ...image.format, kind: "rgb", samples: 3 } as const };
  const [offset = 0] = layout.offsets;
  const alone = { ...layout, offsets: [offset], byteCounts: [100], rows: layout.height };
  const blocksIn = (bytes: number) =>
    packedBlocks({ ...rgb, file: file.subarray(0, offset + bytes) }, alone);
  assert.equal(blocksIn(100)[0]?.bytes, 100);
  assert.throws(() => blocksIn(99), { code: "TRUNCATED_IMAGE" });
});

test("PackBits passes over the number that says nothing", async () => {
  const { unpack } = tiffCodecs.get(32773) as TiffCodec;
  const packed = Buffer.from([128, 1, 5, 6, 128, 254, 7]);
  assert.deepEqual(
    (await unpack([packed], [5], 5)).map((bytes) => [...bytes]),
    [[5, 6, 7, 7, 7]],
  );
});

test("deflate is the same by its older number", async () => {
  const file = readFileSync(fixture("images/tiff-deflate.tiff"));
  const expected = await decodeTiff(file, 1e6);
  const [adobe, older] = [8, 32946].map((number) => {
    const entry = Buffer.alloc(12);
    for (const [at, value] of [TAG.compression, 3, 1, 0, number].entries())
      entry.writeUInt16LE(value, 2 * at);
    return entry;
  }) as [Buffer, Buffer];
  const at = file.indexOf(adobe);
  assert.ok(at > 0);
  older.copy(file, at);
  const { data } = await decodeTiff(file, 1e6);
  assert.deepEqual(Buffer.from(data), Buffer.from(expected.data));
});

test("floats by differences lie as the file's byte order is, the highest bytes first", () => {
  // 1.5 and -2 are 3fc00000 and c0000000: bytes of a kind together, each less the one before
  const stored = [0x3f, 0x81, 0x00, 0x40, 0x00, 0x00, 0x00, 0x00];
  const { directory, format, ...rest } = imageOf([8]);
  for (const littleEndian of [true, false]) {
    const samples = Buffer.from([...stored, ...stored]);
    const kind = { ...format, kind: "float", bits: 32 } as const;
    const layout = { predictor: 3, compression: 8, isPlanar: false } as TiffLayout;
    undoPredictor(
      samples,
      8,
      { ...rest, directory: { ...directory, littleEndian }, format: kind },
      layout,
    );
    const floats = [0, 4, 8, 12].map((at) =>
      littleEndian ? samples.readFloatLE(at) : samples.readFloatBE(at),
    );
    assert.deepEqual(floats, [1.5, -2, 1.5, -2]);
  }
});

test("a blank page is read, however few its bytes are", async () => {
  const page = sharp({ create: { width: 400, height: 400, channels: 3, background: "white" } });
  for (const compression of ["lzw", "deflate", "packbits"] as const) {
    const file = await page.tiff({ compression, predictor: "none" }).toBuffer();
    const { data } = await decodeTiff(file, 1e6);
    assert.ok(Buffer.alloc(3 * 400 * 400, 255).equals(data as Uint8Array), compression);
  }
});
