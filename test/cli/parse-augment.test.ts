import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { augmentationPreset } from "pixtok";
import { parseAugment } from "../../src/cli/parse-augment.js";

describe("--augment", () => {
  test("is options by their names, JSON, or a preset", () => {
    assert.deepEqual(parseAugment("randomResizedCrop,horizontalFlip:0.5"), [
      { randomResizedCrop: {}, horizontalFlip: 0.5 },
    ]);
    assert.deepEqual(parseAugment('{"horizontalFlip": 1}', ["clip"]), [
      "clip",
      { horizontalFlip: 1 },
    ]);
    assert.deepEqual(parseAugment("simclr"), ["simclr"]);
  });

  test("is a preset, and what differs from it", () => {
    assert.deepEqual(parseAugment("simclr, horizontalFlip:0,colorJitter:{}"), [
      { ...augmentationPreset("simclr"), horizontalFlip: 0, colorJitter: {} },
    ]);
  });

  test("has options behind those whose values have brackets", () => {
    const text = 'colorJitter:{"brightness":[0.5,1],"hue":0.1},randomErasing:{},horizontalFlip:0.5';
    assert.deepEqual(parseAugment(text), [
      {
        colorJitter: { brightness: [0.5, 1], hue: 0.1 },
        randomErasing: {},
        horizontalFlip: 0.5,
      },
    ]);
    const list = 'randomResizedCrop:{"scale":[0.5,1]},horizontalFlip:0.5';
    assert.deepEqual(parseAugment(list), [
      { randomResizedCrop: { scale: [0.5, 1] }, horizontalFlip: 0.5 },
    ]);
  });

  test("is refused where a preset does not stand first, or has a value", () => {
    for (const value of ["horizontalFlip:0,simclr", "simclr:1,horizontalFlip:0", "simclr,"]) {
      assert.throws(
        () => parseAugment(value),
        /The first may be a preset: "simclr,horizontalFlip:0"/,
      );
    }
  });
});
