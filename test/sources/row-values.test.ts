// What is made of a row's values: Python's JSON, types that hold columns, columns by their names.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PixtokError } from "pixtok";
import { readColumnNames, readColumnTypes } from "../../src/sources/column-types.js";
import {
  chooseColumn,
  columnAmong,
  textsOf,
  urlColumns,
  usualTextColumns,
} from "../../src/sources/columns.js";
import { columnsAmong, requireFewColumns, typeGuesser } from "../../src/sources/guessed-types.js";
import { numberIn } from "../../src/sources/number-in-text.js";
import { parsePythonJson } from "../../src/sources/python-json.js";
import { isSplitName, splitOfFile, splitsAmong } from "../../src/sources/splits.js";
import {
  bytesColumns,
  conversationImageColumns,
  listColumns,
  usualIdColumns,
} from "../../src/sources/table-columns.js";
import { decodeTextFile } from "../../src/sources/text-encoding.js";

describe("JSON as Python writes it", () => {
  test("has null for NaN and infinite numbers, and not within strings or names", () => {
    const text = '{"a": NaN, "NaN": [-Infinity, Infinity], "b": "\\"NaN, Infinity", "c": -1}';
    assert.deepEqual(parsePythonJson(text), {
      a: null,
      NaN: [null, null],
      b: '"NaN, Infinity',
      c: -1,
    });
  });

  test("is refused as it stands in the file", () => {
    for (const text of ["{NaN", '{"a": NaNs}', '{"a": Infinity1}', "[1,]", "-NaN"]) {
      let expected: unknown;
      try {
        JSON.parse(text);
      } catch (error) {
        expected = (error as Error).message;
      }
      assert.throws(() => parsePythonJson(text), { name: "SyntaxError", message: expected });
    }
  });
});

describe("a number in a text", () => {
  const cases: [text: string, number: number | bigint | boolean | undefined][] = [
    ["7", 7n],
    [" -07\n", -7n],
    ["+7", 7n],
    ["9007199254740993", 9007199254740993n],
    ["7.", 7],
    [".5", 0.5],
    ["-1.5E-3", -0.0015],
    ["NaN", Number.NaN],
    ["inf", Infinity],
    ["-Infinity", -Infinity],
    ["True", true],
    ["false", false],
    ["0".repeat(1200), 0n],
    ["0".repeat(1201), undefined],
    ...["", ".", "1e", "1.2.3", "7a", "a7", "0x1", "toString", "constructor"].map(
      (text): [string, undefined] => [text, undefined],
    ),
  ];
  for (const [text, number] of cases) {
    test(JSON.stringify(text.slice(0, 20)), () => assert.deepEqual(numberIn(text), number));
  }
});

describe("types that hold the rows of a source", () => {
  const typesOf = (areTexts: boolean, ...values: unknown[]) => {
    const guesser = typeGuesser(areTexts);
    for (const value of values) guesser.see({ value });
    return guesser.types().value;
  };

  test("of JSON's values", () => {
    const cases: [values: unknown[], type: unknown][] = [
      [[1, -2, 3n], "int64"],
      [[1, 2.5], "float32"],
      [[2.5, 1], "float32"],
      [[true, false], "uint8"],
      [[true, 1], "json"],
      [["a", "b"], "string"],
      [["1", "2"], "string"],
      [["a", 1], "json"],
      [[null], "json"],
      [[1, null], "json"],
      [[{ a: 1 }], "json"],
      [
        [
          [1, 2],
          [3, 4],
        ],
        { type: "int64", shape: [2] },
      ],
      [[[1, 2.5]], { type: "float32", shape: [2] }],
      [[[1], [1.5]], { type: "float32", shape: [1] }],
      [[[true, false]], { type: "uint8", shape: [2] }],
      [[[true, 1]], "json"],
      [[[1, "a"]], "json"],
      [[["a"]], "json"],
      [[[1, 2], [3]], "json"],
      [[[1], 1], "json"],
      [[[]], "json"],
      [
        [
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ],
        { type: "int64", shape: [2, 3] },
      ],
      [[[[1, 2], [3]]], "json"],
      [[[[1, 2], 3]], "json"],
      [[[1, [2]]], "json"],
    ];
    for (const [values, type] of cases) {
      assert.deepEqual(
        typesOf(false, ...values),
        type,
        JSON.stringify(values, (_, one) => (typeof one === "bigint" ? `${one}n` : one)),
      );
    }
  });

  test("of a table of texts, where numbers are texts, too", () => {
    const cases: [values: string[], type: string][] = [
      [["1", "-2"], "int64"],
      [["1", "2.5"], "float32"],
      [["true", "False"], "uint8"],
      [["true", "1"], "string"],
      [["1", "a"], "string"],
      [[""], "string"],
      [[`${2n ** 63n - 1n}`, `${-(2n ** 63n)}`], "int64"],
      [[`${2n ** 63n}`], "string"],
      [[`${-(2n ** 63n) - 1n}`], "string"],
    ];
    for (const [values, type] of cases) assert.equal(typesOf(true, ...values), type, values.join());
  });

  test("are JSON where a row has no such column", () => {
    const guesser = typeGuesser(false);
    guesser.see({ a: 1, b: 1 });
    guesser.see({ a: 2 });
    assert.deepEqual(guesser.types(), { a: "int64", b: "json" });
  });
});

describe("columns by their names", () => {
  test("are those that a row has itself", () => {
    assert.deepEqual(columnsAmong(["a", "toString"], { a: 1, b: 2 }), {
      a: 1,
      toString: undefined,
    });
  });

  test("are all of them with 4096 at most", () => {
    const refuse = (message: string) => new Error(message);
    requireFewColumns(4096, refuse);
    assert.throws(() => requireFewColumns(4097, refuse), /more than 4096 columns/);
  });

  const usual: [what: string, columns: readonly string[], expected: string][] = [
    [
      "texts",
      usualTextColumns,
      "text caption TEXT captions texts sentence sentences title txt label cls",
    ],
    ["URLs, as img2dataset and LAION have them", urlColumns, "url URL image_url img_url"],
    [
      "images of tables",
      [...bytesColumns, ...listColumns],
      "image img photo jpg jpeg png webp images photos",
    ],
    [
      "images of conversations",
      conversationImageColumns,
      "image images image_path image_paths file_name file_names",
    ],
    ["names of rows", usualIdColumns, "__key__ key id"],
  ];
  for (const [what, columns, expected] of usual) {
    test(`are usual ones of ${what}, most telling first`, () => {
      assert.equal(columns.join(" "), expected);
      for (const [i, name] of columns.entries()) {
        assert.equal(columnAmong(undefined, columns, columns.slice(i).toReversed()), name);
      }
    });
  }

  test("are the one that is named, or the most usual one that is there", () => {
    const at = { code: "INVALID_MANIFEST", path: "a.csv" } as const;
    const choose = (given: unknown, ...columns: string[]) =>
      chooseColumn("textColumn", given, usualTextColumns, columns, at);
    assert.equal(choose(undefined, "label", "caption", "x"), "caption");
    assert.equal(choose("x", "label", "x"), "x");
    assert.throws(() => choose(5, "label"), { name: "TypeError", message: /textColumn.*a name/ });
    assert.throws(
      () => choose("text", "label", "x"),
      (error) => {
        assert.ok(error instanceof PixtokError);
        assert.equal(error.code, "INVALID_MANIFEST");
        assert.match(error.message, /a\.csv.*textColumn: expected "text" among .*, got label, x/);
        return true;
      },
    );
    assert.throws(() => choose(undefined, "x"), /expected one of text, caption, .* got x/);
  });

  test("have a text, or several", () => {
    assert.equal(textsOf(""), "");
    assert.deepEqual(textsOf(["a", "b"]), ["a", "b"]);
    for (const value of [[], ["a", 1], 1, null, { length: 1 }])
      assert.equal(textsOf(value), undefined);
  });

  test("are asked for by a list without repetition, or all", () => {
    assert.deepEqual(readColumnNames("columns", undefined), []);
    assert.equal(readColumnNames("columns", "auto"), "auto");
    assert.deepEqual(readColumnNames("columns", ["a", "b", "a"]), ["a", "b"]);
    for (const value of ["all", [1], {}, null]) {
      assert.throws(() => readColumnNames("columns", value), { name: "TypeError" });
    }
  });

  test("have types with shapes of 2^24 numbers at most", () => {
    const read = (type: unknown) => readColumnTypes("columns", { a: type });
    assert.deepEqual(read("json"), [{ name: "a", type: "json", shape: [], size: 1 }]);
    const shape = [2 ** 12, 2 ** 12];
    assert.deepEqual(read({ type: "uint8", shape }), [
      { name: "a", type: "uint8", shape, size: 2 ** 24 },
    ]);
    assert.deepEqual(read({ type: "int64" }), [{ name: "a", type: "int64", shape: [], size: 1 }]);
    assert.throws(() => read({ type: "uint8", shape: [...shape, 2] }), /at most 16777216 numbers/);
    const others: [unknown, RegExp][] = [
      ["int8", /columns\.a: /],
      [{ type: "string" }, /columns\.a\.type: /],
      [{ type: "uint8", shape: 2 }, /columns\.a\.shape: .*an array of lengths/],
      [{ type: "uint8", shape: [1, 0] }, /columns\.a\.shape\[1\]: /],
      [{ type: "uint8", size: 2 }, /columns\.a: .*\{ type, shape \}/],
    ];
    for (const [type, message] of others) assert.throws(() => read(type), { message });
    assert.throws(() => readColumnTypes("columns", "all"), {
      name: "TypeError",
      message: /"auto"/,
    });
  });
});

describe("splits", () => {
  test("are told by their names", () => {
    for (const name of ["train", "Test", "VALIDATION", "val_2", "dev 1", "test.", "eval00"])
      assert.equal(isSplitName(name), true, name);
    for (const name of ["trains", "my train", "test-a", "validate", "", "train__1"])
      assert.equal(isSplitName(name), false, name);
    assert.equal(splitOfFile("Train-000.tar"), "train");
    assert.equal(splitOfFile("validation1.tar"), "validation");
    assert.equal(splitOfFile("trainer.tar"), undefined);
    assert.equal(splitOfFile("Val2017-000.tar"), "val2017");
    assert.equal(splitOfFile("val2017.jsonl"), "val2017");
    assert.equal(splitOfFile("val20170.jsonl"), "val");
    assert.equal(splitOfFile("a-train.tar"), undefined);
  });

  test("of one data set are beside each other, in the order of their names", () => {
    assert.deepEqual(splitsAmong(["test/a", "train/b", "test/c"]), {
      parent: "",
      names: ["test", "train"],
    });
    assert.deepEqual(splitsAmong(["a/b/val", "a/b/train/x"]), {
      parent: "a/b",
      names: ["train", "val"],
    });
    assert.equal(splitsAmong(["a/train", "b/test"]), undefined);
    assert.equal(splitsAmong(["train/a", "train/b", "c"]), undefined);
  });
});

test("a text file is UTF-8 or UTF-16 by its mark, of three bytes or two", () => {
  const text = "caf\u00e9 \u{1f534}";
  const little = Buffer.from(`\ufeff${text}`, "utf16le");
  const big = Buffer.from(little).swap16();
  for (const bytes of [Buffer.from(text), Buffer.from(`\ufeff${text}`), little, big]) {
    assert.equal(decodeTextFile(bytes), text);
  }
  // half of a mark is none, and no text
  for (const bytes of [
    [0xff, 0x41],
    [0xfe, 0x41],
    [0xef, 0xbb, 0x41],
  ]) {
    assert.throws(() => decodeTextFile(Buffer.from(bytes)), /it is not UTF-8; save it as UTF-8/);
  }
  const bad = Buffer.concat([Buffer.from("0123456789".repeat(3)), Buffer.from([0xff])]);
  assert.throws(() => decodeTextFile(bad), /it is not UTF-8, after "01234567890123456789"; save/);
  assert.throws(() => decodeTextFile(little.subarray(0, -1)), /begins as UTF-16 and is not/);
});
