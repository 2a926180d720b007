// Sets of two sizes like a set, whose openings are timed.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, beforeEach, describe, test } from "node:test";
import { openWebDataset } from "pixtok";
import { growFiles } from "../../src/planning/grown-files.js";
import { tarOf } from "../support/tar.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-grown-"));
after(() => rmSync(root, { recursive: true }));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, "grown-"));
});

function write(name: string, content: string | Uint8Array): string {
  const path = join(root, name);
  writeFileSync(path, content);
  return path;
}

const linesOf = (path: string) => readFileSync(path, "utf8").trimEnd().split("\n");

describe("a manifest", () => {
  const rows = Array.from(
    { length: 40 },
    (_, i) => `{"image":"${i}.png","text":"${"a".repeat(i)}"}`,
  );

  test("is written with 200 000 and 800 000 rows, each of them whole", async () => {
    const path = write("pairs.jsonl", rows.join("\n"));
    const found = { kind: "manifest", paths: [path] } as const;
    const grown = await growFiles(found, statSync(path).size, 40, folder);
    for (const [files, wanted] of [
      [grown?.[0], 200_000],
      [grown?.[1], 800_000],
    ] as const) {
      const [file = ""] = files ?? [];
      const lines = linesOf(file);
      // a line end behind each copy is not in the file
      assert.ok(Math.abs(lines.length / wanted - 1) < 0.002, `${lines.length}`);
      assert.deepEqual(lines.slice(0, 80), [...rows, ...rows]);
      assert.ok(rows.includes(lines.at(-1) as string));
    }
    assert.notEqual(dirname(grown?.[0][0] as string), dirname(grown?.[1][0] as string));
  });

  test("of more rows is cut", async () => {
    const all = Array.from({ length: 810_000 }, (_, i) => `${1e6 + i}`);
    const path = write("large.csv", `${all.join("\n")}\n`);
    const found = { kind: "manifest", paths: [path] } as const;
    const grown = await growFiles(found, statSync(path).size, all.length, folder);
    const lengths = grown?.map(([file]) => linesOf(file as string).length);
    assert.deepEqual(lengths, [200_000, 800_000]);
  });
});

test("shards are there several times, four times as many in the larger set", async () => {
  const paths = ["a", "b"].map((name) =>
    write(
      `${name}.tar`,
      tarOf([
        [`${name}1.jpg`, "1"],
        [`${name}1.txt`, "one"],
      ]),
    ),
  );
  const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  const grown = await growFiles({ kind: "webdataset", paths }, bytes, 2, folder);
  assert.deepEqual(
    grown?.map((files) => files.length),
    [64, 256],
  );
  const { length } = await openWebDataset([...(grown?.[0] ?? [])]);
  assert.equal(length, 64);
  // one after the other, and again from the first on
  const areFirst = grown?.[1].slice(0, 4).map((path) => readFileSync(path).includes("a1.jpg"));
  assert.deepEqual(areFirst, [true, false, true, false]);
});

test("shards of many pairs are few", async () => {
  const path = write("c.tar", "");
  for (const [pairs, counts] of [
    [10_000, [10, 40]],
    [1e6, [1, 4]],
  ] as const) {
    const into = mkdtempSync(join(folder, "of-"));
    const grown = await growFiles({ kind: "webdataset", paths: [path] }, 1, pairs, into);
    assert.deepEqual(
      grown?.map((files) => files.length),
      counts,
    );
  }
});

test("nothing is made of folders, of JSON that is one value, or of packed sets", async () => {
  const json = write("pairs.json", "[]");
  for (const [kind, path] of [
    ["images", root],
    ["coco", json],
    ["manifest", json],
    ["packed", root],
  ] as const) {
    assert.equal(await growFiles({ kind, paths: [path] }, 10, 10, folder), null);
  }
});
