// Names of classes in what the `datasets` library keeps of a table's features.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { classNames } from "../../src/sources/class-names.js";

const label = { names: ["cat", "dog"], _type: "ClassLabel" };
const namesOf = (feature: unknown) =>
  classNames(JSON.stringify({ info: { features: { label: feature } } }), "label");

describe("names of classes", () => {
  for (const [what, feature] of [
    ["a number", label],
    ["a list, as older versions write one", [label]],
    ["a list of lists, as older versions write one", [[label]]],
    ["a Sequence", { feature: label, _type: "Sequence" }],
    ["a list of lists", { feature: { feature: label, _type: "List" }, _type: "List" }],
  ] as const) {
    test(`are those of ${what}`, () => {
      assert.deepEqual(namesOf(feature), ["cat", "dog"]);
    });
  }

  test("are none where one of them is no text", () => {
    assert.equal(namesOf({ names: ["cat", 2], _type: "ClassLabel" }), undefined);
    assert.equal(namesOf({ _type: "ClassLabel" }), undefined);
  });

  test("are none of other columns, nor where nothing is kept that can be read", () => {
    assert.equal(namesOf({ dtype: "int64", _type: "Value" }), undefined);
    assert.equal(classNames(JSON.stringify({ info: { features: { label } } }), "text"), undefined);
    assert.equal(classNames("{", "label"), undefined);
    assert.equal(classNames(undefined, "label"), undefined);
  });
});
