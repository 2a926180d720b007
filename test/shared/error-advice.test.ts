// Advice on what to do about an error, behind its message.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PixtokError, type PixtokErrorCode } from "../../src/shared/errors.js";

const page = readFileSync(new URL("../../docs/guides/errors.md", import.meta.url), "utf8");
const codes = [...page.matchAll(/^\| (`[A-Z_`, ]+`) \|/gm)].flatMap(([, list = ""]) =>
  [...list.matchAll(/[A-Z_]+/g)].map(([code]) => code as PixtokErrorCode),
);
const adviceOf = (code: PixtokErrorCode) =>
  /^wrong(?: \((.*)\))?$/.exec(new PixtokError(code, "wrong").message)?.[1];

/** Codes whose messages say what was expected, of which file, option or package, and so what helps. */
const withoutAdvice: readonly PixtokErrorCode[] = [
  ...(["DOES_NOT_FIT", "INVALID_COLUMN", "INVALID_IMAGE", "INVALID_TEXT"] as const),
  ...(["INVALID_SAMPLE", "INVALID_MANIFEST", "INVALID_ARCHIVE", "INVALID_PARQUET"] as const),
  ...(["INVALID_ARROW", "IMAGE_NOT_AVAILABLE", "UNKNOWN_SOURCE", "NOT_A_PACK"] as const),
  ...(["TOO_MANY_BAD_SAMPLES", "NO_READABLE_SAMPLE"] as const),
  ...(["INVALID_PROCESSOR", "INVALID_TOKENIZER"] as const),
  ...(["INVALID_CHAT_TEMPLATE", "INVALID_CONVERSATION", "ADDON_NOT_FOUND"] as const),
  ...(["DECODER_NOT_FOUND", "OPTIONAL_PACKAGE_NOT_FOUND"] as const),
];

test("is there for every code whose messages do not say it themselves", () => {
  assert.ok(codes.length > 50);
  const without = codes.filter((code) => adviceOf(code) === undefined);
  assert.deepEqual(without, withoutAdvice);
  for (const code of codes) assert.notEqual(adviceOf(code)?.trim(), "", code);
});

test("for a damaged image or an empty file is to get it again, or to leave it out", () => {
  for (const code of ["EMPTY_FILE", "CORRUPT_IMAGE", "TRUNCATED_IMAGE"] as const)
    assert.equal(adviceOf(code), "copy or download the file again, or leave this sample out");
});

test("is another where an error of the code has its own", () => {
  const error = new PixtokError("FILE_UNWRITABLE", "wrong", { advice: "do that" });
  assert.deepEqual([error.message, error.reason], ["wrong (do that)", "wrong"]);
});
