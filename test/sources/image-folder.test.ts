import assert from "node:assert/strict";
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import {
  DataLoader,
  MultimodalDataset,
  openImageFolder,
  openSource,
  type PairSource,
  PixtokError,
} from "pixtok";
import { contentsOfList } from "../../src/sources/folder/folder-contents.js";
import { fixture, onWindows } from "../support/fixtures.js";
import { smallTokenizer } from "../support/pairs.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-folder-"));
after(() => rmSync(root, { recursive: true }));
const context = { seed: 0, epoch: 0 };

function folderOf(name: string, files: Record<string, string | Buffer>): string {
  for (const [file, content] of Object.entries(files)) {
    const path = join(root, name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return join(root, name);
}

/** Links to one and the same file are made faster than files. */
function manyFiles(name: string, folders: readonly string[], count: number): string {
  const folder = folderOf(name, { "one.bin": "x" });
  for (const below of folders) {
    mkdirSync(join(folder, below), { recursive: true });
    for (let i = 0; i < count; i += 1) {
      linkSync(join(folder, "one.bin"), join(folder, below, `${String(i).padStart(4, "0")}.jpg`));
    }
  }
  return folder;
}

async function pairsOf(source: PairSource): Promise<unknown[]> {
  const indices = Array.from({ length: source.length }, (_, i) => i);
  return Promise.all(indices.map(async (i) => source.get(i, context)));
}

const codeOf = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === code;
};

describe("a folder of images", () => {
  test("with text files gives these, in the order of the paths", async () => {
    const folder = folderOf("texts", {
      "b.png": "",
      "b.txt": "  text of b\n",
      "sub/a.JPG": "",
      "sub/a.txt": "two\nlines\n",
      "c.webp": "",
      "c.txt": "",
      ".hidden/x.jpg": "",
      "notes.md": "",
    });
    const source = await openImageFolder(folder);
    assert.equal(source.description, "folder of images with text files, 3 pairs");
    assert.deepEqual(await pairsOf(source), [
      { image: join(folder, "b.png"), text: "text of b", key: "b.png" },
      { image: join(folder, "c.webp"), text: "", key: "c.webp" },
      { image: join(folder, "sub/a.JPG"), text: "two\nlines", key: "sub/a.JPG" },
    ]);
    assert.equal(await source.texts?.(2), "two\nlines");
  });

  test("that is listed has no image in a folder without a name", () => {
    assert.deepEqual(contentsOfList(["a//b.jpg", "/c.jpg", "a/b.jpg"]).images, ["a/b.jpg"]);
  });

  test("are in the order of their names, however they are listed", () => {
    const { images, tables } = contentsOfList(["b.jpg", "b.csv", "a.jpg", "a.csv"]);
    assert.deepEqual(
      [images, tables],
      [
        ["a.jpg", "b.jpg"],
        ["a.csv", "b.csv"],
      ],
    );
  });

  test("of which one has no text file has a bad pair", async () => {
    const folder = folderOf("one", { "a.jpg": "", "b.jpg": "", "b.txt": "b" });
    const source = await openImageFolder(folder);
    assert.equal(source.length, 2);
    await assert.rejects(
      async () => source.get(0, context),
      codeOf("INVALID_TEXT", /a\.txt": there is no such file beside the image/),
    );
    assert.equal((await source.get(1, context)).text, "b");
  });

  test("in a folder for each class gives the classes' names", async () => {
    const folder = folderOf("classes", {
      "cat/1.jpg": "",
      "cat/2.jpg": "",
      "great dane/1.jpg": "",
    });
    const source = await openImageFolder(folder);
    assert.equal(source.description, "folders of 2 classes, 3 images");
    assert.deepEqual(await pairsOf(source), [
      { image: join(folder, "cat/1.jpg"), text: "cat", key: "cat/1.jpg" },
      { image: join(folder, "cat/2.jpg"), text: "cat", key: "cat/2.jpg" },
      {
        image: join(folder, "great dane/1.jpg"),
        text: "great dane",
        key: "great dane/1.jpg",
      },
    ]);
  });

  test("is told from others of as many images by their names", async () => {
    const fingerprintOf = async (name: string, image: string) =>
      (await openImageFolder(folderOf(name, { [`cat/${image}`]: "" }))).fingerprint;
    assert.notEqual(await fingerprintOf("told-1", "1.jpg"), await fingerprintOf("told-2", "2.jpg"));
    assert.equal(await fingerprintOf("told-3", "1.jpg"), await fingerprintOf("told-1", "1.jpg"));
  });

  test("without texts, images or existence is refused", async () => {
    const loose = folderOf("loose", { "a.jpg": "" });
    await assert.rejects(
      openImageFolder(loose),
      codeOf("UNKNOWN_SOURCE", /"a\.jpg" has no text: .* for each class$/),
    );
    const empty = folderOf("empty", { "a.txt": "" });
    await assert.rejects(openImageFolder(empty), codeOf("UNKNOWN_SOURCE", /no images/));
    await assert.rejects(openImageFolder(join(root, "none")), codeOf("FILE_NOT_FOUND", /no such/));
  });
});

const idsOf = async (source: PairSource) =>
  ((await pairsOf(source)) as { key: string }[]).map(({ key }) => key);

describe("all files below a folder are found", () => {
  test("where folders below the first level have hundreds", async () => {
    const folders = ["animals/cat", "animals/dog", "things/made/by/people/chair"];
    const source = await openImageFolder(manyFiles("hundreds", folders, 700));
    assert.equal(source.description, "folders of 3 classes, 2100 images");
    const names = Array.from({ length: 700 }, (_, i) => `${String(i).padStart(4, "0")}.jpg`);
    assert.deepEqual(
      await idsOf(source),
      folders.flatMap((below) => names.map((name) => `${below}/${name}`)),
    );
  });

  test("where they are a hundred folders deep", async () => {
    const below = Array.from({ length: 100 }, (_, i) => `d${i}`).join("/");
    const source = await openImageFolder(manyFiles("deep", [below], 40));
    assert.equal(source.length, 40);
    assert.equal((await idsOf(source))[39], `${below}/0039.jpg`);
  });

  test("where there are hundreds of folders", async () => {
    const folders = Array.from({ length: 300 }, (_, i) => `set/class ${i}`);
    assert.equal((await openImageFolder(manyFiles("wide", folders, 3))).length, 900);
  });

  test("in the order of their names' bytes", async () => {
    // of UTF-16, the last two are the other way round
    const names = ["B.jpg", "a.jpg", "é.jpg", "\uFF21.jpg", "\u{1F600}.jpg"];
    const files = names.map((name) => [`c/${name}`, ""]).reverse();
    const source = await openImageFolder(folderOf("bytes", Object.fromEntries(files)));
    assert.deepEqual(
      await idsOf(source),
      names.map((name) => `c/${name}`),
    );
  });
});

describe("what an image is", () => {
  test("is not found by a few endings: kinds that are not read are rows as well", async () => {
    const jpeg = fixture("images/jpeg-420.jpg");
    const folder = folderOf("kinds", {
      "cat/e.psd": Buffer.from("8BPS\0\x01\0\0\0\0\0\0\0\x03", "latin1"),
      "cat/f.heic": Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1"),
      "cat/g.svg": "<svg/>",
      "cat/h.jpg": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
      "cat/notes.docx": "",
    });
    for (const name of ["a.jfif", "b.jpe", "c.mpo", "d.JPG"]) {
      copyFileSync(jpeg, join(folder, "cat", name));
    }
    const source = await openImageFolder(folder);
    const dataset = new MultimodalDataset({ source, tokenizer: await smallTokenizer() });
    const loader = new DataLoader(dataset, { batchSize: 8, onError: "skip" });
    for await (const { indices, dropped } of loader) {
      assert.deepEqual(indices, [0, 1, 2, 3]);
      assert.deepEqual(
        dropped.map(({ code }) => code),
        Array(4).fill("UNSUPPORTED_FORMAT"),
      );
      assert.match(dropped[3]?.message ?? "", /Git LFS pointer/);
    }
  });
});

describe("text files", () => {
  test("that belong to no image leave a folder for each class what it is", async () => {
    const folder = folderOf("stray", {
      "cat/0.jpg": "",
      "dog/0.jpg": "",
      "dog/README.txt": "",
      "classes.txt": "cat\ndog\n",
    });
    const source = await openImageFolder(folder);
    assert.equal(source.description, "folders of 2 classes, 2 images");
  });

  test("may end in .TXT", async () => {
    const folder = folderOf("upper", {
      "a.jpg": "",
      "a.txt": "alpha",
      "b.JPG": "",
      "b.TXT": "beta",
    });
    const source = await openImageFolder(folder);
    assert.deepEqual([await source.texts?.(0), await source.texts?.(1)], ["alpha", "beta"]);
  });

  test("in .txt come before those in .TXT, in whatever order they are listed", () => {
    for (const names of [
      ["a.TXT", "a.txt"],
      ["a.txt", "a.TXT"],
    ]) {
      assert.deepEqual([...contentsOfList(["a.jpg", ...names]).texts], [["a", ".txt"]]);
    }
  });

  test("in UTF-16 with its mark are read, and others that are not UTF-8 are bad texts", async () => {
    const folder = folderOf("encodings", {
      "a.jpg": "",
      "a.txt": Buffer.from("\uFEFFein Bär", "utf16le"),
      "b.jpg": "",
      "b.txt": Buffer.from("ein B\xE4r", "latin1"),
      "c.jpg": "",
      "c.txt": "\uFEFFein Bär",
    });
    const source = await openImageFolder(folder);
    assert.equal(await source.texts?.(0), "ein Bär");
    assert.equal(await source.texts?.(2), "ein Bär");
    await assert.rejects(
      async () => source.texts?.(1),
      codeOf("INVALID_TEXT", /b\.txt": it is not UTF-8, after "ein B"; save it as UTF-8/),
    );
  });

  test("that are other files' folders or pipes are errors of their rows", async () => {
    const folder = folderOf("no-file", { "a.jpg": "", "a.txt/x": "", "b.jpg": "", "b.txt": "b" });
    symlinkSync("/dev/zero", join(folder, "c.txt"));
    symlinkSync("b.jpg", join(folder, "c.jpg"));
    const source = await openImageFolder(folder, { allowOutsideRoot: true });
    await assert.rejects(async () => source.texts?.(0), codeOf("INVALID_TEXT", /no such file/));
    await assert.rejects(async () => source.texts?.(2), codeOf("NOT_A_FILE", /c\.txt/));
  });

  test("in other folders than their images are refused", async () => {
    const folder = folderOf("apart", { "images/1.jpg": "", "labels/1.txt": "one" });
    await assert.rejects(
      openImageFolder(folder),
      codeOf("UNKNOWN_SOURCE", /in other folders than the images/),
    );
    const half = folderOf("half-apart", { "a/1.jpg": "", "b/2.jpg": "", "labels/1.txt": "one" });
    assert.equal(await (await openImageFolder(half)).texts?.(0), "a");
  });
});

describe("names of folders are no texts", () => {
  test("where they are those of splits", async () => {
    for (const [name, files, message] of [
      ["s1", ["train/cat/0.jpg", "test/cat/0.jpg"], /several splits \(test, train\);.*s1.test/],
      ["s2", ["train/0.jpg", "train/0.txt", "val/1.jpg", "val/1.txt"], /several splits/],
      [
        "s3",
        ["x/train2017/0.jpg", "x/val2017/0.jpg"],
        /several splits \(train2017, val2017\) in x/,
      ],
      ["s4", ["cat/train/0.jpg", "dog/train/0.jpg"], /train is the name of a split/],
      ["s5", ["train/0.jpg", "train/metadata.csv", "test/metadata.csv"], /several splits/],
    ] as const) {
      const folder = folderOf(name, Object.fromEntries(files.map((file) => [file, ""])));
      await assert.rejects(openImageFolder(folder), codeOf("UNKNOWN_SOURCE", message));
    }
  });

  test("but where it is a class among others", async () => {
    const folder = folderOf("vehicles", { "train/0.jpg": "", "plane/0.jpg": "", "bus/0.jpg": "" });
    const source = await openImageFolder(folder);
    assert.equal(source.description, "folders of 3 classes, 3 images");
  });

  test("but where there is metadata beside the classes, and images are asked for", async () => {
    const folder = folderOf("beside-classes", {
      "metadata.csv": "",
      "cat/0.jpg": "",
      "dog/1.jpg": "",
    });
    const source = await openSource(folder, { kind: "images" });
    assert.equal(source.description, "folders of 2 classes, 2 images");
  });

  test("where texts are in metadata or a table", async () => {
    for (const [name, files, message] of [
      ["m1", ["cat/0.jpg", "cat/metadata.csv"], /in folders below this one \(cat.metadata\.csv\)/],
      ["m2", ["images/0.jpg", "captions.csv"], /where their texts are in captions\.csv/],
      ["m3", ["Images/0.jpg", "captions.txt"], /where their texts are in captions\.txt/],
      ["m4", ["0.jpg", "labels.jsonl"], /"0\.jpg" has no text.*labels\.jsonl/],
      ["m5", ["hub/0000.parquet"], /no images.*hub.0000\.parquet/],
    ] as const) {
      const folder = folderOf(name, Object.fromEntries(files.map((file) => [file, ""])));
      await assert.rejects(openImageFolder(folder), codeOf("UNKNOWN_SOURCE", message));
    }
  });
});

describe("symbolic links", { skip: onWindows("links need rights there") }, () => {
  test("are followed inside of the folder, by the links' own names", async () => {
    const folder = folderOf("inside", { "cat/0.jpg": "", "cat/kittens/1.jpg": "" });
    symlinkSync("cat", join(folder, "kitty"));
    symlinkSync("0.jpg", join(folder, "cat/2.jpg"));
    assert.deepEqual(await idsOf(await openImageFolder(folder)), [
      "cat/0.jpg",
      "cat/2.jpg",
      "cat/kittens/1.jpg",
      "kitty/0.jpg",
      "kitty/2.jpg",
      "kitty/kittens/1.jpg",
    ]);
  });

  test("to folders outside of it are an error that names the option, or followed", async () => {
    const real = folderOf("real", { "cat/0.jpg": "", "dog/0.jpg": "" });
    const folder = folderOf("links", { "dog/0.jpg": "" });
    symlinkSync(join(real, "cat"), join(folder, "cat"));
    const message = /symbolic link "cat" leads to a folder outside.*allowOutsideRoot/;
    await assert.rejects(openImageFolder(folder), codeOf("UNKNOWN_SOURCE", message));
    const source = await openImageFolder(folder, { allowOutsideRoot: true });
    assert.deepEqual(await idsOf(source), ["cat/0.jpg", "dog/0.jpg"]);
    const all = folderOf("all-links", {});
    mkdirSync(all);
    symlinkSync("../real/dog", join(all, "dog"));
    assert.equal((await openSource(all, { allowOutsideRoot: true })).length, 1);
  });

  test("to a folder beside it, whose name begins as its own, lead out of it", async () => {
    const beside = folderOf("twin2", { "cat/0.jpg": "" });
    const folder = folderOf("twin", { "dog/0.jpg": "" });
    symlinkSync(join(beside, "cat"), join(folder, "cat"));
    await assert.rejects(openImageFolder(folder), codeOf("UNKNOWN_SOURCE", /"cat" leads to a/));
  });

  test("to files outside of it are bad rows, as images and as texts, or read", async () => {
    const secret = folderOf("secret", { "a.jpg": "", "a.txt": "password" });
    const folder = folderOf("leaking", { "b.jpg": "", "c.jpg": "", "c.txt": "c" });
    symlinkSync(join(secret, "a.txt"), join(folder, "b.txt"));
    symlinkSync(join(secret, "a.jpg"), join(folder, "d.jpg"));
    writeFileSync(join(folder, "d.txt"), "d");
    const source = await openImageFolder(folder);
    for (const [index, name] of [
      [0, "b\\.txt"],
      [2, "d\\.jpg"],
    ] as const) {
      const message = new RegExp(`${name}": a symbolic link leads out.*allowOutsideRoot`);
      await assert.rejects(
        async () => source.get(index, context),
        codeOf("INVALID_SAMPLE", message),
      );
    }
    assert.equal((await source.get(1, context)).text, "c");
    const allowed = await openImageFolder(folder, { allowOutsideRoot: true });
    assert.equal((await allowed.get(0, context)).text, "password");
  });

  test("never lead in circles", async () => {
    const folder = folderOf("circles", { "a/0.jpg": "", "b/1.jpg": "" });
    symlinkSync("..", join(folder, "a/up"));
    symlinkSync("../b", join(folder, "a/b"));
    symlinkSync("../a", join(folder, "b/a"));
    symlinkSync("self", join(folder, "b/self.jpg"));
    symlinkSync("self.jpg", join(folder, "b/self"));
    assert.deepEqual(await idsOf(await openImageFolder(folder)), [
      "a/0.jpg",
      "a/b/1.jpg",
      "a/b/self.jpg",
      "b/1.jpg",
      "b/a/0.jpg",
      "b/self.jpg",
    ]);
    const above = folderOf("above", { "set/c/0.jpg": "" });
    symlinkSync("../..", join(above, "set/c/above"));
    const source = await openImageFolder(join(above, "set"), { allowOutsideRoot: true });
    assert.deepEqual(await idsOf(source), ["c/0.jpg"]);
    const far = folderOf("far-above", { "between/set/c/0.jpg": "" });
    symlinkSync("../../..", join(far, "between/set/c/above"));
    const set = await openImageFolder(join(far, "between/set"), { allowOutsideRoot: true });
    assert.deepEqual(await idsOf(set), ["c/0.jpg"]);
  });
});

describe("names that are not UTF-8", {
  skip: process.platform === "linux" ? false : "only Linux has such names",
}, () => {
  const bytes = (folder: string, name: string) =>
    Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, "latin1")]);

  test("are read, and named with escapes", async () => {
    const folder = folderOf("latin", { "ok.jpg": "", "ok.txt": "ok" });
    writeFileSync(bytes(folder, "caf\xE9.jpg"), "image");
    writeFileSync(bytes(folder, "caf\xE9.txt"), "first");
    writeFileSync(bytes(folder, "caf\xE8.jpg"), "other");
    const source = await openImageFolder(folder);
    assert.equal(source.length, 3);
    await assert.rejects(
      async () => source.get(0, context),
      codeOf("INVALID_TEXT", /caf\\\\xE8\.txt": there is no such file/),
    );
    assert.deepEqual(await source.get(1, context), {
      image: Buffer.from("image"),
      text: "first",
      key: "caf\\xE9.jpg",
    });
  });

  test("are bad rows where they are names of classes, and only there", async () => {
    const folder = folderOf("latin-classes", { "tea/ok.jpg": "" });
    mkdirSync(bytes(folder, "caf\xE9"));
    writeFileSync(bytes(folder, "caf\xE9/x.jpg"), "");
    const source = await openSource(folder);
    assert.equal(source.length, 2);
    await assert.rejects(
      async () => source.get(0, context),
      codeOf("INVALID_TEXT", /caf\\\\xE9.x\.jpg": the name of the class's folder is not UTF-8/),
    );
    assert.equal((await source.get(1, context)).text, "tea");
  });
});
