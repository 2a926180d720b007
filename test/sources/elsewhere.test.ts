// Which names are of data elsewhere.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PixtokError } from "pixtok";
import { elsewhereAmong, noFileEither } from "../../src/sources/elsewhere.js";

describe("a name with an owner", () => {
  test("is that of a dataset of the hub, where there is no such file and no other name", async () => {
    assert.deepEqual(await elsewhereAmong(["org/set"]), ["hf://datasets/org/set"]);
    assert.equal(await elsewhereAmong(["test/sources"]), undefined);
    assert.equal(await elsewhereAmong(["org/set", "org/other"]), undefined);
  });

  for (const ending of "jsonl json ndjson csv tsv txt tar zip gz parquet ARROW".split(" ")) {
    test(`is a path where it ends in .${ending}`, async () => {
      assert.equal(await elsewhereAmong([`org/set.${ending}`]), undefined);
    });
  }
});

test("URLs are not mixed with paths", async () => {
  const urls = ["s3://bucket/a.tar", "https://example.org/b.tar"];
  assert.deepEqual(await elsewhereAmong(urls), urls);
  await assert.rejects(elsewhereAmong([...urls, "c.tar"]), { source: "c.tar" });
});

test("a file that is not there either has what the hub says for its cause, and no other error", () => {
  const unknown = new PixtokError("HUB_REPO_NOT_FOUND", "no such dataset");
  const error = noFileEither("org/set", unknown) as PixtokError;
  assert.deepEqual([error.code, error.source], ["FILE_NOT_FOUND", "org/set"]);
  assert.match(error.reason, /no such file or folder; .*no such dataset$/);
  assert.equal(error.cause, unknown);
  const unreachable = new PixtokError("HUB_UNREACHABLE", "no line");
  assert.equal((noFileEither("org/set", unreachable) as PixtokError).code, "FILE_NOT_FOUND");
  const gated = new PixtokError("HUB_ACCESS_DENIED", "gated");
  assert.equal(noFileEither("org/set", gated), gated);
});
