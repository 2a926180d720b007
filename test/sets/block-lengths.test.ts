// Which pairs of a source lie together, and what is left of that in sources made of it.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  concat,
  filter,
  MultimodalDataset,
  map,
  openArrow,
  openParquet,
  openSource,
  openWebDataset,
  type PairSource,
  packDataset,
  repeat,
  select,
  split,
  take,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { context } from "../support/lettered-pairs.js";
import { numberedDataset } from "../support/pairs.js";
import { fc } from "../support/properties.js";
import { good, write } from "../support/shards.js";
import { tarOf } from "../support/tar.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-blocks-"));
after(() => rmSync(root, { recursive: true }));

const sum = (numbers: ArrayLike<number>) =>
  Array.from(numbers).reduce((total, number) => total + number, 0);
const lengthsOf = (source: PairSource) =>
  Array.from(source.blockLengths?.() ?? assert.fail("not known"));

/** Pairs whose text is the name of their block. */
function inBlocks(name: string, lengths: readonly number[]): PairSource {
  const blocks = lengths.flatMap((length, block) => new Array<string>(length).fill(name + block));
  return {
    length: blocks.length,
    get: (index) => ({ image: Uint8Array.of(1), text: blocks[index] as string, key: `${index}` }),
    blockLengths: () => lengths,
  };
}

describe("the blocks of a source", () => {
  test("are the shards of a WebDataset", async () => {
    const shards = [["a", "b", "c"], ["d"]].map((keys) => write(tarOf(keys.flatMap(good))));
    assert.deepEqual(lengthsOf(await openWebDataset(shards)), [3, 1]);
  });

  test("are the row groups of Parquet files", async () => {
    const path = fixture("parquet/hub-none.parquet");
    const once = lengthsOf(await openParquet(path));
    assert.ok(once.length > 1);
    const both = await openParquet([path, path]);
    assert.deepEqual(lengthsOf(both), [...once, ...once]);
    assert.equal(sum(lengthsOf(both)), both.length);
  });

  test("are the files of a packed set", async () => {
    const folder = join(root, "packed");
    const { files } = await packDataset(await numberedDataset(7), folder, { fileBytes: 9 });
    const lengths = lengthsOf(await openSource(folder));
    assert.ok(files > 1);
    assert.equal(lengths.length, files);
    assert.equal(sum(lengths), 7);
  });

  test("are Arrow files, and several manifests", async () => {
    const path = fixture("arrow/kinds.arrow");
    const { length } = await openArrow(path);
    assert.deepEqual(lengthsOf(await openArrow([path, path])), [length, length]);
    const manifests = [2, 1].map((rows) => {
      const manifest = join(root, `${rows}.jsonl`);
      writeFileSync(manifest, '{"image": "a.jpg", "text": "a"}\n'.repeat(rows));
      return manifest;
    });
    assert.deepEqual(lengthsOf(await openSource(manifests)), [2, 1]);
  });

  test("are all of it where each image is a file of its own", async () => {
    const { source } = await arrays();
    assert.deepEqual(lengthsOf(source), [3]);
  });
});

async function arrays(): Promise<{ source: PairSource }> {
  const { pipelineOf } = await import("../../src/dataset/dataset.js");
  const dataset = new MultimodalDataset({ imagePaths: ["a.jpg", "b.jpg", "c.jpg"], text: null });
  return pipelineOf(dataset);
}

describe("the blocks of a source made of others", () => {
  const lengths = fc
    .array(fc.nat(6), { minLength: 1, maxLength: 12 })
    .filter((some) => sum(some) > 0);

  /** Pairs of one block are of one block of what it is made of, and beside each other. */
  async function assertWithin(source: PairSource): Promise<void> {
    const found = lengthsOf(source);
    assert.equal(sum(found), source.length);
    let index = 0;
    for (const length of found) {
      const texts = new Set<string>();
      for (let row = 0; row < length; row += 1) {
        texts.add((await source.get(index, context)).text as string);
        index += 1;
      }
      assert.ok(texts.size <= 1, `${[...texts]}`);
    }
  }

  test("are parts of theirs, in every set that keeps the order of the pairs", async () => {
    const property = fc.asyncProperty(lengths, lengths, fc.nat(), async (some, others, number) => {
      const source = inBlocks("p", some);
      const both = concat([source, inBlocks("q", others)]);
      const count = 1 + (number % both.length);
      const parts = await split(both, { a: 0.5, b: 0.5 }).catch(() => ({ a: both, b: both }));
      const wanted = await filter(both, (_, index) => (index * 7 + number) % 3 !== 0).catch(
        () => both,
      );
      const made = [
        both,
        take(both, count),
        repeat(take(both, count), 1 + (number % 3)),
        map(both, (pair) => pair),
        select(both, [0, 0, count - 1]),
        parts.a,
        take(parts.b, 1),
        wanted,
      ];
      for (const one of made) await assertWithin(one);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  test("are told to theirs by the numbers that they have there", async () => {
    const withNames = (name: string, some: readonly number[], told: Set<string>) => {
      const source = inBlocks(name, some);
      const readAhead = (blocks: readonly number[]) => {
        for (const block of blocks) told.add(name + block);
      };
      return { ...source, readAhead };
    };
    const property = fc.asyncProperty(lengths, lengths, fc.nat(), async (some, others, number) => {
      const told = new Set<string>();
      const both = concat([withNames("p", some, told), withNames("q", others, told)]);
      const first = take(both, 1 + (number % both.length));
      for (const made of [both, first, repeat(first, 2), map(both, (pair) => pair)]) {
        const ends = lengthsOf(made).map((_, block) => sum(lengthsOf(made).slice(0, block + 1)));
        const index = number % made.length;
        told.clear();
        made.readAhead?.([ends.findIndex((end) => index < end)]);
        assert.deepEqual([...told], [(await made.get(index, context)).text]);
      }
    });
    await fc.assert(property, { numRuns: 40 });
    assert.equal(take(inBlocks("p", [3]), 2).readAhead, undefined);
  });

  test("are those of the images, with a pair for each of their texts", async () => {
    const texts = [["a", "b"], ["c"], ["d", "e", "f"], ["g"]];
    const source: PairSource = {
      length: 4,
      get: (index) => ({ image: Uint8Array.of(1), text: texts[index] as string[] }),
      blockLengths: () => [0, 2, 0, 1, 1],
    };
    const { everyText } = await import("../../src/dataset/multiple-texts.js");
    assert.deepEqual(lengthsOf(await everyText(source)), [0, 3, 0, 3, 1]);
  });

  test("are not known where any source does not know its own", () => {
    const { blockLengths: _, ...unknown } = inBlocks("q", [2]);
    const others = [concat([inBlocks("p", [2]), unknown]), map(unknown, (pair) => pair)];
    for (const source of others) assert.equal(source.blockLengths, undefined);
  });

  test("are refused where pairs of a block are not beside each other", () => {
    const source = inBlocks("p", [2, 2, 2]);
    assert.deepEqual(lengthsOf(select(source, [1, 0, 5])), [2, 0, 1]);
    assert.throws(
      () => select(source, [0, 3, 1]).blockLengths?.(),
      /indices: expected indices that go on from block to block.*got "1 after 3"/,
    );
    assert.throws(
      () => repeat(source, 2 ** 31).blockLengths?.(),
      /times: expected at most 4294967295/,
    );
  });
});
