// What rows of tokens become: tensors of a batch, and columns of a packed set.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Tensor } from "pixtok";
import type { ModelCore } from "../../src/vision-language/model-core.js";
import { modelFields } from "../../src/vision-language/model-fields.js";
import {
  rowOfColumns,
  tokenColumnNames,
  tokenColumns,
} from "../../src/vision-language/row-columns.js";
import { type EncodedRow, rowTensors } from "../../src/vision-language/row-tensors.js";

const row = (ids: number[], learned: number[] | null = null): EncodedRow => ({
  ids: Int32Array.from(ids),
  typeIds: Int32Array.from(ids, (_, at) => at % 2),
  learned: learned && Int32Array.from(learned),
});
const numbers = (tensor: { data: ArrayLike<number | bigint> } | undefined) =>
  tensor && Array.from(tensor.data, Number);

describe("tensors of rows", () => {
  const rows = [row([7, 8, 9], [0, 1, 1]), row([5])];
  const layout = { length: 4, padId: 2, typeIds: true, masks: true, labels: true };
  const of = (more: { type?: "int32" | "int64"; paddingSide?: "left" | "right" } = {}) =>
    rowTensors(rows, {
      ...layout,
      type: "int32",
      paddingSide: "right",
      types: { mm_token_type_ids: new Set([8]) },
      ...more,
    });

  test("are filled up on either side", () => {
    const right = of();
    assert.deepEqual(numbers(right.input_ids), [7, 8, 9, 2, 5, 2, 2, 2]);
    assert.deepEqual(numbers(right.attention_mask), [1, 1, 1, 0, 1, 0, 0, 0]);
    assert.deepEqual(numbers(right.token_type_ids), [0, 1, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(numbers(right.mm_token_type_ids), [0, 1, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(numbers(right.assistant_masks), [0, 1, 1, 0, 0, 0, 0, 0]);
    assert.deepEqual(numbers(right.labels), [-100, 8, 9, -100, -100, -100, -100, -100]);
    const left = of({ paddingSide: "left" });
    assert.deepEqual(numbers(left.input_ids), [2, 7, 8, 9, 2, 2, 2, 5]);
    assert.deepEqual(numbers(left.labels), [-100, -100, 8, 9, -100, -100, -100, -100]);
    assert.deepEqual(left.labels?.dims, [2, 4]);
  });

  test("have the type that is asked for, in memory of their own size", () => {
    const sizes: number[] = [];
    const allocate = (bytes: number) => {
      sizes.push(bytes);
      return new Uint8Array(new ArrayBuffer(bytes + 16), 8, bytes);
    };
    for (const type of ["int32", "int64"] as const) {
      const { labels } = rowTensors(rows, {
        ...{ ...layout, typeIds: false, masks: false },
        ...{ type, paddingSide: "right", types: {}, allocate },
      });
      assert.deepEqual(numbers(labels), [-100, 8, 9, -100, -100, -100, -100, -100]);
      assert.deepEqual([labels?.type, labels?.data.byteOffset], [type, 8]);
    }
    assert.deepEqual(sizes, [32, 32, 32, 64, 64, 64]);
    assert.ok(of({ type: "int64" }).labels?.data instanceof BigInt64Array);
  });

  test("are those alone that are wanted", () => {
    const plain = rowTensors(rows, {
      ...{ ...layout, typeIds: false, masks: false, labels: false },
      ...{ type: "int32", paddingSide: "right", types: {} },
    });
    assert.deepEqual(Object.keys(plain), ["input_ids", "attention_mask"]);
  });
});

describe("columns of tokens", () => {
  const core = (types: object, inputs: string[] = []) =>
    ({ types, model: { names: { inputs } } }) as unknown as ModelCore;
  const [plain, typed] = [core({}), core({}, ["token_type_ids"])];
  const ofImages = core({ token_type_ids: new Set([9]), mm_token_type_ids: new Set([7]) });
  const both = { labels: true };

  test("are those that rows have tensors of, each once", () => {
    assert.deepEqual(tokenColumnNames(plain, { labels: false }), ["input_ids"]);
    assert.deepEqual(tokenColumnNames(typed, both), ["input_ids", "labels", "token_type_ids"]);
    const again = core({ token_type_ids: new Set() }, ["token_type_ids"]);
    assert.deepEqual(tokenColumnNames(again, both), ["input_ids", "labels", "token_type_ids"]);
  });

  test("have a class's types of images, else the tokenizer's", () => {
    const listed = (of: ModelCore) =>
      Object.entries(tokenColumns(of, row([7, 8, 9], [0, 1, 0]), both)).map(([name, ids]) => [
        name,
        ...ids,
      ]);
    assert.deepEqual(listed(typed), [
      ["input_ids", 7, 8, 9],
      ["labels", -100, 8, -100],
      ["token_type_ids", 0, 1, 0],
    ]);
    assert.deepEqual(listed(ofImages).slice(2), [
      ["token_type_ids", 0, 0, 1],
      ["mm_token_type_ids", 1, 0, 0],
    ]);
    const { labels } = tokenColumns(plain, row([7]), both);
    assert.deepEqual([...(labels ?? [])], [-100]);
  });

  test("are rows again", () => {
    const given = row([7, 8, 9], [0, 1, 1]);
    assert.deepEqual(rowOfColumns(tokenColumns(typed, given, both)), given);
    const { ids, typeIds, learned } = rowOfColumns({ input_ids: Int32Array.of(7, 8) });
    assert.deepEqual([[...ids], [...typeIds], learned], [[7, 8], [0, 0], null]);
  });
});

describe("what a batch has of images", () => {
  const core = (more: object) => {
    const tokenizer = { tokenToId: () => 9 };
    const model = { class: more, tokenizer, writing: { place: "<i>" } };
    return { model } as unknown as ModelCore;
  };
  const ids = {
    type: "int32" as const,
    data: Int32Array.of(9, 1, 9, 1, 9, 1, 1, 1),
    dims: [2, 4],
  } satisfies Tensor;
  // two texts in the first row, and one in the second
  const texts = { ids, starts: [[0, 2], [0]] };

  test("is all but what no model takes", () => {
    const given = { pixel_values: 1, num_tiles: [[1]], extra: 2 };
    assert.deepEqual(modelFields(core({ unused: ["extra"] }), given, texts), {
      pixel_values: 1,
      num_tiles: [[1]],
    });
  });

  test("has a mask of which text looks at which image, where the class has one", () => {
    const mask = { dims: [2, 2, 3] };
    const given = { num_tiles: [[1, 3], [2]], aspect_ratio_mask: mask };
    const { cross_attention_mask: looking } = modelFields(
      core({ crossAttention: true }),
      given,
      texts,
    );
    assert.deepEqual(looking?.dims, [2, 4, 2, 3]);
    const seen = Array.from({ length: 8 }, (_, token) =>
      Array.from(looking?.data.slice(6 * token, 6 * token + 6) ?? [], Number).join(""),
    );
    const [one, three, two] = ["100000", "000111", "110000"];
    assert.deepEqual(seen, [one, one, three, three, two, two, two, two]);
    const without = modelFields(
      core({ crossAttention: true }),
      { num_tiles: [[1, 1], [1]] },
      texts,
    );
    assert.deepEqual(without.cross_attention_mask?.dims, [2, 4, 2, 1]);
  });
});
