import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { describe, test } from "node:test";
import { openWebDataset } from "pixtok";
import { context, good, goodPair, indexOf, pairsOf, write } from "../support/shards.js";
import { tarOf } from "../support/tar.js";

describe("the index beside a shard", () => {
  test("is in the format of DALI's wds2idx, with a last line of ours", async () => {
    const path = write(tarOf([...good("a"), ["d/b c.JPG", "x"], ["d/b c.txt", "yy"]]));
    await openWebDataset(path);
    const { size, mtimeNs } = statSync(path, { bigint: true });
    assert.equal(
      readFileSync(indexOf(path), "utf8"),
      "v1.2 2\n" +
        "jpg 512 7 a.jpg txt 1536 6 a.txt\n" +
        "JPG 2560 1 d/b%20c.JPG txt 3584 2 d/b%20c.txt\n" +
        `# pixtok ${size} ${mtimeNs}\n`,
    );
    assert.deepEqual(readdirSync(dirname(path)).sort(), ["x.idx", "x.tar"]);
  });

  test("is used while the tar is the same, and made anew when it has changed", async () => {
    const path = write(tarOf(good("a")));
    await openWebDataset(path);
    const index = readFileSync(indexOf(path), "utf8");
    writeFileSync(indexOf(path), index.replaceAll("a.jpg", "A.jpg").replaceAll("a.txt", "A.txt"));
    assert.equal((await (await openWebDataset(path)).get(0, context)).key, "A");
    const { atime, mtime } = statSync(path);
    utimesSync(path, atime, new Date(mtime.getTime() - 5000));
    assert.equal((await (await openWebDataset(path)).get(0, context)).key, "a");
    writeFileSync(path, tarOf([...good("b"), ...good("c")]));
    assert.deepEqual(await pairsOf(await openWebDataset(path)), [goodPair("b"), goodPair("c")]);
    assert.match(readFileSync(indexOf(path), "utf8"), /^v1.2 2\njpg 512 7 b.jpg /);
  });

  const foreign = "v1.2 2\njpg 512 7 a.jpg txt 1536 6 a.txt\njpg 2560 7 b.jpg txt 3584 6 b.txt\n";
  const whole = tarOf([...good("a"), ...good("b")]);

  test("may be wds2idx's own", async () => {
    const path = write(whole);
    writeFileSync(indexOf(path), foreign);
    assert.deepEqual(await pairsOf(await openWebDataset(path)), [goodPair("a"), goodPair("b")]);
    assert.equal(readFileSync(indexOf(path), "utf8"), foreign);
  });

  for (const [what, index] of [
    ["of another version", foreign.replace("v1.2", "v1.1")],
    ["without a count", foreign.replace("v1.2 2", "v1.2")],
    ["with fewer lines than it says", foreign.replace("v1.2 2", "v1.2 3")],
    ["with an absurd count", foreign.replace("v1.2 2", "v1.2 99999999999999999999")],
    ["that is cut short", foreign.slice(0, -8)],
    ["with a size that is no number", foreign.replace("2560 7", "2560 7x")],
    ["that points beyond the tar", foreign.replace("3584 6", "3584 99999999")],
    ["with a gap, as wds2idx makes before pax headers", foreign.replaceAll("2560", "3072")],
    ["of another tar", foreign.replace("b.txt", "c.txt")],
    ["that is empty", ""],
    ["of random bytes", "\x00\xff\n\n\n"],
    ["of ours that has been cut", foreign.replace("b.txt\n", "# pixtok")],
  ]) {
    test(`${what} is made anew`, async () => {
      const path = write(whole);
      writeFileSync(indexOf(path), index as string);
      assert.deepEqual(await pairsOf(await openWebDataset(path)), [goodPair("a"), goodPair("b")]);
      const made = readFileSync(indexOf(path), "utf8");
      assert.ok(made.startsWith(`${foreign}# pixtok `));
    });
  }

  test("of ours that points beyond the tar is made anew", async () => {
    const path = write(whole);
    await openWebDataset(path);
    const index = readFileSync(indexOf(path), "utf8");
    writeFileSync(indexOf(path), index.replace("3584 6", "3584 99999999"));
    assert.deepEqual(await pairsOf(await openWebDataset(path)), [goodPair("a"), goodPair("b")]);
    assert.equal(readFileSync(indexOf(path), "utf8"), index);
  });

  test("of wds2idx that is of the same time as the tar is used", async () => {
    const path = write(whole);
    writeFileSync(indexOf(path), foreign);
    const { mtime } = statSync(path);
    for (const file of [path, indexOf(path)]) utimesSync(file, mtime, mtime);
    await openWebDataset(path);
    assert.equal(readFileSync(indexOf(path), "utf8"), foreign);
  });

  test("of wds2idx has names as they are, be it with %", async () => {
    const path = write(tarOf(good("a%41")));
    writeFileSync(indexOf(path), "v1.2 1\njpg 512 10 a%41.jpg txt 1536 9 a%41.txt\n");
    assert.deepEqual(await pairsOf(await openWebDataset(path)), [goodPair("a%41")]);
    assert.doesNotMatch(readFileSync(indexOf(path), "utf8"), /pixtok/);
  });

  test("of wds2idx is made anew where it has names as tar lists them, which are not ASCII", async () => {
    const path = write(tarOf(good("\u00fc")));
    const name = "\\303\\274";
    writeFileSync(indexOf(path), `v1.2 1\njpg 512 8 ${name}.jpg txt 1536 7 ${name}.txt\n`);
    assert.deepEqual(await pairsOf(await openWebDataset(path)), [goodPair("\u00fc")]);
  });

  test("of wds2idx that is older than the tar is made anew", async () => {
    const path = write(whole);
    writeFileSync(indexOf(path), foreign.replaceAll("b.", "B."));
    const { mtime } = statSync(path);
    utimesSync(indexOf(path), mtime, new Date(mtime.getTime() - 5000));
    assert.deepEqual(await pairsOf(await openWebDataset(path)), [goodPair("a"), goodPair("b")]);
  });

  test("is only in memory where the folder cannot be written to", async () => {
    const path = write(whole);
    mkdirSync(indexOf(path)); // for root, who may write anywhere
    chmodSync(dirname(path), 0o555);
    try {
      assert.deepEqual(await pairsOf(await openWebDataset(path)), [goodPair("a"), goodPair("b")]);
      assert.deepEqual(readdirSync(dirname(path)).sort(), ["x.idx", "x.tar"]);
    } finally {
      chmodSync(dirname(path), 0o755);
    }
  });
});
