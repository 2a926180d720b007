// What is found at a path: its kind, and what is refused, with what was expected.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  MultimodalDataset,
  openArrow,
  openCocoCaptions,
  openImageFolder,
  openManifest,
  openParquet,
  openSource,
  openWebDataset,
  type PairSource,
  PixtokError,
} from "pixtok";
import { elsewhereAmong } from "../../src/sources/elsewhere.js";
import { findSource } from "../../src/sources/find-source.js";
import {
  imagesOfArray,
  keyOf,
  makeFingerprint,
  pairsOfArrays,
  requirePair,
  requireSource,
} from "../../src/sources/pair-source.js";
import { parquetIn } from "../../src/sources/parquet-folders.js";
import type { SourceKind } from "../../src/sources/source-kinds.js";
import { fixture, onWindows } from "../support/fixtures.js";
import { handParquet, plain } from "../support/parquet-writer.js";
import { good } from "../support/shards.js";
import { tarOf } from "../support/tar.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-find-"));
after(() => rmSync(root, { recursive: true }));

function folderOf(...files: string[]): string {
  const folder = mkdtempSync(join(root, "folder-"));
  for (const file of files) {
    const [name, content = ""] = file.split("=");
    const path = join(folder, name as string);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return folder;
}

const refused =
  (message: RegExp, code = "UNKNOWN_SOURCE") =>
  (error: unknown) => {
    assert.ok(error instanceof PixtokError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };

async function found(folder: string, kind?: SourceKind) {
  const { kind: of, paths } = await findSource([folder], { kind });
  return [of, ...paths.map((path) => relative(folder, String(path)))];
}

describe("a place", () => {
  const context = { seed: 0, epoch: 0 };
  const imageIn = async (source: PairSource) => (await source.get(0, context)).image;

  test("that is a relative path is read also from another current folder", async () => {
    const here = (path: string) => relative(process.cwd(), path);
    const folder = folderOf("cat/a.jpg");
    const image = join(folder, "cat/a.jpg");
    for (const source of [await openSource(here(folder)), await openImageFolder(here(folder))]) {
      assert.equal(await imageIn(source), image);
    }
    const path = join(folder, "a.tar");
    writeFileSync(path, tarOf(good("a")));
    for (const source of [await openSource(here(path)), await openWebDataset(here(path))]) {
      assert.equal(((await imageIn(source)) as { path: string }).path, path);
    }
    const rows = join(folderOf('bad.jsonl={"image":"a"}\n{"image":"b"}'), "bad.jsonl");
    await assert.rejects(openManifest(here(rows)), { source: rows });
    await assert.rejects(openCocoCaptions(here(rows)), { source: rows });
  });

  test("may be a URL of a file, as import.meta.url gives it", async () => {
    const folder = folderOf("cat/a.jpg", "cat/b.jpg", 'p.jsonl={"image":"cat/a.jpg","text":"a"}');
    const classes = pathToFileURL(join(folder, "cat"));
    const pairs = pathToFileURL(join(folder, "p.jsonl"));
    const parquet = pathToFileURL(fixture("parquet/hub-none.parquet"));
    const arrow = pathToFileURL(fixture("arrow/file.arrow"));
    const tar = pathToFileURL(join(folder, "a.tar"));
    writeFileSync(tar, tarOf(good("a")));
    for (const [source, length] of [
      [openSource(pairs), 1],
      [openSource([pairs, pairs]), 2],
      [MultimodalDataset.from(pairs, { text: null }), 1],
      [openManifest(pairs), 1],
      [openImageFolder(classes, { texts: false }), 2],
      [openWebDataset([tar]), 1],
    ] as const) {
      assert.equal((await source).length, length);
    }
    for (const [open, file] of [
      [openParquet, parquet],
      [openArrow, arrow],
    ] as const) {
      const { length } = await open(file);
      assert.equal((await open([file, fileURLToPath(file)])).length, 2 * length);
    }
    await assert.rejects(openCocoCaptions(pairs), { code: "INVALID_MANIFEST" });
  });
});

describe("a folder", () => {
  test("is of the kind of its files", async () => {
    const cases: [files: string[], expected: string[]][] = [
      [
        ["a.jpg", "a.txt"],
        ["images", ""],
      ],
      [["cat/a.jpg"], ["images", ""]],
      [
        ["metadata.csv", "a.jpg"],
        ["imagefolder", "metadata.csv"],
      ],
      [
        ["metadata.parquet", "a.jpg"],
        ["imagefolder", "metadata.parquet"],
      ],
      [
        ["1.tar", "0.TAR", ".2.tar"],
        ["webdataset", "0.TAR", "1.tar"],
      ],
      [
        ["1.parquet", "0.parquet"],
        ["parquet", "0.parquet", "1.parquet"],
      ],
      [
        ["data/0.parquet", "README.md"],
        ["parquet", "data/0.parquet"],
      ],
      [["train/0.parquet"], ["parquet", "train/0.parquet"]],
      [["a/train/0.parquet"], ["parquet", "a/train/0.parquet"]],
      [
        [".cache/0.parquet", "train/0.parquet", "train/.1.parquet.tmp"],
        ["parquet", "train/0.parquet"],
      ],
      [
        ["train/a.jpg", "README.md"],
        ["images", "train"],
      ],
      [["data-00000-of-00001.arrow"], ["packed", ""]],
    ];
    for (const [files, expected] of cases) {
      assert.deepEqual(await found(folderOf(...files)), expected, files.join());
    }
  });

  test("has the hidden files that its README names so, at whatever depth", async () => {
    const readme = "---\nconfigs:\n- config_name: a\n  data_files: x/.h/*.csv\n---\n";
    const folder = folderOf(`README.md=${readme}`, "x/.h/a.csv", "x/b.csv");
    assert.deepEqual(await found(folder), ["manifest", join("x", ".h", "a.csv")]);
  });

  test("whose README cannot be read is not opened as one without", {
    skip: onWindows("links need rights there"),
  }, async () => {
    const folder = folderOf("0.tar");
    assert.deepEqual(await found(folder), ["webdataset", "0.tar"]);
    symlinkSync("README.md", join(folder, "README.md"));
    await assert.rejects(found(folder), { code: "FILE_UNREADABLE" });
  });

  test("of several kinds, or of another than is asked for, is refused", async () => {
    const both = folderOf("0.tar", "0.parquet");
    await assert.rejects(found(both), refused(/of several kinds; .* "webdataset" and "parquet"$/));
    assert.deepEqual(await found(both, "parquet"), ["parquet", "0.parquet"]);
    assert.deepEqual(await found(both, "webdataset"), ["webdataset", "0.tar"]);
    await assert.rejects(found(both, "packed"), refused(/expected what is of the kind "packed"/));
    const pictures = folderOf("metadata.csv", "cat/a.jpg");
    assert.deepEqual(await found(pictures, "images"), ["images", ""]);
    const nothing = folderOf("notes.md");
    await assert.rejects(found(nothing), refused(/nothing .* known: expected images, metadata/));
    const metadata = folderOf("metadata.parquet");
    assert.deepEqual(await found(metadata, "parquet"), ["parquet", "metadata.parquet"]);
    const indexed = folderOf("pixtok.index", "0.parquet");
    assert.deepEqual(await found(indexed), ["packed", ""]);
    assert.deepEqual(await found(indexed, "parquet"), ["parquet", "0.parquet"]);
    const below = folderOf("train/metadata.csv", "train/cat/a.jpg");
    assert.deepEqual(await found(below), ["imagefolder", join("train", "metadata.csv")]);
    assert.deepEqual(await found(below, "images"), ["images", "train"]);
  });

  test("of several splits is refused, and one is named", async () => {
    const tars = folderOf("train-0.tar", "train-1.tar", "val-0.tar");
    await assert.rejects(
      found(tars),
      refused(/several splits \(train, val\); .*train\*\.tar, or split: "train"$/),
    );
    const tables = folderOf("a-00000-of-00001.parquet", "b-00000-of-00001.parquet");
    await assert.rejects(
      found(tables),
      refused(/several splits \(a, b\); .*a\*\.parquet, or split: "a"$/),
    );
    const below = folderOf("test/0.parquet", "train/0.parquet");
    await assert.rejects(
      found(below),
      refused(
        /several splits \(test, train\); expected the folder of one, such as .*test, or split: "test"$/,
      ),
    );
    const six = folderOf(..."abcdef".split("").map((name) => `${name}/0.parquet`));
    await assert.rejects(found(six), refused(/several splits \(a, b, c, d, e, …\)/));
    const five = folderOf(..."abcde".split("").map((name) => `${name}/0.parquet`));
    await assert.rejects(found(five), refused(/several splits \(a, b, c, d, e\)/));
    const data = folderOf("data/train-0.parquet", "data/test-0.parquet");
    await assert.rejects(found(data), refused(/several splits \(test, train\); .*data.test\*/));
  });

  test("with images has no Parquet files looked for below it", async () => {
    assert.deepEqual(await found(folderOf("a.jpg", "x/0.parquet")), ["images", ""]);
    assert.deepEqual(await found(folderOf("cat/a.jpg", "x/0.parquet")), ["images", ""]);
    assert.deepEqual(await found(folderOf("a/b/c/0.parquet")), ["images", ""]);
  });
});

describe("files", () => {
  const names = async (...data: string[]) => {
    const { kind, paths } = await findSource(data);
    return [kind, ...paths.map((path) => basename(String(path)))];
  };

  test("are of the kind that their names say, JSON of what is in it", async () => {
    const folder = folderOf("a.JSONL", "a.ndjson", "a.csv", "a.tsv", "a.tar", "a.parquet");
    const cases = { JSONL: "manifest", ndjson: "manifest", csv: "manifest", tsv: "manifest" };
    for (const [ending, kind] of Object.entries({
      ...cases,
      tar: "webdataset",
      parquet: "parquet",
    }))
      assert.deepEqual(await names(join(folder, `a.${ending}`)), [kind, `a.${ending}`]);
    const json = folderOf('pairs.json=[{"image": "a", "text": "b"}]', 'coco.json={"images": []}');
    assert.deepEqual(await names(join(json, "pairs.json")), ["manifest", "pairs.json"]);
    assert.deepEqual(await names(join(json, "coco.json")), ["coco", "coco.json"]);
  });

  test("are those of a pattern, in order, by names alone", async () => {
    const folder = folderOf("b1.tar", "b0.tar", "c.tar", "b0xtar", "{x}.tar");
    const pattern = (name: string) => names(join(folder, name));
    assert.deepEqual(await pattern("b*.tar"), ["webdataset", "b0.tar", "b1.tar"]);
    assert.deepEqual(await pattern("{c,b*}.tar"), ["webdataset", "c.tar", "b0.tar", "b1.tar"]);
    assert.deepEqual(await pattern("{x}.tar"), ["webdataset", "{x}.tar"]);
    const own = folderOf("{a,b}.tar", "a.tar", "b.tar");
    assert.deepEqual(await names(join(own, "{a,b}.tar")), ["webdataset", "{a,b}.tar"]);
    await assert.rejects(pattern("d*.tar"), refused(/there are no such files/));
    await assert.rejects(pattern("none/*.tar"), refused(/none/, "FILE_NOT_FOUND"));
    await assert.rejects(pattern("none.tar"), refused(/none/, "FILE_NOT_FOUND"));
  });

  test("are counted while they are opened", async () => {
    const shards = [join(folderOf(), "a.tar")];
    for (const path of shards) writeFileSync(path, tarOf(good("a")));
    const counts: number[][] = [];
    await openSource(shards, { onProgress: (...of) => void counts.push(of) });
    assert.deepEqual(counts, [[1, 1]]);
  });

  test("are of one kind, and one where the kind has one", async () => {
    const folder = folderOf("a.csv", "b.csv", "a.tar", "a.xyz");
    const at = (...files: string[]) => files.map((name) => join(folder, name));
    const expected = /expected a folder or files of one kind \(\.jsonl, .*\), or kind to be given/;
    await assert.rejects(findSource(at("a.csv", "a.tar")), refused(expected));
    await assert.rejects(findSource(at("a.xyz")), refused(expected));
    assert.equal((await findSource(at("a.xyz"), { kind: "manifest" })).kind, "manifest");
    await assert.rejects(
      openSource(at("a.xyz", "b.csv"), { kind: "coco" }),
      refused(/a\.xyz, .*b\.csv.*expected one for a source of the kind "coco"/),
    );
  });

  test("are named by strings", async () => {
    for (const data of ["", [], [""], 5, ["a", 5], null]) {
      await assert.rejects(openSource(data as string), { name: "TypeError", message: /data: / });
    }
    await assert.rejects(openSource("a.csv", { kind: "tables" as "parquet" }), /kind: /);
  });
});

describe("labels of folders of classes", () => {
  const context = { seed: 0, epoch: 0 };

  test("are numbers of the sorted names, with the names beside them", async () => {
    const folder = folderOf("b/0.jpg", "a/1.jpg", "c/a/2.jpg", "Z/3.jpg");
    for (const columns of ["auto", ["label"]] as const) {
      const source = await openImageFolder(folder, { columns, texts: false });
      const rows = await Promise.all([0, 1, 2, 3].map((i) => source.get(i, context)));
      assert.deepEqual(
        rows.map(({ key, text, columns: own }) => [key, text, own]),
        [
          ["Z/3.jpg", "", { label: 0 }],
          ["a/1.jpg", "", { label: 1 }],
          ["b/0.jpg", "", { label: 2 }],
          ["c/a/2.jpg", "", { label: 1 }],
        ],
      );
      assert.deepEqual(source.columnTypes, { label: "int64" });
      assert.deepEqual(source.classNames, { label: ["Z", "a", "b"] });
      assert.equal(source.description, "folders of 3 classes, 4 images");
    }
    const plain = await openImageFolder(folder, { texts: false });
    assert.deepEqual([plain.columnTypes, plain.description], [undefined, "folder of 4 images"]);
  });

  test("are none where texts are beside the images, or an image is in no folder", async () => {
    const files = folderOf("a/0.jpg", "a/0.txt=x");
    const auto = await openImageFolder(files, { columns: "auto" });
    assert.deepEqual([auto.columnTypes, auto.classNames], [{}, undefined]);
    await assert.rejects(
      openImageFolder(files, { columns: ["label"] }),
      refused(/columns: expected no columns, as the images have text files.*got "label"/),
    );
    const loose = folderOf("a/0.jpg", "1.jpg");
    await assert.rejects(
      openImageFolder(loose, { columns: ["label"], texts: false }),
      refused(/columns: "1\.jpg" is in no folder of a class/),
    );
    const none = await openImageFolder(loose, { columns: "auto", texts: false });
    assert.deepEqual(none.columnTypes, {});
    await assert.rejects(
      openImageFolder(folderOf("a/0.jpg"), { columns: ["label", "size"] }),
      refused(/columns: expected the column "label" alone, got "size"/),
    );
  });
});

describe("a manifest", () => {
  test("has its columns' types by rows that are whole, and none that are not asked for", async () => {
    const folder = folderOf(
      'a.jsonl={"image": "0.jpg", "text": "a", "n": 1}\n{\n{"image": "1.jpg", "text": "b", "n": 2.5}',
    );
    const path = join(folder, "a.jsonl");
    const auto = await openManifest(path, { columns: "auto" });
    assert.deepEqual(auto.columnTypes, { n: "float32" });
    assert.deepEqual((await auto.get(0, { seed: 0, epoch: 0 })).columns, { n: 1 });
    const plain = await openManifest(path);
    assert.equal("columnTypes" in plain, false);
    assert.equal("columns" in (await plain.get(0, { seed: 0, epoch: 0 })), false);
    await assert.rejects(
      openManifest(path, { columns: ["m"] }),
      refused(/columns: expected "m" among the columns, got image, text, n/, "INVALID_MANIFEST"),
    );
  });

  test("without texts has none, and no column of them may be named", async () => {
    const path = join(folderOf("a.csv=file_name,text\n0.jpg,a\n,b\n"), "a.csv");
    const source = await openManifest(path, { texts: false });
    assert.deepEqual(
      [(await source.get(0, { seed: 0, epoch: 0 })).text, await source.texts?.(0)],
      ["", ""],
    );
    await assert.rejects(
      async () => source.get(1, { seed: 0, epoch: 0 }),
      /file_name: expected a path or a list, got ""/,
    );
    await assert.rejects(openManifest(path, { texts: false, textColumn: "text" }), {
      name: "TypeError",
      message: /textColumn.*none with texts: false/,
    });
    const folder = await openSource(dirname(path), { kind: "images" }).catch((error) => error.code);
    assert.equal(folder, "UNKNOWN_SOURCE");
  });

  test("called metadata is of an image folder, with the column file_name", async () => {
    const folder = folderOf("metadata.csv=file_name,image,text\n0.jpg,1.jpg,a\n", "0.jpg");
    const source = await openSource(folder);
    assert.equal(source.description, "imagefolder, 1 pairs");
    assert.equal((await source.get(0, { seed: 0, epoch: 0 })).key, "0.jpg");
    const ofParquet = folderOf("0.jpg");
    const names = ["image_path", "file_name", "text"];
    const columns = names.map((name) => ({
      ...{ name, text: true, required: true },
      pages: [{ values: 1, encoding: 0, data: plain(`${name}.jpg`) }],
    }));
    writeFileSync(join(ofParquet, "metadata.parquet"), handParquet(1, columns));
    const rows = await openSource(ofParquet);
    assert.equal((await rows.get(0, { seed: 0, epoch: 0 })).key, "file_name.jpg");
  });
});

test("a name without an owner is a path, and that of no dataset of the hub", async () => {
  assert.equal(await elsewhereAmong(["photos"]), undefined);
  assert.deepEqual(await elsewhereAmong(["owner/photos"]), ["hf://datasets/owner/photos"]);
});

test("options that do not exist are refused, naming the function", async () => {
  const unknown = { colums: 1 } as object;
  const folder = folderOf("metadata.csv=file_name,text\n0.jpg,a\n");
  const cases: [Promise<unknown>, RegExp][] = [
    [openImageFolder(folder, unknown), /^openImageFolder: unknown option "colums"/],
    [
      openCocoCaptions(join(folder, "a.json"), unknown),
      /^openCocoCaptions: unknown option "colums"/,
    ],
    [openSource(folder, unknown), /^imagefolder: unknown option "colums"/],
  ];
  for (const [opening, message] of cases)
    await assert.rejects(opening, { name: "TypeError", message });
});

describe("a source of one's own", () => {
  test("has a length of one at least, and get(); texts() is a function", () => {
    const get = () => ({ image: "", text: "" });
    const good = { length: 1, get };
    assert.equal(requireSource(good), good);
    for (const source of [null, {}, { length: 1 }, { get }, { length: "1", get }]) {
      assert.throws(() => requireSource(source), { name: "TypeError", message: /^source: / });
    }
    assert.throws(() => requireSource({ ...good, texts: 1 }), { message: /source\.texts/ });
    for (const length of [0, -1, 1.5, Number.NaN, Infinity]) {
      assert.throws(() => requireSource({ length, get }), {
        message: /source\.length: .*one pair/,
      });
    }
  });

  test("gives pairs of an image and texts, with a key and columns of the right types", () => {
    const pair = { image: "a.jpg", text: ["a", "b"], key: "k", columns: { n: 1 } };
    assert.equal(requirePair(pair, 0), pair);
    requirePair({ image: "a.jpg" }, 0, false);
    const cases: [pair: unknown, code: string, message: RegExp][] = [
      [null, "INVALID_SAMPLE", /expected \{ image, text \} from the source, got null/],
      [{ ...pair, text: undefined }, "INVALID_TEXT", /text: expected a string, got undefined/],
      [{ ...pair, text: [] }, "INVALID_TEXT", /text/],
      [{ ...pair, text: ["a", 1] }, "INVALID_TEXT", /text/],
      [{ ...pair, key: 1 }, "INVALID_SAMPLE", /key: expected a string, got 1/],
      [{ ...pair, columns: 1 }, "INVALID_SAMPLE", /columns: expected an object of values by name/],
    ];
    for (const [of, code, message] of cases) {
      assert.throws(
        () => requirePair(of, 7),
        (error) => {
          assert.equal((error as PixtokError).index, 7);
          return refused(message, code)(error);
        },
      );
    }
  });

  test("of arrays has equal lengths, and is told from others by what is in it", () => {
    const { fingerprint, length, description } = pairsOfArrays(["a", "b"], ["x", "y"]);
    assert.deepEqual([length, description], [2, "arrays, 2 pairs"]);
    for (const [images, texts] of [
      [
        ["a", "c"],
        ["x", "y"],
      ],
      [
        ["a", "b"],
        ["x", "z"],
      ],
    ] as const)
      assert.notEqual(pairsOfArrays(images, texts).fingerprint, fingerprint);
    assert.throws(
      () => pairsOfArrays(["a"], ["x", "y"]),
      /equal lengths, got 1 images and 2 texts/,
    );
    assert.throws(() => pairsOfArrays([], []), {
      name: "RangeError",
      message: /at least one pair/,
    });
    assert.throws(() => pairsOfArrays("a" as never, ["x"]), { message: /^imagePaths: .*an array/ });
    assert.throws(() => pairsOfArrays(["a"], "x" as never), { message: /^texts: .*an array/ });
    const images = imagesOfArray(["a", "b"]);
    assert.deepEqual([images.length, images.description], [2, "array, 2 images"]);
    assert.throws(() => imagesOfArray([]), /imagePaths: .*at least one image/);
    assert.throws(() => imagesOfArray("a" as never), { name: "TypeError" });
  });

  test("has keys: its own, or the image's path, or the index", () => {
    assert.equal(keyOf({ image: "a.jpg", text: "", key: "k" }, 3), "k");
    assert.equal(keyOf({ image: "a.jpg", text: "" }, 3), "a.jpg");
    assert.equal(keyOf({ image: "a.jpg", text: "", origin: "b.csv#row 1" }, 3), "3");
    assert.equal(keyOf({ image: Buffer.alloc(1), text: "" }, 3), "3");
    assert.equal(keyOf({ image: [null, "b.jpg", "c.jpg"], text: "" }, 3), "b.jpg");
    assert.equal(keyOf({ image: [null], text: "" }, 3), "3");
  });

  test("has a fingerprint of its values, and not of what they are together", () => {
    assert.notEqual(makeFingerprint(["ab", "c"]), makeFingerprint(["a", "bc"]));
    assert.equal(makeFingerprint([1, "a"]), makeFingerprint(["1", Buffer.from("a")]));
  });
});

test("Parquet files are found among others, in a folder or in its data", async () => {
  const here = folderOf("a.parquet", "notes.txt");
  assert.deepEqual(await parquetIn(here, ["a.parquet", "notes.txt"]), [join(here, "a.parquet")]);
  const below = folderOf("data/a.parquet", "data/notes.txt");
  assert.deepEqual(await parquetIn(below, ["data"]), [join(below, "data", "a.parquet")]);
});
