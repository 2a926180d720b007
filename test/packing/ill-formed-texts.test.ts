// Texts that UTF-8 cannot hold would be others in a packed set.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { MultimodalDataset, packDataset } from "pixtok";
import { smallTokenizer, tinyImage } from "../support/pairs.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-ill-formed-"));
after(() => rmSync(root, { recursive: true }));
const tokenizer = await smallTokenizer();
const image = { data: new Uint8Array(3), width: 1, height: 1, channels: 3 as const };

/** Four pairs; the third has this text. */
const withText = (text: string | string[]) =>
  new MultimodalDataset({
    source: { length: 4, get: (index) => ({ image, text: index === 2 ? text : "cat" }) },
    image: tinyImage,
    text: { clean: "none" },
    tokenizer,
  });

describe("a text with half of a surrogate pair", () => {
  for (const [what, text] of [
    ["the first half", "a cat \ud83d"],
    ["the second half", "a cat \ude00"],
    ["both, the other way round", "\ude00\ud83d"],
    ["one of several texts", ["a cat", "\ud83d"]],
  ] as const) {
    test(`is not packed (${what})`, async () => {
      const folder = mkdtempSync(join(root, "pack-"));
      const rows = withText(text as string);
      await assert.rejects(packDataset(rows, folder), {
        code: "INVALID_TEXT",
        index: 2,
        message:
          /its text, to be packed: expected one that UTF-8 can hold, got half of a surrogate pair/,
      });
      const { pairs, errors } = await packDataset(rows, folder, { onError: "skip" });
      assert.deepEqual([pairs, errors.list.map(({ index }) => index)], [3, [2]]);
    });
  }

  test("is packed where the pair is whole", async () => {
    const { pairs } = await packDataset(
      withText("a cat \ud83d\ude00"),
      mkdtempSync(join(root, "pack-")),
    );
    assert.equal(pairs, 4);
  });
});
