import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ImageProcessor, MultimodalDataset, PixtokError, packDataset, verifyPack } from "pixtok";
import { fixture, sha256 } from "../support/fixtures.js";
import { assertSameEpoch } from "../support/packs.js";
import {
  codeOf,
  dataset,
  IMAGE,
  imagePaths,
  newFolder,
  PAIRS_OF_FILE,
  packed,
  texts,
  tokenizer,
} from "../support/packs-of-images.js";
import { numberedPairs, tinyImage } from "../support/pairs.js";

describe("packing", () => {
  test("goes on where it stopped: whole files are kept", async () => {
    const original = dataset();
    const folder = await packed(original);
    const names = readdirSync(folder).filter((name) => name.endsWith(".arrow"));
    const gone = names[1] as string;
    const before = statSync(join(folder, names[0] as string)).mtimeMs;
    rmSync(join(folder, gone));
    await assert.rejects(
      MultimodalDataset.from(folder),
      codeOf("INCOMPLETE_PACK", /1 of \d+ files are missing: part 1 of/),
    );
    const progress: [number, number][] = [];
    const result = await packDataset(original, folder, {
      fileBytes: PAIRS_OF_FILE * IMAGE,
      onProgress: (done, total, { errors }) => {
        assert.equal(errors, 0);
        progress.push([done, total]);
      },
    });
    assert.deepEqual(
      [result.written, result.kept, result.pairs],
      [1, names.length - 1, PAIRS_OF_FILE],
    );
    assert.deepEqual(progress[0], [original.length - PAIRS_OF_FILE, original.length]);
    assert.deepEqual(progress.at(-1), [original.length, original.length]);
    assert.equal(statSync(join(folder, names[0] as string)).mtimeMs, before);
    await assertSameEpoch(await MultimodalDataset.from(folder), original);
  });

  test("in parts, in any order and on any threads, makes the same files as at once", async () => {
    const original = dataset();
    const whole = await packed(original);
    const together = newFolder();
    for (const [index, threads] of [
      [2, 1],
      [0, 2],
      [1, 3],
    ] as const) {
      const part = { index, of: 3 };
      await packDataset(original, together, { part, threads, fileBytes: PAIRS_OF_FILE * IMAGE });
    }
    const names = readdirSync(whole).sort();
    assert.deepEqual(readdirSync(together).sort(), names);
    for (const name of names) {
      const [one, other] = [join(whole, name), join(together, name)];
      assert.equal(await digestOf(other), await digestOf(one), name);
    }
  });

  test("leaves out what cannot be read, if wished, and says so", async () => {
    const paths = [...imagePaths.slice(0, 11)];
    paths[3] = "no-such-file.jpg";
    paths[9] = fixture("wordpiece/vocab.txt");
    const original = dataset({ imagePaths: paths, texts: texts.slice(0, 11) });
    const folder = newFolder();
    const options = { fileBytes: PAIRS_OF_FILE * IMAGE };
    await assert.rejects(
      packDataset(original, folder, options),
      codeOf("FILE_NOT_FOUND", /sample 3, "no-such-file.jpg"/),
    );
    assert.deepEqual(incompleteFiles(folder), []);
    const { pairs, errors } = await packDataset(original, folder, { ...options, onError: "skip" });
    assert.equal(pairs, 9);
    assert.deepEqual(
      errors.list.map(({ index, code }) => [index, code]),
      [
        [3, "FILE_NOT_FOUND"],
        [9, "UNSUPPORTED_FORMAT"],
      ],
    );
    const good = [...paths.keys()].filter((i) => i !== 3 && i !== 9);
    const reopened = await MultimodalDataset.from(folder);
    const expected = dataset({
      imagePaths: good.map((i) => paths[i] as string),
      texts: good.map((i) => texts[i] as string),
    });
    await assertSameEpoch(reopened, expected);
    assert.ok((await verifyPack(folder)).ok);
  });

  test("leaves out all pairs of a file, and has the others", async () => {
    const paths = imagePaths.map((path, i) => (i < PAIRS_OF_FILE ? "no-such-file.jpg" : path));
    const folder = newFolder();
    const options = { fileBytes: PAIRS_OF_FILE * IMAGE, onError: "skip" } as const;
    const { pairs } = await packDataset(dataset({ imagePaths: paths }), folder, options);
    assert.equal(pairs, paths.length - PAIRS_OF_FILE);
    const expected = dataset({
      imagePaths: paths.slice(PAIRS_OF_FILE),
      texts: texts.slice(PAIRS_OF_FILE),
    });
    await assertSameEpoch(await MultimodalDataset.from(folder), expected);
    assert.ok((await verifyPack(folder)).ok);
  });

  test("of pairs that cannot be read at all has no rows, and says so when it is opened", async () => {
    const folder = newFolder();
    const none = dataset({ imagePaths: ["no-such-file.jpg"], texts: ["one"] });
    assert.equal((await packDataset(none, folder, { onError: "skip" })).pairs, 0);
    await assert.rejects(MultimodalDataset.from(folder), codeOf("INVALID_PACK", /it has no rows/));
  });

  test("into a folder that has other data or options is refused", async () => {
    const folder = await packed(dataset());
    const options = { fileBytes: PAIRS_OF_FILE * IMAGE };
    await assert.rejects(
      packDataset(dataset({ text: { maxLength: 5 } }), folder, options),
      codeOf("PACK_MISMATCH", /text\.maxLength is 12 in the pack, and 5 is asked for/),
    );
    const others = dataset({ texts: texts.map((text) => `${text}!`) });
    await assert.rejects(
      packDataset(others, folder, options),
      codeOf("PACK_MISMATCH", /source\.fingerprint is/),
    );
    await assert.rejects(
      packDataset(dataset(), folder, { fileBytes: 4 * IMAGE }),
      codeOf("PACK_MISMATCH", /files is \d+ in the pack, and \d+ is asked for/),
    );
  });

  test("into a folder that has another tokenizer, and no pack, is refused", async () => {
    const folder = newFolder();
    mkdirSync(folder);
    writeFileSync(join(folder, "tokenizer.json"), "{}");
    await assert.rejects(
      packDataset(dataset(), folder),
      codeOf(
        "FILE_UNWRITABLE",
        /tokenizer\.json": there is another one in this folder.*\(pack into a folder of its own\)$/,
      ),
    );
    assert.equal(readFileSync(join(folder, "tokenizer.json"), "utf8"), "{}");
  });

  test("refuses what cannot be packed", async () => {
    await assert.rejects(
      packDataset(dataset({ augmentation: { horizontalFlip: 0.5 } }), newFolder()),
      /dataset: expected one without augmentation/,
    );
    for (const several of [{ maxImages: 2 }, { onMultipleImages: "random" }] as const) {
      await assert.rejects(
        packDataset(dataset(several), newFolder()),
        /dataset: expected one whose rows are of one image, always the same, got/,
      );
    }
    const padded = new ImageProcessor({ resize: { longestEdge: 30 }, pad: 30 });
    await assert.rejects(
      packDataset(dataset({ image: padded }), newFolder()),
      /packDataset: expected an ImageProcessor with centerCrop or with resize/,
    );
    const folder = await packed(dataset());
    await assert.rejects(
      MultimodalDataset.from(folder, { maxImages: 2 }),
      /maxImages: expected none with a packed set, got 2/,
    );
    await assert.rejects(
      MultimodalDataset.from(folder, { onMultipleImages: "random" }),
      /onMultipleImages: expected none with a packed set, got "random"/,
    );
    const reopened = await MultimodalDataset.from(folder);
    await assert.rejects(packDataset(reopened, newFolder()), /dataset: expected one of images/);
    await assert.rejects(
      packDataset(dataset(), newFolder(), { part: { index: 3, of: 3 } }),
      /part\.index: expected an integer from 0 to 2, got 3/,
    );
    await assert.rejects(
      packDataset(dataset(), newFolder(), { fileSize: 1 } as never),
      /packDataset: unknown option "fileSize"/,
    );
  });

  test("deletes what it has of a file in which a later pair cannot be read", async () => {
    // more than one message of the file
    const pairs = numberedPairs(300);
    const source = {
      length: 300,
      get(index: number) {
        if (index < 290) return pairs.get(index);
        throw new PixtokError("EMPTY_FILE", "it is empty", { index, source: "a" });
      },
    };
    const ofSource = () => new MultimodalDataset({ source, tokenizer, image: tinyImage });
    const folder = newFolder();
    await assert.rejects(packDataset(ofSource(), folder), {
      code: "EMPTY_FILE",
      index: 290,
    });
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith("data-")),
      [],
    );
    const options = { onError: "skip" } as const;
    const result = await packDataset(ofSource(), folder, options);
    assert.deepEqual([result.files, result.pairs, result.errors.count], [1, 290, 10]);
    assert.ok((await verifyPack(folder)).ok);
  });

  test("ends at a signal, and leaves nothing that looks whole", async () => {
    const folder = newFolder();
    const controller = new AbortController();
    const reason = new Error("enough");
    const packing = packDataset(dataset(), folder, {
      fileBytes: PAIRS_OF_FILE * IMAGE,
      signal: controller.signal,
      onProgress: (done) => done >= PAIRS_OF_FILE && controller.abort(reason),
    });
    await assert.rejects(packing, reason);
    assert.deepEqual(incompleteFiles(folder), []);
    assert.ok(
      existsSync(join(folder, readdirSync(folder).find((n) => n.startsWith("data-00000")) ?? "")),
    );
  });
});

function incompleteFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".incomplete"));
}

async function digestOf(path: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  return sha256(await readFile(path));
}
