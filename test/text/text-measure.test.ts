// What is counted of a text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { measureText } from "../../src/text/text-measure.js";

const UNKNOWN = 1;

/** A text's tokens, with a special one that is the unknown one too behind them. */
const measured = (text: string, own: number[], unknownId?: number | null) => {
  const sequenceIds = [...own.map(() => 0), null];
  const ids = [...own, UNKNOWN];
  const rest = { length: ids.length, typeIds: ids.map(() => 0), offsets: [] };
  return measureText(text, { ids, sequenceIds, ...rest }, unknownId);
};

test("special tokens are counted in the row, and not among the text's own or unknown ones", () => {
  assert.deepEqual(measured("a x b", [4, UNKNOWN, 5], UNKNOWN), {
    blank: false,
    length: 4,
    ownTokens: 3,
    unknownTokens: 1,
  });
  assert.equal(measured("a x b", [4, UNKNOWN, 5], null).unknownTokens, 0);
});

test("a text of nothing but white space is blank", () => {
  assert.deepEqual(
    ["", " ", "\t\n\u3000", " a"].map((text) => measured(text, []).blank),
    [true, true, true, false],
  );
});
