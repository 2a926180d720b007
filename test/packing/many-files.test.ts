// What is mapped of the files of a set, for how long, and for whom.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import { crc32 } from "node:zlib";
import { MultimodalDataset, type RawPixels } from "pixtok";
import { pipelineOf } from "../../src/dataset/dataset.js";
import type { DatasetPipeline } from "../../src/dataset/dataset-pipeline.js";
import { datasetTokens, tokenCounts } from "../../src/dataset/dataset-tokens.js";
import { plainContext } from "../../src/shared/sample-context.js";
import type { PackedPair } from "../../src/sources/packed/is-packed.js";
import { openPackedSource } from "../../src/sources/packed/local-pack.js";
import { INDEX_NAME } from "../../src/sources/packed/pack-format.js";
import { openPackedFile } from "../../src/sources/packed/packed-file.js";
import {
  context,
  copied,
  copiedWithoutIndex,
  FILES,
  folder,
  nameOf,
  numberAt,
  PAIRS,
  ROWS,
  refused,
  replaceFile,
  whole,
} from "../support/indexed-packs.js";
import { python, withoutPython } from "../support/python.js";

describe("a set of more files than are mapped whole", () => {
  test("needs no index", async () => {
    const source = await openPackedSource(await copiedWithoutIndex(), {}, { files: 8, windows: 4 });
    for (const index of [0, PAIRS - 1, 100]) assert.equal(await numberAt(source, index), index);
  });

  for (const [what, copy] of [
    ["by its index", copied],
    ["without one", copiedWithoutIndex],
  ] as const) {
    test(`opened ${what} refuses a file that is replaced while it is in use`, async () => {
      const set = await copy();
      const source = await openPackedSource(set, {}, { files: 0, windows: 1 });
      assert.equal(await numberAt(source, 3 * ROWS), 3 * ROWS);
      assert.equal(await numberAt(source, 0), 0); // lets go of the other
      replaceFile(set, 3, join(set, nameOf(4))); // by one of rows of the same lengths
      await assert.rejects(
        async () => source.get(3 * ROWS, context),
        refused("INVALID_PACK", /00003.*not what the index says/),
      );
    });
  }

  test("gives copies of a row to who does not say for how long it is read", async () => {
    await whole;
    const source = await openPackedSource(folder, { columns: "auto" }, { files: 0, windows: 1 });
    const first = (await source.get(0, context)) as PackedPair;
    const image = first.image as { data: Uint8Array };
    await source.get(PAIRS - 1, context);
    assert.deepEqual([...image.data], [0, 0, 0]);
    assert.deepEqual(first.columns?.box, Float32Array.of(0, 1));
    assert.ok((first.tokenIds[0]?.length ?? 0) > 0);
  });

  /** Images of each file, read in a way, and what lets go of them. */
  async function imagesOfFiles(rowsAtOnce: number) {
    await whole;
    const source = await openPackedSource(folder, {}, { files: 0, windows: 1 });
    const releases: (() => void)[] = [];
    const keep = (release: () => void) => void releases.push(release);
    const images = [];
    for (let file = 0; file < FILES; file += 1) {
      const rows = Array.from({ length: rowsAtOnce }, (_, i) => file * ROWS + i);
      const pairs = await Promise.all(rows.map((row) => source.get(row, { ...context, keep })));
      images.push(((pairs[0] as PackedPair).image as RawPixels).data);
    }
    return { images, releases };
  }
  const firstNumbers = Array.from({ length: FILES }, (_, file) => (file * ROWS) & 255);

  test("keeps what is being read mapped, and lets go of it when it has been read", async () => {
    const { images, releases } = await imagesOfFiles(2);
    assert.deepEqual(
      images.map(([number]) => number),
      firstNumbers,
    );
    for (const release of releases) release();
    assert.deepEqual(
      images.map(({ length }) => length),
      images.map((_, file) => (file === FILES - 1 ? 3 : 0)),
    );
  });

  test("keeps a message mapped until the last of its rows has been read", async () => {
    await whole;
    const source = await openPackedSource(folder, {}, { files: 0, windows: 1 });
    const releases: (() => void)[] = [];
    const keep = (release: () => void) => void releases.push(release);
    const read = (file: number) => {
      const rows = [file * ROWS, file * ROWS + 1];
      return Promise.all(rows.map((row) => source.get(row, { ...context, keep })));
    };
    const [, second] = await read(0);
    releases[0]?.();
    await read(1);
    const { data } = (second as PackedPair).image as RawPixels;
    assert.deepEqual([...data.subarray(0, 1)], [1]);
    for (const release of releases.slice(1)) release();
    assert.equal(data.length, 0);
  });

  test("has other memory for rows that are read alone, and lets go of it when they have been read", async () => {
    const { images, releases } = await imagesOfFiles(1);
    assert.deepEqual(
      images.map(([number]) => number),
      firstNumbers,
    );
    for (const release of releases) release();
    assert.deepEqual(new Set(images.map(({ length }) => length)), new Set([0]));
  });
});

describe("tokens of a set of more files than are mapped whole", () => {
  const open = () => openPackedSource(folder, {}, { files: 0, windows: 1 });
  /** One of each file, which is read alone. */
  const all = Array.from({ length: FILES }, (_, file) => file * ROWS);
  const readings = {
    "counted for batches of similar lengths": (dataset: DatasetPipeline) =>
      tokenCounts(dataset, all, plainContext(), "throw"),
    "counted in all texts": (dataset: DatasetPipeline) =>
      datasetTokens(dataset, all, new AbortController().signal),
  };
  for (const [what, read] of Object.entries(readings)) {
    test(`are those of its files, ${what}, and no image is read for them`, async () => {
      await whole;
      const source = await open();
      const imageBytes: number[] = [];
      const watched = await MultimodalDataset.from({
        ...source,
        async get(...given) {
          const pair = (await source.get(...given)) as PackedPair;
          imageBytes.push((pair.image as RawPixels).data.length);
          return pair;
        },
      });
      const tokens = await read(pipelineOf(watched));
      const expected = await read(pipelineOf(await MultimodalDataset.from(folder)));
      assert.deepEqual(tokens, expected);
      assert.ok(imageBytes.length >= FILES);
      assert.deepEqual(new Set(imageBytes), new Set([0]));
    });
  }
});

describe("others that read a set of many files", () => {
  test("are a worker thread and this one, each with maps of its own", async () => {
    await whole;
    const module = new URL("../../dist/sources/packed/local-pack.js", import.meta.url).href;
    const program = `
      const { parentPort, workerData } = require("node:worker_threads");
      import(workerData.module).then(async ({ openPackedSource }) => {
        const source = await openPackedSource(workerData.folder, {}, { files: 0, windows: 1 });
        const numbers = [];
        for (let index = 0; index < source.length; index += 1) {
          const releases = [];
          const keep = (release) => releases.push(release);
          numbers.push(Number((await source.get(index, { seed: 0, epoch: 0, keep })).text));
          for (const release of releases) release();
        }
        parentPort.postMessage(numbers);
      });`;
    const worker = new Worker(program, { eval: true, workerData: { module, folder } });
    const source = await openPackedSource(folder, {}, { files: 0, windows: 1 });
    const message = once(worker, "message");
    const all = Array.from({ length: PAIRS }, (_, index) => index);
    for (const index of all) assert.equal(await numberAt(source, index), index);
    const [numbers] = await message;
    assert.deepEqual(numbers, all);
    await worker.terminate();
  });

  test("are Python's, to which the index is a table in which nothing is missing", {
    skip: withoutPython({ pyarrow: "" }),
  }, async () => {
    await whole;
    const code = `
import json, pyarrow, sys
table = pyarrow.ipc.open_stream(pyarrow.memory_map(sys.argv[1])).read_all()
said = json.loads(table.schema.metadata[b"pixtok.index"])
print(json.dumps([said["files"], [str(field) for field in table.schema], table.to_pylist()]))`;
    const { stdout, stderr } = spawnSync(python, ["-c", code, join(folder, INDEX_NAME)], {
      encoding: "utf8",
    });
    assert.equal(stderr, "");
    const expected = Array.from({ length: FILES }, (_, file) => {
      const path = join(folder, nameOf(file));
      const [schema, ...messages] = openPackedFile(path).messages;
      return {
        rows: ROWS,
        schema_bytes: schema?.bytes,
        schema_crc: crc32(readFileSync(path).subarray(0, schema?.bytes)),
        messages: messages.map(({ bytes, headBytes, rows, headCrc }) => [
          ...[bytes, headBytes, rows, headCrc],
        ]),
      };
    });
    const lists = "list<item: fixed_size_list<item: uint32 not null>[4] not null>";
    const fields = [
      "pyarrow.Field<rows: int32 not null>",
      "pyarrow.Field<schema_bytes: uint32 not null>",
      "pyarrow.Field<schema_crc: uint32 not null>",
      `pyarrow.Field<messages: ${lists} not null>`,
    ];
    assert.deepEqual(JSON.parse(stdout), [FILES, fields, expected]);
  });
});

describe("the files of a set that are mapped whole", () => {
  const keep = () => {};
  for (const [what, copy] of [
    ["by its index", copied],
    ["without one", copiedWithoutIndex],
  ] as const) {
    test(`are one array buffer ${what}`, { skip: process.platform === "win32" }, async () => {
      const source = await openPackedSource(await copy());
      const memoryAt = async (index: number) => {
        const { image } = (await source.get(index, { ...context, keep })) as PackedPair;
        return (image as RawPixels).data.buffer;
      };
      assert.equal(await memoryAt(0), await memoryAt(PAIRS - 1));
    });

    test(`are copied ${what} for who does not say for how long a row is read`, async () => {
      const source = await openPackedSource(await copy(), { columns: "auto" });
      const { image, columns } = (await source.get(PAIRS - 1, context)) as PackedPair;
      const { data } = image as RawPixels;
      assert.equal(data.buffer.byteLength, data.length);
      assert.deepEqual(columns?.box, Float32Array.of(PAIRS - 1, 1));
      assert.equal((columns?.box as Float32Array).buffer.byteLength, 8);
    });
  }
});
