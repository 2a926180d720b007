// The images and texts of a lock: what they are, and that they stay so. Locks of two versions are compared, which says
// nothing where their samples differ.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import sharp from "sharp";
import { pngFile } from "../../src/lock/png-file.js";
import { textOutputs } from "../../src/lock/sample-outputs.js";
import { sampleTexts } from "../../src/lock/sample-texts.js";
import { drawnImages } from "../../src/lock/synthetic-images.js";
import { matchedVersions, versionsInUse } from "../../src/lock/versions.js";
import { smallTokenizer } from "../support/pairs.js";

const digest = (...parts: readonly (string | Uint8Array)[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex").slice(0, 16);
};

test("the images of a lock stay as they are, by name, size, orientation and pixels", async () => {
  const described = (await drawnImages()).map(async ({ name, file }) => {
    const image = sharp(file);
    const { width, height, format, orientation = 1, hasAlpha } = await image.metadata();
    const facts = `${name} ${width}x${height} ${format} ${orientation} ${hasAlpha}`;
    // how a JPEG is compressed may change with what does it
    return format === "jpeg" ? facts : `${facts} ${digest(await image.raw().toBuffer())}`;
  });
  assert.deepEqual(await Promise.all(described), [
    "landscape 300x225 png 1 false 8f545344cae7b337",
    "portrait 201x322 png 1 false 312e519dcc3a7215",
    "large 420x311 png 1 false 5d42f9d61667ea49",
    "tall 150x520 png 1 false 2ae2998530acc482",
    "wide 301x67 png 1 false 36c515f412f0dc40",
    "small 17x23 png 1 false b3f81720b42ef5fe",
    "square-odd 257x257 png 1 false 27f41508312db33b",
    "grey 150x113 png 1 false fc52ff3344dfd788",
    "grey-alpha 64x80 png 1 true f89bee58acf3c5b5",
    "alpha 121x90 png 1 true 0d202a34c2705716",
    "palette-alpha 75x75 png 1 true eaacc3a49f00edd5",
    "turned-right 160x99 png 6 false 73a3fae620686cde",
    "mirrored 90x141 png 5 false 3d8a2c8ee978866d",
    "jpeg 131x97 jpeg 8 false",
  ]);
});

test("the texts of a lock stay as they are", () => {
  assert.deepEqual(
    sampleTexts.map(({ name, text, pair }) => `${name} ${digest(text, "|", pair ?? "")}`),
    [
      "plain 1cef1f73c89c0242",
      "empty cbe5cfdf7c2118a9",
      "space 9a8166e286f74227",
      "case 0449cb5cdc99fe0b",
      "numbers 2cd5fb5e13197ce0",
      "accents d6ef919f7450011e",
      "decomposed 7ed81f1609615c99",
      "writings 12cb078fb90c8d85",
      "emoji d70339b5c0517682",
      "marks 004cd72fcdcc3d0b",
      "unusual-space aa288019c4fdb5e5",
      "markup a1ffe9898f53ec86",
      "rare 0292e44f0603f564",
      "long ca7d904d7a2bc1ff",
      "pair b2c3607f29d6b0ed",
      "long-pair 89421b666db9dce4",
    ],
  );
});

test("the second text of a pair is cleaned as the first one is", async () => {
  const tokenizer = await smallTokenizer();
  const outputs = (text: string, pair: string) =>
    textOutputs(tokenizer, { clean: "alphanumeric", maxLength: 32 }, { text, pair });
  const untidy = await outputs("A dog!", "A red cat, (on a) sofa.");
  const tidy = await outputs("a dog", "a red cat on a sofa");
  assert.deepEqual(untidy.input_ids, tidy.input_ids);
  assert.deepEqual(untidy.token_type_ids, tidy.token_type_ids);
  assert.notDeepEqual(untidy.ids, tidy.ids);
});

test("a JPEG of a lock is drawn as its other images are", async () => {
  const { file } = (await drawnImages()).find(({ name }) => name === "jpeg") ?? {};
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height, info.channels], [131, 97, 3]);
  const landscape = (await drawnImages()).find(({ name }) => name === "landscape");
  const region = { left: 0, top: 0, width: 131, height: 97 };
  const drawn = await sharp(landscape?.file).extract(region).raw().toBuffer();
  const off = data.reduce((sum, value, at) => sum + Math.abs(value - (drawn[at] as number)), 0);
  assert.ok(off / data.length < 30, `${off / data.length}`);
});

describe("a PNG file", () => {
  const sizes = [
    ["grey", 1],
    ["grey-alpha", 2],
    ["rgb", 3],
    ["rgba", 4],
  ] as const;
  for (const [color, samples] of sizes) {
    test(`has its pixels: ${color}`, async () => {
      const pixels = Buffer.from(Array.from({ length: 6 * samples }, (_, i) => (i * 91) % 256));
      const file = pngFile(pixels, { width: 3, height: 2, color });
      const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
      assert.deepEqual([info.width, info.height], [3, 2]);
      // grey may come as three channels
      const isGiven = (at: number) =>
        samples > 2 || at === 0 || (samples === 2 && at === info.channels - 1);
      const found = data.filter((_, i) => isGiven(i % info.channels));
      assert.deepEqual([...found], [...pixels]);
    });
  }
});

test("a lock says which versions made it, and which its numbers are those of", () => {
  assert.deepEqual(Object.keys(versionsInUse()).slice(-2), ["sharp", "tokenizers"]);
  for (const version of Object.values(versionsInUse())) assert.match(version, /^\d+\.\d+/);
  const others = { transformers: "5.24", torchvision: "0.29", torch: "2.15", tokenizers: "0.23" };
  assert.deepEqual(matchedVersions("pillow12"), { ...others, pillow: "12.3" });
  for (const resampler of ["pillow13", "torch"] as const)
    assert.deepEqual(matchedVersions(resampler), { ...others, pillow: "13.0" });
});
