// What libtiff takes for the sampling of JPEG data, by the header of their first frame.

import assert from "node:assert/strict";
import { test } from "node:test";
import { samplingOfJpeg } from "../../src/image/decode/tiff/jpeg-sampling.js";

const segment = (marker: number, contents: readonly number[]) => [
  ...[0xff, marker, 0, contents.length + 2],
  ...contents,
];
/** Of three components, by their factors. */
const frame = (marker: number, ...factors: number[]) =>
  segment(marker, [
    ...[8, 0, 16, 0, 16, factors.length],
    ...factors.flatMap((factor, component) => [component + 1, factor, 0]),
  ]);
const START = [0xff, 0xd8];
const samplingOf = (...parts: number[][]) => samplingOfJpeg(Buffer.from([START, ...parts].flat()));

test("luma has one, two or four samples to one of chroma, in each direction", () => {
  assert.deepEqual(samplingOf(frame(0xc0, 0x22, 0x11, 0x11)), { across: 2, down: 2 });
  assert.deepEqual(samplingOf(frame(0xc2, 0x41, 0x11, 0x11)), { across: 4, down: 1 });
  for (const factors of [
    [0x31, 0x11, 0x11],
    [0x13, 0x11, 0x11],
    [0x22, 0x21, 0x11],
    [0x22, 0x11, 0x12],
    [0x22],
    [0x22, 0x11, 0x11, 0x11],
  ])
    assert.equal(samplingOf(frame(0xc0, ...factors)), null);
});

test("the frame may stand behind tables, comments and applications, and bytes between them", () => {
  const own = frame(0xc1, 0x21, 0x11, 0x11);
  const expected = { across: 2, down: 1 };
  for (const marker of [0xc4, 0xdb, 0xdd, 0xfe, 0xe0, 0xef])
    assert.deepEqual(samplingOf(segment(marker, [1, 2, 3]), own), expected);
  assert.deepEqual(samplingOf([0xff, 0xff], own), expected);
  assert.deepEqual(samplingOf([7], own), expected);
  assert.equal(samplingOf(segment(0xf0, [1]), own), null);
  assert.equal(samplingOf([0xff, 0xdb, 0, 1], own), null);
});

test("data without a frame have none", () => {
  assert.equal(samplingOf(), null);
  assert.equal(samplingOf([0xff]), null);
  assert.equal(samplingOf(frame(0xc0, 0x22, 0x11, 0x11).slice(0, -1)), null);
});
