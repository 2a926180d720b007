// The decoder of damaged and unusual PNG files gives the pixels of others that sharp gives.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { readPngHead } from "../../src/image/decode/png/png-chunks.js";
import { decodePng } from "../../src/image/decode/png/png-pixels.js";
import { fixture } from "../support/fixtures.js";

// of fewer colours than levels, sharp shows the rest in another way than Pillow; grey of 16 bits has its own format
const others = /short-palette|-l-16bit|1x1/;
const names = readdirSync(fixture("images")).filter(
  (name) => /^png-.*\.png$/.test(name) && !others.test(name),
);

for (const name of names) {
  test(name, async () => {
    const file = readFileSync(fixture(`images/${name}`));
    const { data, width, height } = await decodePng(file, readPngHead(file));
    const expected = await sharp(file, { ignoreIcc: true })
      .toColourspace("srgb")
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    assert.deepEqual([width, height], [expected.info.width, expected.info.height]);
    assert.ok(expected.data.equals(data as Uint8Array));
  });
}

function chunk(name: string, contents: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name), contents]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(contents.length);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}

/** A file of 8 bits a channel, of rows that are filtered already. */
function pngOf(
  [width, height, colour, interlaced]: readonly [number, number, number, number],
  rows: readonly number[],
  ...before: Buffer[]
): Buffer {
  const head = Buffer.from([0, 0, 0, width, 0, 0, 0, height, 8, colour, 0, 0, interlaced]);
  const data = chunk("IDAT", deflateSync(Buffer.from(rows)));
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([
    ...[signature, chunk("IHDR", head), ...before, data],
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

test("the first row of a pass has none above it", async () => {
  const passes = [
    [1, 1],
    [1, 1],
    [2, 1],
    [2, 2],
    [4, 2],
    [4, 4],
    [8, 4],
  ] as const;
  let value = 0;
  // each row is the difference to the one above
  const rows = passes.flatMap(([columns, count]) =>
    Array.from({ length: count }, () => [
      2,
      ...Array.from({ length: columns }, () => {
        value = (value * 5 + 3) % 50;
        return value;
      }),
    ]).flat(),
  );
  const file = pngOf([8, 8, 0, 1], rows);
  const { data } = await decodePng(file, readPngHead(file));
  const expected = await sharp(file).toColourspace("srgb").removeAlpha().raw().toBuffer();
  assert.ok(expected.equals(data as Uint8Array));
});

test("passes without a column have no rows", async () => {
  // columns and rows of those that an image of 3 x 5 has: the second has none
  const passes = [
    [1, 1],
    [1, 1],
    [1, 2],
    [2, 1],
    [1, 3],
    [3, 2],
  ] as const;
  let value = 0;
  const rows = passes.flatMap(([columns, count]) =>
    Array.from({ length: count }, () => [0, ...Array.from({ length: columns }, () => value++)]),
  );
  const file = pngOf([3, 5, 0, 1], rows.flat());
  const { data } = await decodePng(file, readPngHead(file));
  const expected = await sharp(file).toColourspace("srgb").removeAlpha().raw().toBuffer();
  assert.ok(expected.equals(data as Uint8Array));
});

// as Pillow 13 shows it
test("the first frame of an animation lies where it says, on black", async () => {
  const frame = Buffer.alloc(26);
  for (const [at, number] of [0, 1, 1, 2, 1].entries()) frame.writeUInt32BE(number, 4 * at);
  const animation = chunk("acTL", Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]));
  const file = pngOf([3, 2, 2, 0], [0, 7, 8, 9], animation, chunk("fcTL", frame));
  const { data } = await decodePng(file, readPngHead(file));
  assert.deepEqual([...data], [...new Array(15).fill(0), 7, 8, 9]);
});
