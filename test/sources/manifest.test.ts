import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { DataLoader, MultimodalDataset, openManifest, openSource, PixtokError } from "pixtok";
import { fixture, onWindows, readJsonLines } from "../support/fixtures.js";
import { smallTokenizer } from "../support/pairs.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-manifest-"));
after(() => rmSync(folder, { recursive: true }));
const context = { seed: 0, epoch: 0 };

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function pairsOf(path: string, options = {}): Promise<[unknown, unknown][]> {
  const source = await openManifest(path, options);
  const pairs: [unknown, unknown][] = [];
  for (let i = 0; i < source.length; i += 1) {
    const { image, text } = await source.get(i, context);
    pairs.push([image, text]);
  }
  return pairs;
}

const codeOf = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof PixtokError && error.code === code && message.test(error.message);

describe("a manifest", () => {
  test("in JSON Lines: relative paths, blank lines, a byte order mark, no last line end", async () => {
    const path = write(
      "a.jsonl",
      '\uFEFF{"image":"x/1.jpg","text":"eins"}\r\n\n  \n{"image":"./x/../2.jpg","text":"zwei ü"}',
    );
    assert.deepEqual(await pairsOf(path), [
      [join(folder, "x/1.jpg"), "eins"],
      [join(folder, "2.jpg"), "zwei ü"],
    ]);
  });

  test("in CSV: quoted commas, quotes and line ends, columns in any order", async () => {
    const path = write(
      "a.csv",
      'id,caption,file_name\r\n1,"a ""red"" one,\nyes",1.jpg\r\n2,two,"b,c.png"\r\n',
    );
    assert.deepEqual(await pairsOf(path, { root: "/data" }), [
      ["/data/1.jpg", 'a "red" one,\nyes'],
      ["/data/b,c.png", "two"],
    ]);
  });

  test("in CSV with a quote inside of a field, which opens none", async () => {
    const path = write(
      "inch.csv",
      '\uFEFF"image",text\n1.jpg,a 5" screen\n2.jpg,"x ""y"""\n3.jpg,z\n',
    );
    assert.deepEqual(await pairsOf(path, { root: "/r" }), [
      ["/r/1.jpg", 'a 5" screen'],
      ["/r/2.jpg", 'x "y"'],
      ["/r/3.jpg", "z"],
    ]);
  });

  test("in TSV, with columns of one's own", async () => {
    const path = write("a.txt", "bild\ttext_de\n1.jpg\tja, gut\n");
    const options = { format: "tsv", imageColumn: "bild", textColumn: "text_de", root: "/r" };
    assert.deepEqual(await pairsOf(path, options), [["/r/1.jpg", "ja, gut"]]);
  });

  test("gives all texts of an image, and its path as it is written for an id", async () => {
    const path = write("several.jsonl", '{"image":"a/1.jpg","captions":["x","y"]}');
    const source = await openManifest(path);
    assert.deepEqual(await source.get(0, context), {
      image: join(folder, "a/1.jpg"),
      text: ["x", "y"],
      id: "a/1.jpg",
    });
    assert.deepEqual(await source.texts?.(0), ["x", "y"]);
  });

  test("whose paths lead out of the root folder has bad rows, unless that is allowed", async () => {
    const out = ["../1.jpg", "/etc/1.jpg", "x/../../1.jpg", ".."];
    const rows = out.map((image) => JSON.stringify({ image, text: "x" }));
    const path = write("outside.jsonl", rows.join("\n"));
    const source = await openManifest(path);
    for (const row of out.keys()) {
      const at = new RegExp(
        `outside.jsonl": row ${row + 1}: image: the path leads out of the root`,
      );
      await assert.rejects(async () => source.get(row, context), codeOf("INVALID_MANIFEST", at));
    }
    assert.deepEqual(await source.texts?.(0), "x");
    const allowed = await pairsOf(path, { allowOutsideRoot: true });
    assert.deepEqual(allowed[1], ["/etc/1.jpg", "x"]);
    assert.deepEqual(allowed[0], [join(folder, "..", "1.jpg"), "x"]);
  });

  test("of rows longer than a block, in any order", async () => {
    const long = (i: number) => `${i} ${"wörter ".repeat(3000 + i)}`.trim();
    const rows = Array.from({ length: 40 }, (_, i) => ({ image: `${i}.jpg`, text: long(i) }));
    const path = write("long.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
    const source = await openManifest(path);
    for (const i of [39, 0, 20, 19, 39, 7]) {
      assert.equal((await source.get(i, context)).text, rows[i]?.text);
    }
  });

  test("is a loader's source, and a broken row is one bad sample", async () => {
    const rows = ["jpeg-420.jpg", "png-rgb.png", "webp-lossy.webp"].map((name, i) =>
      JSON.stringify({ image: name, text: `number ${i}` }),
    );
    rows.splice(1, 0, '{"image": "jpeg-420.jpg", "text"');
    const dataset = new MultimodalDataset({
      source: await openManifest(write("rows.jsonl", rows.join("\n")), {
        root: fixture("images"),
      }),
      tokenizer: await smallTokenizer(),
    });
    const loader = new DataLoader(dataset, { batchSize: 4, onError: "skip" });
    for await (const { indices, dropped } of loader) {
      assert.deepEqual(indices, [0, 2, 3]);
      assert.deepEqual([dropped[0]?.index, dropped[0]?.code], [1, "INVALID_MANIFEST"]);
    }
  });

  for (const [what, name, content, options, code, message] of [
    ["that is not there", "none.jsonl", undefined, {}, "FILE_NOT_FOUND", /no such file/],
    ["without rows", "empty.jsonl", "\n \n", {}, "INVALID_MANIFEST", /there are no rows/],
    ["with a header alone", "header.csv", "image,text\n", {}, "INVALID_MANIFEST", /no rows/],
    [
      "without a usual text column",
      "columns.csv",
      "image,words\n1.jpg,x\n",
      {},
      "INVALID_MANIFEST",
      /textColumn: expected one of text, caption.* among the columns, got image, words/,
    ],
    [
      "without the column asked for",
      "column.csv",
      "image,text\n1.jpg,x\n",
      { imageColumn: "pic" },
      "INVALID_MANIFEST",
      /imageColumn: expected "pic" among the columns, got image, text/,
    ],
  ] as const) {
    test(`${what} is refused`, async () => {
      const path = content === undefined ? join(folder, name) : write(name, content);
      await assert.rejects(openManifest(path, options), codeOf(code, message));
    });
  }

  for (const [what, name, content, message] of [
    ["is not JSON", "bad1.jsonl", '{"image":"a","text":"b"}\n{oops', /row 2: not JSON/],
    [
      "is no object",
      "bad2.jsonl",
      '{"image":"a","text":"b"}\n[1]',
      /row 2: expected a JSON object/,
    ],
    [
      "has no text",
      "bad3.jsonl",
      '{"image":"a","text":"b"}\n{"image":"a"}',
      /row 2: text: expected/,
    ],
    ["has too few columns", "bad4.csv", "image,text\na,b\nc\n", /row 2: expected 2 columns.*got 1/],
    ["has an open quote", "bad5.csv", 'image,text\na,b\nc,"d\n', /row 2: .*[Qq]uot/],
  ] as const) {
    test(`with a row that ${what} says which one`, async () => {
      const source = await openManifest(write(name, content));
      await source.get(0, context);
      await assert.rejects(
        async () => source.get(1, context),
        (error) => codeOf("INVALID_MANIFEST", message)(error) && (error as PixtokError).index === 1,
      );
    });
  }

  test("refuses options that do not exist, and a format it cannot tell", async () => {
    const path = write("x.dat", "");
    await assert.rejects(openManifest(path), /format: expected "jsonl", "csv", "tsv" or "json"/);
    await assert.rejects(openManifest(path, { colums: 1 } as object), /unknown option "colums"/);
  });
});

describe("separated values", () => {
  test("are read as Python's csv module reads them", async () => {
    type Golden = { text: string; rows: ([string, string] | null)[] };
    for (const { text, rows } of readJsonLines<Golden>(fixture("goldens/csv.jsonl"))) {
      const source = await openManifest(write("python.csv", text));
      assert.equal(source.length, rows.length, JSON.stringify(text));
      for (const [i, row] of rows.entries()) {
        const found = await Promise.resolve(source.texts?.(i)).catch(() => null);
        assert.equal(found, row?.[1] ?? null, `row ${i} of ${JSON.stringify(text)}`);
      }
    }
  });

  for (const [what, content, description] of [
    [
      "in UTF-16, little end first",
      Buffer.from("\uFEFFimage,text\n0.jpg,Bär 😀\n", "utf16le"),
      "CSV",
    ],
    [
      "in UTF-16, big end first",
      Buffer.from("\uFEFFimage,text\n0.jpg,Bär 😀\n", "utf16le").swap16(),
      "CSV",
    ],
    ["whose lines end in CR alone", "image,text\r0.jpg,Bär 😀\r", "CSV"],
    ["separated by semicolons", "image;text\n0.jpg;Bär 😀\n", 'CSV (separated by ";")'],
    ["separated by tabs", "image\ttext\n0.jpg\tBär 😀\n", "TSV"],
    ["with a mark of UTF-8 and CRLF", "\uFEFFimage,text\r\n0.jpg,Bär 😀\r\n", "CSV"],
  ] as const) {
    test(`${what} are read, as spreadsheets write them`, async () => {
      const path = write("sheet.csv", content);
      const source = await openManifest(path);
      assert.equal(source.description, `${description} manifest, 1 pairs`);
      assert.deepEqual(await source.get(0, context), {
        image: join(folder, "0.jpg"),
        text: "Bär 😀",
        id: "0.jpg",
      });
    });
  }

  test("are separated by what their name says where that gives the columns", async () => {
    const path = write("both.csv", "image,text;more\n0.jpg,a;b\n");
    await assert.rejects(openManifest(path), codeOf("INVALID_MANIFEST", /got image, text;more/));
    const options = { textColumn: "text;more" };
    assert.deepEqual(await pairsOf(path, options), [[join(folder, "0.jpg"), "a;b"]]);
  });

  test("with two columns of the name that is wanted are refused", async () => {
    const path = write("twice.csv", "image,text,text,x,x\n0.jpg,a,b,c,d\n");
    const message = /several columns of the name "text"/;
    await assert.rejects(openManifest(path), codeOf("INVALID_MANIFEST", message));
    const other = write("twice-other.csv", "image,text,x,x\n0.jpg,a,c,d\n");
    assert.equal((await pairsOf(other)).length, 1);
  });

  test("that are no text, or UTF-16 without its mark, are refused with the cause", async () => {
    const path = write("nul.csv", Buffer.from("image,text\n0.jpg,a\n", "utf16le"));
    await assert.rejects(openManifest(path), codeOf("INVALID_MANIFEST", /NUL bytes.*UTF-16/));
    const header = write("latin-header.csv", Buffer.from("image,text,gr\xF6sse\n", "latin1"));
    const message = /the header: it is not UTF-8, after "image,text,gr"/;
    await assert.rejects(openManifest(header), codeOf("INVALID_MANIFEST", message));
  });
});

describe("a bad row", () => {
  test("is one, be it the first", async () => {
    const good = '{"image":"0.jpg","text":"good"}';
    for (const [name, bad] of [
      ["no-text.jsonl", '{"image":"0.jpg"}'],
      ["no-json.jsonl", '{"image":"0.jpg","text"'],
      ["open.jsonl", '{"image":"0.jpg",'],
      ["list.jsonl", "[1]"],
      ["open-list.jsonl", '["0.jpg"'],
      ["word.jsonl", "null"],
      ["deep.jsonl", `{"image":"0.jpg","text":"deep","more":${"[".repeat(1e5)}${"]".repeat(1e5)}}`],
      ["comma.csv", "image,text\n0.jpg,a cat, black"],
    ] as const) {
      const rest = name.endsWith("csv") ? "0.jpg,good" : good;
      const source = await openManifest(write(name, `${bad}\n${rest}\n`));
      await assert.rejects(async () => source.get(0, context), /sample 0, .*row 1: /, name);
      assert.equal(await source.texts?.(source.length - 1), "good", name);
    }
  });

  test("is one that is longer than any is", async () => {
    const rows = `${JSON.stringify({ image: "0.jpg", text: "x".repeat(70 << 20) })}\n{"image":"0.jpg","text":"y"}`;
    const source = await openManifest(write("endless.jsonl", rows));
    const message = /row 1: it has 73\d+ bytes; at most 67108864 are read/;
    await assert.rejects(async () => source.texts?.(0), codeOf("INVALID_MANIFEST", message));
    assert.equal(await source.texts?.(1), "y");
    rmSync(join(folder, "endless.jsonl"));
  });

  test("is one that is not UTF-8", async () => {
    for (const [name, header, row, good] of [
      ["latin.csv", "image,text\n", "0.jpg,ein B\xE4r\n", "1.jpg,ein B\u00C3\u00A4r\n"],
      [
        "latin.jsonl",
        "",
        '{"image":"0.jpg","text":"ein B\xE4r"}\n',
        '{"image":"1.jpg","text":"ein B\u00C3\u00A4r"}\n',
      ],
    ] as const) {
      const path = write(name, Buffer.from(header + row + good, "latin1"));
      const source = await openManifest(path);
      const message = new RegExp(
        `${name}": row 1: it is not UTF-8, after ".*ein B"; save it as UTF-8`,
      );
      await assert.rejects(async () => source.get(0, context), codeOf("INVALID_MANIFEST", message));
      assert.equal(await source.texts?.(1), "ein Bär");
    }
  });
});

describe("JSON", () => {
  test("of Python, with NaN and Infinity, is read where these are not asked for", async () => {
    const path = write(
      "nan.jsonl",
      '{"image":"0.jpg","text":"NaN, \\"Infinity","score":NaN,"more":[-Infinity,Infinity]}\n{"image":"0.jpg","text":NaN}\n',
    );
    const source = await openManifest(path);
    assert.equal(await source.texts?.(0), 'NaN, "Infinity');
    await assert.rejects(
      async () => source.texts?.(1),
      codeOf("INVALID_MANIFEST", /text: expected a text or several/),
    );
  });

  test("labels that are whole numbers are their digits", async () => {
    const path = write(
      "labels.jsonl",
      '{"image":"0.jpg","label":7}\n{"image":"1.jpg","label":0.5}',
    );
    const source = await openManifest(path);
    assert.equal(await source.texts?.(0), "7");
    await assert.rejects(async () => source.texts?.(1), codeOf("INVALID_MANIFEST", /got 0\.5/));
  });

  const entries = [
    { image: "0.jpg", caption: "a cat" },
    { image: "1.jpg", caption: ["b", "c"] },
  ];
  for (const [name, content] of [
    ["array.json", JSON.stringify(entries)],
    ["array-spread.json", JSON.stringify(entries, null, 1)],
    ["array.jsonl", JSON.stringify(entries)],
    ["array-spread.jsonl", JSON.stringify(entries, null, 1)],
    ["array-lines.jsonl", `[${entries.map((one) => JSON.stringify(one)).join(",\n")}]`],
    ["dict.json", '{"0.jpg": "a cat", "1.jpg": ["b", "c"]}'],
  ] as const) {
    test(`that is one piece is read: ${name}`, async () => {
      const source = await openSource(write(name, content));
      assert.equal(source.description, "JSON manifest, 2 pairs");
      assert.deepEqual(await source.get(0, context), {
        image: join(folder, "0.jpg"),
        text: "a cat",
        id: "0.jpg",
      });
      assert.deepEqual(await source.texts?.(1), ["b", "c"]);
    });
  }

  test("of other shapes is refused, naming those that are known", async () => {
    for (const [name, content, message] of [
      ["spread.jsonl", JSON.stringify(entries[0], null, 1), /over several lines.*jq -c/],
      ["other.json", '{"rows": []}', /no images in it; known are COCO captions.*an array of/],
      ["numbers.json", "[1, 2]", /expected a JSON object, got 1/],
      ["broken.json", '[{"image": ', /not JSON/],
      [
        "karpathy.json",
        '{"images": [{"filename": "0.jpg", "split": "train", "sentences": [{"raw": "A cat."}]}]}',
        /Karpathy's format.*write JSON Lines/,
      ],
      [
        "instances.json",
        '{"images": [{"id": 1, "file_name": "0.jpg"}], "annotations": [{"image_id": 1, "bbox": []}]}',
        /annotations have no captions/,
      ],
    ] as const) {
      await assert.rejects(openSource(write(name, content)), codeOf("INVALID_MANIFEST", message));
    }
  });
});

describe("paths of images", () => {
  test("have slashes for backslashes where no file has just that name", async () => {
    const root = join(folder, "windows");
    mkdirSync(join(root, "train"), { recursive: true });
    writeFileSync(join(root, "train/1.jpg"), "");
    const rows = ["train\\1.jpg", "..\\x.jpg"].map((image) => JSON.stringify({ image, text: "x" }));
    const source = await openManifest(write("windows.jsonl", rows.join("\n")), { root });
    assert.equal((await source.get(0, context)).image, join(root, "train/1.jpg"));
    await assert.rejects(async () => source.get(1, context), /leads out of the root/);
    if (process.platform === "win32") return;
    writeFileSync(join(root, "train\\1.jpg"), "");
    assert.equal((await source.get(0, context)).image, join(root, "train\\1.jpg"));
  });

  test("that are URLs are named in their rows, but for those of files", async () => {
    const data = `data:image/png;base64,${"A".repeat(3_000_000)}`;
    const images = [
      "https://example.org/a.jpg",
      "s3://bucket/a.jpg",
      data,
      "file:///data/a%23.jpg",
    ];
    const rows = images.map((image) => JSON.stringify({ image, text: "x" }));
    const source = await openManifest(write("urls.jsonl", rows.join("\n")), {
      allowOutsideRoot: true,
    });
    for (const [row, message] of [
      /a URL; images are read from files/,
      /a URL/,
      /a data: URL/,
    ].entries()) {
      await assert.rejects(
        async () => source.get(row, context),
        (error: PixtokError) => message.test(error.message) && error.message.length < 400,
      );
    }
    assert.equal((await source.get(3, context)).image, "/data/a#.jpg");
  });

  test("may be links inside of the root, and out of it only if that is allowed", {
    skip: onWindows("links need rights there"),
  }, async () => {
    const root = join(folder, "linked");
    mkdirSync(root);
    for (const file of ["linked/0.jpg", "outside.jpg"]) writeFileSync(join(folder, file), "");
    symlinkSync("0.jpg", join(root, "inside.jpg"));
    symlinkSync("../outside.jpg", join(root, "out.jpg"));
    symlinkSync("..", join(root, "up"));
    const images = ["inside.jpg", "none.jpg", "out.jpg", "up/outside.jpg"];
    const rows = images.map((image) => JSON.stringify({ image, text: "x" }));
    const path = write("linked.jsonl", rows.join("\n"));
    const source = await openManifest(path, { root });
    for (const row of [0, 1]) {
      assert.equal((await source.get(row, context)).image, join(root, images[row] as string));
    }
    const message = /image: a symbolic link leads out of the root folder.*allowOutsideRoot/;
    for (const row of [2, 3]) {
      await assert.rejects(
        async () => source.get(row, context),
        codeOf("INVALID_MANIFEST", message),
      );
    }
    const allowed = await openManifest(path, { root, allowOutsideRoot: true });
    assert.equal((await allowed.get(2, context)).image, join(root, "out.jpg"));
  });

  test("may not lead out by links that came after the manifest was opened and read", {
    skip: onWindows("links need rights there"),
  }, async () => {
    const root = join(folder, "exchanged");
    mkdirSync(join(root, "deep"), { recursive: true });
    for (const name of ["deep/0.jpg", "deep/1.jpg"]) writeFileSync(join(root, name), "");
    const images = ["deep/0.jpg", "deep/1.jpg", "deep/2.jpg"];
    const rows = images.map((image) => JSON.stringify({ image, text: "x" }));
    const source = await openManifest(write("exchanged.jsonl", rows.join("\n")), { root });
    for (const row of [0, 1, 2]) await source.get(row, context);
    for (const image of images) {
      rmSync(join(root, image), { force: true });
      symlinkSync("/etc/passwd", join(root, image));
    }
    for (const row of [0, 1, 2]) {
      await assert.rejects(async () => source.get(row, context), /link leads out/);
    }
  });

  test("may be in more folders than are kept, and in linked ones", {
    skip: onWindows("links need rights there"),
  }, async () => {
    const root = join(folder, "folders");
    mkdirSync(join(root, "real/below"), { recursive: true });
    symlinkSync("real", join(root, "in"));
    symlinkSync(folder, join(root, "out"));
    writeFileSync(join(root, "real/below/0.jpg"), "");
    writeFileSync(join(folder, "0.jpg"), "");
    const none = Array.from({ length: 5000 }, (_, i) => `none${i}/0.jpg`);
    const images = ["in/below/0.jpg", "out/0.jpg", ...none, "in/below/0.jpg", "out/0.jpg"];
    const rows = images.map((image) => JSON.stringify({ image, text: "x" }));
    const source = await openManifest(write("folders.jsonl", rows.join("\n")), { root });
    const found = await Promise.allSettled(rows.map(async (_, row) => source.get(row, context)));
    const refused = found.flatMap(({ status }, row) => (status === "rejected" ? [row] : []));
    assert.deepEqual(refused, [1, images.length - 1]);
  });

  test("may be those of the only column that ends in _file_name", async () => {
    const path = write("one.jsonl", '{"first_file_name":"0.jpg","text":"x"}');
    assert.equal((await pairsOf(path)).length, 1);
    const two = write("two.jsonl", '{"a_file_name":"0.jpg","b_file_name":"1.jpg","text":"x"}');
    await assert.rejects(openManifest(two), /imageColumn: expected.*got a_file_name, b_file_name/);
    const pairs = await pairsOf(two, { imageColumn: "b_file_name" });
    assert.deepEqual(pairs, [[join(folder, "1.jpg"), "x"]]);
  });
});

describe("a manifest that changes after it was opened", () => {
  const row = (i: number, word: string) =>
    `${JSON.stringify({ image: `${i}.jpg`, text: `${word} ${String(i).padStart(4, "0")}`.padEnd(90) })}\n`;
  const rowsOf = (word: string) => Array.from({ length: 2000 }, (_, i) => row(i, word)).join("");

  test("ends an epoch whatever onError is, rather than mix old and new rows", async () => {
    const path = write("rewritten.jsonl", rowsOf("old"));
    const then = new Date("2026-01-01");
    utimesSync(path, then, then); // clocks of file systems are coarse
    const source = await openManifest(path);
    assert.match(String(await source.texts?.(0)), /^old/);
    for (const change of [
      () => writeFileSync(path, rowsOf("new")),
      () => renameSync(write("other.jsonl", rowsOf("new")), path),
      () => rmSync(path),
    ]) {
      change();
      const message = /rewritten\.jsonl": the file (has been changed|was there and can no longer)/;
      await assert.rejects(async () => source.texts?.(1999), codeOf("SOURCE_CHANGED", message));
    }
    const dataset = new MultimodalDataset({ source, tokenizer: await smallTokenizer() });
    const loader = new DataLoader(dataset, { batchSize: 2000, onError: "skip" });
    await assert.rejects(
      async () => {
        for await (const _ of loader);
      },
      codeOf("SOURCE_CHANGED", /open it again/),
    );
  });
});

describe("what is no file", { skip: onWindows("there are no pipes with names") }, () => {
  test("is refused at once: a pipe, a socket, a device, a folder", async () => {
    const socket = createServer().listen(join(folder, "socket.jsonl")).unref();
    after(() => socket.close());
    const pipe = join(folder, "pipe.jsonl");
    execFileSync("mkfifo", [pipe]);
    mkdirSync(join(folder, "folder.jsonl"));
    symlinkSync("/dev/zero", join(folder, "zero.csv"));
    symlinkSync("/dev/zero", join(folder, "zero.json"));
    for (const name of ["pipe.jsonl", "socket.jsonl", "folder.jsonl", "zero.csv", "zero.json"]) {
      await assert.rejects(openManifest(join(folder, name)), codeOf("NOT_A_FILE", /this is/));
    }
  });

  test("is a Git LFS pointer", async () => {
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n";
    for (const name of ["lfs.jsonl", "lfs.csv", "lfs.json"]) {
      const path = write(name, pointer);
      await assert.rejects(openSource(path), codeOf("INVALID_MANIFEST", /Git LFS.*git lfs pull/));
    }
  });
});
