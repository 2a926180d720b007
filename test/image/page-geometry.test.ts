// How Donut's images come onto their page.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Size } from "../../src/image/output-size.js";
import { ConfigReader } from "../../src/image/pretrained/config-reader.js";
import { donut } from "../../src/image/pretrained/page-geometry.js";

const always = { do_thumbnail: true, do_pad: true, resample: 2 };

function stepsOf(keys: object, image: Size) {
  const { steps } = donut(new ConfigReader({ ...always, ...keys }, "a.json"));
  return steps?.(image);
}

const page = { height: 9, width: 5 };

test("an image is turned where it is wide and the page high, or the other way round", () => {
  const turns = (size: Size, width: number, height: number) =>
    stepsOf({ size, do_align_long_axis: true }, { width, height })?.turn;
  const across = { height: 5, width: 9 };
  assert.deepEqual([turns(page, 8, 4), turns(page, 4, 8), turns(page, 4, 4)], [true, false, false]);
  assert.deepEqual([turns(across, 8, 4), turns(across, 4, 8)], [false, true]);
  const square = { height: 5, width: 5 };
  assert.deepEqual([turns(square, 8, 4), turns(square, 4, 8)], [false, false]);
  assert.equal(stepsOf({ size: page }, { width: 8, height: 4 })?.turn, false);
});

test("an image is as large as fits onto the page; a square one is as large as the page", () => {
  const lies = (width: number, height: number) => {
    const steps = stepsOf({ size: page }, { width, height });
    return [steps?.resizes.at(-1)?.to, steps?.frame?.left, steps?.frame?.top];
  };
  assert.deepEqual(lies(10, 30), [{ width: 3, height: 9 }, 1, 0]);
  assert.deepEqual(lies(10, 8), [{ width: 5, height: 4 }, 0, 2]);
  assert.deepEqual(lies(10, 10), [{ width: 5, height: 9 }, 0, 0]);
  assert.deepEqual(lies(4, 4), [{ width: 4, height: 4 }, 0, 2]);
});

test("a page that is a list is its width and height", () => {
  const frame = stepsOf({ size: [5, 9] }, { width: 4, height: 4 })?.frame;
  assert.deepEqual(frame?.size, { width: 5, height: 9 });
});
