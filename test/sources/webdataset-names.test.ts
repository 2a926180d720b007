// Which files of a shard are read, and under which keys.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { MultimodalDataset, openWebDataset } from "pixtok";
import { bytesOfName, nameOfBytes } from "../../src/sources/webdataset/name-bytes.js";
import { entryName } from "../../src/sources/webdataset/tar-shard-entries.js";
import { fixture, onWindows } from "../support/fixtures.js";
import { smallTokenizer } from "../support/pairs.js";
import {
  assertBad,
  context,
  folder,
  good,
  goodPair,
  indexOf,
  openFiles,
  pairsOf,
  write,
} from "../support/shards.js";
import { type TarFile, tarEntry, tarOf } from "../support/tar.js";

/** A header with the sum of its bytes. */
function withSum(block: Buffer): Buffer {
  const header = Buffer.from(block).fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

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
          assert.deepEqual([pair.key, pair.text], [key, text], times);
          assert.equal(pair.origin, `${path}#${key}`);
        }
      }
      assert.ok(existsSync(indexOf(path)));
    });
  }
  test("have characters of four bytes beside bytes that are none, as Python's surrogateescape", () => {
    for (const [hex, name] of [
      ["f09f9880ff2e6a7067", "\u{1f600}\udcff.jpg"],
      ["61e4f09f982e6a7067", "a\udce4\udcf0\udc9f\udc98.jpg"],
      ["efbfbd", "\ufffd"],
    ] as const) {
      const bytes = Buffer.from(hex, "hex");
      assert.equal(nameOfBytes(bytes), name);
      assert.deepEqual(bytesOfName(name), bytes);
    }
  });

  test("are those of GNU tar, which has times where others have folders (--incremental)", async () => {
    const entries = ["jpg", "txt"].map((extension) => {
      const entry = tarEntry({ path: "?" }, extension);
      entry.write(`caf\xe9.${extension}`, "latin1");
      entry.write("ustar  \0", 257, "latin1");
      entry.write("15303061203\0".repeat(2), 345, "latin1");
      return Buffer.concat([withSum(entry.subarray(0, 512)), entry.subarray(512)]);
    });
    const source = await openWebDataset(write(Buffer.concat(entries)));
    assert.deepEqual(await pairsOf(source), [["caf\udce9", "jpg", "txt"]]);
  });

  test("of an index in which they became one are not believed", async () => {
    const path = write(readFileSync(fixture("tars/latin-1-ustar.tar")));
    await openWebDataset(path);
    const index = readFileSync(indexOf(path), "utf8");
    writeFileSync(indexOf(path), index.replace(/%E[89]/g, "\ufffd"));
    const source = await openWebDataset(path);
    assert.equal((await source.get(0, context)).key, "caf\udce9");
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
  test("a name of more than a megabyte is damage, and not read", async () => {
    const name = tarEntry({ path: "x", type: "NextFileHasLongPath" }, Buffer.alloc(2 ** 20 + 1));
    const tar = Buffer.concat([tarOf(good("a")).subarray(0, -1024), name, tarOf(good("b"))]);
    const source = await openWebDataset(write(tar));
    assert.equal(source.length, 2);
    await assertBad(source, 1, /the extended header at byte 2048 is damaged or cut short/);
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
      const header = withSum(sparse.subarray(0, 512));
      const [, caption] = good("a") as [TarFile, TarFile];
      const rest = tarOf([caption, ...good("b")]);
      const tar = Buffer.concat([header, ...blocks, sparse.subarray(512), rest]);
      const source = await openWebDataset(write(tar));
      assert.equal(source.length, 2);
      await assertBad(source, 0, /it has no image/);
      assert.equal((await source.get(1, context)).key, "b");
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
  for (const name of ["heic", "jp2", "jxl", "ico", "pcx", "svg", "psd"]) {
    test(`.${name} is one that is not read: the image is bad, not missing`, async () => {
      const source = await openFiles([
        [`a.${name}`, "8BPS is no image that is read"],
        ["a.txt", "text"],
      ]);
      const dataset = new MultimodalDataset({ source, tokenizer: await smallTokenizer() });
      await assert.rejects(dataset.get(0), { code: "UNSUPPORTED_FORMAT" });
    });
  }
  test("that are read win over others", async () => {
    const source = await openFiles([
      ["a.psd", "mask"],
      ["a.jpg", "image"],
      ["a.txt", "text"],
    ]);
    assert.deepEqual(await pairsOf(source), [["a", "image", "text"]]);
  });
});

describe("a file of a shard", () => {
  test("is of the sample of its name up to the first point of the last part", () => {
    for (const [name, key, extension] of [
      ["a.JPG", "a", "jpg"],
      ["a.b/c.seg.png", "a.b/c", "seg.png"],
      ["__a/b__.txt", "__a/b__", "txt"],
      ["x/__meta__/a.txt", "x/__meta__/a", "txt"],
    ] as const) {
      assert.deepEqual(entryName(name), { key, extension });
    }
  });

  test("is of none where it is hidden, has no extension, or is about the data", () => {
    for (const name of ["a", "a.", "a/b", ".a.txt", "a/.b", "__meta__/a.txt", "__m__"]) {
      assert.equal(entryName(name), undefined, name);
    }
  });
});
