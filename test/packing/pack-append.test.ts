// Rows that are appended to a packed set, as a new version of it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import {
  attestPack,
  DataLoader,
  ImageProcessor,
  missingParts,
  packDataset,
  verifyPack,
} from "pixtok";
import { FEW_FILES, INDEX_NAME, packedFileName } from "../../src/sources/packed/pack-format.js";
import { type PackIndex, readPackIndex } from "../../src/sources/packed/pack-index.js";
import {
  append,
  appended,
  assertRows,
  fileBytes,
  gated,
  more,
  NEW,
  newSet,
  OLD,
  old,
  open,
  order,
  originals,
  packed,
  type Rows,
  refused,
  root,
  rowsFrom,
} from "../support/appended-packs.js";
import { inChild } from "../support/child.js";
import { assertSameEpoch, epochOf } from "../support/packs.js";
import { python, withoutPython } from "../support/python.js";
import { savePackIndex } from "../support/save-index.js";

/** Appends the same rows in a process of its own, which is killed at the last of them. */
const killedAppend = `
  const { ImageProcessor, MultimodalDataset, packDataset } = await import("pixtok");
  const source = {
    length: ${NEW},
    fingerprint: "from 100",
    get(index) {
      if (index === ${NEW - 1}) process.kill(process.pid, "SIGKILL");
      const data = Uint8Array.of(100 + index, 7, 9);
      const [number, image] = [100 + index, { data, width: 1, height: 1, channels: 3 }];
      return { image, text: "", key: "row " + number, columns: { number } };
    },
  };
  const image = new ImageProcessor({ resize: { width: 1, height: 1 }, type: "uint8", layout: "hwc" });
  const rows = new MultimodalDataset({ source, text: null, image, columns: { number: "int64" } });
  await packDataset(rows, process.argv[1], { fileBytes: ${fileBytes}, append: true });
`;

describe("rows that are appended to a packed set", () => {
  test("stand behind those that are there, in files of their own", async () => {
    const folder = await newSet();
    const { files, version, written, kept, pairs } = await append(folder);
    assert.deepEqual(
      { files, version, written, kept, pairs },
      {
        ...{ files: 5, version: 2, written: 2, kept: 0, pairs: NEW },
      },
    );
    const names = readdirSync(folder).filter((name) => name.startsWith("data-"));
    assert.deepEqual(names.sort(), [
      ...[0, 1, 2].map((file) => packedFileName(file, 3)),
      ...[3, 4].map((file) => packedFileName(file, 5)),
    ]);
    await assertRows(folder, [old, more]);
  });

  test("may be appended to again", async () => {
    const folder = await appended();
    const third = rowsFrom(200, 3);
    assert.equal((await append(folder, third)).version, 3);
    await assertRows(folder, [old, more, third]);
    await assertRows(folder, [old, more], 2);
  });

  test("leave all files as they were that are there", async () => {
    const folder = await appended();
    const before = await packed;
    for (const name of readdirSync(before)) {
      assert.deepEqual(readFileSync(join(folder, name)), readFileSync(join(before, name)));
    }
  });

  test("are whole by verifyPack, and attested", async () => {
    const folder = await appended();
    for (const quick of [false, true]) {
      const report = await verifyPack(folder, { quick, parts: 2 });
      assert.deepEqual(report, {
        ...{ ok: true, files: 5, pairs: OLD + NEW, problems: [], missingParts: [] },
      });
    }
    assert.deepEqual((await attestPack(folder)).differences, []);
  });

  test("are the last rows in Python, of the files in the order of their names", {
    skip: withoutPython({ pyarrow: "26." }),
  }, async () => {
    const program = `
import glob, json, sys, pyarrow.ipc
files = sorted(glob.glob(sys.argv[1] + "/data-*.arrow"))
tables = [pyarrow.ipc.open_stream(pyarrow.memory_map(one)).read_all() for one in files]
print(json.dumps([[table["number"].to_pylist(), table["id"].to_pylist()] for table in tables]))`;
    const { stdout, stderr } = spawnSync(python, ["-c", program, await appended()], {
      encoding: "utf8",
    });
    const files = [
      [0, 1],
      [2, 3],
      [4, 5],
      [100, 101],
      [102, 103],
    ];
    const expected = files.map((numbers) => [numbers, numbers.map((number) => `row ${number}`)]);
    assert.deepEqual(JSON.parse(stdout || "null"), expected, stderr);
  });

  test("may be of files of another size", async () => {
    const folder = await newSet();
    assert.equal((await append(folder, more, { fileBytes: fileBytes / 2 })).files, 3 + NEW);
    assert.equal((await verifyPack(folder)).ok, true);
    await assertRows(folder, [old, more]);
  });

  test("are not appended again where the set has them", async () => {
    const folder = await appended();
    for (const [rows, version, kept] of [
      [more, 2, 2],
      [old, 1, 3],
    ] as const) {
      const again = await append(folder, rows);
      assert.deepEqual([again.version, again.written, again.kept], [version, 0, kept]);
    }
    await assertRows(folder, [old, more]);
  });

  test("are refused where nothing tells whether the set has them", async () => {
    await assert.rejects(append(await newSet(), rowsFrom(100, NEW, { fingerprint: false })), {
      name: "TypeError",
      message: /^dataset: expected one whose source has a fingerprint/,
    });
  });
});

describe("an older version", () => {
  test("opens as it was", async () => {
    const folder = await appended();
    const before = await open(await packed);
    const dataset = await open(folder, 1);
    assert.equal(dataset.fingerprint, before.fingerprint);
    await assertSameEpoch(dataset, originals(old), order);
  });

  test("is not there beyond the newest", async () => {
    const message = "version: expected at most 2, which the packed set has, got 3";
    await assert.rejects(open(await appended(), 3), { name: "RangeError", message });
    await assert.rejects(open(await appended(), 0), { name: "RangeError" });
  });

  test("goes on where it is open while rows are appended", async () => {
    const folder = await newSet();
    const dataset = await open(folder);
    const batches: unknown[] = [];
    for await (const batch of new DataLoader(dataset, { ...order, prefetch: 1 })) {
      if (batches.length === 0) await append(folder);
      batches.push(
        [...batch.indices].map((row, i) => [row, batch.image.data[3 * i], batch.keys?.[i]]),
      );
      batch.release();
    }
    const expected = (await epochOf(originals(old), order)) as { indices: number[] }[];
    assert.deepEqual(
      batches,
      expected.map(({ indices }) => [...indices].map((row) => [row, row, `row ${row}`])),
    );
    assert.equal((await open(folder)).length, OLD + NEW);
  });

  test("resumes a loader that was stopped before rows were appended", async () => {
    const folder = await newSet();
    const loader = new DataLoader(await open(folder), order);
    const first = await loader[Symbol.asyncIterator]().next();
    assert.equal(first.done, false);
    const state = loader.state();
    await append(folder);
    const resumed = new DataLoader(await open(folder, 1), order);
    resumed.resume(state);
    await assert.rejects(
      async () => new DataLoader(await open(folder), order).resume(state),
      refused("STATE_MISMATCH", /./),
    );
  });
});

describe("appending", () => {
  for (const [what, rows, message] of [
    [
      "size",
      rowsFrom(100, NEW, { image: new ImageProcessor({ resize: { width: 2, height: 1 } }) }),
      /size.width is 1 in the pack, and 2 is asked for/,
    ],
    [
      "filter",
      rowsFrom(100, NEW, {
        image: new ImageProcessor({
          resize: { width: 1, height: 1 },
          filter: "bicubic",
          type: "uint8",
          layout: "hwc",
        }),
      }),
      /processor.filter is "bilinear" in the pack/,
    ],
    [
      "columns",
      rowsFrom(100, NEW, { type: "float32" }),
      /columns.0.type is "int64" in the pack, and "float32"/,
    ],
  ] as const) {
    test(`refuses rows of another configuration (${what}), and leaves the set as it is`, async () => {
      const folder = await newSet();
      const before = readdirSync(folder);
      await assert.rejects(append(folder, rows), refused("PACK_MISMATCH", message));
      assert.deepEqual(readdirSync(folder), before);
    });
  }

  test("needs a set that is whole", async () => {
    const nowhere = join(root, "nowhere");
    await assert.rejects(append(nowhere), refused("FILE_NOT_FOUND", /nowhere/));
    mkdirSync(nowhere);
    await assert.rejects(append(nowhere), refused("NOT_A_PACK", /no file that pixtok packed/));
    const folder = await newSet();
    rmSync(join(folder, packedFileName(1, 3)));
    // its own rows, too: nobody is to add a version of them
    for (const rows of [more, old]) {
      await assert.rejects(
        append(folder, rows),
        refused("INCOMPLETE_PACK", /: 1 of 3 files are missing: part 1 of 3/),
      );
    }
  });

  test("of two at once, one wins, and the other is told, whatever it appends", async () => {
    const folder = await newSet();
    const first = gated(100, 3);
    const work = append(folder, first.rows);
    await first.reached;
    const third = rowsFrom(200, NEW);
    await assert.rejects(append(folder), refused("PACK_IN_USE", /is packing the same files/));
    await assert.rejects(
      append(folder, third),
      refused("PACK_IN_USE", /packing rows of the same set/),
    );
    first.letGo();
    await work;
    assert.equal((await append(folder, third)).version, 3);
    await assertRows(folder, [old, more, third]);
  });

  test("by many at once makes a set of whole versions, each of the rows once", async () => {
    const folder = await newSet();
    const all = [100, 120, 140, 160].map((first) => rowsFrom(first, NEW));
    const results = await Promise.allSettled(all.map((rows) => append(folder, rows)));
    for (const result of results) {
      if (result.status === "rejected") assert.equal(result.reason.code, "PACK_IN_USE");
    }
    const done = results.flatMap((result, i) =>
      result.status === "fulfilled"
        ? [{ version: result.value.version, rows: all[i] as Rows }]
        : [],
    );
    assert.ok(done.length > 0);
    const inOrder = done.sort((a, b) => a.version - b.version).map(({ rows }) => rows);
    await assertRows(folder, [old, ...inOrder]);
  });

  test("while another finishes is told that it is at work, or goes behind it, whenever it looks", async (t) => {
    const third = rowsFrom(200, NEW);
    const { readdir } = files;
    for (let time = 0, isReached = true; isReached; time += 1) {
      isReached = false;
      const folder = await newSet();
      const rival = gated(100, 3);
      const work = append(folder, rival.rows);
      await rival.reached;
      const isAtWork = () => readdirSync(folder).some((name) => /^files-.*claim/.test(name));
      let looks = 0;
      // what was listed when the other one was at work comes when it has finished
      const mocked = t.mock.method(files, "readdir", async (path: string) => {
        const listed = await readdir(path);
        if (looks++ !== time) return listed;
        isReached = true;
        rival.letGo();
        while (isAtWork()) await setImmediate();
        return listed;
      });
      syncBuiltinESMExports();
      const version = await append(folder, third).then(
        (result) => result.version,
        (error) => error.code,
      );
      mocked.mock.restore();
      syncBuiltinESMExports();
      rival.letGo();
      await work;
      assert.ok(
        isReached ? [3, "PACK_IN_USE"].includes(version) : version === "PACK_IN_USE",
        `${version}, ${time}`,
      );
      await assertRows(folder, version === 3 ? [old, more, third] : [old, more]);
    }
  });

  test("in parts adds the version when the last of them is there", async () => {
    const folder = await newSet();
    await append(folder, more, { part: { index: 1, of: 2 } });
    await assertRows(folder, [old]);
    assert.deepEqual(await missingParts(folder, 2), [0]);
    const { ok, problems } = await verifyPack(folder, { quick: true });
    const message = "1 of 2 files of version 2, which is being appended, are missing: part 0 of 2";
    assert.deepEqual([ok, problems], [false, [{ file: null, rows: null, message }]]);
    await append(folder, more, { part: { index: 0, of: 2 } });
    await assertRows(folder, [old, more]);
    assert.deepEqual(await missingParts(folder, 2), []);
  });

  test("that was killed leaves the set as it was, and goes on behind its last file", async () => {
    const folder = await newSet();
    const { ended } = await inChild(killedAppend, { args: [folder] });
    assert.equal(ended, "SIGKILL");
    await assertRows(folder, [old]);
    const { written, kept, version } = await append(folder);
    assert.deepEqual([written + kept, version], [2, 2]);
    await assertRows(folder, [old, more]);
    assert.deepEqual(
      readdirSync(folder).filter((name) => /claim|incomplete$/.test(name)),
      [],
    );
  });

  test("of other rows waits until those that were begun are there", async () => {
    const folder = await newSet();
    await append(folder, rowsFrom(100, 6), { part: { index: 1, of: 2 } });
    const third = rowsFrom(200, NEW);
    for (const names of ["data-00004-of-00006.arrow and 1 more", "data-00005-of-00006.arrow \\("]) {
      const begun = `other rows have been begun to be appended: .*delete their files, ${names}`;
      await assert.rejects(append(folder, third), refused("PACK_MISMATCH", new RegExp(begun)));
      rmSync(join(folder, names.split(" ")[0] as string));
    }
    assert.equal((await append(folder, third)).version, 2);
    await assertRows(folder, [old, third]);
  });
});

describe("a set that rows were appended to", () => {
  test("opens without its index, and the index is written by the same command", async () => {
    const folder = await appended();
    const path = join(folder, INDEX_NAME);
    const index = readFileSync(path);
    rmSync(path);
    await assertRows(folder, [old, more]);
    await assertRows(folder, [old], 1);
    await append(folder);
    assert.deepEqual(readFileSync(path), index);
  });

  test("is what its index says while the newest rows are not in it, which verifyPack names", async () => {
    const folder = await newSet();
    await append(folder, more, { part: { index: 0, of: 2 } });
    const index = readFileSync(join(folder, INDEX_NAME));
    await append(folder, more, { part: { index: 1, of: 2 } });
    writeFileSync(join(folder, INDEX_NAME), index);
    await assertRows(folder, [old]);
    const { problems } = await verifyPack(folder, { quick: true });
    assert.deepEqual(
      problems.map(({ file, message }) => [file, message]),
      [
        [
          INDEX_NAME,
          "rows have been appended that it does not have: run the command that appended them again",
        ],
      ],
    );
    await append(folder);
    await assertRows(folder, [old, more]);
  });

  test("is not opened as less than it is where files are missing, with its index or without", async () => {
    const folder = await appended();
    rmSync(join(folder, packedFileName(4, 5)));
    const missing = (files: string) =>
      refused("INCOMPLETE_PACK", new RegExp(`${files} files of version 2 are missing`));
    await assert.rejects(open(folder), missing("1 of 2"));
    await assertRows(folder, [old], 1);
    rmSync(join(folder, packedFileName(3, 5)));
    await assert.rejects(open(folder), missing("2 of 2"));
    assert.deepEqual(await missingParts(folder, 2), [0, 1]);
    await append(folder);
    await assertRows(folder, [old, more]);
    rmSync(join(folder, packedFileName(4, 5)));
    rmSync(join(folder, INDEX_NAME));
    await assert.rejects(open(folder), missing("1 of 2"));
    await assertRows(folder, [old], 1);
  });

  test("gets a file again that the first rows lack, by the command that packed them", async () => {
    const folder = await appended();
    rmSync(join(folder, packedFileName(0, 3)));
    const { written, version } = await packDataset(old.dataset, folder, { fileBytes });
    assert.deepEqual([written, version], [1, 1]);
    assert.equal((await verifyPack(folder)).ok, true);
    await assertRows(folder, [old, more]);
  });

  for (const [what, file, rows, again] of [
    ["first", 0, rowsFrom(0, OLD, { shift: 1 }), { fileBytes }],
    ["appended", 4, rowsFrom(100, NEW, { shift: 1 }), { fileBytes, append: true }],
  ] as const) {
    test(`has an index of files that are packed again, where they have become others (${what})`, async () => {
      const folder = await appended();
      const name = packedFileName(file, file < 3 ? 3 : 5);
      rmSync(join(folder, name));
      await packDataset(rows.dataset, folder, again);
      assert.notDeepEqual(
        readFileSync(join(folder, name)),
        readFileSync(join(await appended(), name)),
      );
      assert.equal((await verifyPack(folder)).ok, true);
      assert.equal((await open(folder)).length, OLD + NEW);
    });
  }

  test("gets no more rows while it is not whole, and is not less when some of its files are packed again", async () => {
    const folder = await appended();
    const third = rowsFrom(200, NEW);
    rmSync(join(folder, packedFileName(4, 5)));
    const incomplete = refused("INCOMPLETE_PACK", /of version 2 are missing: part 1 of 2/);
    await assert.rejects(append(folder, third), incomplete);
    rmSync(join(folder, packedFileName(0, 3)));
    await packDataset(old.dataset, folder, { fileBytes });
    await assert.rejects(open(folder), incomplete);
    await append(folder);
    await append(folder, third);
    rmSync(join(folder, packedFileName(4, 5)));
    await assert.rejects(append(folder, rowsFrom(220, NEW)), incomplete);
    await assert.rejects(open(folder), incomplete);
    await assertRows(folder, [old], 1);
  });

  test("refuses a file of another set in the place of one that was appended", async () => {
    const folder = await appended();
    const other = await newSet();
    await append(other, rowsFrom(50, NEW));
    cpSync(join(other, packedFileName(4, 5)), join(folder, packedFileName(4, 5)));
    await assert.rejects(
      open(folder),
      refused("PACK_MISMATCH", /source.fingerprint is "from 100"/),
    );
    rmSync(join(folder, INDEX_NAME));
    await assert.rejects(
      open(folder),
      refused("PACK_MISMATCH", /source.fingerprint is "from 100"/),
    );
    assert.equal((await verifyPack(folder, { quick: true })).ok, false);
  });

  test("refuses files of several sets, which have the names of one", async () => {
    const folder = await newSet();
    const other = join(root, "of-four-files");
    await packDataset(rowsFrom(0, 8).dataset, other, { fileBytes });
    cpSync(join(other, packedFileName(3, 4)), join(folder, packedFileName(3, 4)));
    await assert.rejects(open(folder), refused("PACK_MISMATCH", /first is 3 in the pack, and 0/));
    const { problems } = await verifyPack(folder, { quick: true });
    assert.deepEqual([...new Set(problems.map(({ file }) => file))], [packedFileName(3, 4)]);
  });

  test("is believed in no versions that cannot be", async () => {
    const folder = await appended();
    const index = (await readPackIndex(folder)) as PackIndex;
    const [first, last] = index.versions as [
      PackIndex["versions"][number],
      PackIndex["versions"][number],
    ];
    for (const versions of [
      [],
      [last],
      [first, first, last],
      [last, first],
      [{ ...first, files: 0 }, last],
      [{ ...first, shardPairs: 1 }, last],
      [first, { ...last, files: 6 }],
      [first, { ...last, fingerprint: "another" }],
    ].filter(({ length }) => length !== 1)) {
      await savePackIndex(folder, { ...index, versions });
      await assert.rejects(open(folder), refused("INVALID_PACK", /index is damaged/));
    }
  });

  test("of many files is opened by its index", async () => {
    const folder = join(root, "many");
    const many = rowsFrom(0, 2 * FEW_FILES + 2);
    await packDataset(many.dataset, folder, { fileBytes });
    await append(folder, rowsFrom(140, 2 * 3));
    await append(folder, rowsFrom(150, 2));
    await assertRows(folder, [many, rowsFrom(140, 6), rowsFrom(150, 2)]);
    await assertRows(folder, [many, rowsFrom(140, 6)], 2);
    await assertRows(folder, [many], 1);
    assert.equal((await verifyPack(folder)).ok, true);
    rmSync(join(folder, packedFileName(FEW_FILES + 4, FEW_FILES + 5)));
    await assert.rejects(open(folder), refused("INCOMPLETE_PACK", /1 of 1 files .*part 0 of 1/));
    await assertRows(folder, [many, rowsFrom(140, 6)], 2);
  });
});
