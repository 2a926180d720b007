// What is found in a folder that a server has listed, by the names of its files.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename } from "node:path";
import { describe, test } from "node:test";
import { PixtokError } from "pixtok";
import { listedFolder } from "../../src/shared/listed-folder.js";
import type { DataFile } from "../../src/sources/data-files.js";
import {
  type DataFolder,
  findByPatterns,
  findInOutline,
  kindOfName,
} from "../../src/sources/find-in-outline.js";
import type { WantedData } from "../../src/sources/found-source.js";

const place = "s3://bucket/set/";

/** A folder of files, whose contents are those that are given. */
function folderOf(paths: readonly string[], contents: Record<string, string> = {}): DataFolder {
  return {
    place,
    files: listedFolder(new Map(paths.map((path) => [path, path])), (path): DataFile => path),
    kindOf: async (file) => kindOfName(basename(String(file))),
    textOf: async (file) => contents[String(file)] ?? "",
  };
}

const found = (paths: readonly string[], wanted: WantedData = {}) =>
  findInOutline(folderOf(paths), wanted);

async function byPatterns(paths: readonly string[], patterns: string, wanted: WantedData = {}) {
  const splits = new Map([["train", patterns.split(" ")]]);
  const config = { name: "a", isDefault: true, folder: "", splits };
  const { kind, paths: of, below } = await findByPatterns(folderOf(paths), config, wanted);
  return { kind, paths: of, ...(below && { below: [...below.paths()] }) };
}

const refused = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.deepEqual([error.code, error.source], ["UNKNOWN_SOURCE", "s3://bucket/set"]);
  assert.match(error.message, message);
  assert.doesNotMatch(error.message, /outline/);
  return true;
};

describe("a folder that is listed", () => {
  test("has the files of its kind, in their order", async () => {
    const { kind, paths } = await found(["b.tar", "a.tar", "notes.md"]);
    assert.deepEqual([kind, paths], ["webdataset", ["a.tar", "b.tar"]]);
  });

  test("has images, of which those without a name that a file may have are none", async () => {
    const paths = ["cat/1.jpg", "cat/2.jpg", "cat//3.jpg", "../4.jpg", "dog/a\\b.jpg"];
    const { kind, paths: of, below } = await found(paths);
    assert.deepEqual([kind, of], ["images", ["s3://bucket/set/"]]);
    assert.deepEqual([...(below?.paths() ?? [])], paths);
  });

  for (const name of ["../x.tar", "a//x.tar", "./x.tar", "a\\x.tar", "x\0.tar"]) {
    test(`is refused where a file of data is called ${JSON.stringify(name)}`, async () => {
      await assert.rejects(found(["a.tar", name]), refused(/cannot be the name of a file/));
    });
  }

  test("has images of COCO's captions where these are", async () => {
    const paths = ["annotations/captions_val2017.json", "val2017/1.jpg"];
    const { kind, root } = await found(paths, { split: "val" });
    assert.deepEqual([kind, root], ["coco", "s3://bucket/set/val2017"]);
  });

  test("is saved by datasets where its state is read, which names its files", async () => {
    const paths = ["state.json", "data-00001-of-00002.arrow", "data-00000-of-00002.arrow"];
    const listed = paths.slice(1).map((filename) => ({ filename }));
    const state = { "state.json": JSON.stringify({ _data_files: listed }) };
    const { kind, paths: of } = await findInOutline(folderOf(paths, state), {});
    assert.deepEqual([kind, of], ["arrow", paths.slice(1)]);
  });

  test("is a packed set of the files that are its own, with its tokenizer", async () => {
    const own = ["data-00000-of-00001.arrow", "tokenizer.json", "tokenizer_config.json"];
    const { kind, paths } = await found([...own, "notes.md"]);
    assert.deepEqual([kind, [...paths].sort()], ["packed", own]);
  });

  test("that is refused is named, and leaves nothing here", async () => {
    const outlines = () =>
      readdirSync(tmpdir()).filter((name) => name.startsWith("pixtok-outline"));
    const before = outlines();
    await assert.rejects(
      found(["train-0.tar", "test-0.tar"]),
      refused(/several splits \(test, train\).*such as s3:\/\/bucket\/set\/te?.*\.tar/),
    );
    await found(["a.tar"]);
    assert.deepEqual(outlines(), before);
  });
});

describe("the files of a config's patterns", () => {
  const kinds = [
    ["a.jsonl", ["manifest", "imagefolder", "coco"]],
    ["a.json", ["coco", "manifest"]],
    ["a.parquet", ["parquet", "imagefolder"]],
    ["a.arrow", ["arrow"]],
    ["a.tar", ["webdataset"]],
  ] as const;
  const all = [
    "manifest",
    "imagefolder",
    "coco",
    "parquet",
    "arrow",
    "webdataset",
    "packed",
  ] as const;
  for (const [name, taken] of kinds) {
    test(`${name} may be opened as ${taken.join(" or ")}`, async () => {
      assert.equal((await byPatterns([name], "a.*")).kind, taken[0]);
      for (const kind of all) {
        const opened = byPatterns([name], "a.*", { kind });
        if ((taken as readonly string[]).includes(kind)) assert.equal((await opened).kind, kind);
        else
          await assert.rejects(opened, /kind: expected .* which the files of the config "a" are/);
      }
    });
  }

  test("are a packed set where they are all of it, in one folder", async () => {
    const files = ["x/data-00000-of-00002.arrow", "x/data-00001-of-00002.arrow"];
    const expected = files.map((path) => path.slice(2));
    assert.equal((await byPatterns(files, "x/*.arrow")).kind, "packed");
    assert.deepEqual((await byPatterns(files, "x/*.arrow")).paths.length, expected.length);
    assert.equal((await byPatterns(files, "x/*.arrow", { kind: "arrow" })).kind, "arrow");
    const whole = /a packed set is opened whole; expected its 2 files, in one folder, got 1/;
    await assert.rejects(byPatterns(files, "x/data-00000-*"), whole);
    const apart = ["x/data-00000-of-00002.arrow", "y/data-00001-of-00002.arrow"];
    await assert.rejects(byPatterns(apart, "**/*.arrow"), /a packed set is opened whole/);
  });

  test("are images of the rows beside them, or else of all that they match", async () => {
    const rows = ["train/metadata.csv", "train/1.jpg", "train/2.jpg", "test/3.jpg"];
    const ofRows = await byPatterns(rows, "train/**", { split: "train" });
    assert.deepEqual(ofRows, { kind: "imagefolder", paths: ["train/metadata.csv"] });
    const images = ["train/cat/1.jpg", "train/dog/2.jpg", "test/cat/3.jpg"];
    const ofImages = await byPatterns(images, "train/**", { split: "train" });
    assert.deepEqual(ofImages.below?.length, 2);
    const cats = ["cat/1.jpg", "cat/2.jpg"];
    assert.deepEqual((await byPatterns(cats, "cat/*")).below, cats);
    const top = await byPatterns(["metadata.csv", "1.jpg"], "*");
    assert.deepEqual(top, { kind: "imagefolder", paths: ["metadata.csv"] });
  });
});
