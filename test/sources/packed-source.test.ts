// Packed files, written row by row: what is read of them, and what they must say of themselves.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { ImageProcessor, openSource, PixtokError, verifyPack } from "pixtok";
import { folderFile } from "../../src/packing/folder-file.js";
import { openPackedFileWriter } from "../../src/packing/packed-file-writer.js";
import { folderPlace } from "../../src/sources/packed/folder-place.js";
import { indexOfFiles } from "../../src/sources/packed/index-of-files.js";
import type { PackedPair } from "../../src/sources/packed/is-packed.js";
import { openPackedSource } from "../../src/sources/packed/local-pack.js";
import { isLocalPack } from "../../src/sources/packed/local-schema.js";
import {
  type PackConfig,
  type PackedFileMetadata,
  packedFileName,
  parsePackedFileName,
  readPackedFileMetadata,
} from "../../src/sources/packed/pack-format.js";
import { headOfIndex } from "../../src/sources/packed/pack-index.js";
import { requireWhole, versionsOf } from "../../src/sources/packed/pack-versions.js";
import { readPackedEnds } from "../../src/sources/packed/packed-ends.js";
import { packedFilesIn } from "../../src/sources/packed/packed-folder.js";
import type { RowsToPack } from "../../src/sources/packed/record-batch.js";
import { cannotList, openBelow } from "../support/open-files.js";
import { savePackIndex } from "../support/save-index.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-packed-"));
after(() => rmSync(root, { recursive: true }));
const [WIDTH, HEIGHT] = [2, 1];
const IMAGE = 3 * WIDTH * HEIGHT;

function configOf(several: boolean, files = 2): PackConfig {
  const size = { width: WIDTH, height: HEIGHT };
  return {
    ...{
      format: 2,
      pictures: null,
      conversations: null,
      size,
      processor: new ImageProcessor({ resize: size }).config,
      shardPairs: 4,
    },
    text: { clean: "none", maxLength: 4, several, ready: null },
    tokenizer: {
      ...{ sha256: "0", vocabSize: 9, padToken: null },
      ...{ paddingSide: "right", truncationSide: "right" },
    },
    source: { pairs: 4 * files, fingerprint: null },
    columns: [],
    imageColumns: [],
  };
}

interface Row {
  texts: readonly string[];
  tokenIds: readonly (readonly number[])[];
}

/** A folder of files of messages of rows, whose images are of their number alone. */
async function packOf(files: readonly (readonly (readonly Row[])[])[], several = false) {
  const folder = mkdtempSync(join(root, "pack-"));
  let next = 0;
  for (const [shard, messages] of files.entries()) {
    const metadata: PackedFileMetadata = {
      ...{
        config: configOf(several, files.length),
        shard,
        shards: files.length,
        first: 0,
        versions: {},
      },
    };
    const path = join(folder, packedFileName(shard, files.length));
    const writer = await openPackedFileWriter(
      folderFile(path, "0123456789ab"),
      metadata,
      messages.length,
    );
    for (const rows of messages) {
      const indices = rows.map((_, i) => next + i);
      next += rows.length;
      const packed: RowsToPack = {
        images: Uint8Array.from(indices.flatMap((index) => Array<number>(IMAGE).fill(index))),
        texts: {
          texts: rows.map(({ texts }) => texts),
          tokenIds: rows.map(({ tokenIds }) => tokenIds),
        },
        conversations: null,
        keys: indices.map((index) => `key ${index} \u00e9`),
        indices,
        columns: [],
        imageColumns: [],
      };
      await writer.write(packed);
    }
    await writer.finish();
  }
  return folder;
}

const row = (text: string, ...tokens: number[]): Row => ({ texts: [text], tokenIds: [tokens] });
const invalid =
  (message: RegExp, code = "INVALID_PACK") =>
  (error: unknown) => {
    assert.ok(error instanceof PixtokError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
const context = { seed: 0, epoch: 0 };

describe("a packed set", () => {
  test("gives its rows over messages and files: image, text, tokens and key", async () => {
    const rows = [row("a", 1), row("", 2, 3, 4, 5), row("c\u{1f534}"), row("d", 7)];
    const [a, b, c, d] = rows as [Row, Row, Row, Row];
    const source = await openSource(await packOf([[[a, b], [c]], [[d]]]));
    assert.deepEqual(
      [source.length, source.description],
      [4, "packed set, 4 pairs of 2x1 in 2 files"],
    );
    for (const [index, { texts, tokenIds }] of rows.entries()) {
      const pair = (await source.get(index, context)) as PackedPair;
      const image = pair.image as { data: Uint8Array; width: number; height: number };
      assert.deepEqual([...image.data], Array(IMAGE).fill(index));
      assert.deepEqual([image.width, image.height], [WIDTH, HEIGHT]);
      assert.deepEqual([pair.text, await source.texts?.(index)], [texts[0], texts[0]]);
      assert.deepEqual(
        pair.tokenIds.map((ids) => [...ids]),
        tokenIds,
      );
      assert.equal(pair.key, `key ${index} \u00e9`);
    }
  });

  test("gives all texts of its rows, with the tokens of each", async () => {
    const rows: Row[] = [
      { texts: ["a", "b"], tokenIds: [[1], [2, 3]] },
      { texts: ["c"], tokenIds: [[]] },
      { texts: ["", "d", "e"], tokenIds: [[4], [], [5]] },
    ];
    const source = await openSource(await packOf([[rows.slice(0, 2), rows.slice(2)]], true));
    for (const [index, { texts, tokenIds }] of rows.entries()) {
      const pair = (await source.get(index, context)) as PackedPair;
      assert.deepEqual([pair.text, await source.texts?.(index)], [texts, texts]);
      assert.deepEqual(
        pair.tokenIds.map((ids) => [...ids]),
        tokenIds,
      );
    }
  });

  test("may have a file without rows, of pairs that were all left out", async () => {
    const folder = await packOf([[[row("a", 1)]], [], [[row("b", 2)]]]);
    const report = await verifyPack(folder);
    assert.deepEqual([report.ok, report.files, report.pairs], [true, 3, 2]);
    const source = await openSource(folder);
    assert.equal(source.length, 2);
    assert.deepEqual([await source.texts?.(0), await source.texts?.(1)], ["a", "b"]);
  });

  test("is told from others by what is in it", async () => {
    const of = async (...rows: Row[]) => (await openSource(await packOf([[rows]]))).fingerprint;
    assert.equal(await of(row("a", 1)), await of(row("a", 1)));
    assert.notEqual(await of(row("a", 1)), await of(row("b", 1)));
  });

  test("of rows that cannot be is refused", async () => {
    const cases: [rows: Row[], several: boolean, message: RegExp][] = [
      [[], false, /it has no rows/],
      [[row("a", 1, 2, 3, 4, 5)], false, /a row has 5 tokens, of 4 at most/],
      [[{ texts: ["a", "b"], tokenIds: [[1]] }], true, /too few offsets/],
      [[{ texts: [], tokenIds: [] }], true, /texts and tokens do not go together/],
    ];
    for (const [rows, several, message] of cases) {
      const folder = await packOf(rows.length === 0 ? [[]] : [[rows]], several);
      await assert.rejects(openPackedSource(folder, {}), invalid(message));
    }
  });

  test("whose file is damaged where it says how long its schema is, is a damaged one still", async () => {
    const folder = await packOf([[[row("a", 1)]]]);
    const path = join(folder, packedFileName(0, 1));
    const bytes = readFileSync(path);
    bytes.writeUInt32LE(0, 4);
    writeFileSync(path, bytes);
    await assert.rejects(openPackedSource(folder, {}), invalid(/its beginning is damaged/));
  });

  test("takes no options of other sources", async () => {
    const folder = await packOf([[[row("a", 1)]]]);
    await assert.rejects(openSource(folder, { imageColumn: "image" }), { name: "TypeError" });
  });
});

describe("files of a set", () => {
  test("are named by their place, in the order of their numbers", async () => {
    assert.equal(packedFileName(3, 12), "data-00003-of-00012.arrow");
    assert.deepEqual(parsePackedFileName("data-00003-of-00012.arrow"), { shard: 3, shards: 12 });
    assert.deepEqual(parsePackedFileName(packedFileName(123_456, 200_000)), {
      ...{ shard: 123_456, shards: 200_000 },
    });
    for (const name of [
      "data-0003-of-00012.arrow",
      "xdata-00003-of-00012.arrow",
      "data-00003-of-00012.arrow.x",
      "data-00012-of-00012.arrow",
      "data-000003-of-00012.arrow",
    ])
      assert.equal(parsePackedFileName(name), undefined);
    const folder = mkdtempSync(join(root, "names-"));
    for (const shard of [10, 9, 100_000, 99_999])
      writeFileSync(join(folder, packedFileName(shard, 200_000)), "");
    writeFileSync(join(folder, "tokenizer.json"), "");
    const found = await packedFilesIn(folder);
    assert.deepEqual(
      found.map(({ shard }) => shard),
      [9, 10, 99_999, 100_000],
    );
    await assert.rejects(packedFilesIn(join(folder, "none")), invalid(/none/, "FILE_NOT_FOUND"));
  });

  test("are all there, of one set", () => {
    const of = (shards: number, ...found: number[]) => found.map((shard) => ({ shard, shards }));
    const requireComplete = (found: ReturnType<typeof of>) =>
      requireWhole("f", versionsOf("f", found, undefined));
    requireComplete(of(3, 0, 1, 2));
    const cases: [{ shard: number; shards: number }[], string, RegExp][] = [
      [[], "NOT_A_PACK", /no file that pixtok packed/],
      [[...of(2, 0), ...of(3, 1)], "PACK_MISMATCH", /one of 2 files and one of 3/],
      [of(3, 0, 2), "INCOMPLETE_PACK", /1 of 3 files are missing: part 1 of 3 /],
      [of(6, 0), "INCOMPLETE_PACK", /5 of 6 files are missing: parts 1-5 of 6 /],
      [of(7, 0), "INCOMPLETE_PACK", /6 of 7 files are missing: parts 1-6 of 7 /],
      [of(14, 0, 2, 4, 6, 8, 10, 12), "INCOMPLETE_PACK", /parts 1,3,5,7,9, … of 14 /],
      [of(2, 1), "INCOMPLETE_PACK", /: 1 of 2 files are missing: part 0 of 2 /],
      [[...of(2, 0), ...of(4, 2, 3)], "INCOMPLETE_PACK", /1 of 2 files of version 1 are missing/],
      [[...of(2, 0, 1), ...of(4, 3)], "INCOMPLETE_PACK", /1 of 2 files of version 2 are missing/],
      // as many as a name may say
      [of(2 ** 53 - 1, 5), "INCOMPLETE_PACK", /are missing: parts 0-4,6-9007199254740990 of/],
    ];
    for (const [found, code, message] of cases) {
      assert.throws(() => requireComplete(found), invalid(message, code));
    }
  });
});

test("files that are looked at are closed again", { skip: cannotList }, async () => {
  const folder = await packOf([[[{ texts: ["a"], tokenIds: [[1]] }]]]);
  const path = join(folder, packedFileName(0, 1));
  const { schemaCrc } = await readPackedEnds(path);
  assert.equal(await isLocalPack(path), true);
  await savePackIndex(
    folder,
    await indexOfFiles(folderPlace(folder), [{ name: packedFileName(0, 1) }]),
  );
  assert.equal((await headOfIndex(folder))?.versions.length, 1);
  assert.ok(schemaCrc > 0);
  assert.deepEqual(openBelow(folder), []);
});

describe("what a file says of itself", () => {
  const whole = {
    config: configOf(false),
    shard: 1,
    shards: 2,
    first: 0,
    versions: { pixtok: "1" },
  };
  const read = (value: unknown) =>
    readPackedFileMetadata(new Map([["pixtok", JSON.stringify(value)]]), "f");

  test("is read as it was written", () => {
    assert.deepEqual(read(whole), whole);
    assert.deepEqual(read({ ...whole, lock: "a" }), { ...whole, lock: "a" });
  });

  test("names the versions before, up to its own first file", () => {
    const source = { pairs: 1, fingerprint: "a" };
    const appended = (...before: unknown[]) => ({
      ...whole,
      shard: 3,
      shards: 4,
      first: 3,
      before,
    });
    const [one, three] = [
      { files: 1, source },
      { files: 3, source },
    ];
    assert.deepEqual(read(appended(one, three)), appended(one, three));
    for (const before of [
      [],
      [one],
      [three, one],
      [{ files: 4, source }],
      [{ files: 3 }],
      [5],
      [one, one, three],
    ]) {
      assert.throws(() => read(appended(...before)), invalid(/damaged: .*before/));
    }
  });

  test("is refused where a part of it cannot be", () => {
    assert.throws(() => readPackedFileMetadata(new Map(), "f"), invalid(/are not JSON/));
    for (const value of [null, {}, { ...whole, config: { ...whole.config, format: 5 } }])
      assert.throws(
        () => read(value),
        invalid(/it has format .*this version of pixtok reads formats 1 to 4/),
      );
    const ready = { padTokenId: 0, paddingSide: "left", column: null };
    const places: [path: string, ...values: unknown[]][] = [
      ["shard", -1, 2, 0.5, "0"],
      ["shards", 0, "2"],
      ["versions", 5],
      ["lock", 5],
      ["config.size", null],
      ["config.size.width", 0, 3],
      ["config.size.height", 0, 2],
      ["config.processor", 5],
      ["config.text", []],
      ["config.text.clean", "all"],
      ["config.text.maxLength", 0, 2 ** 31],
      ["config.text.several", 1],
      ["config.text.ready", 5, { ...ready, padTokenId: -1 }, { ...ready, padTokenId: 2 ** 31 }],
      ["config.text.ready", { ...ready, paddingSide: "top" }, { ...ready, column: 1 }],
      ["config.tokenizer", "x"],
      ["config.tokenizer.sha256", 1],
      ["config.tokenizer.vocabSize", -1],
      ["config.tokenizer.padToken", 1],
      ["config.tokenizer.paddingSide", "top"],
      ["config.tokenizer.truncationSide", "top"],
      ["config.source", 1],
      ["config.source.pairs", 0],
      ["config.source.fingerprint", 1],
      ["config.shardPairs", 0],
    ];
    for (const [path, ...values] of places) {
      for (const value of values) {
        const changed = structuredClone(whole) as Record<string, unknown>;
        const names = path.split(".");
        const last = names.pop() as string;
        let at = changed;
        for (const name of names) at = at[name] as Record<string, unknown>;
        at[last] = value;
        const named = path === "config.size.width" || path === "config.size.height" ? "size" : last;
        assert.throws(() => read(changed), invalid(new RegExp(`damaged: .*${named}`)), path);
      }
    }
  });
});
