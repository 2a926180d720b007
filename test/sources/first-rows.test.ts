// Columns of a manifest without a header are those of its first thousand rows.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openManifest } from "pixtok";
import { codeOf, write } from "../support/manifests.js";

/** Rows of JSON, one of them with something else. */
function linesWith(at: number, other: object, others: object = {}): string {
  const rows = Array.from({ length: 1002 }, (_, row) =>
    JSON.stringify({ image: `${row}.jpg`, text: "a", ...others, ...(row === at && other) }),
  );
  return write(`other-${at}.jsonl`, rows.join("\n"));
}

const typesOf = async (path: string) => (await openManifest(path, { columns: "auto" })).columnTypes;

describe("a manifest without a header", () => {
  test("has a column that is in the thousandth row, and none that is not before the next", async () => {
    assert.deepEqual(await typesOf(linesWith(999, { label: 7 })), { label: "json" });
    assert.deepEqual(await typesOf(linesWith(1000, { label: 7 })), {});
    const late = linesWith(1000, { label: 7 });
    await assert.rejects(
      openManifest(late, { columns: ["label"] }),
      codeOf("INVALID_MANIFEST", /label/),
    );
  });

  test("has types that hold the thousandth row, and may not hold the next", async () => {
    const label = { label: 7 };
    assert.deepEqual(await typesOf(linesWith(999, { label: "x" }, label)), { label: "json" });
    assert.deepEqual(await typesOf(linesWith(1000, { label: "x" }, label)), { label: "int64" });
  });
});
