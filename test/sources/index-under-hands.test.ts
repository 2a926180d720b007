// An index beside a manifest that others cut short, remove, replace or have put there, while it is used or not.

import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { openManifest } from "pixtok";
import type { RemoteSettings } from "../../src/remote/remote-options.js";
import { type KeptBytes, keptIndex } from "../../src/sources/kept-index.js";
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

describe("the name of an index", () => {
  const settings = { cacheDir: join(folder, "no-cache"), cacheBytes: 0 } as RemoteSettings;
  const kind = {
    magic: "rows ",
    beside: (path: string) => `${path}.idx`,
    key: [],
    parse: async (file: KeptBytes) => String((await file.read(0, 100)).bytes),
  };
  const newFile = () => {
    const path = join(mkdtempSync(join(folder, "hands-")), "file");
    return { path, name: path, folder: dirname(path) };
  };

  test("has the first one that a process puts there, and the others use that", async () => {
    const file = newFile();
    const kept = await Promise.all(
      Array.from({ length: 8 }, (_, process) =>
        keptIndex(file, kind, settings).keep(Buffer.from(`rows ${process}`)),
      ),
    );
    assert.deepEqual(new Set(kept), new Set([readFileSync(`${file.path}.idx`, "latin1")]));
    assert.deepEqual(readdirSync(file.folder), ["file.idx"]);
  });

  test("has another once the one that is there is known to be damaged, but not the same again", async () => {
    const file = newFile();
    const { ino: before } = await keep("rows 1");
    const { ino: after } = await keep("rows 2");
    assert.notEqual(after, before);
    assert.equal((await keep("rows 2")).ino, after);
    async function keep(content: string) {
      const kept = await keptIndex(file, kind, settings).keep(Buffer.from(content), true);
      assert.equal(kept, content);
      return statSync(`${file.path}.idx`);
    }
  });

  test("stays that of a symbolic link, which leads nowhere or to a file", async () => {
    for (const isThere of [false, true]) {
      const { path, index } = write();
      const target = join(mkdtempSync(join(folder, "annex-")), "object");
      if (isThere) writeFileSync(target, "pixtok rows 1");
      symlinkSync(target, index);
      await requireRows(
        await openManifest(path, { cacheDir: mkdtempSync(join(folder, "cache-")) }),
      );
      assert.ok(lstatSync(index).isSymbolicLink());
      assert.equal(existsSync(target), isThere);
    }
  });

  test("is given without what killed processes have left there for more than an hour", async () => {
    const { path, folder: root } = newFile();
    const names = ["a.idx.0123456789ab.incomplete", "file.idx.ba9876543210.incomplete"];
    const others = ["file.idx.incomplete", "model.bin.0123456789ab.incomplete"];
    const young = "file.idx.111111111111.incomplete";
    const before = new Date(Date.now() - 3_700_000);
    for (const name of [...names, ...others]) {
      writeFileSync(join(root, name), "");
      utimesSync(join(root, name), before, before);
    }
    writeFileSync(join(root, young), "");
    await keptIndex({ path, name: path }, kind, settings).keep(Buffer.from("rows 1"));
    assert.deepEqual(readdirSync(root).sort(), [...others, young, "file.idx"].sort());
  });
});

describe("a wrong index that cannot be replaced where it stands", () => {
  /** As of another manifest of this size and time, which has a row more. */
  async function withWrongIndex(): Promise<string> {
    const { path, index } = write();
    await openManifest(path);
    const kept = join(mkdtempSync(join(folder, "annex-")), "object");
    renameSync(index, kept);
    symlinkSync(kept, index);
    writeFileSync(path, `${content.slice(0, 2e6)}${content.slice(2e6).replace("\n", " ")}`);
    utimesSync(path, time, time);
    return path;
  }
  async function readAll(path: string, cacheDir: string): Promise<number> {
    const source = await openManifest(path, { cacheDir });
    const textsAt = async (row: number) => source.texts?.(row);
    for (let row = 500; row < source.length; row += 1) await textsAt(row).catch(rowFault);
    return source.length;
  }
  /** The row of the joined lines is none. */
  const rowFault = (error: unknown) => {
    if ((error as { code?: string }).code === "SOURCE_CHANGED") throw error;
  };

  test("is an error once: the one in the cache comes first from then on", async () => {
    const path = await withWrongIndex();
    const cacheDir = mkdtempSync(join(folder, "cache-"));
    await assert.rejects(readAll(path, cacheDir), codeOf("SOURCE_CHANGED", / \(open it again\)$/));
    assert.equal(await readAll(path, cacheDir), ROWS - 1);
  });

  test("is named by the error, where there is no cache either", async () => {
    const path = await withWrongIndex();
    const noCache = join(mkdtempSync(join(folder, "cache-")), "file");
    writeFileSync(noCache, "");
    await assert.rejects(
      readAll(path, noCache),
      codeOf("SOURCE_CHANGED", / \(delete .*pairs\.jsonl\.idx, and open it again\)$/),
    );
  });
});
