// What is written in place of an image, by the facts of its tiles; as processors of transformers 5.24 write it
// (`_prompt_split_image` and `replace_image_token`).

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  lfm2Text,
  llama4Text,
  ovis2Text,
  partsText,
} from "../../src/vision-language/classes/tile-texts.js";

/** An image whose unit is four patches of 14 high and two wide. */
const measured = (facts: Readonly<Record<string, readonly number[]>>) => ({
  size: { width: 10, height: 20 },
  count: 1,
  units: 1,
  unit: { width: 28, height: 56 },
  facts,
});

test("tiles of Llama4 have separators between columns and after rows; one tile has none", () => {
  const text = llama4Text(14, 4);
  const tokens = "<|patch|><|patch|>";
  const whole = `<|image|>${tokens}<|image_end|>`;
  const row = `${tokens}<|tile_x_separator|>${tokens}<|tile_y_separator|>`;
  const one = `<|image_start|>${whole}`;
  assert.equal(text(measured({ aspect_ratios: [1, 1] }), 0), one);
  assert.equal(text(measured({}), 0), one);
  assert.equal(text(measured({ aspect_ratios: [1, 2] }), 0), `<|image_start|>${row}${whole}`);
  assert.equal(
    text(measured({ aspect_ratios: [3, 2] }), 0),
    `<|image_start|>${row.repeat(3)}${whole}`,
  );
  assert.equal(
    text(measured({ aspect_ratios: [2, 1] }), 0),
    `<|image_start|>${`${tokens}<|tile_y_separator|>`.repeat(2)}${whole}`,
  );
});

test("patches of Llama4 are whole ones, and so are those that they become", () => {
  const tokens = (width: number, height: number, downsampled: number) => {
    const written = llama4Text(14, downsampled)({ ...measured({}), unit: { width, height } }, 0);
    return written.split("<|patch|>").length - 1;
  };
  assert.equal(tokens(28, 28, 4), 1);
  // three by two patches, and half a row and column
  assert.equal(tokens(49, 35, 1), 6);
  assert.equal(tokens(49, 35, 4), 1);
  assert.equal(tokens(27, 41, 1), 2);
});

test("tiles of Lfm2Vl are named by their places, before the whole where there is one", () => {
  const text = lfm2Text({ image: "I", start: "<s>", end: "<e>", whole: "<w>" });
  const tiles = (rows: number, columns: number, ...shapes: number[]) =>
    text(measured({ downsampled: [2], rows: [rows], columns: [columns], shapes }), 0);
  const place = (row: number, column: number) => `<|img_row_${row}_col_${column}|>IIII`;
  assert.equal(tiles(1, 1, 3, 4), "<s>IIII<e>");
  assert.equal(tiles(1, 2, 4, 4, 4, 4), `<s>${place(1, 1)}${place(1, 2)}<e>`);
  assert.equal(tiles(2, 1, 4, 4, 4, 4, 5, 2), `<s>${place(1, 1)}${place(2, 1)}<w>III<e>`);
});

test("tiles of Ovis2 are behind the whole, also in one row or column; one tile has none", () => {
  const text = ovis2Text(2);
  const tokens = "<IMG_ATOM><IMG_ATOM>";
  const tiles = (...grids: number[]) => {
    const written = text(measured({ grids }), 0);
    const [start, end] = [`<IMG_START>${tokens}<IMG_GRID>`, "<IMG_END>"];
    assert.ok(written.startsWith(start) && written.endsWith(end), written);
    return written.slice(start.length, -end.length);
  };
  const row = `${tokens}<IMG_COL>${tokens}`;
  assert.equal(tiles(1, 1), "");
  assert.equal(tiles(1, 2), row);
  assert.equal(tiles(2, 1), `${tokens}<IMG_ROW>${tokens}`);
  assert.equal(tiles(2, 2), `${row}<IMG_ROW>${row}`);
});

test("an image of Gemma3 is itself, or itself and its crops", () => {
  const text = partsText("W");
  for (const facts of [{}, { num_crops: [0] }]) assert.equal(text(measured(facts), 0), "W");
  const before = "Here is the original image W and here are some crops to help you see better";
  assert.equal(text(measured({ num_crops: [1] }), 0), `${before} W`);
  assert.equal(text(measured({ num_crops: [2] }), 0), `${before} W W`);
});
