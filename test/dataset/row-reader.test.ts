// What becomes of a pair that cannot be read, pair by pair; and what rows of tokens are padded to.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ImageProcessor, PixtokError, type Tensor } from "pixtok";
import { type BatchRow, type BlockFinder, rowReader } from "../../src/dataset/batch-rows.js";
import { movesOf } from "../../src/dataset/dataset-augmentation.js";
import type { TextConfig } from "../../src/dataset/dataset-options.js";
import type { OnError } from "../../src/dataset/error-policy.js";
import type { PairReader, ReadPair } from "../../src/dataset/pair-reader.js";
import { rowsInSequences, sequencesOf } from "../../src/dataset/rows-in-sequences.js";
import { textPipeline } from "../../src/dataset/text-pipeline.js";
import { processorWithLayout } from "../../src/dataset/trainer-needs.js";

const bad = (index: number, code: "EMPTY_FILE" | "STORAGE_FAILED" = "EMPTY_FILE") =>
  new PixtokError(code, `pair ${index} is bad`, { index, source: `${index}.jpg` });

/** A reader of a hundred pairs, those of `isBad` cannot be read; and the indices that it was asked for. */
function reading(
  isBad: (index: number) => boolean,
  onError: OnError,
  { blockOf, code }: { blockOf?: BlockFinder; code?: "STORAGE_FAILED" } = {},
) {
  const tried: number[] = [];
  const never = async () => assert.fail("texts alone are not read");
  const pairs: PairReader = {
    length: 100,
    readEveryText: never,
    readText: never,
    async read(index: number) {
      tried.push(index);
      if (isBad(index)) throw bad(index, code);
      return { index, key: `${index}` } as ReadPair;
    },
  };
  const context = { seed: 3, epoch: 1, signal: new AbortController().signal };
  return { reader: rowReader(pairs, { onError, blockOf }, context), tried };
}

describe("a row whose pair cannot be read", () => {
  test("has another pair, and the errors of all that were tried are noted at its place", async () => {
    const { reader, tried } = reading((index) => index !== 60, "replace");
    // of another row, many enough that one of them finds the good pair
    let row: Awaited<ReturnType<typeof reader.read>>;
    for (let place = 0; row === undefined; place += 1) {
      const before = tried.length;
      const errorsBefore = reader.errors.length;
      row = await reader.read(place, place).catch((error) => {
        assert.equal(error.code, "TOO_MANY_BAD_SAMPLES");
        return undefined;
      });
      const errors = reader.errors.slice(errorsBefore);
      assert.ok(errors.every((noted) => noted.place === place));
      const failed = tried.slice(before).filter((index) => index !== 60);
      assert.deepEqual(
        errors.map(({ error }) => error.index),
        failed,
      );
    }
    assert.deepEqual([row.pair.index, row.error?.index, row.index], [60, row.place, row.place]);
  });

  test("is named by its first error, whatever is wrong with the pairs in its place", async () => {
    const { reader } = reading((index) => index === 7, "replace");
    const row = (await reader.read(7, 0)) as BatchRow;
    const shown = row.pair.index;
    await reader.replace(row, bad(shown));
    assert.deepEqual([row.index, row.error?.index], [7, 7]);
    assert.ok(row.pair.index !== shown && row.pair.index !== 7);
    assert.deepEqual(
      reader.errors.map(({ error }) => error.index),
      [7, shown],
    );
  });

  test("gives up behind twenty others, none of them the pair itself", async () => {
    const { reader, tried } = reading(() => true, "replace");
    await assert.rejects(reader.read(7, 0), (error) => {
      assert.ok(error instanceof PixtokError);
      assert.deepEqual([error.code, error.index], ["TOO_MANY_BAD_SAMPLES", 7]);
      assert.match(error.message, /it cannot be read, nor can any of 20 others in its place/);
      assert.equal((error.cause as PixtokError).index, tried.at(-1));
      return true;
    });
    const [first, ...others] = tried;
    assert.equal(first, 7);
    assert.ok(!others.includes(7));
    // a permutation may have the pair itself in its place
    assert.ok(others.length >= 18 && others.length <= 20, `${others.length} others`);
  });

  test("is looked for ten times in its block, and then anywhere", async () => {
    let asked = 0;
    const blockOf = (index: number) => {
      asked += 1;
      return { first: index - (index % 10), length: 10 };
    };
    const { reader, tried } = reading(() => true, "replace", { blockOf });
    await assert.rejects(reader.read(47, 0), { code: "TOO_MANY_BAD_SAMPLES" });
    assert.equal(asked, 10);
    const others = tried.slice(1);
    const isOfBlock = (index: number) => index >= 40 && index < 50;
    const ofBlock = others.findIndex((index) => !isOfBlock(index));
    assert.ok(ofBlock >= 7 && ofBlock <= 10, `${ofBlock} of the block`);
    assert.ok(others.slice(10).some((index) => !isOfBlock(index)));
  });

  test("has a block around it, within the set", async () => {
    const blocks: [block: { first: number; length: number }, message: RegExp][] = [
      [{ first: 48, length: 5 }, /blockOf\(…\)\.first: expected an integer from 0 to 47, got 48/],
      [{ first: -1, length: 60 }, /blockOf\(…\)\.first: expected an integer from 0 to 47, got -1/],
      [{ first: 40, length: 7 }, /blockOf\(…\)\.length: expected an integer from 8 to 60, got 7/],
      [{ first: 40, length: 61 }, /blockOf\(…\)\.length: expected an integer from 8 to 60/],
    ];
    for (const [block, message] of blocks) {
      const { reader } = reading(() => true, "replace", { blockOf: () => block });
      await assert.rejects(reader.read(47, 0), { name: "RangeError", message });
    }
    for (const block of [
      { first: 47, length: 53 },
      { first: 40, length: 8 },
    ]) {
      const { reader } = reading((index) => index === 47, "replace", { blockOf: () => block });
      assert.notEqual((await reader.read(47, 0))?.pair.index, 47);
    }
  });

  test("is none where it is skipped, and ends the batch otherwise", async () => {
    const skipping = reading((index) => index === 2, "skip").reader;
    assert.equal(await skipping.read(2, 5), undefined);
    assert.deepEqual(
      skipping.errors.map(({ place, error }) => [place, error.index, error.code]),
      [[5, 2, "EMPTY_FILE"]],
    );
    const row = await skipping.read(3, 6);
    assert.deepEqual([row?.index, row?.place, row?.pair.key], [3, 6, "3"]);
    skipping.drop(row as NonNullable<typeof row>, bad(3));
    assert.deepEqual(
      skipping.errors.map(({ place }) => place),
      [5, 6],
    );
    await assert.rejects(reading(() => true, "throw").reader.read(1, 0), { code: "EMPTY_FILE" });
    for (const onError of ["skip", "replace"] as const) {
      const { reader, tried } = reading(() => true, onError, { code: "STORAGE_FAILED" });
      await assert.rejects(reader.read(1, 0), { code: "STORAGE_FAILED" });
      assert.deepEqual([tried, reader.errors, reader.isFatal(bad(1))], [[1], [], false]);
    }
  });
});

describe("rows that are joined to sequences", () => {
  const rowsOf = (...lengths: number[]) =>
    lengths.map((length, place) => {
      const tokens = { ids: Array.from({ length }, () => 1) };
      const pair = { index: 10 + place, source: `${place}.txt`, tokens };
      return { place, index: 10 + place, pair, tokenIds: [], replacements: 0 } as unknown;
    }) as BatchRow[];
  const joined = (rows: BatchRow[], onError: OnError) => {
    const { reader } = reading(() => false, onError);
    const left = rowsInSequences(rows, { rows: [2, 1, 2], maxLength: 8 }, reader);
    return { left, errors: reader.errors };
  };

  test("know their sequence, which they may fill to its last token", () => {
    const { left, errors } = joined(rowsOf(5, 3, 8, 8, 0), "throw");
    assert.deepEqual(
      left.map(({ pair }) => pair.sequence),
      [0, 0, 1, 2, 2],
    );
    assert.deepEqual(errors, []);
    assert.deepEqual(sequencesOf(left, { rows: [], maxLength: 8 }), {
      rows: [2, 1, 2],
      maxLength: 8,
    });
  });

  test("count all that are before them in it", () => {
    const { reader } = reading(() => false, "skip");
    const left = rowsInSequences(rowsOf(3, 3, 3), { rows: [3], maxLength: 8 }, reader);
    assert.deepEqual([left.length, reader.errors.map(({ place }) => place)], [2, [2]]);
  });

  test("are left out where they have become too long for it, or end the batch", () => {
    const { left, errors } = joined(rowsOf(5, 4, 8, 3, 5), "skip");
    assert.deepEqual(
      left.map(({ place, pair }) => [place, pair.sequence]),
      [
        [0, 0],
        [2, 1],
        [3, 2],
        [4, 2],
      ],
    );
    assert.deepEqual(
      errors.map(({ place, error }) => [place, error.code, error.index]),
      [[1, "DOES_NOT_FIT", 11]],
    );
    assert.match(errors[0]?.error.message ?? "", /it has 4 tokens, and there is room for 3/);
    assert.throws(() => joined(rowsOf(5, 4, 1, 1, 1), "throw"), { code: "DOES_NOT_FIT" });
  });
});

describe("rows of tokens", () => {
  const rows = [[5, 6, 7], [], [8, 9]];
  const padded = (wanted: Partial<TextConfig>) => {
    const config = { padTokenId: 1, type: "int32", maxLength: 8, padToMultipleOf: 1, ...wanted };
    const own = rows.map((tokenIds) => ({ tokenIds, pair: {} }));
    const { tensors, paddingShare } = textPipeline(undefined, config as TextConfig).pad(
      own,
      (bytes) => new Uint8Array(bytes),
    );
    const { input_ids, attention_mask } = tensors as Record<string, Tensor>;
    return {
      input_ids: input_ids as Tensor,
      attention_mask: attention_mask as Tensor,
      paddingShare,
    };
  };

  test("are as long as the longest, a multiple of it, or all of maxLength", () => {
    const { input_ids, attention_mask, paddingShare } = padded({ padding: "longest" });
    assert.deepEqual(input_ids, {
      type: "int32",
      data: Int32Array.of(5, 6, 7, 1, 1, 1, 8, 9, 1),
      dims: [3, 3],
    });
    assert.deepEqual([...attention_mask.data], [1, 1, 1, 0, 0, 0, 1, 1, 0]);
    assert.equal(paddingShare, 1 - 5 / 9);
    const wider = padded({ padding: "longest", padToMultipleOf: 4, paddingSide: "left" });
    assert.deepEqual([...wider.input_ids.data], [1, 5, 6, 7, 1, 1, 1, 1, 1, 1, 8, 9]);
    assert.deepEqual([...wider.attention_mask.data], [0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1]);
    assert.equal(wider.paddingShare, 1 - 5 / 12);
    const whole = padded({ padding: "max_length" });
    assert.deepEqual([whole.input_ids.dims, whole.paddingShare], [[3, 8], 1 - 5 / 24]);
  });

  test("may be as long as maxLength and no longer", () => {
    assert.deepEqual(padded({ padding: "longest", maxLength: 3 }).input_ids.dims, [3, 3]);
    assert.throws(() => padded({ padding: "longest", maxLength: 2 }), {
      name: "RangeError",
      message: /text\.maxLength: expected at least 3, for the special tokens, got 2/,
    });
  });
});

test("a processor for a trainer differs in its layout alone", () => {
  const image = new ImageProcessor({ resize: { width: 3, height: 4 }, mean: [0.1, 0.2, 0.3] });
  const other = processorWithLayout(image, "hwc");
  assert.deepEqual(other.config, { ...image.config, layout: "hwc" });
  assert.equal(processorWithLayout(other, "hwc"), other);
});

test("what moves pixels, of an augmentation, is crops, flips and rotations", () => {
  const moves = {
    randomResizedCrop: { scale: [0.5, 1] },
    horizontalFlip: 0.5,
    randomRotation: { degrees: 10 },
    randomAffine: { degrees: 5 },
  };
  const colours = { colorJitter: { hue: 0.1 }, randomErasing: {}, gaussianBlur: {} };
  assert.deepEqual(movesOf({ ...moves, ...colours }), moves);
  assert.deepEqual(movesOf({ randomCrop: {} }), { randomCrop: {} });
  assert.deepEqual([movesOf(colours), movesOf(null), movesOf(undefined)], Array(3).fill(undefined));
  assert.deepEqual(Object.keys(movesOf("simclr") ?? {}), ["randomResizedCrop", "horizontalFlip"]);
});
