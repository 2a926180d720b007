// Indexes that stand beside data are no data themselves, whatever pattern means them as well.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { openSource } from "pixtok";
import { withoutIndexes } from "../../src/shared/written-beside.js";
import { folder } from "../support/manifests.js";
import { tarOf } from "../support/tar.js";

const ROWS = 450;
const line = `${JSON.stringify({ image: "a.jpg", text: "x".repeat(10_000) })}\n`;
const manifest = line.repeat(ROWS);
const shard = tarOf([
  ["a.jpg", "a"],
  ["a.txt", "text"],
]);

function folderOf(files: Record<string, string | Buffer>): string {
  const root = mkdtempSync(join(folder, "among-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

async function requireTwice(data: string, length: number): Promise<void> {
  for (const time of ["first", "second"]) {
    const source = await openSource(data);
    assert.equal(source.length, length, `the ${time} time`);
  }
}

const cardOf = (pattern: string) => `---\nconfigs:
- config_name: default
  data_files:
  - split: train
    path: "${pattern}"\n---\n`;

describe("what is opened by a pattern opens again when its index is there", () => {
  for (const pattern of ["*", "pairs*"]) {
    test(`a manifest by ${pattern}`, async () => {
      const root = folderOf({ "pairs.jsonl": manifest });
      await requireTwice(join(root, pattern), ROWS);
      assert.deepEqual(readdirSync(root).sort(), ["pairs.jsonl", "pairs.jsonl.idx"]);
    });
  }

  for (const pattern of ["data/train*", "data/*", "**"]) {
    test(`a manifest by ${pattern} in a README`, async () => {
      const files = { "data/train.jsonl": manifest, "README.md": cardOf(pattern) };
      await requireTwice(folderOf(files), ROWS);
    });
  }

  test("a shard by its name's beginning, and by that in a README", async () => {
    const files = { "data/train-000.tar": shard, "README.md": cardOf("data/*") };
    const root = folderOf(files);
    await requireTwice(join(root, "data/train*"), 1);
    await requireTwice(root, 1);
    assert.deepEqual(readdirSync(join(root, "data")).sort(), ["train-000.idx", "train-000.tar"]);
  });

  test("whatever a process that was killed has left of one", async () => {
    const left = { "data/train.jsonl.idx.0123456789ab.incomplete": "pixtok rows 1" };
    const root = folderOf({ ...left, "data/train.jsonl": manifest, "README.md": cardOf("data/*") });
    await requireTwice(join(root, "data/*"), ROWS);
    await requireTwice(root, ROWS);
  });
});

test("only an index of a file that is there, or an unfinished one, is no data", () => {
  const data = [
    ...["a.jsonl", "b.tar", "c.idx", "d.jsonl.idx", "e.0123456789ab.incomplete", "idx"],
    ...["f/g.parquet", ".h.parquet.idx", "f.i.parquet.idx", "f/.a.jsonl.idx"],
  ];
  const indexes = [
    ...["a.jsonl.idx", "b.idx", "b.tar.idx", "d.idx.0123456789ab.incomplete"],
    ...["f/.g.parquet.idx", "f/.g.parquet.idx.0123456789ab.incomplete"],
  ];
  assert.deepEqual(withoutIndexes([...data, ...indexes]), data);
});
