// Values of columns, every text of an image, walks through a dataset: apart from the batches that they end in.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MultimodalDataset, type PairSource, PixtokError, type Tokenizer } from "pixtok";
import { columnValues } from "../../src/dataset/column-values.js";
import { requireDataset, walkDataset, walkOrder } from "../../src/dataset/dataset-walk.js";
import { chooseText, everyText } from "../../src/dataset/multiple-texts.js";
import { inOrder } from "../../src/dataset/ordered-work.js";
import { readColumnTypes } from "../../src/sources/column-types.js";
import { smallTokenizer } from "../support/pairs.js";

const where = { index: 4, source: "a.csv#row 5" };
const read = (type: unknown, value: unknown, names: readonly string[] = []) => {
  const classes: Record<string, readonly string[]> = names.length > 0 ? { a: names } : {};
  return columnValues(readColumnTypes("columns", { a: type }), { a: value }, classes, where)[0];
};
const refused = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError);
  assert.deepEqual([error.code, error.index], ["INVALID_COLUMN", 4]);
  assert.match(error.message, message);
  return true;
};

describe("a column's value", () => {
  test("is a copy of an array that its source may write to", () => {
    const own = Float32Array.of(1, 2);
    const value = read({ type: "float32", shape: [2] }, own);
    own[0] = 5;
    assert.deepEqual(value, Float32Array.of(1, 2));
  });

  test("is of no class where only every object has something of the column's name", () => {
    const columns = readColumnTypes("columns", { constructor: "string" });
    assert.deepEqual(columnValues(columns, { constructor: 3 }, {}, where), ["3"]);
  });

  test("is an integer of its type, to its limits", () => {
    const limits = { uint8: [0n, 255n], int32: [-(2n ** 31n), 2n ** 31n - 1n] };
    const long = { int64: [-(2n ** 63n), 2n ** 63n - 1n] };
    for (const [type, [least, most]] of Object.entries({ ...limits, ...long })) {
      for (const value of [least, most] as bigint[]) assert.deepEqual(read(type, value), [value]);
      const message = new RegExp(`a: expected an integer from ${least} to ${most}, got`);
      for (const value of [(least as bigint) - 1n, (most as bigint) + 1n, 1.5, "x", "1.5", {}, []])
        assert.throws(() => read(type, value), refused(message));
    }
    assert.throws(() => read("int64", 2 ** 53), refused(/integer from/));
    assert.deepEqual(read("int64", 2 ** 53 - 1), [2 ** 53 - 1]);
    assert.deepEqual(read("uint8", true), [1]);
    assert.deepEqual(read("uint8", "false"), [0]);
    assert.deepEqual(read("int32", " 7 "), [7n]);
  });

  test("is a number, from a text, too", () => {
    for (const [value, number] of [
      [1.5, 1.5],
      [2n, 2],
      ["2.5", 2.5],
      ["3", 3],
      ["nan", Number.NaN],
      [false, 0],
    ])
      assert.deepEqual(read("float32", value), [number]);
    for (const value of ["x", "", {}, [1]])
      assert.throws(() => read("float32", value), refused(/a: expected a number, got/));
  });

  test("has its column's shape: lists, lists in texts, and flat typed arrays", () => {
    const matrix = { type: "float32", shape: [2, 3] };
    const numbers = [1, 2, 3, 4, 5, 6];
    for (const value of [
      ...[
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        "[[1, 2, 3], [4, 5, 6]]",
        Float64Array.from(numbers),
      ],
      [Uint8Array.of(1, 2, 3), [4, 5, 6]],
    ]) {
      assert.deepEqual(read(matrix, value), numbers);
    }
    for (const value of [
      numbers,
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      "[1, 2",
      Float64Array.of(1, 2),
      5,
      new DataView(new ArrayBuffer(6)),
    ])
      assert.throws(() => read(matrix, value), refused(/expected numbers of shape \[2, 3\], got/));
    const row = { type: "uint8", shape: [2] };
    assert.deepEqual(read(row, Uint8Array.of(1, 2)), Uint8Array.of(1, 2));
    assert.deepEqual(read(row, "[1, 2]"), [1, 2]);
    assert.throws(() => read(row, [1, 256]), refused(/from 0 to 255, got 256/));
  });

  test("is a string, or the name of its class", () => {
    assert.equal(read("string", "x"), "x");
    assert.deepEqual(
      [read("string", 7), read("string", 7n), read("string", true)],
      ["7", "7", "true"],
    );
    assert.equal(read("string", 2 ** 53 - 1), "9007199254740991");
    assert.throws(() => read("string", 2 ** 53), refused(/a whole number up to 2\^53, or a text/));
    assert.throws(() => read("string", [1]), refused(/expected a string, got/));
    assert.deepEqual(
      [read("string", 1, ["cat", "dog"]), read("string", 0n, ["cat"])],
      ["dog", "cat"],
    );
    for (const number of [2, -1, 0.5])
      assert.throws(() => read("string", number, ["cat", "dog"]), refused(/one of 2 classes, got/));
  });

  test("is there, unless it is JSON", () => {
    assert.deepEqual([read("json", undefined), read("json", null)], [null, null]);
    assert.deepEqual(read("json", { b: 1 }), { b: 1 });
    for (const value of [undefined, null])
      assert.throws(() => read("string", value), refused(/a: there is no value/));
    const types = readColumnTypes("columns", { toString: "string" });
    assert.throws(() => columnValues(types, {}, {}, where), refused(/toString: there is no value/));
    assert.throws(
      () => columnValues(types, undefined, {}, where),
      refused(/the source gives no columns; .*its option columns names them/),
    );
  });
});

describe("every text of an image", () => {
  const texts = [["a", "b"], "c", ["d"]];
  const source: PairSource = {
    length: 3,
    fingerprint: "f",
    get: (index) => ({ image: `${index}.jpg`, text: texts[index] as string[] }),
  };
  const context = { seed: 0, epoch: 0 };

  test("is counted by a source that is given a context, as for any of its pairs", async () => {
    const asked: unknown[] = [];
    const counting: PairSource["texts"] = (index, own) => {
      asked.push([own?.seed, own?.epoch, own?.signal instanceof AbortSignal]);
      return texts[index] as string[];
    };
    await everyText({ ...source, texts: counting });
    assert.deepEqual(asked, Array(3).fill([0, 0, true]));
  });

  test("is a pair of its own, in the order of the images", async () => {
    for (const one of [source, { ...source, texts: (index: number) => texts[index] as string[] }]) {
      const pairs = await everyText(one);
      assert.deepEqual([pairs.length, pairs.fingerprint], [4, "every text of f"]);
      assert.match(pairs.description ?? "", /4 with every text of an image/);
      const found = await Promise.all([0, 1, 2, 3].map((i) => pairs.get(i, context)));
      assert.deepEqual(
        found.map(({ image, text }) => [image, text]),
        [
          ["0.jpg", "a"],
          ["0.jpg", "b"],
          ["1.jpg", "c"],
          ["2.jpg", "d"],
        ],
      );
      assert.deepEqual(await Promise.all([0, 1, 2, 3].map((i) => pairs.texts?.(i))), [
        "a",
        "b",
        "c",
        "d",
      ]);
    }
  });

  test("is in its image's block, also beside blocks that are empty", async () => {
    const blockLengths = () => [1, 0, 2];
    const pairs = await everyText({ ...source, blockLengths });
    assert.deepEqual(Array.from(pairs.blockLengths?.() ?? []), [2, 0, 2]);
    const later = await everyText({ ...source, blockLengths: () => [0, 3] });
    assert.deepEqual(Array.from(later.blockLengths?.() ?? []), [0, 4]);
  });

  test("that cannot be read is one pair, whose error names it", async () => {
    const get: PairSource["get"] = (index) => {
      if (index === 1)
        throw new PixtokError("EMPTY_FILE", "it is empty", { source: "1.txt", index: 1 });
      return source.get(index, context);
    };
    const pairs = await everyText({ ...source, get });
    assert.equal(pairs.length, 4);
    const named = { code: "EMPTY_FILE", index: 2 };
    await assert.rejects(async () => pairs.get(2, context), named);
    await assert.rejects(async () => pairs.texts?.(2), named);
  });

  test("is the first, or one of all by seed, epoch and index", () => {
    const many = Array.from({ length: 300 }, (_, index) => index);
    const drawn = (seed: number, epoch: number) =>
      many.map((index) => chooseText(3, "random", index, { seed, epoch }));
    assert.ok(
      many.every((index) => chooseText(3, "first", index, { seed: 1, epoch: index }) === 0),
    );
    assert.deepEqual([...new Set(drawn(1, 0))].sort(), [0, 1, 2]);
    assert.deepEqual(drawn(1, 0), drawn(1, 0));
    assert.notDeepEqual(drawn(1, 0), drawn(2, 0));
    assert.notDeepEqual(drawn(1, 0), drawn(1, 1));
  });
});

describe("a walk", () => {
  const indicesOf = ({ count, indexAt }: ReturnType<typeof walkOrder>) =>
    Array.from({ length: count }, (_, position) => indexAt(position));

  test("visits the first samples, or random ones, each once", () => {
    assert.deepEqual(indicesOf(walkOrder(4)), [0, 1, 2, 3]);
    assert.deepEqual(indicesOf(walkOrder(4, 2)), [0, 1]);
    assert.equal(walkOrder(4, 9).count, 4);
    const random = indicesOf(walkOrder(50, 20, 3));
    assert.equal(new Set(random).size, 20);
    assert.ok(random.every((index) => index >= 0 && index < 50));
    assert.notDeepEqual(
      random,
      random.toSorted((a, b) => a - b),
    );
    assert.notDeepEqual(random, indicesOf(walkOrder(50, 20, 4)));
  });

  test("has batches in order, and says how far it is behind each", async () => {
    const said: unknown[] = [];
    await walkDataset(
      { count: 5, indexAt: (position) => 10 + position },
      2,
      async (indices) => indices.join(),
      (result, indices) => said.push([result, indices]),
      {
        onProgress: (done, of, { errors }) => void said.push([done, of, errors]),
        signal: undefined,
      },
    );
    assert.deepEqual(said, [
      ["10,11", [10, 11]],
      [2, 5, 0],
      ["12,13", [12, 13]],
      [4, 5, 0],
      ["14", [14]],
      [5, 5, 0],
    ]);
    assert.throws(() => requireDataset({ length: 1 }), { message: /dataset: .*MultimodalDataset/ });
  });

  test("works on three tasks at once, and ends at an error or a signal", async () => {
    let underWay = 0;
    let most = 0;
    const collected: number[] = [];
    const work = async (task: number) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await undefined;
      underWay -= 1;
      if (task === 5) throw new Error("it failed");
      return task;
    };
    const collect = (task: number) => void collected.push(task);
    await assert.rejects(inOrder([1, 2, 3, 4, 5, 6], { work, collect }), /it failed/);
    assert.deepEqual([most, collected], [3, [1, 2, 3, 4]]);
    const reason = new Error("enough");
    const controller = new AbortController();
    const stopping = inOrder(
      [1, 2, 3],
      {
        work,
        collect: () => controller.abort(reason),
      },
      controller.signal,
    );
    await assert.rejects(stopping, reason);
    await assert.rejects(inOrder([1], { work, collect }, AbortSignal.abort(reason)), reason);
  });

  test("that fails waits for what is under way, and discards what that gives", async () => {
    const discarded: number[] = [];
    let goOn: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const work = async (task: number) => {
      if (task === 1) throw new Error("it failed");
      await held;
      return task;
    };
    const discard = (task: number) => void discarded.push(task);
    let isOver = false;
    const failing = inOrder([1, 2, 3], { work, collect: () => {}, discard }).finally(() => {
      isOver = true;
    });
    const ended = assert.rejects(failing, /it failed/);
    await new Promise(setImmediate);
    assert.equal(isOver, false);
    goOn();
    await ended;
    assert.deepEqual(discarded, [2, 3]);
  });

  test("that is stopped ends with the signal's reason, whatever its work says of that", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const work = (_: number, signal: AbortSignal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("given up")));
      });
    const stopping = inOrder([1], { work, collect: () => {} }, controller.signal);
    controller.abort(reason);
    await assert.rejects(stopping, (error) => error === reason);
  });
});

describe("options of a dataset", () => {
  test("do not speak of texts where there are none", async () => {
    const tokenizer: Tokenizer = await smallTokenizer();
    const source = { length: 1, get: () => ({ image: "a.jpg", text: "a" }) };
    const cases: [options: object, message: RegExp][] = [
      [{ source, text: null, onMultipleTexts: "random" }, /onMultipleTexts: .*none without texts/],
      [
        { imagePaths: ["a.jpg"], texts: ["a"], text: null },
        /texts: .*none with text: null, so leave out one/,
      ],
      [{ source, text: null, tokenizer }, /tokenizer: .*none with text: null/],
      [{ source }, /tokenizer: .*a Tokenizer, or text: null/],
      [{ source, imagePaths: ["a.jpg"], tokenizer }, /source: .*either source, or imagePaths/],
      [{ source, texts: ["a"], tokenizer }, /source: .*either source, or imagePaths/],
      [{ source, tokenizer, columns: "auto" }, /columns: .*does not say what columns/],
      [
        { source, tokenizer, text: { maxLength: 9, padToMultipleOf: 4 } },
        /text\.maxLength: .*a multiple of text\.padToMultipleOf \(4\), got 9/,
      ],
    ];
    for (const [options, message] of cases) {
      assert.throws(() => new MultimodalDataset(options as never), { message });
    }
    new MultimodalDataset({ source, tokenizer, text: { maxLength: 8, padToMultipleOf: 4 } });
  });
});
