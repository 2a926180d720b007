// A million rows of Parquet, as `datasets` writes them, in order and shuffled.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { inChild } from "../support/child.js";
import { fixture } from "../support/fixtures.js";
import { python, withoutPython } from "../support/python.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-shuffled-parquet-"));
after(() => rmSync(folder, { recursive: true }));

const ROWS = 1_000_000;
const FILES = 4;

/** Row groups of 100 images, which are neither compressed nor in a dictionary; texts are. */
const WRITE = `
import sys
import pyarrow as pa, pyarrow.parquet as pq
folder, files, rows, *images = sys.argv[1:]
images = [open(path, "rb").read() for path in images]
rows = int(rows) // int(files)
for file in range(int(files)):
    numbers = [str(row) for row in range(file * rows, (file + 1) * rows)]
    image = pa.StructArray.from_arrays(
        [
            pa.array(images, pa.binary()).take(pa.array([i % len(images) for i in range(rows)])),
            pa.array([number + ".png" for number in numbers]),
        ],
        ["bytes", "path"],
    )
    text = pa.array([number + " a photo of a small dog that runs over green grass" for number in numbers])
    pq.write_table(
        pa.table({"image": image, "text": text}),
        f"{folder}/train-{file:05}-of-{int(files):05}.parquet",
        row_group_size=100,
        use_dictionary=["image.path", "text"],
        compression={"image.bytes": "none", "image.path": "snappy", "text": "snappy"},
    )
`;

interface Measured {
  rows: number;
  /** Of each pair of a shuffled epoch's beginning, its image included. */
  reads: number;
  /** Bytes that are in use beyond those after nearly all row groups have been asked for, when as many pairs again have. */
  grown: number;
  /** Processor time of a pair in order, by that of one in a shuffled order. */
  ratios: number[];
}

describe("a million rows of Parquet", {
  skip: withoutPython({ pyarrow: "26." }),
}, () => {
  before(() => {
    const images = ["png-1x1.png", "jpeg-1x1.jpg", "png-l-1bit.png", "jpeg-7x5.jpg"];
    const paths = images.map((name) => fixture(`images/${name}`));
    execFileSync(python, ["-c", WRITE, folder, String(FILES), String(ROWS), ...paths]);
  });

  const timeout = 300_000; // of a busy machine
  test("are shuffled at the rate that they have in order, two reads each, in memory that stays", {
    timeout,
  }, async () => {
    const { value, errors } = await inChild(
      `
      const fs = (await import("node:fs")).default;
      const { syncBuiltinESMExports } = await import("node:module");
      const { promisify } = await import("node:util");
      let reads = 0;
      const read = promisify(fs.read);
      fs.read[promisify.custom] = (...given) => {
        reads += 1;
        return read(...given);
      };
      syncBuiltinESMExports();
      const { setFlagsFromString } = await import("node:v8");
      const { runInNewContext } = await import("node:vm");
      setFlagsFromString("--expose-gc");
      const gc = runInNewContext("gc");
      /** Bytes that are in use. */
      const settled = async () => {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 20)); // buffers are given back a little later
        gc();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        return heapUsed + arrayBuffers;
      };
      const { DataLoader, MultimodalDataset, openSource, shuffledSampler, Tokenizer } = await import("pixtok");
      const source = await openSource(${JSON.stringify(folder)});
      const tokenizer = await Tokenizer.fromPretrained(${JSON.stringify(fixture("wordpiece"))});
      const dataset = await MultimodalDataset.from(source, { tokenizer });
      const { indexAt } = shuffledSampler(source.length, 7);
      const context = { seed: 7, epoch: 0 };
      const ask = async (from, to) => {
        for (let position = from; position < to; position += 64) {
          const asked = Array.from({ length: 64 }, (_, i) => source.get(indexAt(position + i, 0), context));
          for (const { image } of await Promise.all(asked)) if ("path" in image) reads += 1;
        }
      };
      const before = reads;
      await ask(0, 51_200);
      const readsOfAll = reads - before;
      const used = await settled();
      await ask(51_200, 102_400);
      const grown = (await settled()) - used;
      const cost = async (options) => {
        let batches = 0;
        let start;
        for await (const batch of new DataLoader(dataset, { batchSize: 64, ...options })) {
          batch.release();
          batches += 1;
          if (batches === 4) start = process.cpuUsage();
          if (batches === 24) break;
        }
        const { user, system } = process.cpuUsage(start);
        return user + system;
      };
      const ratios = [];
      for (const seed of [1, 2, 3]) {
        const inOrder = await cost({});
        ratios.push(inOrder / (await cost({ shuffle: true, seed })));
      }
      return { rows: source.length, reads: readsOfAll / 51_200, grown, ratios };
    `,
      { seconds: timeout / 1000 },
    );
    assert.equal(errors, "");
    const { rows, reads, grown, ratios } = value as Measured;
    assert.equal(rows, ROWS);
    assert.ok(reads <= 2, `${reads} reads a pair`);
    assert.ok(grown < 8 * 2 ** 20, `${grown} bytes more`);
    assert.ok(Math.max(...ratios) >= 0.8, `${ratios} of the rate in order`);
  });
});
