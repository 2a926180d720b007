// One of several splits, and several files as one source.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import {
  MultimodalDataset,
  openCocoCaptions,
  openSource,
  type Pair,
  PixtokError,
  type SourceOptions,
} from "pixtok";
import { karpathyImage, splitChoice } from "../../src/sources/manifest/karpathy.js";
import { splitOfFile } from "../../src/sources/splits.js";
import { fixture, onWindows } from "../support/fixtures.js";
import { codeOf } from "../support/packs-of-images.js";
import { smallTokenizer } from "../support/pairs.js";
import { tarOf } from "../support/tar.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-splits-"));
after(() => rmSync(root, { recursive: true }));
let files = 0;

/** Files in a new folder, by their paths in it. */
function folderOf(contents: Record<string, string | Uint8Array>): string {
  const folder = join(root, `${files++}`);
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const context = { seed: 0, epoch: 0 };
const png = readFileSync(fixture("images/png-rgb.png"));

async function pairsOf(path: string | string[], options: SourceOptions = {}): Promise<Pair[]> {
  const source = await openSource(path, options);
  return Promise.all(Array.from({ length: source.length }, (_, i) => source.get(i, context)));
}

const textsOf = async (path: string | string[], options: SourceOptions = {}) =>
  (await pairsOf(path, options)).map(({ text }) => text);

describe("a split of a folder has the rows that datasets reads of it:", () => {
  const expected = JSON.parse(readFileSync(fixture("splits/expected.json"), "utf8")) as Record<
    string,
    Record<string, [name: string, text: string][]>
  >;
  for (const [layout, splits] of Object.entries(expected)) {
    for (const [split, rows] of Object.entries(splits)) {
      test(`${layout}, ${split}`, async () => {
        const pairs = await pairsOf(fixture(`splits/${layout}`), { split });
        const named = pairs.map(({ image, text }, i) => [
          typeof image === "string" ? basename(image) : rows[i]?.[0],
          text,
        ]);
        assert.deepEqual(named, rows);
      });
    }
  }
});

describe("the option split", () => {
  test("finds shards, tables and JSON by their names", async () => {
    const shard = (text: string) =>
      tarOf([
        ["a.png", png],
        ["a.txt", text],
      ]);
    const line = (text: string) => JSON.stringify({ image: "a.png", text });
    const folder = folderOf({
      "train-000.tar": shard("one"),
      "train-001.tar": shard("two"),
      "test-000.tar": shard("three"),
      "val2017.jsonl": line("four"),
      "unlabelled.json": `[${line("five")}]`,
    });
    assert.deepEqual(await textsOf(folder, { split: "train" }), ["one", "two"]);
    assert.deepEqual(await textsOf(folder, { split: "test" }), ["three"]);
    assert.deepEqual(await textsOf(folder, { split: "validation" }), ["four"]);
    assert.deepEqual(await textsOf(folder, { split: "val2017" }), ["four"]);
    assert.deepEqual(await textsOf(folder, { split: "unlabelled" }), ["five"]);
  });

  test("has the files of one name, and is refused where those of several are meant", async () => {
    const line = (text: string) => JSON.stringify({ image: "a.png", text });
    const folder = folderOf({ "val2014.jsonl": line("one"), "val2017.jsonl": line("two") });
    assert.deepEqual(await textsOf(folder, { split: "val2017" }), ["two"]);
    await assert.rejects(
      openSource(folder, { split: "validation" }),
      codeOf("UNKNOWN_SOURCE", /split: expected one of val201[47], val201[47], got "validation"/),
    );
  });

  test("is taken by a dataset, and prefers a name of just this", async () => {
    const folder = folderOf({ "valid/cat/0.png": png, "val/dog/0.png": png });
    const tokenizer = await smallTokenizer();
    const dataset = await MultimodalDataset.from(folder, { tokenizer, split: "val" });
    assert.equal(dataset.length, 1);
    assert.deepEqual(await textsOf(folder, { split: "val" }), ["dog"]);
    await assert.rejects(
      openSource(folder, { split: "validation" }),
      codeOf("UNKNOWN_SOURCE", /split: expected one of val(id)?, val(id)?, got "validation"/),
    );
  });

  test("is found in small or large letters, by its name or by another word for it", async () => {
    const folder = folderOf({ "Train/cat/0.png": png, "VAL/dog/0.png": png });
    for (const split of ["TRAIN", "training", "Training"]) {
      assert.deepEqual(await textsOf(folder, { split }), ["cat"]);
    }
    for (const split of ["val", "dev", "Validation"]) {
      assert.deepEqual(await textsOf(folder, { split }), ["dog"]);
    }
  });

  test("is that of the word that a file's name begins with, and of the year behind it", () => {
    for (const [name, split] of [
      ["train-000.tar", "train"],
      ["train_0.csv", "train"],
      ["Train.csv", "train"],
      ["val2017.jsonl", "val2017"],
      ["val20171.jsonl", "val"],
      ["test01.tar", "test"],
      ["training.csv", "training"],
      ["trainer.csv", undefined],
      ["testimony.txt", undefined],
      ["my-train.csv", undefined],
    ] as const) {
      assert.equal(splitOfFile(name), split, name);
    }
  });

  test("may be in data, beside folders that are none, and a link to its folder", {
    skip: onWindows("links need rights there"),
  }, async () => {
    const folder = folderOf({ "data/real/cat/0.png": png, "scripts/x.py": "" });
    symlinkSync("real", join(folder, "data/train"));
    assert.deepEqual(await textsOf(folder, { split: "train" }), ["cat"]);
  });

  test("that is not there is an error that names those that are", async () => {
    const folder = folderOf({ "train/a.png": png, "test/a.png": png });
    await assert.rejects(
      openSource(folder, { split: "dev" }),
      codeOf("UNKNOWN_SOURCE", /split: expected one of test, train in this folder, got "dev"/),
    );
    await assert.rejects(
      openSource(folderOf({ "a.png": png }), { split: "train" }),
      codeOf("UNKNOWN_SOURCE", /split: there are none in this folder, got "train"/),
    );
    await assert.rejects(
      openSource(folder),
      codeOf("UNKNOWN_SOURCE", /several splits \(test, train\).*, or split: "test"/),
    );
  });

  test("is not of one table and another of its name, which are mostly the same rows", async () => {
    const rows = { "train.csv": "image,text\na.png,a\n", "train.jsonl": '{"image":"a.png"}\n' };
    const folder = folderOf(rows);
    await assert.rejects(
      openSource(folder, { split: "train" }),
      codeOf("UNKNOWN_SOURCE", /files of several kinds, train\.csv, train\.jsonl;/),
    );
    await assert.rejects(
      openSource(folder),
      codeOf("UNKNOWN_SOURCE", /a manifest is opened by its own path, or by split/),
    );
  });

  test("is misuse beside a file, and where it is no name", async () => {
    const file = join(folderOf({ "a.jsonl": '{"image": "a.png", "text": "a"}' }), "a.jsonl");
    for (const one of [file, fixture("parquet/hub-none.parquet"), fixture("arrow/file.arrow")]) {
      await assert.rejects(
        openSource(one, { split: "train" }),
        /^TypeError: split: expected none with files, which are of one split/,
      );
    }
    await assert.rejects(
      openSource(file, { split: 3 as unknown as string }),
      /^TypeError: split: expected a name, got 3/,
    );
  });
});

test("a split's folder of several kinds is read as the one that is asked for", async () => {
  const table = "file_name,text\ncat/1.jpg,of a table\n";
  const folder = folderOf({
    ...{ "train/metadata.csv": table, "train/cat/1.jpg": png, "train/dog/2.jpg": png },
    "test/cat/3.jpg": png,
  });
  assert.deepEqual(await textsOf(folder, { split: "train" }), ["of a table"]);
  assert.deepEqual(await textsOf(folder, { split: "train", kind: "images" }), ["cat", "dog"]);
});

describe("COCO's captions of a split", () => {
  const captions = (...names: string[]) =>
    JSON.stringify({
      images: names.map((file_name, id) => ({ id, file_name })),
      annotations: names.map((name, image_id) => ({ image_id, caption: `of ${name}` })),
    });
  const coco = {
    "annotations/captions_train2017.json": captions("1.jpg", "2.jpg"),
    "annotations/captions_val2017.json": captions("3.jpg"),
    "annotations/instances_val2017.json": "{}",
    "train2017/1.jpg": png,
    "train2017/2.jpg": png,
    "val2017/3.jpg": png,
    "test2017/4.jpg": png,
  };

  test("are opened with their folder of images, by the split's name or another word for it", async () => {
    const folder = folderOf(coco);
    for (const split of ["val2017", "val", "validation"]) {
      assert.deepEqual(await pairsOf(folder, { split }), [
        { image: join(folder, "val2017/3.jpg"), text: ["of 3.jpg"], key: "3.jpg" },
      ]);
    }
    assert.deepEqual(await textsOf(folder, { split: "train" }), [["of 1.jpg"], ["of 2.jpg"]]);
    const annotations = await pairsOf(join(folder, "annotations"), { split: "val" });
    assert.equal(annotations[0]?.image, join(folder, "val2017/3.jpg"));
    const elsewhere = await pairsOf(folder, { split: "val", root });
    assert.equal(elsewhere[0]?.image, join(root, "3.jpg"));
  });

  test("are never those of another one", async () => {
    const folder = folderOf(coco);
    await assert.rejects(
      openSource(folder),
      codeOf(
        "UNKNOWN_SOURCE",
        /several splits \(train2017, val2017\); expected split to be one of them, such as split: "train2017"$/,
      ),
    );
    await assert.rejects(openSource(folder, { split: "dev2017" }), /expected one of .*val2017/);
    const years = folderOf({ ...coco, "annotations/captions_val2014.json": captions("5.jpg") });
    await assert.rejects(
      openSource(years, { split: "val" }),
      codeOf("UNKNOWN_SOURCE", /split: expected one of val2014, val2017, got "val"/),
    );
  });

  test("come after texts of one's own of that split, unless they are asked for", async () => {
    const own = JSON.stringify({ file_name: "3.jpg", text: "own" });
    for (const [name, content] of [
      ["val2017/metadata.jsonl", own],
      ["val2017/3.txt", "own"],
      ["val2017.jsonl", own],
    ] as const) {
      const folder = folderOf({ ...coco, [name]: content });
      assert.deepEqual((await textsOf(folder, { split: "val2017" })).flat(), ["own"], name);
      const asked = await textsOf(folder, { split: "val2017", kind: "coco" });
      assert.deepEqual(asked, [["of 3.jpg"]]);
    }
  });

  test("are not needed for the images alone, nor of a split that has none", async () => {
    const folder = folderOf(coco);
    for (const [options, expected] of [
      [{ split: "test", texts: false }, "test2017/4.jpg"],
      [{ split: "val", kind: "images", texts: false }, "val2017/3.jpg"],
    ] as const) {
      assert.deepEqual(
        (await pairsOf(folder, options)).map(({ image }) => image),
        [join(folder, expected)],
      );
    }
  });

  test("need no name where there is but one, and may be of images in other places", async () => {
    const only = captions("a/1.jpg");
    for (const [files, image] of [
      [{ "annotations/captions_val2017.json": only, "val2017/a/1.jpg": png }, "val2017/a/1.jpg"],
      [{ "captions_val.json": only, "images/val/a/1.jpg": png }, "images/val/a/1.jpg"],
      [{ "annotations/captions_all.json": only, "a/1.jpg": png }, "a/1.jpg"],
      [{ "annotations/CAPTIONS_val2017.JSON": only, "val2017/a/1.jpg": png }, "val2017/a/1.jpg"],
    ] as const) {
      const folder = folderOf(files);
      assert.equal((await pairsOf(folder))[0]?.image, join(folder, image));
    }
  });

  test("are those in annotations where there are others beside it", async () => {
    const folder = folderOf({ ...coco, "captions_val2017.json": captions("other.jpg") });
    assert.deepEqual(await textsOf(folder, { split: "val2017" }), [["of 3.jpg"]]);
  });

  test("of the folder of annotations alone are of images in the one that it is in", async () => {
    const folder = folderOf({ "annotations/captions_all.json": captions("1.jpg"), "1.jpg": png });
    const [pair] = await pairsOf(join(folder, "annotations"));
    assert.equal(pair?.image, join(folder, "1.jpg"));
  });
});

describe("an image of Karpathy's captions", () => {
  test("has filename and split or sentences, and no file_name, which is COCO's", () => {
    const image = { path: "val2014/a.jpg", split: "train", captions: [] };
    const entry = { filename: "a.jpg", filepath: "val2014", split: "train" };
    assert.deepEqual(karpathyImage(entry), image);
    assert.equal(karpathyImage({ ...entry, file_name: "a.jpg", id: 1 }), undefined);
    assert.equal(karpathyImage({ filename: "a.jpg", id: 1 }), undefined);
    assert.deepEqual(karpathyImage({ filename: "a.jpg", sentences: [{ raw: "a" }, {}] }), {
      ...{ path: "a.jpg", split: "" },
      captions: ["a"],
    });
  });

  test("without a split is no image of another's", () => {
    const choice = splitChoice(undefined);
    for (const split of ["train", ""]) choice.take(split);
    assert.match(choice.problem() ?? "", /split: expected one of train/);
  });

  test("is of one split: words that mean the same are never mixed", () => {
    for (const wanted of ["validation", "val", "dev"]) {
      const choice = splitChoice(wanted);
      for (const split of ["train", "val", "dev", "val"]) choice.take(split);
      const expected = new RegExp(`^split: "${wanted}" may be val or dev, .*; rename all but one`);
      assert.match(choice.problem() ?? "", expected);
    }
  });
});

describe("Karpathy's captions", () => {
  const entry = (filename: string, split: string, ...captions: string[]) => ({
    filename,
    split,
    sentences: captions.map((raw) => ({ tokens: raw.split(" "), raw })),
  });
  const images = [
    { ...entry("1.jpg", "train", "a cat.", "two cats."), filepath: "val2014", cocoid: 7 },
    entry("2.jpg", "val", "a dog."),
    entry("3.jpg", "restval", "a bird."),
    entry("4.jpg", "train", "a fish."),
  ];
  const path = (list: unknown[]) =>
    join(folderOf({ "captions.json": JSON.stringify({ images: list }) }), "captions.json");

  test("are images of the split that is named, with all their sentences", async () => {
    const file = path(images);
    const pairs = await pairsOf(file, { split: "train" });
    assert.deepEqual(pairs, [
      {
        image: join(dirname(file), "val2014/1.jpg"),
        text: ["a cat.", "two cats."],
        key: "val2014/1.jpg",
      },
      { image: join(dirname(file), "4.jpg"), text: ["a fish."], key: "4.jpg" },
    ]);
    assert.deepEqual(await textsOf(file, { split: "validation" }), [["a dog."]]);
    assert.deepEqual(await textsOf(file, { split: "restval" }), [["a bird."]]);
    assert.equal((await openSource(file, { split: "train", texts: false })).length, 2);
  });

  test("need no split where they have but one", async () => {
    assert.deepEqual(await textsOf(path([images[1]])), [["a dog."]]);
  });

  test("of several splits are never mixed", async () => {
    const expected = /split: expected one of train, val, restval/;
    await assert.rejects(openSource(path(images)), codeOf("INVALID_MANIFEST", expected));
    await assert.rejects(
      openSource(path(images), { split: "test" }),
      codeOf("INVALID_MANIFEST", /split: expected one of train, val, restval, got "test"/),
    );
    const coco = { images: [{ id: 1, file_name: "a.png" }], annotations: [] };
    const file = join(folderOf({ "coco.json": JSON.stringify(coco) }), "coco.json");
    await assert.rejects(
      openCocoCaptions(file, { split: "train" }),
      codeOf("INVALID_MANIFEST", /split: expected none, as the images name no splits/),
    );
  });

  test("of an image without a sentence are an error of that image", async () => {
    const source = await openSource(path([entry("1.jpg", "train"), images[3]]));
    await assert.rejects(
      async () => source.get(0, context),
      codeOf("INVALID_MANIFEST", /has no caption/),
    );
    assert.deepEqual((await source.get(1, context)).text, ["a fish."]);
  });

  test("of an image without a list of sentences stay in their split", async () => {
    const file = path([{ filename: "1.jpg", split: "test" }, images[3]]);
    assert.equal((await openSource(file, { split: "train" })).length, 1);
    const source = await openSource(file, { split: "test" });
    await assert.rejects(
      async () => source.get(0, context),
      codeOf("INVALID_MANIFEST", /has no caption/),
    );
  });

  test("that name no split have none to choose", async () => {
    await assert.rejects(
      openSource(path([{ ...entry("1.jpg", "train", "a cat."), split: 1 }]), { split: "train" }),
      codeOf("INVALID_MANIFEST", /split: expected none, as the images name no splits/),
    );
  });
});

describe("several manifests", () => {
  const row = (text: string, image = "a.png") => JSON.stringify({ image, text, n: text.length });

  test("are one source, in the order in which they are given, each from its own folder", async () => {
    const folder = folderOf({
      "x/part-1.jsonl": `${row("one")}\n${row("two")}`,
      "y/part-2.csv": "image,text\na.png,three",
      "z.json": `[${row("four", "z/a.png")}]`,
    });
    const paths = ["y/part-2.csv", "x/part-1.jsonl", "z.json"].map((name) => join(folder, name));
    const pairs = await pairsOf(paths);
    assert.deepEqual(
      pairs.map(({ image, text }) => [(image as string).slice(folder.length + 1), text]),
      [
        ["y/a.png", "three"],
        ["x/a.png", "one"],
        ["x/a.png", "two"],
        ["z/a.png", "four"],
      ],
    );
    const { description, texts } = await openSource(paths);
    assert.equal(description, "4 pairs of 3 files, the first a CSV manifest, 1 pairs");
    assert.equal(await texts?.(2), "two");
  });

  test("may be a pattern, have columns, and name the row that is bad among all", async () => {
    const folder = folderOf({ "part-1.jsonl": row("a"), "part-2.jsonl": `${row("bc")}\n{` });
    const source = await openSource(join(folder, "part-*.jsonl"), { columns: "auto" });
    assert.deepEqual(source.columnTypes, { n: "int64" });
    assert.deepEqual((await source.get(1, context)).columns, { n: 2 });
    await assert.rejects(
      async () => source.get(2, context),
      (error) => {
        assert.ok(error instanceof PixtokError);
        assert.deepEqual([error.code, error.index], ["INVALID_MANIFEST", 2]);
        assert.match(error.message, /part-2\.jsonl": row 2/);
        return true;
      },
    );
  });

  test("are an error that names the one that cannot be opened", async () => {
    const folder = folderOf({ "part-1.jsonl": row("a"), "part-2.jsonl": '{"x": 1}' });
    await assert.rejects(
      openSource(["part-1.jsonl", "part-2.jsonl"].map((name) => join(folder, name))),
      codeOf("INVALID_MANIFEST", /part-2\.jsonl": imageColumn/),
    );
  });
});
