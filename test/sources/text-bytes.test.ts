// The bytes of a text file, which others may change while they are read.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openTextBytes } from "../../src/sources/text-bytes.js";
import { cannotList, openBelow } from "../support/open-files.js";
import { newFolder } from "../support/remote-sets.js";

const folder = newFolder();

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function all(chunks: AsyncIterable<Buffer>): Promise<string> {
  let text = "";
  for await (const chunk of chunks) text += chunk.toString("latin1");
  return text;
}

describe("the bytes of a text", () => {
  // behind blocks of 64 KiB and chunks of a megabyte
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(97 + i)).join("");
  const long = letters.repeat(50_000);

  for (const [what, mark] of [
    ["with a byte order mark", "\uFEFF"],
    ["without one", ""],
  ] as const) {
    test(`are those behind the mark, ${what}, at whatever place`, async () => {
      const bytes = await openTextBytes(write("long.txt", mark + long));
      assert.equal(bytes.length, long.length);
      assert.equal(await all(bytes.chunks()), long);
      for (const [start, end] of [
        [0, 3],
        [65_530, 65_540],
        [131_066, 131_072],
        [131_072, 131_080],
        [long.length - 2, long.length],
      ] as const) {
        assert.equal((await bytes.read(start, end)).toString(), long.slice(start, end));
      }
    });
  }

  test("are not read of a file that has been changed", async () => {
    const path = write("changed.txt", "before");
    const bytes = await openTextBytes(path);
    write("changed.txt", "behind it");
    const changed = { code: "SOURCE_CHANGED", source: path };
    await assert.rejects(all(bytes.chunks()), changed);
    await assert.rejects(bytes.read(0, 3), changed);
    await assert.rejects(bytes.requireUnchanged(), changed);
  });

  test("leave no file open, also where nobody wants all of them", {
    skip: cannotList,
  }, async () => {
    const path = write("open.txt", "text");
    const bytes = await openTextBytes(path);
    assert.equal(await all(bytes.chunks()), "text");
    for await (const _ of bytes.chunks()) break;
    await bytes.read(0, 2);
    assert.deepEqual(openBelow(path), []);
  });

  test("of UTF-16 are in memory, and the file is looked at all the same", async () => {
    const path = write("utf-16.txt", Buffer.from("\uFEFFä", "utf16le"));
    const bytes = await openTextBytes(path);
    assert.equal((await bytes.read(0, bytes.length)).toString(), "ä");
    write("utf-16.txt", Buffer.from("\uFEFFäö", "utf16le"));
    await assert.rejects(bytes.requireUnchanged(), { code: "SOURCE_CHANGED" });
  });
});
