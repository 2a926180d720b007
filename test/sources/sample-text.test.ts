// The text in the bytes of a file of a sample, by the file's extension.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseTexts } from "../../src/sources/webdataset/sample-text.js";

const textsIn = (text: string, extension: string, column?: string) =>
  parseTexts(Buffer.from(text), extension, column);

describe("a text of a sample", () => {
  test("is all of a text file but the line ends at its end", () => {
    assert.equal(textsIn(" a\r\nb \r\n\n", "txt"), " a\r\nb ");
    assert.equal(textsIn("a", "caption"), "a");
    assert.equal(textsIn("\n", "txt"), "");
  });

  test("is a class's number, which may be less than 0", () => {
    assert.equal(textsIn(" 7\n", "cls"), "7");
    assert.equal(textsIn("-1", "x.cls"), "-1");
    for (const text of ["", "a", "1.5", "1 2"]) {
      assert.throws(() => textsIn(text, "cls"), /expected digits, got/);
    }
  });

  test("is what JSON is, or has under the key that is named, or else a usual one", () => {
    assert.equal(textsIn('"a"', "json"), "a");
    assert.deepEqual(textsIn('["a", "b"]', "x.json"), ["a", "b"]);
    assert.equal(textsIn('{"title": "a", "caption": "b", "own": "c"}', "json"), "b");
    assert.equal(textsIn('{"caption": "b", "own": "c"}', "json", "own"), "c");
    assert.throws(
      () => textsIn('{"caption": "b"}', "json", "own"),
      /expected "own" among the keys/,
    );
    assert.throws(
      () => textsIn('{"toString": 1}', "json"),
      /expected one of text, .* got toString/,
    );
    assert.throws(() => textsIn('{"text": 1}', "json"), /text: expected a text or several, got 1/);
  });

  test("is UTF-8", () => {
    assert.throws(() => parseTexts(Buffer.of(0xe4), "txt", undefined), /not UTF-8/);
  });
});
