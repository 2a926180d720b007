// Columns of WebDataset samples, and samples without texts; data of kinds that are not read.

import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { openWebDataset, PixtokError } from "pixtok";
import { requireLocal, requireOpenable } from "../../src/sources/unsupported-data.js";
import { context, openFiles, write } from "../support/shards.js";
import { type TarFile, tarOf } from "../support/tar.js";

const refused =
  (message: RegExp, code = "UNKNOWN_SOURCE") =>
  (error: unknown) => {
    assert.ok(error instanceof PixtokError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };

describe("columns of a WebDataset", () => {
  const json = (value: object) => JSON.stringify(value);
  const files: TarFile[] = [
    ["a.jpg", "A"],
    ["a.txt", "one"],
    ["a.json", json({ n: 1, score: 0.5, only: "x" })],
    ["a.cls", " 7\n"],
    ["b.jpg", "B"],
    ["b.txt", "two"],
    ["b.json", json({ n: 2, score: 2 })],
    ["b.cls", "8"],
  ];
  const columnsOf = async (columns: readonly string[] | "auto", of = files) => {
    const source = await openFiles(of, { columns });
    const rows = [0, 1].map(async (i) => (await source.get(i, context)).columns);
    return { rows: await Promise.all(rows), types: source.columnTypes };
  };

  test("are those of .json and .cls, with their types where all are wanted", async () => {
    const all = await columnsOf("auto");
    assert.deepEqual(all.rows, [
      { n: 1, score: 0.5, only: "x", cls: "7" },
      { n: 2, score: 2, only: undefined, cls: "8" },
    ]);
    assert.deepEqual(all.types, { n: "int64", score: "float32", only: "json", cls: "int64" });
    const some = await columnsOf(["cls", "n"]);
    assert.deepEqual(some.rows, [
      { cls: "7", n: 1 },
      { cls: "8", n: 2 },
    ]);
    assert.equal(some.types, undefined);
    assert.deepEqual((await columnsOf([])).rows, [undefined, undefined]);
  });

  test("called cls are the class's number, whatever the JSON has by that name", async () => {
    const own = files.map(
      ([name, value]): TarFile =>
        name.endsWith(".json") ? [name, json({ cls: 0, n: 1 })] : [name, value],
    );
    assert.deepEqual((await columnsOf(["cls", "n"], own)).rows, [
      { cls: "7", n: 1 },
      { cls: "8", n: 1 },
    ]);
  });

  test("of the class alone are read without the JSON, which may be bad", async () => {
    const own = files.map(([name, value]): TarFile => [name, name === "b.json" ? "{" : value]);
    assert.deepEqual((await columnsOf(["cls"], own)).rows, [{ cls: "7" }, { cls: "8" }]);
  });

  test("that are not there are named, with those that are", async () => {
    await assert.rejects(
      columnsOf(["m"]),
      refused(
        /columns: expected "m" among those of the first samples, got .*n, score/,
        "INVALID_ARCHIVE",
      ),
    );
    const none = files.filter(([name]) => !/json|cls/.test(name));
    await assert.rejects(
      columnsOf(["m"], none),
      refused(/first samples, got none/, "INVALID_ARCHIVE"),
    );
  });

  test("that cannot be read are errors of their samples", async () => {
    for (const [content, message] of [
      ["{", /b.*\.json.*not JSON/],
      [Uint8Array.of(0xff), /b.*\.json.*not UTF-8/],
    ] as const) {
      const bad = files.map(([name, old]): TarFile => [name, name === "b.json" ? content : old]);
      const source = await openFiles(bad, { columns: ["n"] });
      assert.deepEqual((await source.get(0, context)).columns, { n: 1 });
      await assert.rejects(async () => source.get(1, context), refused(message, "INVALID_ARCHIVE"));
    }
    const list = files.map(([name, old]): TarFile => [name, name === "b.json" ? "[1]" : old]);
    const source = await openFiles(list, { columns: ["n"] });
    assert.deepEqual((await source.get(1, context)).columns, { n: undefined });
  });
});

describe("a WebDataset without texts", () => {
  test("has images alone, and no options of texts", async () => {
    const files: TarFile[] = [["a.jpg", "A"]];
    const source = await openFiles(files, { texts: false });
    assert.deepEqual([(await source.get(0, context)).text, await source.texts?.(0)], ["", ""]);
    for (const option of ["textExtension", "textColumn"]) {
      const message = new RegExp(`${option}: .*none with texts: false`);
      await assert.rejects(openFiles(files, { texts: false, [option]: "x" }), { message });
    }
  });

  test("may have more names than are expected at first", async () => {
    const stem = "x".repeat(90);
    const files = Array.from({ length: 2000 }, (_, i): TarFile => [`${stem}${i}.jpg`, ""]);
    const source = await openFiles(files, { texts: false });
    assert.equal(source.length, 2000);
    for (const index of [0, 999, 1999])
      assert.equal((await source.get(index, context)).key, `${stem}${index}`);
  });

  test("is given by at least one path", async () => {
    for (const shards of [[], "", [""], 5, [5]])
      await assert.rejects(openWebDataset(shards as string), {
        name: "TypeError",
        message: /shards: /,
      });
    const said: number[][] = [];
    const paths = [1, 2, 3, 4, 5].map((i) => write(tarOf([[`${i}.jpg`, ""]])));
    const source = await openWebDataset(paths, {
      texts: false,
      onProgress: (...of) => void said.push(of),
    });
    assert.deepEqual(
      [source.length, said],
      [
        5,
        [
          [4, 5],
          [5, 5],
        ],
      ],
    );
  });
});

describe("data that are not read are named, with what to do:", () => {
  test("addresses", () => {
    assert.equal(requireLocal("a/b.csv"), resolve("a/b.csv"));
    const path = fileURLToPath(new URL("a b.csv", import.meta.url));
    assert.equal(requireLocal(pathToFileURL(path).href), path);
    const cases: [string, RegExp][] = [
      ["ftp://a.org/b.tar", /a URL of another kind than http, https, s3 and hf/],
      ["https:/a.org/b.tar", /a URL with one slash.*expected https:/],
      ["data:text/csv,a", /a data: URL; expected the path/],
      ["file://a%2fb/c.csv", /this URL is of no file here: /],
    ];
    for (const [source, message] of cases)
      assert.throws(() => requireLocal(source), refused(message));
  });

  test("archives and Feather files", () => {
    const archives = ["a.zip", "a.7z", "a.rar", "a.gz", "a.bz2", "a.xz", "a.ZST"];
    const cases: [names: string[], message: RegExp][] = [
      [["a.tar.gz", "a.TGZ", "a.tar.zst"], /it is compressed; unpack it once, to a plain \.tar/],
      [archives, /it is an archive; unpack it and open what is in it/],
      [
        ["a.feather", "a.FEATHER"],
        /a Feather file, which is most often compressed; write it as Parquet/,
      ],
    ];
    for (const [names, message] of cases)
      for (const name of names) assert.throws(() => requireOpenable(name), refused(message), name);
    for (const name of ["a.csv", "a.tar", "zip", "a.zip.csv", "a.arrow"]) requireOpenable(name);
  });
});
