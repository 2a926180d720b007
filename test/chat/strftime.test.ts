// Dates as Python's datetime.strftime writes them (test/goldens/make_strftime.py).

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { strftime } from "../../src/chat/jinja/strftime.js";
import { fixture, readJsonLines } from "../support/fixtures.js";

interface Case {
  readonly date: readonly [number, number, number, number, number, number, number];
  readonly texts: Readonly<Record<string, string>>;
}

describe("a date is written as by Python", () => {
  for (const { date, texts } of readJsonLines<Case>(fixture("goldens/strftime.jsonl"))) {
    const [year, month, ...others] = date;
    const at = new Date(year, month - 1, ...others);
    test(texts["%F"] ?? "", () => {
      const written = Object.keys(texts).map((format) => [format, strftime(at, format)]);
      assert.deepEqual(Object.fromEntries(written), texts);
    });
  }

  test("without its zone, which it has none of", () => {
    assert.equal(strftime(new Date(2024, 0, 1), "%H%z%Z"), "00");
  });

  test("and a part that is not known is refused by its name", () => {
    for (const part of ["%Q", "%-Q"]) {
      assert.throws(() => strftime(new Date(2024, 0, 1), part), {
        message: new RegExp(`a date formatted by ${part}`),
      });
    }
  });
});
