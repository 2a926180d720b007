import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { openPictureFolder, type PairSource, PixtokError } from "pixtok";

const root = mkdtempSync(join(tmpdir(), "pixtok-folder-"));
after(() => rmSync(root, { recursive: true }));
const context = { seed: 0, epoch: 0 };

function folderOf(name: string, files: Record<string, string>): string {
  for (const [file, content] of Object.entries(files)) {
    const path = join(root, name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return join(root, name);
}

async function pairsOf(source: PairSource): Promise<unknown[]> {
  const indices = Array.from({ length: source.length }, (_, i) => i);
  return Promise.all(indices.map(async (i) => source.get(i, context)));
}

const codeOf = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === code;
};

describe("a folder of pictures", () => {
  test("with text files gives these, in the order of the paths", async () => {
    const folder = folderOf("texts", {
      "b.png": "",
      "b.txt": "  text of b\n",
      "sub/a.JPG": "",
      "sub/a.txt": "two\nlines\n",
      "c.webp": "",
      "c.txt": "",
      ".hidden/x.jpg": "",
      "notes.md": "",
    });
    const source = await openPictureFolder(folder);
    assert.equal(source.description, "folder of pictures with text files, 3 pairs");
    assert.deepEqual(await pairsOf(source), [
      { image: join(folder, "b.png"), text: "text of b", id: "b.png" },
      { image: join(folder, "c.webp"), text: "", id: "c.webp" },
      { image: join(folder, "sub/a.JPG"), text: "two\nlines", id: join("sub", "a.JPG") },
    ]);
    assert.equal(await source.texts?.(2), "two\nlines");
  });

  test("of which one has no text file has a bad pair", async () => {
    const folder = folderOf("one", { "a.jpg": "", "b.jpg": "", "b.txt": "b" });
    const source = await openPictureFolder(folder);
    assert.equal(source.length, 2);
    await assert.rejects(
      async () => source.get(0, context),
      codeOf("INVALID_TEXT", /a\.txt": there is no such file beside the picture/),
    );
    assert.equal((await source.get(1, context)).text, "b");
  });

  test("in a folder for each class gives the classes' names", async () => {
    const folder = folderOf("classes", {
      "cat/1.jpg": "",
      "cat/2.jpg": "",
      "great dane/1.jpg": "",
    });
    const source = await openPictureFolder(folder);
    assert.equal(source.description, "folders of 2 classes, 3 pictures");
    assert.deepEqual(await pairsOf(source), [
      { image: join(folder, "cat/1.jpg"), text: "cat", id: join("cat", "1.jpg") },
      { image: join(folder, "cat/2.jpg"), text: "cat", id: join("cat", "2.jpg") },
      {
        image: join(folder, "great dane/1.jpg"),
        text: "great dane",
        id: join("great dane", "1.jpg"),
      },
    ]);
  });

  test("without texts, pictures or existence is refused", async () => {
    const loose = folderOf("loose", { "a.jpg": "" });
    await assert.rejects(
      openPictureFolder(loose),
      codeOf("UNKNOWN_SOURCE", /"a\.jpg" has no text/),
    );
    const empty = folderOf("empty", { "a.txt": "" });
    await assert.rejects(openPictureFolder(empty), codeOf("UNKNOWN_SOURCE", /no pictures/));
    await assert.rejects(
      openPictureFolder(join(root, "none")),
      codeOf("FILE_NOT_FOUND", /no such/),
    );
  });
});
