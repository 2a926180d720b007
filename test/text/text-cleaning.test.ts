// `re.sub(r"[^a-zA-Z0-9\s]", "", text.lower())` of Python, code point by code point.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { cleanAlphanumeric } from "pixtok";
import { fixture, readJsonLines, shared, withoutShared } from "../support/fixtures.js";

interface CleanLine {
  start: number;
  end: number;
  cleaned: string;
  sha256: string;
}

interface TokensLine {
  text: string;
  cleaned_text: string | null;
}

describe("cleanAlphanumeric", () => {
  test("keeps of every code point what Python keeps", () => {
    const lines = readJsonLines<CleanLine>(fixture("goldens/clean.jsonl"));
    assert.equal(lines.length, 70);
    for (const { start, end, cleaned, sha256 } of lines) {
      let actual = "";
      for (let point = start; point <= end; point += 1) {
        actual += cleanAlphanumeric(String.fromCodePoint(point));
      }
      assert.equal(actual, cleaned, `U+${start.toString(16)}`);
      assert.equal(createHash("sha256").update(actual).digest("hex"), sha256);
    }
  });

  const texts: [string, string, string | false][] = [
    ["shipped", fixture("goldens/tokens.jsonl"), false],
    ["shared", shared("golden/tokens.jsonl"), withoutShared()],
  ];
  for (const [name, path, skip] of texts) {
    test(`cleans the ${name} texts as Python does`, { skip }, () => {
      for (const { text, cleaned_text } of readJsonLines<TokensLine>(path)) {
        if (cleaned_text !== null) assert.equal(cleanAlphanumeric(text), cleaned_text);
      }
    });
  }

  const cases: [name: string, text: string, cleaned: string][] = [
    ["letters are lower-cased, digits kept", "A Big-Dog, no. 42!", "a bigdog no 42"],
    ["white space is kept as it is", "a \t\r\n b", "a \t\r\n b"],
    [
      "what Python alone calls white space is kept",
      "a\x1c\x1d\x1e\x1f\x85b",
      "a\x1c\x1d\x1e\x1f\x85b",
    ],
    ["what JavaScript alone calls white space is not", "a\ufeffb", "ab"],
    ["spaces beyond ASCII are kept", "a\xa0\u2003\u3000b", "a\xa0\u2003\u3000b"],
    ["letters that become ASCII are kept", "\u212a \u0130", "k i"],
    ["letters beyond ASCII are dropped", "caf\u00e9 \u00df \u017f \u03a3", "caf   "],
    ["surrogates without a partner are dropped", "a\ud800b\udc00c", "abc"],
    ["nothing stays nothing", "", ""],
  ];
  for (const [name, text, cleaned] of cases) {
    test(name, () => assert.equal(cleanAlphanumeric(text), cleaned));
  }
});
