import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  folderOfUrl,
  isRemote,
  nameInUrl,
  remoteLocation,
  shownUrl,
  urlWithin,
} from "../../src/remote/remote-location.js";

describe("a URL", () => {
  test("is told from paths, those of Windows included", () => {
    for (const url of ["http://a/b", "HTTPS://a/b", "s3://a", "hf://datasets/a/b"]) {
      assert.ok(isRemote(url), url);
    }
    for (const path of ["a/b", "C:\\a", "C:/a", "file:///a", "data:,a", "ftp://a/b", "https:/a"]) {
      assert.ok(!isRemote(path), path);
    }
  });

  const hub = (id: string, revision: string | undefined, path: string) => ({
    kind: "hub",
    id,
    revision,
    path,
  });
  const cases: [string, object][] = [
    ["s3://b", { kind: "s3", bucket: "b", path: "" }],
    ["s3://b/a b/c.tar", { kind: "s3", bucket: "b", path: "a b/c.tar" }],
    ["hf://datasets/o/n", hub("o/n", undefined, "")],
    ["hf://datasets/o/n/data/x.tar", hub("o/n", undefined, "data/x.tar")],
    ["hf://datasets/o/n@v1/x.tar", hub("o/n", "v1", "x.tar")],
    ["hf://datasets/o/n@refs/pr/3/x.tar", hub("o/n", "refs/pr/3", "x.tar")],
    ["hf://datasets/o/n@refs%2Fconvert%2Fparquet/x", hub("o/n", "refs/convert/parquet", "x")],
    ["S3://b/x", { kind: "s3", bucket: "b", path: "x" }],
  ];
  for (const [url, location] of cases) {
    test(url, () => assert.deepEqual(remoteLocation(url), location));
  }

  for (const url of [
    "s3://",
    "s3:///x",
    "s3://b c/x",
    "hf://datasets/o/n@%zz/x",
    "hf://o/n",
    "hf://datasets/o",
    "hf://datasets/o/..",
    "http://",
  ]) {
    test(`${url} is refused`, () => {
      assert.throws(() => remoteLocation(url), { code: "UNKNOWN_SOURCE", source: url });
    });
  }

  test("is shown without a password and a query", () => {
    for (const [url, shown] of [
      ["https://u:p@h.org/a.tar?sig=1#x", "https://h.org/a.tar"],
      ["https://u:p@ss@h.org", "https://h.org"],
      ["https://u:p/a@ss@h.org/x?sig=1", "https://h.org/x"],
      ["https://u:p@h.org:99999/x?sig=1", "https://h.org:99999/x"],
      ["https://h.org/a@b.tar", "https://h.org/a@b.tar"],
      ["HTTPS://u:p@h.org/a.tar?sig=1", "HTTPS://h.org/a.tar"],
      ["s3://b/what?.tar", "s3://b/what?.tar"],
      ["hf://datasets/o/n@v1/x", "hf://datasets/o/n@v1/x"],
    ] as const) {
      assert.equal(shownUrl(url), shown);
    }
  });

  test("has a folder, names in it, and a name of its own", () => {
    assert.equal(folderOfUrl("https://h/a/b.jsonl?sig=1"), "https://h/a");
    assert.equal(folderOfUrl("s3://b/a/b.jsonl"), "s3://b/a");
    assert.equal(folderOfUrl("s3://b/a?#c/b.jsonl"), "s3://b/a?#c");
    assert.equal(folderOfUrl("b.jsonl"), "");
    assert.equal(urlWithin("https://h/a?sig=1", "b c/d#.jpg"), "https://h/a/b%20c/d%23.jpg");
    assert.equal(urlWithin("https://h/a?sig=1#x", "b.jpg"), "https://h/a/b.jpg");
    assert.equal(urlWithin("https://h/a", "50%25?.jpg"), "https://h/a/50%2525%3F.jpg");
    assert.equal(urlWithin("s3://b/a/", "b c/d#.jpg"), "s3://b/a/b c/d#.jpg");
    assert.equal(nameInUrl("https://h/a/b%20c.tar?sig=1"), "b c.tar");
    assert.equal(nameInUrl("hf://datasets/o/n@v1/a/b.tar"), "b.tar");
    assert.equal(nameInUrl("https://h/a/50%.tar"), "50%.tar");
    assert.equal(folderOfUrl("HTTPS://h/a/b.jsonl?sig=1#x"), "https://h/a");
    assert.equal(urlWithin("HTTPS://h/a//", "b#.jpg"), "https://h/a/b%23.jpg");
  });
});
