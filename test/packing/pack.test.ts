import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { tableFromIPC } from "apache-arrow";
import {
  DataLoader,
  ImageProcessor,
  type ImageProcessorOptions,
  MultimodalDataset,
  type MultimodalDatasetOptions,
  type PackDatasetOptions,
  PixtokError,
  packDataset,
  type Texts,
  Tokenizer,
  verifyPack,
} from "pixtok";
import { readPackedFileMetadata } from "../../src/sources/packed/pack-format.js";
import { fixture, readJsonLines, sha256, shared, withoutShared } from "../support/fixtures.js";
import { allImages, assertSameEpoch, epochOf } from "../support/packs.js";
import { smallTokenizer } from "../support/pairs.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-pack-"));
after(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = () => join(root, `pack-${folders++}`);

const tokenizer = await smallTokenizer();
const imagePaths = allImages();
const words = ["a red image", "two", "Many, many words, and numbers: 12!", ""];
const texts = imagePaths.map((_, i) => `${words[i % words.length]} ${i}`);
const small: ImageProcessorOptions = { resize: { width: 40, height: 32 } };

function dataset(options: Partial<MultimodalDatasetOptions> = {}): MultimodalDataset {
  const image = new ImageProcessor(small);
  return new MultimodalDataset({
    imagePaths,
    texts,
    tokenizer,
    image,
    text: { maxLength: 12 },
    ...options,
  });
}

/** Bytes of an image of the small size. */
const IMAGE = 3 * 40 * 32;

async function packed(
  source: MultimodalDataset,
  options: PackDatasetOptions = {},
): Promise<string> {
  const folder = newFolder();
  await packDataset(source, folder, { fileBytes: 20 * IMAGE, ...options });
  return folder;
}

const codeOf = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === code;
};

describe("a packed set", () => {
  const original = dataset();
  const folder = packed(original);

  test("gives the batches of its dataset: tensors, texts, keys and indices", async () => {
    const reopened = await MultimodalDataset.from(await folder);
    assert.equal(reopened.length, original.length);
    await assertSameEpoch(reopened, original);
    await assertSameEpoch(reopened, original, { shuffle: true, seed: 7, batchSize: 13 });
  });

  for (const type of ["float32", "float16", "uint8"] as const) {
    for (const layout of ["chw", "hwc"] as const) {
      test(`gives images as ${type} in ${layout}`, async () => {
        const image = new ImageProcessor({ ...small, type, layout });
        const reopened = await MultimodalDataset.from(await folder, { image });
        await assertSameEpoch(reopened, dataset({ image }));
      });
    }
  }

  test("normalizes anew, and pads images and tokens as it is asked to", async () => {
    const processors = [
      { ...small, mean: null, std: null },
      { ...small, rescale: 1 / 255, mean: [0.1, 0.2, 0.3], std: [1, 2, 3] },
      { ...small, rescale: false, pad: 48 },
    ] as ImageProcessorOptions[];
    for (const options of processors) {
      const image = new ImageProcessor(options);
      const text = { maxLength: 12, padding: "longest", type: "int32" } as const;
      const reopened = await MultimodalDataset.from(await folder, { image, text });
      await assertSameEpoch(reopened, dataset({ image, text }));
    }
  });

  test("is read by every rank, and resumed in the middle", async () => {
    const reopened = await MultimodalDataset.from(await folder);
    for (const rank of [0, 1, 2]) {
      await assertSameEpoch(reopened, original, { shuffle: true, seed: 3, rank, worldSize: 3 });
    }
    const options = { batchSize: 10, shuffle: true, seed: 5 };
    const whole = (await epochOf(reopened, options)) as { indices: number[] }[];
    const loader = new DataLoader(reopened, options);
    for await (const batch of loader) if (batch.indices[0] === whole[3]?.indices[0]) break;
    const resumed = new DataLoader(await MultimodalDataset.from(await folder), options);
    resumed.resume(loader.state());
    const rest: number[][] = [];
    for await (const batch of resumed) rest.push([...batch.indices]);
    assert.deepEqual(
      rest,
      whole.slice(4).map(({ indices }) => indices),
    );
  });

  test("has the goldens' tensors", async () => {
    interface Line {
      image: string;
      tensor: string;
    }
    const lines = readJsonLines<Line>(fixture("goldens/imagenet224.jsonl"));
    const source = new MultimodalDataset({
      imagePaths: lines.map(({ image }) => fixture(`images/${image}`)),
      texts: lines.map(({ image }) => image),
      tokenizer,
    });
    const reopened = await MultimodalDataset.from(await packed(source));
    for (const [i, { tensor }] of lines.entries()) {
      assert.equal(sha256((await reopened.get(i)).image.data), tensor);
    }
  });

  test("of the shared photos has the goldens' tensors and those of its dataset", {
    skip: withoutShared(),
  }, async () => {
    const bert = await Tokenizer.fromPretrained(shared("data/bert-base-uncased"));
    const source = await MultimodalDataset.from(shared("data/manifest.jsonl"), {
      tokenizer: bert,
      image: new ImageProcessor({ resampler: "pillow12" }),
    });
    const reopened = await MultimodalDataset.from(await packed(source, { fileBytes: 2e7 }), {});
    await assertSameEpoch(reopened, source, { batchSize: 64 });
    interface Line {
      image: string;
      tensor: string;
    }
    const goldens = new Map(
      readJsonLines<Line>(shared("golden/imagenet224.jsonl")).map((line) => [
        line.image.split("/").at(-1),
        line.tensor,
      ]),
    );
    for await (const { image, keys, release } of new DataLoader(reopened, { batchSize: 1 })) {
      assert.equal(sha256(image.data), goldens.get(keys[0]?.split("/").at(-1)));
      release();
    }
  });

  test("with stored images of a margin is cropped in the middle and at random", async () => {
    const stored = { resize: { width: 48, height: 48 } };
    const folder = await packed(dataset({ image: new ImageProcessor(stored) }));
    const image = new ImageProcessor({ ...stored, centerCrop: { width: 40, height: 33 } });
    const wishes = [
      {},
      { augmentation: { randomCrop: {} } },
      { augmentation: { randomCrop: { padding: 5, fill: 90 }, horizontalFlip: 0.5 } },
    ];
    for (const wish of wishes) {
      const reopened = await MultimodalDataset.from(folder, { image, ...wish });
      await assertSameEpoch(reopened, dataset({ image, ...wish }), { shuffle: true, seed: 9 });
    }
  });

  test("of a middle that was stored gives a smaller middle, where roundings agree", async () => {
    for (const convention of ["torchvision", "huggingface"] as const) {
      const resized = { resize: { shortestEdge: 48 }, convention };
      const usual = imagePaths.filter((path) => !/1x1|3x400|4x400|301x17/.test(path));
      const usualTexts = texts.slice(0, usual.length);
      const pairs = { imagePaths: usual, texts: usualTexts };
      const stored = new ImageProcessor({ ...resized, centerCrop: 44 });
      const folder = await packed(dataset({ image: stored, ...pairs }));
      const image = new ImageProcessor({ ...resized, centerCrop: 32 });
      const reopened = await MultimodalDataset.from(folder, { image });
      await assertSameEpoch(reopened, dataset({ image, ...pairs }));
      await assert.rejects(
        MultimodalDataset.from(folder, {
          image: new ImageProcessor({ ...resized, centerCrop: 33 }),
        }),
        codeOf("PACK_MISMATCH", /image\.centerCrop\.width is 44 in the pack, and 33 is asked for/),
      );
    }
  });
});

describe("several texts of an image in a packed set", () => {
  const several: Texts[] = imagePaths.map((_, i) =>
    Array.from({ length: 1 + (i % 3) }, (_, text) => `text ${text} of ${i}`),
  );

  test("are drawn as those of its dataset", async () => {
    const onMultipleTexts = "random" as const;
    const original = dataset({ texts: several, onMultipleTexts });
    const folder = await packed(original);
    await assertSameEpoch(await MultimodalDataset.from(folder), original, { seed: 2 });
    const first = await MultimodalDataset.from(folder, { onMultipleTexts: "first" });
    await assertSameEpoch(first, dataset({ texts: several }));
    const all = await MultimodalDataset.from(folder, { onMultipleTexts: "all" });
    assert.equal(all.length, several.flat().length);
    const seen = (await epochOf(all)) as { texts: string[] }[];
    assert.deepEqual(
      seen.flatMap((batch) => batch.texts),
      several.flat(),
    );
  });

  test("are the first ones where it was packed with these", async () => {
    const original = dataset({ texts: several });
    const folder = await packed(original);
    await assertSameEpoch(await MultimodalDataset.from(folder), original);
    await assert.rejects(
      MultimodalDataset.from(folder, { onMultipleTexts: "random" }),
      codeOf("PACK_MISMATCH", /text\.several is false in the pack, and true is asked for/),
    );
  });
});

describe("what a packed set was not made with is refused, saying what differs:", () => {
  const folder = packed(dataset());
  const image = (options: ImageProcessorOptions) => new ImageProcessor({ ...small, ...options });
  const cases: [string, () => Promise<object>, RegExp][] = [
    ["the size", async () => ({ image: ImageProcessor.standard() }), /image\.resize\.width is 40/],
    ["the filter", async () => ({ image: image({ filter: "bicubic" }) }), /image\.filter is "bil/],
    ["EXIF", async () => ({ image: image({ exifOrientation: true }) }), /exifOrientation is false/],
    [
      "the decoding",
      async () => ({ image: image({ decode: "fast" }) }),
      /image\.decode is "exact"/,
    ],
    ["the length", async () => ({ text: { maxLength: 13 } }), /text\.maxLength is 12 .+ 13/],
    ["the cleaning", async () => ({ text: { clean: "none" } }), /text\.clean is "alphanumeric"/],
    [
      "the tokenizer",
      async () => ({
        tokenizer: await Tokenizer.fromPretrained(fixture("bpe"), { pad_token: "a" }),
      }),
      /tokenizer\.sha256 is/,
    ],
    [
      "its padding side",
      async () => ({
        tokenizer: await Tokenizer.fromPretrained(fixture("wordpiece"), { padding_side: "left" }),
      }),
      /tokenizer\.paddingSide is "right" in the pack, and "left" is asked for/,
    ],
    [
      "another resampler",
      async () => ({ image: image({ resampler: "torch" }) }),
      /image\.resampler is "pillow13" in the pack, and "torch" is asked for/,
    ],
    [
      "parts of the original images",
      async () => ({ augmentation: { randomResizedCrop: {} } }),
      /randomResizedCrop takes parts of the original images/,
    ],
  ];
  for (const [what, options, message] of cases) {
    test(what, async () => {
      await assert.rejects(
        MultimodalDataset.from(await folder, await options()),
        codeOf("PACK_MISMATCH", message),
      );
    });
  }
});

test("a packed set that does not say whose resize it has was made before Pillow 13", async () => {
  const folder = await packed(dataset());
  const name = readdirSync(folder).find((each) => each.endsWith(".arrow")) as string;
  const { metadata } = tableFromIPC(readFileSync(join(folder, name))).schema;
  const said = metadata.get("pixtok") as string;
  const silent = new Map(metadata).set("pixtok", said.replace(',"resampler":"pillow13"', ""));
  assert.notEqual(silent.get("pixtok"), said);
  assert.equal(readPackedFileMetadata(silent, name).config.processor.resampler, "pillow12");
});

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
      codeOf("INCOMPLETE_PACK", /1 of \d+ files are missing: 1/),
    );
    const progress: [number, number][] = [];
    const result = await packDataset(original, folder, {
      fileBytes: 20 * IMAGE,
      onProgress: (done, total) => progress.push([done, total]),
    });
    assert.deepEqual([result.written, result.kept, result.pairs], [1, names.length - 1, 20]);
    assert.deepEqual(progress[0], [original.length - 20, original.length]);
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
      await packDataset(original, together, { part, threads, fileBytes: 20 * IMAGE });
    }
    const names = readdirSync(whole).sort();
    assert.deepEqual(readdirSync(together).sort(), names);
    for (const name of names) {
      const [one, other] = [join(whole, name), join(together, name)];
      assert.equal(await digestOf(other), await digestOf(one), name);
    }
  });

  test("leaves out what cannot be read, if wished, and says so", async () => {
    const paths = [...imagePaths.slice(0, 25)];
    paths[3] = "no-such-file.jpg";
    paths[21] = fixture("wordpiece/vocab.txt");
    const original = dataset({ imagePaths: paths, texts: texts.slice(0, 25) });
    const folder = newFolder();
    const options = { fileBytes: 20 * IMAGE };
    await assert.rejects(
      packDataset(original, folder, options),
      codeOf("FILE_NOT_FOUND", /sample 3, "no-such-file.jpg"/),
    );
    assert.deepEqual(incompleteFiles(folder), []);
    const { pairs, errors } = await packDataset(original, folder, { ...options, onError: "skip" });
    assert.equal(pairs, 23);
    assert.deepEqual(
      errors.list.map(({ index, code }) => [index, code]),
      [
        [3, "FILE_NOT_FOUND"],
        [21, "UNSUPPORTED_FORMAT"],
      ],
    );
    const good = [...paths.keys()].filter((i) => i !== 3 && i !== 21);
    const reopened = await MultimodalDataset.from(folder);
    const expected = dataset({
      imagePaths: good.map((i) => paths[i] as string),
      texts: good.map((i) => texts[i] as string),
    });
    await assertSameEpoch(reopened, expected);
    assert.ok((await verifyPack(folder)).ok);
  });

  test("into a folder that has other data or options is refused", async () => {
    const folder = await packed(dataset());
    const options = { fileBytes: 20 * IMAGE };
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
      packDataset(dataset(), folder, { fileBytes: 10 * IMAGE }),
      codeOf("PACK_MISMATCH", /files is \d+ in the pack, and \d+ is asked for/),
    );
  });

  test("into a folder that has another tokenizer, and no pack, is refused", async () => {
    const folder = newFolder();
    mkdirSync(folder);
    writeFileSync(join(folder, "tokenizer.json"), "{}");
    await assert.rejects(
      packDataset(dataset(), folder),
      codeOf("FILE_UNWRITABLE", /tokenizer\.json": there is another one in this folder/),
    );
    assert.equal(readFileSync(join(folder, "tokenizer.json"), "utf8"), "{}");
  });

  test("refuses what cannot be packed", async () => {
    await assert.rejects(
      packDataset(dataset({ augmentation: { horizontalFlip: 0.5 } }), newFolder()),
      /dataset: expected one without augmentation/,
    );
    const padded = new ImageProcessor({ resize: { longestEdge: 30 }, pad: 30 });
    await assert.rejects(
      packDataset(dataset({ image: padded }), newFolder()),
      /packDataset: expected an ImageProcessor with centerCrop or with resize/,
    );
    const reopened = await MultimodalDataset.from(await packed(dataset()));
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

  test("ends at a signal, and leaves nothing that looks whole", async () => {
    const folder = newFolder();
    const controller = new AbortController();
    const reason = new Error("enough");
    const packing = packDataset(dataset(), folder, {
      fileBytes: 20 * IMAGE,
      signal: controller.signal,
      onProgress: (done) => done >= 20 && controller.abort(reason),
    });
    await assert.rejects(packing, reason);
    assert.deepEqual(incompleteFiles(folder), []);
    assert.ok(
      existsSync(join(folder, readdirSync(folder).find((n) => n.startsWith("data-00000")) ?? "")),
    );
  });
});

describe("files of several packs in one folder", () => {
  test("are no set", async () => {
    const folder = await packed(dataset());
    const other = await packed(dataset(), { fileBytes: 30 * IMAGE });
    const name = readdirSync(other).find((one) => one.startsWith("data-00000")) as string;
    copyFileSync(join(other, name), join(folder, name));
    await assert.rejects(
      MultimodalDataset.from(folder),
      codeOf("PACK_MISMATCH", /several sets in this folder, one of 4 files and one of 6/),
    );
    const report = await verifyPack(folder);
    assert.equal(report.ok, false);
  });
});

function incompleteFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".incomplete"));
}

async function digestOf(path: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  return sha256(await readFile(path));
}
