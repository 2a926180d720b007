import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { DataLoader, MultimodalDataset, openManifest, openSource, type PixtokError } from "pixtok";
import { fixture, onWindows } from "../support/fixtures.js";
import { codeOf, context, folder, pairsOf, write } from "../support/manifests.js";
import { smallTokenizer } from "../support/pairs.js";

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
      key: "a/1.jpg",
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
    await assert.rejects(
      openManifest(path, { colums: 1 } as object),
      /openManifest: unknown option "colums"/,
    );
  });
});

describe("a manifest that changes after it was opened", () => {
  const row = (i: number, word: string) =>
    `${JSON.stringify({ image: `${i}.jpg`, text: `${word} ${String(i).padStart(4, "0")}`.padEnd(90) })}\n`;
  const rowsOf = (word: string) => Array.from({ length: 2000 }, (_, i) => row(i, word)).join("");

  test("ends the next epoch, also where its rows are in memory", async () => {
    const csv = "image,text\n0.jpg,old\n";
    const utf16 = Buffer.from(`\ufeff${csv}`, "utf16le");
    for (const [name, content] of [
      ["kept.jsonl", row(0, "old")],
      ["kept.csv", csv],
      ["kept-utf16.csv", utf16],
    ] as const) {
      const path = join(folder, name);
      writeFileSync(path, content);
      const source = await openManifest(path);
      const textIn = async (epoch: number) => (await source.get(0, { seed: 0, epoch })).text;
      assert.match(String(await textIn(0)), /^old/);
      appendFileSync(path, content);
      await assert.rejects(
        textIn(1),
        codeOf("SOURCE_CHANGED", /has been changed since it was opened/),
      );
    }
  });

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
