// The index of a set of many files: when it is written, what is read by it, and what it is held to.

import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { MultimodalDataset, openSource, PixtokError, packDataset, verifyPack } from "pixtok";
import { folderTarget } from "../../src/packing/folder-target.js";
import { indexWholeSet } from "../../src/packing/index-versions.js";
import { openPackedSource } from "../../src/sources/packed/local-pack.js";
import { INDEX_NAME } from "../../src/sources/packed/pack-format.js";
import { type PackIndex, readPackIndex } from "../../src/sources/packed/pack-index.js";
import {
  context,
  copied,
  copiedWithoutIndex,
  FILES,
  fileBytes,
  folder,
  nameOf,
  numberAt,
  original,
  PAIRS,
  ROWS,
  refused,
  replaceFile,
  root,
  ways,
  whole,
} from "../support/indexed-packs.js";
import { writeManyFiles } from "../support/many-packed-files.js";
import { epochOf } from "../support/packs.js";
import { fc } from "../support/properties.js";
import { savePackIndex } from "../support/save-index.js";

describe("the index of a packed set", () => {
  test("is written with the last file of a set of many, whoever packs it, and not before", async () => {
    const parts = join(root, "parts");
    await packDataset(original, parts, { fileBytes, part: { index: 1, of: 2 } });
    assert.equal(existsSync(join(parts, INDEX_NAME)), false);
    await packDataset(original, parts, { fileBytes, part: { index: 0, of: 2 } });
    await whole;
    assert.deepEqual(readFileSync(join(parts, INDEX_NAME)), readFileSync(join(folder, INDEX_NAME)));
  });

  test("is not there where files are few: all of these are looked at", async () => {
    const few = join(root, "few");
    await packDataset(original, few, { fileBytes: 22 * fileBytes });
    assert.equal(existsSync(join(few, INDEX_NAME)), false);
  });

  test("is written by the same command again, where it is missing", async () => {
    const copy = await copied();
    rmSync(join(copy, INDEX_NAME));
    assert.equal((await packDataset(original, copy, { fileBytes })).written, 0);
    assert.deepEqual(readFileSync(join(copy, INDEX_NAME)), readFileSync(join(folder, INDEX_NAME)));
  });

  test("is written by the same command again, where it is damaged", async () => {
    const copy = await copied();
    const bytes = readFileSync(join(folder, INDEX_NAME));
    for (const damaged of [Buffer.alloc(0), Buffer.alloc(bytes.length), bytes.subarray(0, -9)]) {
      writeFileSync(join(copy, INDEX_NAME), damaged);
      assert.equal((await packDataset(original, copy, { fileBytes })).written, 0);
      assert.deepEqual(readFileSync(join(copy, INDEX_NAME)), bytes);
    }
  });

  test("is not written by the same command again where it is that of the files", async () => {
    const copy = await copied();
    const written = () => statSync(join(copy, INDEX_NAME), { bigint: true }).ctimeNs;
    const before = written();
    assert.equal((await packDataset(original, copy, { fileBytes })).written, 0);
    assert.equal(written(), before);
  });

  test("goes while a file is packed again, and is written anew; who has opened it goes on", async () => {
    const copy = await copied();
    const before = await openPackedSource(copy, {}, { files: 0 });
    rmSync(join(copy, nameOf(5)));
    let wasThere = true;
    await packDataset(original, copy, {
      fileBytes,
      onProgress: () => {
        wasThere = existsSync(join(copy, INDEX_NAME));
      },
    });
    assert.equal(wasThere, false);
    assert.deepEqual(readFileSync(join(copy, INDEX_NAME)), readFileSync(join(folder, INDEX_NAME)));
    assert.equal(await numberAt(before, 5 * ROWS), 5 * ROWS);
  });
});

describe("a set that is opened by its index", () => {
  test("is the set that its files are", async () => {
    await whole;
    const copy = await copied();
    rmSync(join(copy, INDEX_NAME));
    const files = await openSource(copy);
    for (const [, limits] of ways) {
      const source = await openPackedSource(folder, {}, limits);
      const facts = ({ length, fingerprint, description, blockLengths }: typeof files) => [
        ...[length, fingerprint, description],
        Array.from(blockLengths?.() ?? []),
      ];
      assert.deepEqual(facts(source), facts(files));
    }
  });

  test("stays as it is, whatever is written into the lengths of its blocks", async () => {
    await whole;
    for (const [, limits] of ways) {
      const source = await openPackedSource(folder, {}, limits);
      (source.blockLengths?.() as number[])[3] = 0;
      assert.equal(source.blockLengths?.()[3], ROWS);
      assert.equal(await numberAt(source, 3 * ROWS), 3 * ROWS);
    }
  });

  test("gives the same batches, also where fewer messages stay mapped than one batch has", async () => {
    await whole;
    const files = await MultimodalDataset.from(await copiedWithoutIndex(), { columns: "auto" });
    const options = { batchSize: 16, shuffle: true, seed: 1, prefetch: 3 };
    const expected = await epochOf(files, options);
    for (const limits of [{}, { files: 0 }, { files: 0, windows: 1 }, { files: 0, inUse: 5 }]) {
      const source = await openPackedSource(folder, { columns: "auto" }, limits);
      const actual = await MultimodalDataset.from(source, { columns: "auto" });
      assert.deepEqual(await epochOf(actual, options), expected);
    }
  });

  test("is opened without a look at files between the first and the last", async () => {
    const copy = await copied();
    rmSync(join(copy, nameOf(7)));
    for (const [, limits] of ways) {
      const source = await openPackedSource(copy, {}, limits);
      assert.equal(await numberAt(source, PAIRS - 1), PAIRS - 1);
      await assert.rejects(
        async () => source.get(7 * ROWS, context),
        refused("INCOMPLETE_PACK", /data-00007-of-00065.arrow.*pixtok.index names it.*pack again/),
      );
    }
    rmSync(join(copy, nameOf(0)));
    await assert.rejects(
      openSource(copy),
      refused("INCOMPLETE_PACK", /2 of 65 files are missing: parts 0,7 of 65 /),
    );
  });

  test("refuses a file that is longer, or damaged, when a row of it is read", async () => {
    const copy = await copied();
    const longer = readFileSync(join(copy, nameOf(5)));
    writeFileSync(join(copy, nameOf(5)), Buffer.concat([longer, Buffer.alloc(8)]));
    const changed = Buffer.from(readFileSync(join(copy, nameOf(6))));
    const message = 8 + changed.readUInt32LE(4);
    changed.writeUInt8((changed[message + 30] as number) ^ 1, message + 30);
    writeFileSync(join(copy, nameOf(6)), changed);
    const [whole, messages] = ways;
    const inWhole = await openPackedSource(copy, {}, whole[1]);
    const row = (source: typeof inWhole, file: number) => async () =>
      source.get(file * ROWS, context);
    await assert.rejects(row(inWhole, 6), refused("INVALID_PACK", /00006.*is damaged/));
    const inMessages = await openPackedSource(copy, {}, messages[1]);
    const bytes = `it has ${longer.length + 8} bytes, and pixtok.index says ${longer.length}`;
    await assert.rejects(row(inMessages, 5), refused("INVALID_PACK", new RegExp(bytes)));
    await assert.rejects(
      row(inMessages, 6),
      refused("INVALID_PACK", /00006.*has not the rows that/),
    );
    const { problems } = await verifyPack(copy, { quick: true });
    assert.deepEqual(
      problems.map(({ file }) => file),
      [nameOf(5)],
    );
  });

  for (const [way, limits] of ways) {
    test(`refuses a file that has been replaced by one of rows of the same lengths (${way})`, async () => {
      const copy = await copied();
      replaceFile(copy, 3, join(copy, nameOf(4)));
      const source = await openPackedSource(copy, {}, limits);
      await assert.rejects(
        async () => source.get(3 * ROWS, context),
        refused("INVALID_PACK", /00003.*not what the index says.*has been replaced/),
      );
      const { problems } = await verifyPack(copy, { quick: true });
      assert.deepEqual(
        problems.map(({ file }) => file),
        [nameOf(3), INDEX_NAME],
      );
    });
  }

  test("is not opened by the index of another set", async () => {
    const copy = await copied();
    const other = join(root, "other");
    await writeManyFiles(other, { files: FILES });
    await indexWholeSet(folderTarget(other), FILES);
    cpSync(join(other, INDEX_NAME), join(copy, INDEX_NAME));
    await assert.rejects(
      openSource(copy),
      refused("PACK_MISMATCH", /size.width is 2 in the pack, and 1 is asked for/),
    );
    assert.deepEqual(
      (await verifyPack(copy, { quick: true })).problems.map(({ file }) => file),
      [INDEX_NAME],
    );
  });
});

describe("an index that is not what was written", () => {
  const read = async (bytes: Buffer) => {
    const copy = mkdtempSync(join(root, "damaged-"));
    writeFileSync(join(copy, INDEX_NAME), bytes);
    try {
      return await readPackIndex(copy);
    } finally {
      rmSync(copy, { recursive: true });
    }
  };

  test("is refused wherever it is cut", async () => {
    await whole;
    const bytes = readFileSync(join(folder, INDEX_NAME));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), async (length) => {
        await assert.rejects(
          read(bytes.subarray(0, length)),
          refused("INVALID_PACK", /the index is damaged: .*delete it/),
        );
      }),
      { examples: [[0], [1], [8]] },
    );
  });

  test("is refused, or gives rows that are right, or errors, where bytes of it are others", async () => {
    const copy = await copied();
    const bytes = readFileSync(join(copy, INDEX_NAME));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.nat(PAIRS - 1),
        async (changes, index) => {
          const changed = Buffer.from(bytes);
          for (const [at, by] of changes) changed[at] = (changed[at] as number) ^ by;
          writeFileSync(join(copy, INDEX_NAME), changed);
          try {
            const source = await openPackedSource(copy, {}, { files: 0 });
            assert.equal(source.length, PAIRS);
            assert.equal(await numberAt(source, index), index);
          } catch (error) {
            if (!(error instanceof PixtokError)) throw error;
            assert.match(error.code, /^(INVALID_PACK|PACK_MISMATCH|INCOMPLETE_PACK)$/);
          }
        },
      ),
    );
  });

  test("is believed in nothing that its files do not have, though its checksum is right", async () => {
    const copy = await copied();
    const index = (await readPackIndex(folder)) as PackIndex;
    const inMessage = (place: number, value: number) => (one: PackIndex) => {
      one.messages[4 * 9 + place] = value;
    };
    const forged: [what: string, change: (index: PackIndex) => void][] = [
      [
        "a schema that ends elsewhere",
        ({ schemaBytes }) => {
          schemaBytes[9] = 8;
        },
      ],
      ["a message of no bytes", inMessage(0, 0)],
      ["a message of 4 GiB", inMessage(0, 2 ** 32 - 1)],
      ["a head of no bytes", inMessage(1, 0)],
      ["a head of 4 GiB", inMessage(1, 2 ** 32 - 1)],
      ["more rows than there are", inMessage(2, 2 ** 32 - 1)],
      [
        "more rows, of the file too",
        ({ messages, rows }) => {
          messages[4 * 9 + 2] = 5;
          rows[9] = 5;
        },
      ],
      ["another checksum", inMessage(3, 1)],
    ];
    for (const [what, change] of forged) {
      const { rows, schemaBytes, schemaCrcs, starts, messages } = index;
      const own = {
        ...index,
        ...{ rows: rows.slice(), schemaBytes: schemaBytes.slice(), schemaCrcs: schemaCrcs.slice() },
        ...{ starts: starts.slice(), messages: messages.slice() },
      };
      change(own);
      await savePackIndex(copy, own);
      for (const [, limits] of ways) {
        const source = await openPackedSource(copy, {}, limits);
        await assert.rejects(
          async () => source.get(9 * ROWS, context),
          refused("INVALID_PACK", /./),
          what,
        );
      }
    }
  });

  test("is of a version to come: the set opens by its files, and the index stays as it is", async () => {
    const copy = await copied();
    const path = join(copy, INDEX_NAME);
    const bytes = readFileSync(path);
    bytes.write('"version":3', bytes.indexOf('"version":1'));
    writeFileSync(path, bytes);
    for (const [, limits] of ways) {
      const source = await openPackedSource(copy, {}, limits);
      assert.equal(await numberAt(source, PAIRS - 1), PAIRS - 1);
    }
    await packDataset(original, copy, { fileBytes });
    assert.deepEqual(readFileSync(path), bytes);
  });

  test("is named by verifyPack where it says other rows, or is of another set", async () => {
    const copy = await copied();
    const index = (await readPackIndex(folder)) as PackIndex;
    const rows = index.rows.slice();
    rows[9] = ROWS + 1;
    for (const other of [{ rows }, { fingerprint: "another" }]) {
      await savePackIndex(copy, { ...index, ...other });
      const { problems } = await verifyPack(copy, { quick: true });
      assert.deepEqual(
        problems.map(({ file }) => file),
        [INDEX_NAME],
      );
    }
  });

  test("is small: some 40 bytes a file of one message", async () => {
    await whole;
    const index = (await readPackIndex(folder)) as PackIndex;
    const config = JSON.stringify(index.config).length;
    assert.ok(statSync(join(folder, INDEX_NAME)).size < 40 * FILES + config + 2048);
  });
});
