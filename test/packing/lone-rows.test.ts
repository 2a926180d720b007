// Rows of sets of very many files that are read alone, without a map of their message.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import { ImageProcessor, MultimodalDataset, packDataset, type RawPixels } from "pixtok";
import type { FoundRow } from "../../src/sources/packed/file-rows.js";
import type { PackedPair } from "../../src/sources/packed/is-packed.js";
import { openPackedSource } from "../../src/sources/packed/local-pack.js";
import { type LoneRow, type LoneRows, loneRows } from "../../src/sources/packed/lone-rows.js";
import {
  type MessagePlace,
  messageOfRow,
  type PackIndex,
  pathInIndex,
  readPackIndex,
} from "../../src/sources/packed/pack-index.js";
import { packedSource } from "../../src/sources/packed/packed-source.js";
import { appended, NEW, OLD } from "../support/appended-packs.js";
import {
  copied,
  folder,
  nameOf,
  PAIRS,
  ROWS,
  refused,
  root,
  whole,
} from "../support/indexed-packs.js";
import { randomIntegers, seed, tinyImage } from "../support/pairs.js";

const open = (set: string) => openPackedSource(set, { columns: "auto" }, { files: 0, windows: 1 });
const context = { seed: 0, epoch: 0 };

/** All that is known of a pair, in memory of its own. */
const factsOf = ({ image, tokenIds, ...rest }: PackedPair) => ({
  ...rest,
  image: { ...(image as RawPixels), data: [...(image as RawPixels).data] },
  tokenIds: tokenIds.map((ids) => [...ids]),
});

/** A row by its message, as the index has it. */
type WantedRow = Pick<LoneRow, "path" | "place" | "context">;
function loneRow(set: string, index: PackIndex, row: number, given?: WantedRow["context"]) {
  const file = Math.floor(row / ROWS);
  const place = messageOfRow(set, index, file, row % ROWS);
  return { path: pathInIndex(set, index, file), place, context: given };
}

const readAlone = (lone: LoneRows | undefined, rows: readonly WantedRow[]) => {
  const waited: LoneRow[] = [];
  const reading = rows.map(
    (row) =>
      new Promise<FoundRow | undefined>((found, reject) => {
        waited.push({ ...row, found, reject });
      }),
  );
  lone?.read(waited);
  return Promise.all(reading);
};

describe("a row that is read alone", () => {
  test("is the row of its file, whatever else is asked for with it", async () => {
    await whole;
    const files = await openPackedSource(folder, { columns: "auto" });
    const random = randomIntegers(seed);
    const source = await open(folder);
    for (let round = 0; round < 20; round += 1) {
      const rows = Array.from({ length: 1 + random(9) }, () => random(PAIRS));
      const read = await Promise.all(rows.map((row) => source.get(row, context)));
      const expected = await Promise.all(rows.map((row) => files.get(row, context)));
      const facts = (pairs: unknown[]) => pairs.map((pair) => factsOf(pair as PackedPair));
      assert.deepEqual(facts(read), facts(expected));
    }
  });

  test("has the pixels of its own image, of sides that fill no word of memory", async () => {
    const set = join(mkdtempSync(join(root, "sides-")), "set");
    const pixels = (index: number) => Uint8Array.from({ length: 45 }, (_, i) => 45 * index + i);
    const source = {
      length: 5,
      get: (index: number) => ({
        image: { data: pixels(index), width: 5, height: 3, channels: 3 as const },
        text: `${index}`,
      }),
    };
    const image = new ImageProcessor({ resize: { width: 5, height: 3 } });
    const dataset = await MultimodalDataset.from(source, { image, text: null });
    await packDataset(dataset, set);
    const files = await openPackedSource(set);
    const alone = await open(set);
    for (const row of [4, 0, 2]) {
      const [one, other] = [await alone.get(row, context), await files.get(row, context)];
      assert.deepEqual(factsOf(one as PackedPair), factsOf(other as PackedPair));
    }
  });

  test("has no image where only its text is looked at", async () => {
    await whole;
    const source = await open(folder);
    const pair = (await source.get(7, { ...context, textAlone: true })) as PackedPair;
    assert.equal(pair.text, "7");
    assert.equal((pair.image as RawPixels).data.length, 0);
  });

  test("has no image where only its texts are given", async () => {
    await whole;
    const index = (await readPackIndex(folder)) as PackIndex;
    const wanted: unknown[] = [];
    const source = packedSource(
      {
        ...{ folder, tokenizerFolder: folder, config: index.config, rows: index.rows },
        fingerprint: index.fingerprint,
        readRow: (_, given) => {
          wanted.push(given);
          return "" as never;
        },
      },
      { columns: [], imageColumns: [], texts: true, version: undefined },
    );
    const keep = () => {};
    source.texts?.(0, { ...context, keep });
    assert.deepEqual(wanted, [{ ...context, keep, textAlone: true }]);
  });

  test("is a copy in memory of its own for who does not say how long it is read", async () => {
    await whole;
    const source = await open(folder);
    const pairs = await Promise.all([0, ROWS].map((row) => source.get(row, context)));
    const arrays = pairs.flatMap((pair) => [
      ((pair as PackedPair).image as RawPixels).data,
      ...(pair as PackedPair).tokenIds,
    ]);
    const memories = new Set(arrays.map(({ buffer }) => buffer));
    assert.equal(memories.size, arrays.length);
    for (const { buffer, byteLength } of arrays) assert.equal(buffer.byteLength, byteLength);
  });

  test("is read twice of a message: for the third row it is mapped, and stays", async () => {
    await whole;
    const source = await open(folder);
    const lengths = [];
    for (let time = 0; time < 3; time += 1) {
      const releases: (() => void)[] = [];
      const keep = (release: () => void) => void releases.push(release);
      const pair = (await source.get(4, { ...context, keep })) as PackedPair;
      for (const release of releases) release();
      lengths.push((pair.image as RawPixels).data.length);
    }
    assert.deepEqual(lengths, [0, 0, 3]);
  });

  test("ends with its signal's reason once nobody waits for it", async () => {
    await whole;
    const source = await open(folder);
    for (const when of ["before", "while it waits for others", "while threads read it"]) {
      const controller = new AbortController();
      const reason = new Error("given up");
      if (when === "before") controller.abort(reason);
      const given = {
        ...context,
        signal: controller.signal,
        keep: (release: () => void) => release(),
      };
      const reading = source.get(8, given);
      const other = source.get(12, context);
      // rows that are asked for at once are begun at the end of this turn
      if (when === "while threads read it") await Promise.resolve();
      controller.abort(reason);
      await assert.rejects(async () => reading, reason, when);
      assert.equal(((await other) as PackedPair).text, "12");
    }
  });

  test("is none of a message that lies in another way than these are written", async () => {
    await whole;
    const index = (await readPackIndex(folder)) as PackIndex;
    const config = { ...index.config, format: 1 as const };
    const found = await readAlone(loneRows(config), [loneRow(folder, index, 3)]);
    assert.deepEqual(found, [undefined]);
  });

  test("is none where there is no room for it until others have been read", async () => {
    await whole;
    const index = (await readPackIndex(folder)) as PackIndex;
    const releases: (() => void)[] = [];
    const kept = { keep: (release: () => void) => void releases.push(release) };
    const one = loneRow(folder, index, 3, kept);
    const { schemaBytes, headBytes, bytes } = one.place;
    const lone = loneRows(index.config, 1.5 * (schemaBytes + headBytes + bytes));
    const read = async (...rows: WantedRow[]) => {
      const found = await readAlone(lone, rows);
      return found.map((row) => row !== undefined);
    };
    assert.deepEqual(await read(one, loneRow(folder, index, 7, kept)), [true, false]);
    assert.deepEqual(await read(one), [false]);
    assert.equal(releases.length, 1);
    releases[0]?.();
    // who keeps none has it for a moment
    for (let time = 0; time < 2; time += 1) {
      assert.deepEqual(await read(loneRow(folder, index, 9)), [true]);
    }
    assert.deepEqual(await read(one), [true]);
    releases[1]?.();
  });

  test("leaves no memory in use where it is refused", async () => {
    await whole;
    const index = (await readPackIndex(folder)) as PackIndex;
    const good = loneRow(folder, index, 3);
    const { place } = good;
    const lone = loneRows(index.config, 1.5 * (place.schemaBytes + place.headBytes + place.bytes));
    const bad = { ...good, place: { ...place, headCrc: place.headCrc ^ 1 } };
    for (let time = 0; time < 2; time += 1) {
      await assert.rejects(readAlone(lone, [bad]), { code: "INVALID_PACK" });
    }
    const [found] = await readAlone(lone, [good]);
    assert.notEqual(found, undefined);
  });

  test("is the row of a version that was appended", async () => {
    const set = await appended();
    const rows = Array.from({ length: OLD + NEW }, (_, row) => row);
    const source = await open(set);
    const read = await Promise.all(rows.map((row) => source.get(row, context)));
    assert.deepEqual(
      read.map((pair) => Number((pair as PackedPair).columns?.number)),
      [...rows.slice(0, OLD), ...rows.slice(0, NEW).map((row) => 100 + row)],
    );
  });

  test("has the images of its columns, too", async () => {
    const set = join(mkdtempSync(join(root, "columns-")), "set");
    const pixels = (...numbers: number[]) => Uint8Array.of(...numbers);
    const pairs = {
      length: 6,
      get: (index: number) => ({
        image: { data: pixels(index, 2, 3), width: 1, height: 1, channels: 3 as const },
        text: "",
        columns: { mask: { data: pixels(9, index, 7), width: 1, height: 1, channels: 3 as const } },
      }),
    };
    const columns = { mask: { type: "image", processor: tinyImage } as const };
    const dataset = await MultimodalDataset.from(pairs, { image: tinyImage, text: null, columns });
    await packDataset(dataset, set);
    const options = { imageColumns: ["mask"] };
    const source = await openPackedSource(set, options, { files: 0, windows: 1 });
    for (const row of [5, 0, 2]) {
      const { image, columns: own } = (await source.get(row, context)) as PackedPair;
      assert.deepEqual([...(image as RawPixels).data], [row, 2, 3]);
      assert.deepEqual([...(own?.mask as RawPixels).data], [9, row, 7]);
    }
  });

  for (const [what, where] of [
    [
      "the message that its index names",
      (place: MessagePlace) => place.offset + place.headBytes - 1,
    ],
    ["the schema that its index names", (place: MessagePlace) => place.schemaBytes - 1],
  ] as const) {
    test(`is refused where its file has not ${what}, and no other row with it`, async () => {
      const set = await copied();
      const path = join(set, nameOf(5));
      const bytes = readFileSync(path);
      const { place } = loneRow(set, (await readPackIndex(set)) as PackIndex, 5 * ROWS);
      bytes[where(place)] = (bytes[where(place)] as number) ^ 1;
      writeFileSync(path, bytes);
      const source = await open(set);
      const [bad, good] = await Promise.allSettled([
        source.get(5 * ROWS, context),
        source.get(6 * ROWS, context),
      ]);
      assert.equal(good.status, "fulfilled");
      assert.equal(bad.status, "rejected");
      assert.ok(refused("INVALID_PACK", /00005.*one of both is damaged/)(bad.reason));
    });
  }

  test("is of no worker thread that ends while it is read, and others go on", async () => {
    await whole;
    const module = new URL("../../dist/sources/packed/local-pack.js", import.meta.url).href;
    const program = `
      const { parentPort, workerData } = require("node:worker_threads");
      import(workerData.module).then(async ({ openPackedSource }) => {
        const source = await openPackedSource(workerData.folder, {}, { files: 0, windows: 1 });
        const keep = () => {};
        for (let row = 0; row < source.length; row += ${ROWS}) {
          source.get(row, { seed: 0, epoch: 0, keep });
        }
        await null;
        parentPort.postMessage("reading");
        await new Promise(setImmediate);
        process.exit(3);
      });`;
    for (let round = 0; round < 2; round += 1) {
      const worker = new Worker(program, { eval: true, workerData: { module, folder } });
      const exit = once(worker, "exit");
      await once(worker, "message");
      if (round === 0) await worker.terminate();
      await exit;
    }
    const source = await open(folder);
    assert.equal(((await source.get(3, context)) as PackedPair).text, "3");
  });

  test("is refused where its file is shorter, and no other row with it", async () => {
    const set = await copied();
    const source = await open(set);
    truncateSync(join(set, nameOf(5)), 100);
    const [bad, good] = await Promise.allSettled([
      source.get(5 * ROWS, context),
      source.get(6 * ROWS, context),
    ]);
    assert.equal(good.status, "fulfilled");
    assert.equal(bad.status, "rejected");
    assert.ok(
      refused("INVALID_PACK", /00005.*it has 100 bytes, and pixtok.index says/)(bad.reason),
    );
  });
});
