import assert from "node:assert/strict";
import { test } from "node:test";
import { imageFacts, imageSize } from "../../src/image/decode/image-facts.js";
import { fixture } from "../support/fixtures.js";

test("the size of a TIFF image is that of the turned image, as Pillow's", async () => {
  const upright = (await imageFacts(fixture("images/tiff-orientation-3.tiff"))).size;
  for (const orientation of [6, 7]) {
    const { size } = await imageFacts(fixture(`images/tiff-orientation-${orientation}.tiff`));
    assert.deepEqual(size, { width: upright?.height, height: upright?.width });
  }
});

test("the mode of an image is its channels, its palette, or its channels of 16 bits", async () => {
  const modeOf = async (name: string) => (await imageFacts(fixture(`images/${name}`))).mode;
  assert.deepEqual(
    await Promise.all(
      ["png-rgb.png", "png-l.png", "png-p.png", "png-l-16bit.png", "jpeg-cmyk.jpg"].map(modeOf),
    ),
    ["rgb", "grey", "palette", "grey 16-bit", "cmyk"],
  );
});

test("pixels have one digest where they are the same image alone", async () => {
  const pixels = { data: new Uint8Array(18), format: "rgb", orientation: 1 } as const;
  const digestOf = async (more: object) =>
    (await imageFacts({ ...pixels, width: 3, height: 2, ...more })).digest;
  const digest = await digestOf({});
  assert.equal(await digestOf({ data: new Uint8Array(18) }), digest);
  for (const other of [
    { width: 2, height: 3 },
    { format: "planar-rgb" },
    { data: new Uint8Array(18).fill(1) },
  ])
    assert.notEqual(await digestOf(other), digest);
});

test("an image of a damaged file has no size, and one whose file is gone is an error", async () => {
  assert.equal(await imageSize(Buffer.from("II*\0\x08\0\0\0\0\0")), null);
  await assert.rejects(imageSize("nowhere/a.png"), { code: "FILE_NOT_FOUND" });
});
