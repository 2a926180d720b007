// An index beside a manifest that others cut short, remove, replace or have put there, while it is used or not.

import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openManifest } from "pixtok";
import { codeOf, folder } from "../support/manifests.js";

const ROWS = 1500;
const filler = "x".repeat(3000);
const textOf = (row: number, of = "") => `${of}${row} ${filler}`;
/** Every row is a group alone or with another: the index has several pages. */
const contentOf = (of = "") =>
  Array.from(
    { length: ROWS },
    (_, row) => `${JSON.stringify({ image: "a.jpg", text: textOf(row, of) })}\n`,
  ).join("");
const content = contentOf();
const time = 1_700_000_000;

function write(text = content): { path: string; index: string } {
  const path = join(mkdtempSync(join(folder, "hands-")), "pairs.jsonl");
  writeFileSync(path, text);
  utimesSync(path, time, time);
  return { path, index: `${path}.idx` };
}

type Source = Awaited<ReturnType<typeof openManifest>>;
async function requireRows(source: Source): Promise<void> {
  assert.equal(source.length, ROWS);
  for (let row = 0; row < ROWS; row += 100) {
    assert.ok((await source.texts?.(row)) === textOf(row), `row ${row}`);
  }
}

describe("an index that is used", () => {
  const changes: readonly (readonly [string, (index: string) => void])[] = [
    ["emptied in its place, as cp does first,", (index) => truncateSync(index)],
    ["cut by a page in its place", (index) => truncateSync(index, 2 * 4096)],
    ["removed", (index) => rmSync(index)],
    ["overwritten in its place", (index) => writeFileSync(index, "x".repeat(5 * 4096))],
    ["written again as it was", (index) => writeFileSync(index, readFileSync(index))],
  ];
  for (const [what, change] of changes) {
    test(`and ${what} has all of its rows still`, async () => {
      const { path, index } = write();
      await openManifest(path);
      const source = await openManifest(path);
      change(index);
      await requireRows(source);
      await requireRows(await openManifest(path));
    });
  }

  test("and replaced by that of another manifest, as by rsync, never gives another row", async () => {
    const { path, index } = write();
    const other = write(contentOf("0"));
    await openManifest(path);
    await openManifest(other.path);
    const source = await openManifest(path);
    copyFileSync(other.index, index);
    await requireRows(source);
  });

  test("and replaced with its manifest is an error, in a process that lives on", async () => {
    const { path, index } = write();
    const other = write(contentOf("other "));
    await openManifest(path);
    await openManifest(other.path);
    const source = await openManifest(path);
    copyFileSync(other.path, path);
    copyFileSync(other.index, index);
    await assert.rejects(
      async () => source.texts?.(ROWS - 200),
      codeOf("SOURCE_CHANGED", /the file has been changed since it was opened/),
    );
  });
});
