import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import {
  DataLoader,
  type ImageRange,
  MultimodalDataset,
  openWebDataset,
  type PairSource,
  PixtokError,
  type WebDatasetOptions,
} from "pixtok";
import { create } from "tar";
import { fixture, onWindows, sha256 } from "../support/fixtures.js";
import { randomIntegers, seed, smallTokenizer } from "../support/pairs.js";
import { gnuLongName, paxHeader, TAR_END, type TarFile, tarEntry, tarOf } from "../support/tar.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-webdataset-"));
after(() => rmSync(folder, { recursive: true }));
const context = { seed: 0, epoch: 0 };

let written = 0;
/** A path below the tests' folder, of a file in a folder of its own or of the name that is asked for. */
function write(content: Uint8Array, name = `${written}/x.tar`): string {
  written += 1;
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const indexOf = (path: string) => path.replace(/\.tar$/, ".idx");

const openFiles = (files: readonly TarFile[], options?: WebDatasetOptions) =>
  openWebDataset(write(tarOf(files)), options);

/** Id, the bytes of the image as text, and the text of each pair. */
async function pairsOf(source: PairSource) {
  const pairs: unknown[] = [];
  for (let i = 0; i < source.length; i += 1) {
    const { id, image, text } = await source.get(i, context);
    const { path, offset, length } = image as ImageRange;
    const bytes = readFileSync(path).toString("utf8", offset, offset + length);
    pairs.push([id, bytes, text]);
    assert.deepEqual(await source.texts?.(i), text);
  }
  return pairs;
}

/** The sample is bad, for its image and for its text alone. */
async function assertBad(source: PairSource, index: number, message: RegExp): Promise<void> {
  for (const read of [() => source.get(index, context), () => source.texts?.(index)]) {
    await assert.rejects(
      async () => read(),
      (error) => {
        assert.ok(error instanceof PixtokError);
        assert.deepEqual([error.code, error.index], ["INVALID_ARCHIVE", index]);
        assert.match(error.message, message);
        return true;
      },
    );
  }
}

const good = (key: string): TarFile[] => [
  [`${key}.jpg`, `image ${key}`],
  [`${key}.txt`, `text ${key}`],
];
const goodPair = (key: string) => [key, `image ${key}`, `text ${key}`];

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
      const { id, text } = await source.get(i, context);
      assert.deepEqual([id, text], [String(i), texts[i]]);
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
      const below = String(written);
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

describe("a bad sample of a WebDataset", () => {
  for (const [what, files, message, options = {}] of [
    ["without an image", [["b.txt", "x"]], /b: it has no image: expected one of .jpg.*got .txt/],
    ["without a text", [["b.jpg", "x"]], /b: it has no text: expected one of .txt.*, got .jpg/],
    [
      "without the image asked for",
      [
        ["b.png", "x"],
        ["b.txt", "x"],
      ],
      /b: it has no image: expected .jpg, got .png, .txt/,
      { imageExtension: "jpg" },
    ],
    [
      "with several images",
      [
        ["b.left.jpg", "x"],
        ["b.right.png", "x"],
        ["b.txt", "x"],
      ],
      /b: it has several images, .left.jpg, .right.png; the option imageExtension chooses one/,
    ],
    [
      "with several texts",
      [
        ["b.jpg", "x"],
        ["b.de.txt", "x"],
        ["b.en.txt", "x"],
      ],
      /b: it has several texts, .de.txt, .en.txt; the option textExtension chooses one/,
    ],
    [
      "with an extension twice",
      [
        ["b.jpg", "x"],
        ["b.JPG", "x"],
        ["b.txt", "x"],
      ],
      /b: it has more than one .jpg/,
    ],
    [
      "whose JSON cannot be parsed",
      [
        ["b.jpg", "x"],
        ["b.json", '{"text": "x'],
      ],
      /b.json: not JSON: /,
    ],
    [
      "whose JSON has no text",
      [
        ["b.jpg", "x"],
        ["b.json", '{"id": 1}'],
      ],
      /b.json: expected one of text, caption.* among the keys, got id/,
    ],
    [
      "whose JSON has a number for a text",
      [
        ["b.jpg", "x"],
        ["b.json", '{"text": 5}'],
      ],
      /b.json: text: expected a text or several, got 5/,
    ],
    [
      "whose text is not UTF-8",
      [
        ["b.jpg", "x"],
        ["b.txt", Buffer.from([0x61, 0xff])],
      ],
      /b.txt: not UTF-8/,
    ],
    [
      "whose class is no number",
      [
        ["b.jpg", "x"],
        ["b.cls", "cat"],
      ],
      /b.cls: expected digits, got "cat"/,
    ],
    [
      "whose text is too long to be one",
      [
        ["b.jpg", "x"],
        ["b.txt", Buffer.alloc((1 << 24) + 1, "x")],
      ],
      /b.txt: expected a text of at most 16777216 bytes, got 16777217/,
    ],
  ] as [string, TarFile[], RegExp, WebDatasetOptions?][]) {
    test(`${what} is one, and no other is`, async () => {
      const all = [...good("a"), ...files, ...good("c")];
      const path = write(tarOf(all));
      const text = { textExtension: "txt", ...options };
      for (const where of ["in the tar", "in the index"]) {
        const source = await openWebDataset(path, "imageExtension" in options ? text : {});
        assert.equal(source.length, 3, where);
        await assertBad(source, 1, message);
        for (const [i, key] of [
          [0, "a"],
          [2, "c"],
        ] as const) {
          assert.equal((await source.get(i, context)).id, key);
        }
      }
      rmSync(path);
    });
  }

  test("whose key comes again is the later one", async () => {
    const source = await openFiles(["a", "b", "a", "c"].flatMap(good));
    assert.equal(source.length, 4);
    await assertBad(source, 2, /a: its key has come before in this shard/);
    assert.deepEqual((await source.get(0, context)).id, "a");
    assert.deepEqual((await source.get(3, context)).id, "c");
  });

  test("whose bytes end early is the last one, and no index is kept", async () => {
    const whole = tarOf([...good("a"), ["b.txt", "text b"], ["b.jpg", Buffer.alloc(5000, "p")]]);
    const path = write(whole.subarray(0, 512 * 7 + 1000));
    const source = await openWebDataset(path);
    assert.equal(source.length, 2);
    assert.equal((await source.get(0, context)).text, "text a");
    await assertBad(source, 1, /b: b.jpg ends at byte 8584, but the tar at byte 4584/);
    assert.ok(!existsSync(indexOf(path)));
  });

  for (const [what, bytes, message] of [
    ["half a header", tarEntry({ path: "b.jpg" }).subarray(0, 300), /within the header at byte/],
    [
      "a header with a wrong sum",
      tarEntry({ path: "b.jpg" }).fill("q", 0, 1),
      /the header at byte 2048 is damaged/,
    ],
    [
      "a size that is absurd",
      (() => {
        const entry = tarEntry({ path: "b.jpg" }, "x");
        entry.write("\x90", 124, "latin1");
        return entry;
      })(),
      /the header at byte 2048 is damaged/,
    ],
    [
      "half a long name",
      gnuLongName("x".repeat(600)).subarray(0, 900),
      /the extended header at byte 2048 is damaged or cut short/,
    ],
    [
      "a long name of absurd length",
      tarEntry({ path: "x", type: "NextFileHasLongPath", size: 2 ** 32 }),
      /the extended header at byte 2048 is damaged or cut short/,
    ],
    [
      "half a file that belongs to no sample",
      tarEntry({ path: "README", size: 9999 }),
      /README ends at byte 12559, but the tar at byte 2560/,
    ],
    [
      "a file that would end beyond any disk",
      tarEntry({ path: "b.jpg", size: Number.MAX_SAFE_INTEGER }),
      /b: b.jpg ends at byte/,
    ],
  ] as const) {
    test(`is at the end of a tar with ${what}`, async () => {
      const path = write(Buffer.concat([tarOf(good("a")).subarray(0, 2048), bytes]));
      const source = await openWebDataset(path);
      assert.equal(source.length, 2);
      assert.equal((await source.get(0, context)).text, "text a");
      await assertBad(source, 1, message);
      assert.ok(!existsSync(indexOf(path)));
    });
  }

  test(`is one that a cut anywhere leaves incomplete, and no other is (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    const keys = ["a", "b", "c", "d"];
    const files = keys.flatMap((key): TarFile[] => [
      [`${key}.jpg`, "p".repeat(random(1500))],
      [`${key}.txt`, `text ${key}`.repeat(1 + random(80))],
    ]);
    const whole = tarOf(files);
    const ends: number[] = [];
    let position = 0;
    for (const [name, content] of files) {
      if (name.endsWith(".txt")) ends.push(position + 512 + content.length);
      position += 512 + 512 * Math.ceil(content.length / 512);
    }
    for (let i = 0; i < 60; i += 1) {
      const cut = 512 + random(whole.length - 512);
      const source = await openWebDataset(write(whole.subarray(0, cut), "cut/x.tar"));
      const complete = ends.filter((end) => end <= cut).length;
      for (let index = 0; index < source.length; index += 1) {
        if (index < complete) assert.equal((await source.get(index, context)).id, keys[index]);
        else await assertBad(source, index, /./);
      }
      // the one that is incomplete, and half a header, which may be of another
      assert.ok(source.length >= complete && source.length <= complete + 2, `cut at ${cut}`);
    }
  });

  test(`is all that random bytes do harm to (seed ${seed})`, async () => {
    const random = randomIntegers(seed + 1);
    const whole = Buffer.concat([
      paxHeader({ path: "a.jpg", size: 3 }),
      tarEntry({ path: "a.jpg" }, "abc"),
      gnuLongName("a.txt"),
      tarEntry({ path: "x" }, "text"),
      ...good("b").map(([path, content]) => tarEntry({ path }, content)),
      TAR_END,
    ]);
    for (let i = 0; i < 200; i += 1) {
      const bytes = Buffer.from(whole);
      for (let n = 1 + random(4); n > 0; n -= 1) bytes[random(bytes.length)] = random(256);
      try {
        const source = await openWebDataset(write(bytes, "flipped/x.tar"));
        for (let index = 0; index < source.length; index += 1) await source.get(index, context);
      } catch (error) {
        assert.ok(error instanceof PixtokError && error.code === "INVALID_ARCHIVE", String(error));
      }
    }
  });

  test("is left out by a loader that skips, in any order", async () => {
    const jpeg = readFileSync(fixture("images/jpeg-420.jpg"));
    const files = Array.from({ length: 20 }, (_, i): TarFile[] => [
      [`${i}.jpg`, jpeg],
      [i === 13 ? `${i}.npy` : `${i}.txt`, String(i)],
    ]);
    const dataset = new MultimodalDataset({
      source: await openFiles(files.flat()),
      tokenizer: await smallTokenizer(),
    });
    const options = { batchSize: 4, shuffle: true, seed: 3, onError: "skip" } as const;
    const loader = new DataLoader(dataset, options);
    const indices: number[] = [];
    for await (const batch of loader) {
      assert.deepEqual(batch.texts, batch.indices.map(String));
      indices.push(...batch.indices);
    }
    const expected = Array.from({ length: 20 }, (_, i) => i).filter((i) => i !== 13);
    assert.deepEqual(
      indices.sort((a, b) => a - b),
      expected,
    );
    const [error] = loader.errors.list;
    assert.deepEqual([error?.index, error?.code], [13, "INVALID_ARCHIVE"]);
  });

  test("is every one of a shard that has been changed since it was opened", async () => {
    const path = write(tarOf(good("a")));
    const source = await openWebDataset(path);
    writeFileSync(path, tarOf([...good("b"), ...good("c")]));
    await assertBad(source, 0, /the tar has been changed since it was opened/);
  });
});

describe("the index beside a shard", () => {
  test("is in the format of DALI's wds2idx, with a last line of ours", async () => {
    const path = write(tarOf([...good("a"), ["d/b c.JPG", "x"], ["d/b c.txt", "yy"]]));
    await openWebDataset(path);
    const { size, mtimeNs } = statSync(path, { bigint: true });
    assert.equal(
      readFileSync(indexOf(path), "utf8"),
      "v1.2 2\n" +
        "jpg 512 7 a.jpg txt 1536 6 a.txt\n" +
        "JPG 2560 1 d/b%20c.JPG txt 3584 2 d/b%20c.txt\n" +
        `# pixtok ${size} ${mtimeNs}\n`,
    );
    assert.deepEqual(readdirSync(dirname(path)).sort(), ["x.idx", "x.tar"]);
  });

  test("is used while the tar is the same, and made anew when it has changed", async () => {
    const path = write(tarOf(good("a")));
    await openWebDataset(path);
    const index = readFileSync(indexOf(path), "utf8");
    writeFileSync(indexOf(path), index.replaceAll("a.jpg", "A.jpg").replaceAll("a.txt", "A.txt"));
    assert.equal((await (await openWebDataset(path)).get(0, context)).id, "A");
    const { atime, mtime } = statSync(path);
    utimesSync(path, atime, new Date(mtime.getTime() - 5000));
    assert.equal((await (await openWebDataset(path)).get(0, context)).id, "a");
    writeFileSync(path, tarOf([...good("b"), ...good("c")]));
    assert.deepEqual(await pairsOf(await openWebDataset(path)), [goodPair("b"), goodPair("c")]);
    assert.match(readFileSync(indexOf(path), "utf8"), /^v1.2 2\njpg 512 7 b.jpg /);
  });

  const foreign = "v1.2 2\njpg 512 7 a.jpg txt 1536 6 a.txt\njpg 2560 7 b.jpg txt 3584 6 b.txt\n";
  const whole = tarOf([...good("a"), ...good("b")]);

  test("may be wds2idx's own", async () => {
    const path = write(whole);
    writeFileSync(indexOf(path), foreign);
    assert.deepEqual(await pairsOf(await openWebDataset(path)), [goodPair("a"), goodPair("b")]);
    assert.equal(readFileSync(indexOf(path), "utf8"), foreign);
  });

  for (const [what, index] of [
    ["of another version", foreign.replace("v1.2", "v1.1")],
    ["without a count", foreign.replace("v1.2 2", "v1.2")],
    ["with fewer lines than it says", foreign.replace("v1.2 2", "v1.2 3")],
    ["with an absurd count", foreign.replace("v1.2 2", "v1.2 99999999999999999999")],
    ["that is cut short", foreign.slice(0, -8)],
    ["with a size that is no number", foreign.replace("2560 7", "2560 7x")],
    ["that points beyond the tar", foreign.replace("3584 6", "3584 99999999")],
    ["with a gap, as wds2idx makes before pax headers", foreign.replaceAll("2560", "3072")],
    ["of another tar", foreign.replace("b.txt", "c.txt")],
    ["that is empty", ""],
    ["of random bytes", "\x00\xff\n\n\n"],
    ["of ours that has been cut", foreign.replace("b.txt\n", "# pixtok")],
  ]) {
    test(`${what} is made anew`, async () => {
      const path = write(whole);
      writeFileSync(indexOf(path), index as string);
      assert.deepEqual(await pairsOf(await openWebDataset(path)), [goodPair("a"), goodPair("b")]);
      const made = readFileSync(indexOf(path), "utf8");
      assert.ok(made.startsWith(`${foreign}# pixtok `));
    });
  }

  test("of wds2idx that is older than the tar is made anew", async () => {
    const path = write(whole);
    writeFileSync(indexOf(path), foreign.replaceAll("b.", "B."));
    const { mtime } = statSync(path);
    utimesSync(indexOf(path), mtime, new Date(mtime.getTime() - 5000));
    assert.deepEqual(await pairsOf(await openWebDataset(path)), [goodPair("a"), goodPair("b")]);
  });

  test("is only in memory where the folder cannot be written to", async () => {
    const path = write(whole);
    mkdirSync(indexOf(path)); // for root, who may write anywhere
    chmodSync(dirname(path), 0o555);
    try {
      assert.deepEqual(await pairsOf(await openWebDataset(path)), [goodPair("a"), goodPair("b")]);
      assert.deepEqual(readdirSync(dirname(path)).sort(), ["x.idx", "x.tar"]);
    } finally {
      chmodSync(dirname(path), 0o755);
    }
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
    await assert.rejects(open("a.tar", { imageExt: "jpg" }), /unknown option "imageExt"/);
    await assert.rejects(open("a.tar", { imageExtension: 5 }), /imageExtension: expected/);
    await assert.rejects(open("a.tar", { textExtension: "." }), /textExtension: expected/);
    await assert.rejects(open("a.tar", { textColumn: 5 }), /textColumn: expected a name/);
  });
});

describe("names that are not UTF-8", () => {
  const expected = JSON.parse(readFileSync(fixture("tars/expected.json"), "utf8")) as Record<
    string,
    [string, string][]
  >;
  for (const [name, samples] of Object.entries(expected)) {
    test(`${name}: are the keys that Python has, one for each name`, async () => {
      const path = write(readFileSync(fixture(`tars/${name}`)));
      // the second time from the index
      for (const times of ["scanned", "indexed"]) {
        const source = await openWebDataset(path);
        assert.equal(source.length, samples.length);
        for (const [i, [key, text]] of samples.entries()) {
          const pair = await source.get(i, context);
          assert.deepEqual([pair.id, pair.text], [key, text], times);
          assert.equal(pair.origin, `${path}#${key}`);
        }
      }
      assert.ok(existsSync(indexOf(path)));
    });
  }
  test("of an index in which they became one are not believed", async () => {
    const path = write(readFileSync(fixture("tars/latin-1-ustar.tar")));
    await openWebDataset(path);
    const index = readFileSync(indexOf(path), "utf8");
    writeFileSync(indexOf(path), index.replace(/%E[89]/g, "\ufffd"));
    const source = await openWebDataset(path);
    assert.equal((await source.get(0, context)).id, "caf\udce9");
  });
});

describe("what is no tar or no plain file in it", () => {
  test("a pipe is refused, and not waited for", {
    skip: onWindows("there are no pipes with names"),
  }, async () => {
    const path = join(folder, "pipe.tar");
    execFileSync("mkfifo", [path]);
    await assert.rejects(openWebDataset(path), { code: "NOT_A_FILE" });
  });
  test("an index that is a pipe is not waited for", {
    skip: onWindows("there are no pipes with names"),
  }, async () => {
    const path = write(tarOf(good("a")));
    execFileSync("mkfifo", [indexOf(path)]);
    assert.deepEqual(await pairsOf(await openWebDataset(path)), [goodPair("a")]);
  });
  test("a pax header whose lengths are not its own is damage", async () => {
    for (const records of ["99 path=a.txt\n", "3 a\n", "0 path=b\n", "15 path=a.txt\n", "x"]) {
      const pax = tarEntry({ path: "pax", type: "ExtendedHeader" }, records);
      const tar = Buffer.concat([tarOf(good("a")).subarray(0, -1024), pax, tarOf(good("b"))]);
      const source = await openWebDataset(write(tar));
      assert.equal(source.length, 2, records);
      await assertBad(source, 1, /the pax header at byte 2048 is damaged/);
    }
  });
  test("an old GNU sparse file, and what comes behind it, is not taken for something else", async () => {
    for (const maps of [0, 1, 3]) {
      const sparse = tarEntry({ path: "a.jpg" }, "pieces of an image");
      sparse[156] = 0x53; // "S"
      sparse[482] = maps > 0 ? 1 : 0;
      const blocks = Array.from({ length: maps }, (_, i) => {
        const block = Buffer.alloc(512, 0x31);
        block[504] = i + 1 < maps ? 1 : 0;
        return block;
      });
      const header = Buffer.from(sparse.subarray(0, 512)).fill(" ", 148, 156);
      const sum = header.reduce((total, byte) => total + byte, 0);
      header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
      const [, caption] = good("a") as [TarFile, TarFile];
      const rest = tarOf([caption, ...good("b")]);
      const tar = Buffer.concat([header, ...blocks, sparse.subarray(512), rest]);
      const source = await openWebDataset(write(tar));
      assert.equal(source.length, 2);
      await assertBad(source, 0, /it has no image/);
      assert.equal((await source.get(1, context)).id, "b");
    }
  });
  test("a sparse file is not taken for what its pieces are", async () => {
    const text = "22 GNU.sparse.major=1\n";
    const pax = tarEntry({ path: "pax", type: "ExtendedHeader" }, text);
    const [image, caption] = good("a") as [TarFile, TarFile];
    const tar = Buffer.concat([tarOf([image]).subarray(0, -1024), pax, tarOf([caption])]);
    await assertBad(await openWebDataset(write(tar)), 0, /it has no text/);
  });
});

describe("names of images", () => {
  for (const extension of ["jfif", "jpe", "mpo", "apng", "JPG"]) {
    test(`.${extension} is one`, async () => {
      const source = await openFiles([
        [`a.${extension}`, "image"],
        ["a.txt", "text"],
      ]);
      assert.deepEqual(await pairsOf(source), [["a", "image", "text"]]);
    });
  }
  for (const name of ["bmp", "heic", "jp2", "ppm", "tga", "ico", "psd"]) {
    test(`.${name} is one that is not read: the image is bad, not missing`, async () => {
      const source = await openFiles([
        [`a.${name}`, "BM is no image that is read"],
        ["a.txt", "text"],
      ]);
      const dataset = new MultimodalDataset({ source, tokenizer: await smallTokenizer() });
      await assert.rejects(dataset.get(0), { code: "UNSUPPORTED_FORMAT" });
    });
  }
  test("that are read win over others", async () => {
    const source = await openFiles([
      ["a.bmp", "mask"],
      ["a.jpg", "image"],
      ["a.txt", "text"],
    ]);
    assert.deepEqual(await pairsOf(source), [["a", "image", "text"]]);
  });
});

test("files of more shards than are kept open are read at once, and all closed after a while", {
  skip: existsSync("/proc/self/fd") ? false : "there is no list of open files here",
}, async () => {
  const below = String(written);
  for (let i = 0; i < 40; i += 1) write(tarOf(good(String(i))), `${below}/${i}.tar`);
  const shards = join(folder, below, "{0..39}.tar");
  const source = await openWebDataset(shards);
  const ours = join(realpathSync(folder), below);
  const openNow = () =>
    readdirSync("/proc/self/fd").filter((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(ours);
      } catch {
        return false; // that of the listing itself
      }
    }).length;
  const all = Array.from({ length: 400 }, (_, i) => i % 40);
  const texts = await Promise.all(all.map((i) => source.texts?.(i)));
  assert.deepEqual(
    texts,
    all.map((i) => `text ${i}`),
  );
  await sleep(50);
  assert.ok(openNow() <= 16, `${openNow()} are open`);
  await sleep(1500);
  assert.equal(openNow(), 0);
  assert.equal(await source.texts?.(7), "text 7");
});
