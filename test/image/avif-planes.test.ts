// What an AVIF file says of its colours, in its box of them (ITU-T H.273).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { avifPlanes, isAvif } from "../../src/image/decode/avif/avif-planes.js";
import { fixture, readJsonLines } from "../support/fixtures.js";

const whole = readFileSync(fixture("images/avif-bt709.avif"));

/** The file with other numbers in its box of colours. */
function withColours(primaries: number, matrix: number, range = 0x80): Buffer {
  const file = Buffer.from(whole);
  const at = file.indexOf("nclx") + 4;
  file.writeUInt16BE(primaries, at);
  file.writeUInt16BE(matrix, at + 4);
  file.writeUInt8(range, at + 6);
  return file;
}

describe("the matrix of an AVIF file", () => {
  test("is the one that it names", () => {
    assert.ok(whole.includes("nclx"));
    for (const matrix of [0, 1, 2, 4, 5, 6, 7, 9]) {
      assert.equal(avifPlanes(withColours(1, matrix))?.matrix, matrix);
    }
  });

  test("is that of its primaries where it is derived from these", () => {
    for (const [primaries, matrix] of [
      [1, 1],
      [2, 1],
      [5, 5],
      [6, 5],
      [9, 9],
    ] as const) {
      assert.equal(avifPlanes(withColours(primaries, 12))?.matrix, matrix, `of ${primaries}`);
    }
  });

  test("is left to libheif where it is of other primaries, or YCgCo", () => {
    for (const primaries of [3, 4, 7, 8, 10]) {
      assert.equal(avifPlanes(withColours(primaries, 12)), null, `of ${primaries}`);
    }
    assert.equal(avifPlanes(withColours(1, 8)), null);
  });

  test("is none that there is not", () => {
    for (const matrix of [3, 10, 11, 13, 255]) {
      assert.throws(() => avifPlanes(withColours(1, matrix)), {
        code: "CORRUPT_IMAGE",
        message: new RegExp(`its colour matrix ${matrix} is unknown$`),
      });
    }
  });
});

test("the range of an AVIF file is whole where its highest bit says so", () => {
  for (const [range, expected] of [
    [0x80, true],
    [0xff, true],
    [0, false],
    [0x7f, false],
  ] as const) {
    assert.equal(avifPlanes(withColours(1, 1, range))?.fullRange, expected, `${range}`);
  }
});

describe("an AVIF file that is turned and mirrored", () => {
  const turned = readJsonLines<{ name: string; at: number; bytes: number }>(
    fixture("damaged/turned.jsonl"),
  );
  const { at, bytes } = turned.find(({ name }) => name === "avif 5") as (typeof turned)[number];
  const both = readFileSync(fixture("damaged/turned.bin")).subarray(at, at + bytes);

  // by quarters anticlockwise: the orientation that Pillow 13.0 with libavif 1.4.2 reads from such a file
  for (const [mirrored, axis, expected] of [
    ["top to bottom", 0, [4, 5, 2, 7]],
    ["left to right", 1, [2, 7, 4, 5]],
  ] as const) {
    test(`has the orientation that Pillow reads (${mirrored})`, () => {
      const orientations = [0, 1, 2, 3].map((quarters) => {
        const file = Buffer.from(both);
        file.writeUInt8(quarters, file.indexOf("irot") + 4);
        file.writeUInt8(axis, file.indexOf("imir") + 4);
        return avifPlanes(file)?.orientation;
      });
      assert.deepEqual(orientations, expected);
    });
  }
});

describe("a file is AVIF", () => {
  /** A box of brands, and what is behind it. */
  const brands = (major: string, compatible: readonly string[], behind = "") => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(16 + 4 * compatible.length);
    const rest = ["ftyp", major, "\0\0\0\0", ...compatible, behind].join("");
    return Buffer.concat([size, Buffer.from(rest, "latin1")]);
  };

  test("by its brand, or by a compatible one beside a brand that it shares", () => {
    for (const file of [
      brands("avif", []),
      brands("avis", ["mif1"]),
      brands("mif1", ["avif"]),
      brands("msf1", ["miaf", "avis"]),
      brands("miaf", ["mif1", "heic", "avif"]),
    ]) {
      assert.equal(isAvif(file), true, file.toString("latin1"));
    }
  });

  test("not by other brands, nor by what is behind its box of them", () => {
    for (const file of [
      brands("heic", ["avif"]),
      brands("mif1", []),
      brands("mif1", ["heic"]),
      brands("mif1", ["heic"], "avif"),
      brands("mif1", ["heic", "xavi", "f   "]),
      Buffer.from("ftypavif"),
      Buffer.alloc(0),
    ]) {
      assert.equal(isAvif(file), false, file.toString("latin1"));
    }
  });
});
