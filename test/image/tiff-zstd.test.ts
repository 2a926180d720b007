// Frames of ZSTD, as the program zstd writes them: `zstd [--no-check] file`. In a TIFF file other strips are behind them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { unpackZstd } from "../../src/image/decode/tiff/tiff-zstd.js";

const FRAMES: readonly [string, string, string][] = [
  ["a size of one byte, and a checksum", "abc", "28b52ffd2403190000616263990977ad"],
  ["a size of one byte", "abc", "28b52ffd2003190000616263"],
  ["no size, of a stream, and a checksum", "abc", "28b52ffd0458190000616263990977ad"],
  ["no size, of a stream", "abc", "28b52ffd0058190000616263"],
  ["a size of two bytes", "x".repeat(300), "28b52ffd602c004d00001078780100272ac002"],
  [
    "the number of no dictionary, and a size of two bytes behind it",
    "x".repeat(300),
    "28b52ffd4158002c004d00001078780100272ac002",
  ],
  ["a size of four bytes", "y".repeat(70_000), "28b52ffda07011010055000010797901006b1139c002"],
  [
    "two blocks, the last a byte that is repeated, and a checksum",
    "z".repeat(140_000),
    "28b52ffda4e0220200540000107a7a0100fbff39c0020317017a7171aa54",
  ],
];

describe("a frame of ZSTD", () => {
  for (const [what, text, frame] of FRAMES) {
    test(`with ${what} ends where it says, whatever is behind it`, async () => {
      const most = text.length;
      for (const behind of ["", "00", "28b52ffd", "ffffffffffffffffffffffff"]) {
        const packed = Buffer.from(frame + behind, "hex");
        assert.equal((await unpackZstd(packed, most, most)).toString(), text, behind);
      }
    });
  }

  test("gives as many bytes as are asked for", async () => {
    const packed = Buffer.from("28b52ffd2403190000616263990977ad", "hex");
    assert.equal((await unpackZstd(packed, 2, 3)).toString(), "ab");
  });

  for (const [what, frame, bytes] of [
    ["has another magic number", "29b52ffd2403190000616263990977ad", 3],
    ["is shorter than any", "28b52ffd20", 1],
    ["is empty", "", 1],
    ["ends within a block", "28b52ffd20031900006162", 3],
    ["ends within the header of a block", "28b52ffd20031900", 3],
    ["has fewer bytes than are asked for", "28b52ffd2003190000616263", 4],
  ] as const) {
    test(`that ${what} is refused`, async () => {
      await assert.rejects(unpackZstd(Buffer.from(frame, "hex"), bytes, bytes), {
        code: "CORRUPT_IMAGE",
        message: /its pixels (cannot be unpacked|end early)/,
      });
    });
  }
});
