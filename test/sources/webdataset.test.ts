import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import {
  MultimodalDataset,
  openParquet,
  openSource,
  openWebDataset,
  type PairSource,
  PixtokError,
  type WebDatasetOptions,
} from "pixtok";
import { create } from "tar";
import { fixture, sha256 } from "../support/fixtures.js";
import { smallTokenizer } from "../support/pairs.js";
import {
  context,
  folder,
  good,
  goodPair,
  newFolder,
  openFiles,
  pairsOf,
  write,
} from "../support/shards.js";
import { gnuLongName, paxHeader, TAR_END, type TarFile, tarEntry, tarOf } from "../support/tar.js";

describe("a WebDataset", () => {
  test("gives the tensors, texts and ids of the plain files", async () => {
    const names = ["jpeg-420.jpg", "png-rgb.png", "webp-lossy.webp", "gif-still.gif"];
    names.push("tiff-rgb.tiff", "avif-420.avif", "jpeg-cmyk.jpg");
    const files = join(folder, "files");
    mkdirSync(files);
    const tarred: string[] = [];
    for (const [i, name] of names.entries()) {
      const base = `${i}.${name.split(".")[1]}`;
      writeFileSync(join(files, base), readFileSync(fixture(`images/${name}`)));
      writeFileSync(join(files, `${i}.txt`), `This is number ${i}.\n`);
      tarred.push(base, `${i}.txt`);
    }
    for (const [shard, from, to] of [
      [0, 0, 8],
      [1, 8, 14],
    ] as const) {
      const file = join(files, `${shard}.tar`);
      await create({ file, cwd: files }, tarred.slice(from, to));
    }
    const source = await openWebDataset(join(files, "{0..1}.tar"));
    assert.equal(source.description, "WebDataset, 2 shards, 7 pairs");
    const tokenizer = await smallTokenizer();
    const imagePaths = names.map((name) => fixture(`images/${name}`));
    const texts = names.map((_, i) => `This is number ${i}.`);
    const plain = new MultimodalDataset({ imagePaths, texts, tokenizer });
    const shards = new MultimodalDataset({ source, tokenizer });
    for (const i of names.keys()) {
      const [a, b] = [await plain.get(i), await shards.get(i)];
      assert.equal(sha256(b.image.data), sha256(a.image.data), names[i]);
      assert.deepEqual(b.input_ids, a.input_ids);
      const { key, text } = await source.get(i, context);
      assert.deepEqual([key, text], [String(i), texts[i]]);
    }
  });

  test("groups names as the webdataset library does", async () => {
    // expected values: webdataset 1.0.2 (Python) on the same names
    const n150 = "n".repeat(150);
    const names = [
      ...["./0001.jpg", "./0001.txt", "a/b.c/0001.left.JPG", "a/b.c/0001.txt", "README"],
      ...["a/b.c/0001.right.jpg", "__index__", "__meta__/x.jpg", "dir.d/README"],
      ...["x y.jpg", "x y.TXT", "ü/ö.1.png", "ü/ö.txt", "ü/ö.json", "0002.tar.gz.jpg"],
      ...["0002.txt", "p/q/0003.jpg", "p/r/0003.txt", `long/${n150}.jpg`, `long/${n150}.txt`],
      ...["__a__b.jpg", "__a__b.txt", ".hidden.jpg", "100%.jpg", "100%.txt"],
    ];
    const expected = [
      ["./0001", "jpg", "txt"],
      ["a/b.c/0001", "left.jpg", "right.jpg", "txt"],
      ["x y", "jpg", "txt"],
      ["ü/ö", "1.png", "json", "txt"],
      ["0002", "tar.gz.jpg", "txt"],
      ["p/q/0003", "jpg"],
      ["p/r/0003", "txt"],
      [`long/${n150}`, "jpg", "txt"],
      ["__a__b", "jpg", "txt"],
      ["100%", "jpg", "txt"],
    ];
    const entries = names.map((name, i) =>
      Buffer.concat([paxHeader({ path: name }), tarEntry({ path: "x" }, String(i))]),
    );
    const path = write(Buffer.concat([tarEntry({ path: "./", type: "Directory" }), ...entries]));
    for (const where of ["in the tar", "in the index"]) {
      const source = await openWebDataset(path, { imageExtension: "none" });
      assert.equal(source.length, expected.length);
      for (const [i, [key, ...extensions]] of expected.entries()) {
        const { message } = await Promise.resolve(source.get(i, context)).catch((error) => error);
        const found = /"[^"]*": (.*): it has no image: expected .none, got (.*)$/.exec(message);
        assert.equal(found?.[1], key, where);
        assert.deepEqual(found?.[2]?.split(", ").sort(), extensions.map((e) => `.${e}`).sort());
      }
    }
  });

  for (const [what, entries] of [
    ["GNU tar", (name: string) => [gnuLongName(name), tarEntry({ path: name.slice(0, 99) }, "x")]],
    [
      "GNU tar, with that of a link behind,",
      (name: string) => [
        gnuLongName(name),
        tarEntry({ path: "././@LongLink", type: "NextFileHasLongLinkpath" }, "elsewhere\0"),
        tarEntry({ path: name.slice(0, 99) }, "x"),
      ],
    ],
    ["pax", (name: string) => [paxHeader({ path: name }), tarEntry({ path: "short" }, "x")]],
    [
      "pax with a prefix beside",
      (name: string) => [
        paxHeader({ path: name }),
        tarEntry({ path: `${"d".repeat(90)}/${"f".repeat(90)}` }, "x"),
      ],
    ],
    ["ustar", (name: string) => [tarEntry({ path: name }, "x")]],
  ] as const) {
    test(`has long names as ${what} writes them`, async () => {
      const key = what === "ustar" ? `${"d".repeat(120)}/${"f".repeat(90)}` : "ü".repeat(150);
      const parts = [`${key}.jpg`, `${key}.txt`].flatMap(entries);
      const source = await openWebDataset(write(Buffer.concat([...parts, TAR_END])));
      assert.deepEqual(await pairsOf(source), [[key, "x", "x"]]);
    });
  }

  test("has sizes as pax writes them, and those of base 256", async () => {
    const base256 = tarEntry({ path: "a.txt" }, "hello");
    const digits = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]);
    digits.copy(base256, 124);
    const sum = base256
      .fill(" ", 148, 156)
      .subarray(0, 512)
      .reduce((total, byte) => total + byte);
    base256.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const image = tarEntry({ path: "a.jpg", size: 0 }).subarray(0, 512);
    const body = Buffer.alloc(1024, "p");
    const parts = [paxHeader({ size: 600 }), image, body, base256, TAR_END];
    const source = await openWebDataset(write(Buffer.concat(parts)));
    assert.deepEqual(await pairsOf(source), [["a", "p".repeat(600), "hello"]]);
  });

  test("has what a global header says, and contiguous files, as Python's tarfile", async () => {
    const global = tarEntry({ path: "g", type: "GlobalExtendedHeader" }, "10 size=3\n");
    const image = tarEntry({ path: "a.jpg", size: 1 }, "AAA");
    const text = tarEntry({ path: "a.txt", type: "ContiguousFile" }, "one");
    const source = await openWebDataset(write(Buffer.concat([global, image, text, TAR_END])));
    assert.deepEqual(await pairsOf(source), [["a", "AAA", "one"]]);
  });

  test("has what several pax headers say of one file, as Python's tarfile", async () => {
    const time = tarEntry({ path: "p", type: "ExtendedHeader" }, "11 mtime=1\n");
    const image = [paxHeader({ path: "long/a.jpg" }), time, tarEntry({ path: "x" }, "A")];
    const text = tarEntry({ path: "long/a.txt" }, "one");
    const source = await openWebDataset(write(Buffer.concat([...image, text, TAR_END])));
    assert.deepEqual(await pairsOf(source), [["long/a", "A", "one"]]);
  });

  test("skips links, folders and what else is no file", async () => {
    const source = await openWebDataset(
      write(
        Buffer.concat([
          tarEntry({ path: "a.jpg" }, "image"),
          tarEntry({ path: "a.png", type: "SymbolicLink", linkpath: "a.jpg" }),
          tarEntry({ path: "a.webp", type: "Link", linkpath: "a.jpg", size: 7 }),
          tarEntry({ path: "a.d", type: "Directory" }),
          tarEntry({ path: "comment", type: "GlobalExtendedHeader" }, "13 comment=x\n"),
          tarEntry({ path: "a.txt" }, "text"),
        ]),
      ),
    );
    assert.deepEqual(await pairsOf(source), [["a", "image", "text"]]);
  });

  for (const [pattern, names] of [
    // expected values: braceexpand 0.1.7 (Python), which webdataset uses
    ["{08..11}.tar", ["08.tar", "09.tar", "10.tar", "11.tar"]],
    ["{1..010..4}", ["001", "005", "009"]],
    ["{3..1}.tar", ["3.tar", "2.tar", "1.tar"]],
    ["{-01..1}", ["-01", "000", "001"]],
    ["{a,b}/x-{0..1}.tar", ["a/x-0.tar", "a/x-1.tar", "b/x-0.tar", "b/x-1.tar"]],
    ["x{,b}.tar", ["x.tar", "xb.tar"]],
    ["{a,b{1,2},{a}}c", ["ac", "b1c", "b2c", "{a}c"]],
    ["{{7..8},{a..c..2}}", ["7", "8", "a", "c"]],
    ["x{a}y,z", ["x{a}y,z"]],
  ] as const) {
    test(`finds shards by ${pattern}`, async () => {
      const below = newFolder();
      for (const name of names) write(tarOf(good(name.replace(/\W/g, "_"))), `${below}/${name}`);
      const source = await openWebDataset(join(folder, below, pattern));
      const expected = names.map((name) => goodPair(name.replace(/\W/g, "_")));
      assert.deepEqual(await pairsOf(source), expected);
      const listed = await openWebDataset(names.map((name) => join(folder, below, name)));
      assert.equal(listed.fingerprint, source.fingerprint);
    });
  }

  test("takes the text from txt, json or cls", async () => {
    const source = await openFiles([
      ["a.jpg", "p"],
      ["a.cls", "3"],
      ["a.json", '{"caption":"no"}'],
      ["a.txt", "\uFEFFzwei ü \r\n\n"],
      ["b.jpg", "p"],
      ["b.cls", "3"],
      ["b.json", '{"id":1,"caption":"yes","title":"no"}'],
      ["c.jpg", "p"],
      ["c.json", '"a string"'],
      ["d.jpg", "p"],
      ["d.meta.json", '["x","y"]'],
      ["e.jpg", "p"],
      ["e.cls", "417\n"],
      ["f.jpg", "p"],
      ["f.txt", ""],
    ]);
    const texts = (await pairsOf(source)).map((pair) => (pair as unknown[])[2]);
    assert.deepEqual(texts, ["zwei ü ", "yes", "a string", ["x", "y"], "417", ""]);
  });

  test("is told from others by what is read of the samples, and by the sizes of the shards", async () => {
    const files = (bytes: string): TarFile[] => [
      ["a.jpg", bytes],
      ["a.txt", "text"],
      ["a.json", '{"caption":"one","title":"other"}'],
    ];
    const below = newFolder();
    const fingerprintOf = async (bytes: string, options: WebDatasetOptions) =>
      (await openWebDataset(write(tarOf(files(bytes)), `${below}/same.tar`), options)).fingerprint;
    const each = [
      await fingerprintOf("A", {}),
      await fingerprintOf("A", { textColumn: "caption" }),
      await fingerprintOf("A", { textColumn: "title" }),
      await fingerprintOf("A".repeat(1000), {}),
    ];
    assert.equal(new Set(each).size, each.length);
    assert.equal(await fingerprintOf("B", {}), each[0]);
  });

  test("takes the files that options name", async () => {
    const files: TarFile[] = [
      ["a.left.jpg", "left"],
      ["a.right.jpg", "right"],
      ["a.txt", "text"],
      ["a.alt.txt", "alt"],
      ["a.json", '{"caption":"caption","de":"Text"}'],
    ];
    const pairOf = async (options: WebDatasetOptions) =>
      (await pairsOf(await openFiles(files, options)))[0];
    assert.deepEqual(await pairOf({ imageExtension: "right.jpg" }), ["a", "right", "text"]);
    const alternative = { imageExtension: ".LEFT.JPG", textExtension: "alt.txt" };
    assert.deepEqual(await pairOf(alternative), ["a", "left", "alt"]);
    const json = { imageExtension: "left.jpg", textExtension: "json" };
    assert.deepEqual(await pairOf(json), ["a", "left", "caption"]);
    const column = { imageExtension: "left.jpg", textColumn: "de" };
    assert.deepEqual(await pairOf(column), ["a", "left", "Text"]);
  });

  test("takes an exact extension before one that only ends with it", async () => {
    const source = await openFiles([
      ["a.mask.png", "mask"],
      ["a.png", "image"],
      ["a.other.txt", "other"],
      ["a.txt", "text"],
    ]);
    assert.deepEqual(await pairsOf(source), [["a", "image", "text"]]);
  });

  test("tells how many shards it has opened", async () => {
    const shards = Array.from({ length: 6 }, (_, i) => join(folder, `progress-${i}.tar`));
    for (const path of shards)
      writeFileSync(
        path,
        tarOf([
          ["a.jpg", ""],
          ["a.txt", ""],
        ]),
      );
    const reported: number[][] = [];
    await openWebDataset(shards, { onProgress: (done, total) => reported.push([done, total]) });
    assert.deepEqual(reported, [
      [4, 6],
      [6, 6],
    ]);
  });

  test("has other fingerprints for other shards and options", async () => {
    const [a, b] = [write(tarOf(good("a"))), write(tarOf([...good("a"), ...good("b")]))];
    const fingerprints = [
      await openWebDataset(a),
      await openWebDataset(b),
      await openWebDataset([a, b]),
      await openWebDataset(a, { textExtension: "txt" }),
    ].map(({ fingerprint }) => fingerprint);
    assert.equal(new Set(fingerprints).size, 4);
    assert.equal((await openWebDataset(a)).fingerprint, fingerprints[0]);
  });
});

describe("a WebDataset that cannot be opened", () => {
  for (const [what, content, code, message] of [
    ["as it is not there", undefined, "FILE_NOT_FOUND", /no such file/],
    ["as it is empty", "", "INVALID_ARCHIVE", /this is no tar file/],
    ["as it is no tar", Buffer.alloc(2000, "x"), "INVALID_ARCHIVE", /this is no tar file/],
    [
      "as it is compressed",
      gzipSync(tarOf(good("a"))),
      "INVALID_ARCHIVE",
      /compressed with gzip; unpack it/,
    ],
    ["as it has no samples", tarOf([["README", "x"]]), "INVALID_ARCHIVE", /there are no samples/],
    ["as it is a folder", null, "NOT_A_FILE", /this is a folder/],
  ] as const) {
    test(`${what} says so`, async () => {
      let path = join(folder, "none.tar");
      if (content === null) path = folder;
      else if (content !== undefined) path = write(Buffer.from(content as Uint8Array));
      const all = [write(tarOf([])), path];
      await assert.rejects(
        openWebDataset(all),
        (error) =>
          error instanceof PixtokError &&
          error.code === code &&
          message.test(error.message) &&
          error.source?.includes(path) === true,
      );
    });
  }

  test("is misuse where names, braces or options are wrong", async () => {
    const open = openWebDataset as (shards: unknown, options?: unknown) => Promise<PairSource>;
    for (const shards of [5, "", [], ["a.tar", 5]]) {
      await assert.rejects(open(shards), { name: "TypeError", message: /^shards: expected/ });
    }
    for (const shards of ["{a", "a}", "}{", "{a,{b}", "{0..9999999}", "{0..9999}{0..9999}"]) {
      await assert.rejects(open(shards), { name: "RangeError", message: /^shards: expected/ });
    }
    await assert.rejects(openParquet("{a"), { name: "RangeError", message: /^files: expected/ });
    await assert.rejects(openSource("{a"), { name: "RangeError", message: /^data: expected/ });
    await assert.rejects(
      open("a.tar", { imageExt: "jpg" }),
      /openWebDataset: unknown option "imageExt"/,
    );
    await assert.rejects(open("a.tar", { imageExtension: 5 }), /imageExtension: expected/);
    await assert.rejects(open("a.tar", { textExtension: "." }), /textExtension: expected/);
    await assert.rejects(open("a.tar", { textColumn: 5 }), /textColumn: expected a name/);
  });
});
