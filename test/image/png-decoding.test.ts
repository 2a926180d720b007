// PNG files are decoded by the addon's threads, or by sharp where these decline them: with the same verdict, and
// the same bytes. What they are is compared with Pillow's in conformance.test.ts and damaged-images.test.ts.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import { ImageProcessor, type ImageProcessorOptions, runtimeInfo } from "pixtok";
import { decoderOutcomes } from "../support/decoder-outcomes.js";
import { fixture } from "../support/fixtures.js";
import { randomNumbers } from "../support/random-numbers.js";

const seed = Number(process.env.PIXTOK_TEST_SEED) || Date.now() % 2 ** 31;
const SIGNATURE_BYTES = 8;

/** So that what is behind the checksums is reached. */
function withRightChecksums(file: Buffer): Buffer {
  for (let at = SIGNATURE_BYTES; at + 12 <= file.length; ) {
    const end = at + 8 + file.readUInt32BE(at);
    if (end + 4 > file.length) break;
    file.writeUInt32BE(crc32(file.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return file;
}

function damaged(whole: Buffer, random: () => number): Buffer {
  const place = () => SIGNATURE_BYTES + Math.floor(random() * (whole.length - SIGNATURE_BYTES));
  const file = Buffer.from(whole);
  const change = Math.floor(random() * 4);
  if (change === 0) return file.subarray(0, place());
  file[place()] = Math.floor(random() * 256);
  return change === 1 ? file : withRightChecksums(file);
}

/** A chunk of a PNG file, with a checksum that is right. */
function chunk(name: string, contents: Buffer): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(name), contents, Buffer.alloc(4)]);
  bytes.writeUInt32BE(contents.length, 0);
  return withRightChecksums(Buffer.concat([Buffer.alloc(SIGNATURE_BYTES), bytes])).subarray(
    SIGNATURE_BYTES,
  );
}

/** Least lengths of chunks in front of the pixels: Pillow 13's Image.open(file).load(). */
const LEAST_LENGTHS = { sRGB: 1, gAMA: 4, tRNS: 6, acTL: 8, pHYs: 9, cHRM: 32 };

const folder = mkdtempSync(join(tmpdir(), "pixtok-png-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const names = readdirSync(fixture("images")).filter((name) => /^png-.*\.png$/.test(name));
const random = randomNumbers(seed);
for (const name of names) {
  const whole = readFileSync(fixture(`images/${name}`));
  writeFileSync(join(folder, `${name} whole`), whole);
  for (let i = 0; i < 3; i += 1)
    writeFileSync(join(folder, `${name} ${i}`), damaged(whole, random));
}

const RGB = "png-rgb.png";
for (const [name, least] of Object.entries(LEAST_LENGTHS)) {
  const whole = readFileSync(fixture(`images/${RGB}`));
  const pixels = whole.indexOf("IDAT") - 4;
  for (const length of [least - 1, least, least + 1]) {
    const added = chunk(name, Buffer.alloc(length, 1));
    const parts = [whole.subarray(0, pixels), added, whole.subarray(pixels)];
    writeFileSync(join(folder, `${name} of ${length}`), Buffer.concat(parts));
  }
}

const PALETTE = "png-p.png";
/** Pillow 13 refuses the last. */
const PALETTE_LENGTHS = [3 * 256, 3 * 257 - 1, 3 * 257] as const;
{
  const whole = readFileSync(fixture(`images/${PALETTE}`));
  const at = whole.indexOf("PLTE") - 4;
  const end = at + 12 + whole.readUInt32BE(at);
  for (const length of PALETTE_LENGTHS) {
    const colours = Buffer.concat([whole.subarray(at + 8, end - 4)], length);
    const parts = [whole.subarray(0, at), chunk("PLTE", colours), whole.subarray(end)];
    writeFileSync(join(folder, `palette of ${length}`), Buffer.concat(parts));
  }
}

const RGBA = "png-rgba.png";
const WRONG_CHECKSUM = "wrong checksum";
{
  const file = readFileSync(fixture(`images/${RGBA}`));
  const data = file.indexOf("IDAT");
  const checksum = data + 4 + file.readUInt32BE(data - 4);
  file.writeUInt8(file.readUInt8(checksum) ^ 1, checksum);
  writeFileSync(join(folder, WRONG_CHECKSUM), file);
}

/** Of an animation: its number, size and place. */
function frame(...numbers: [number: number, width: number, height: number, x: number, y: number]) {
  const contents = Buffer.alloc(26);
  for (const [at, value] of numbers.entries()) contents.writeUInt32BE(value, 4 * at);
  return chunk("fcTL", contents);
}
const packedText = (length: number) =>
  chunk("zTXt", Buffer.concat([Buffer.from("a\0\0"), deflateSync(Buffer.alloc(length, 97))]));
const animation = chunk("acTL", Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]));
const colours = chunk("PLTE", Buffer.alloc(3 * 256, 7));
const late = frame(5, 9, 9, 0, 0);
/** Chunks in front of the pixels of a file and behind them, and whether Pillow 13 opens and loads it. */
const ODD_CHUNKS: Record<
  string,
  [name: string, before: Buffer[], behind: Buffer[], opens: boolean]
> = {
  "a frame of the whole image": [RGB, [animation, frame(0, 61, 43, 0, 0)], [], true],
  "a frame that is too wide": [RGB, [animation, frame(0, 61, 43, 1, 0)], [], false],
  "a frame that is too high": [RGB, [animation, frame(0, 61, 43, 0, 1)], [], false],
  "a text of a megabyte": [RGB, [packedText(2 ** 20)], [], true],
  "a longer text": [RGB, [packedText(2 ** 20 + 1)], [], false],
  "one colour of grey that is clear": ["png-l.png", [chunk("tRNS", Buffer.alloc(2))], [], true],
  "half a colour of grey": ["png-l.png", [chunk("tRNS", Buffer.alloc(1))], [], false],
  "two palettes": [PALETTE, [colours], [], true],
  "a frame out of sequence behind a still": [RGB, [], [late], false],
  "a frame out of sequence behind an animation": [RGB, [animation], [late], true],
  "the same, declared twice": [RGB, [animation, animation], [late], false],
};
for (const [what, [name, before, behind]] of Object.entries(ODD_CHUNKS)) {
  const whole = readFileSync(fixture(`images/${name}`));
  const [pixels, end] = ["IDAT", "IEND"].map((one) => whole.indexOf(one) - 4) as [number, number];
  const parts = [whole.subarray(0, pixels), ...before, whole.subarray(pixels, end), ...behind];
  writeFileSync(join(folder, what), Buffer.concat([...parts, whole.subarray(end)]));
}

describe(`PNG files, whole and damaged by seed ${seed}`, () => {
  const onWhite = 1;
  const options: ImageProcessorOptions[] = [{}, { alpha: "white" }, { exifOrientation: true }];
  const byDecoder: Record<string, Record<string, string>[]> = {};
  before(async () => {
    for (const decoder of ["auto", "sharp"])
      byDecoder[decoder] = await decoderOutcomes(folder, decoder, options);
  });

  test("both decoders agree, also on white and turned", () => {
    assert.equal(byDecoder.auto?.length, options.length);
    assert.deepEqual(byDecoder.auto, byDecoder.sharp);
  });

  test("both open what Pillow opens of those with odd chunks", () => {
    for (const [decoder, [found = {}]] of Object.entries(byDecoder)) {
      for (const [what, [, , , opens]] of Object.entries(ODD_CHUNKS))
        assert.match(
          found[what] ?? "",
          opens ? /^[0-9a-f]{64}$/ : /^CORRUPT_IMAGE$/,
          `${decoder}: ${what}`,
        );
    }
  });

  test("both refuse a chunk that is shorter than what it has to say, and take a longer one", () => {
    for (const [decoder, [found = {}]] of Object.entries(byDecoder)) {
      for (const [name, least] of Object.entries(LEAST_LENGTHS)) {
        const outcome = (length: number) => found[`${name} of ${length}`];
        const what = `${decoder}: ${name}`;
        assert.equal(outcome(least - 1), "CORRUPT_IMAGE", what);
        assert.match(outcome(least) ?? "", /^[0-9a-f]{64}$/, what);
        assert.equal(outcome(least + 1), outcome(least), what);
      }
    }
  });

  test("both refuse a palette of 257 colours, and take one of 256 and a part of the next", () => {
    for (const [decoder, [found = {}]] of Object.entries(byDecoder)) {
      const whole = found[`${PALETTE} whole`] as string;
      const outcomes = PALETTE_LENGTHS.map((length) => found[`palette of ${length}`]);
      assert.deepEqual(outcomes, [whole, whole, "CORRUPT_IMAGE"], decoder);
    }
  });

  // which Pillow does not look at
  test("one with a wrong checksum of its pixels is put on white by both decoders", () => {
    for (const [decoder, outcomes] of Object.entries(byDecoder)) {
      const found = outcomes[onWhite] ?? {};
      assert.match(found[`${RGBA} whole`] ?? "", /^[0-9a-f]{64}$/);
      assert.equal(found[WRONG_CHECKSUM], found[`${RGBA} whole`], decoder);
    }
  });
});

const elsewhere = process.platform !== "linux" && "seen on Linux alone";

test("Node has the zlib that PNG files are decoded with", { skip: elsewhere }, () => {
  assert.match(runtimeInfo().decoder.zlib ?? "none", /^1\./);
});

// Pillow 13's Image.open(file).load()
test("data of a frame in front of the pixels have the number that is next, and may be nothing else", async () => {
  const whole = readFileSync(fixture("images/png-animated.png"));
  const pixels = whole.indexOf("IDAT") - 4;
  const withFrameData = (...bytes: number[]) =>
    Buffer.concat([
      whole.subarray(0, pixels),
      chunk("fdAT", Buffer.from(bytes)),
      whole.subarray(pixels),
    ]);
  const processor = new ImageProcessor();
  await processor.process(withFrameData(0, 0, 0, 1));
  for (const bytes of [
    [0, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 2],
  ])
    await assert.rejects(processor.process(withFrameData(...bytes)), { code: "CORRUPT_IMAGE" });
});

test("a file that is damaged says what of it is", async () => {
  const whole = readFileSync(fixture(`images/${RGB}`));
  const pixels = whole.indexOf("IDAT");
  const changed = (at: number, byte: number) => {
    const file = Buffer.from(whole);
    file.writeUInt8(byte, at);
    return withRightChecksums(file);
  };
  const header = SIGNATURE_BYTES + 8;
  const cases: [file: Buffer, reason: RegExp][] = [
    [changed(pixels + 4, 0), /its pixels cannot be unpacked/],
    [changed(header + 11, 1), /its filter method is unknown/],
    [changed(header + 3, 0), /its header declares 0 x \d+ pixels/],
    [whole.subarray(0, pixels - 4), /it ends before its pixels/],
    [whole.subarray(0, pixels + 20), /it ends within its pixels/],
  ];
  for (const [file, message] of cases)
    await assert.rejects(new ImageProcessor().process(file), { message });
});
