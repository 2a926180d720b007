// What console.log shows of a tensor, batch, loader, dataset and processor.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { DataLoader, ImageProcessor, MultimodalDataset, Processor, Tokenizer } from "pixtok";
import { shownBatch } from "../../src/dataset/shown-batch.js";
import { makeTensor, reshaped } from "../../src/shared/make-tensor.js";
import { shownLines } from "../../src/shared/shown-as.js";
import { chatFolder, chatProcessor } from "../support/chat-processor.js";
import { fixture } from "../support/fixtures.js";
import { numberedPairs, smallTokenizer, tinyImage } from "../support/pairs.js";

const tokenizer = await smallTokenizer();

describe("a tensor", () => {
  test("shows type, shape and range", () => {
    const image = makeTensor("float32", new Float32Array(12).fill(-2.1179039), [1, 3, 2, 2]);
    image.data[7] = 2.64;
    assert.equal(inspect(image), "Tensor float32 [1, 3, 2, 2], -2.118 to 2.64");
    const bytes = makeTensor(
      "uint8",
      Uint8Array.from({ length: 9 }, (_, i) => 10 * i),
      [3, 3],
    );
    assert.equal(inspect(bytes), "Tensor uint8 [3, 3], 0 to 80");
  });

  test("shows the first of integers, and all where there are few", () => {
    const ids = makeTensor(
      "int64",
      BigInt64Array.from({ length: 256 }, (_, i) => BigInt(i)),
      [2, 128],
    );
    assert.equal(inspect(ids), "Tensor int64 [2, 128]: 0, 1, 2, 3, 4, 5, 6, 7, …");
    assert.equal(inspect(makeTensor("int32", Int32Array.of(3, 1), [2])), "Tensor int32 [2]: 3, 1");
    assert.equal(
      inspect(makeTensor("float32", Float32Array.of(0.1, 2), [2])),
      "Tensor float32 [2]: 0.1, 2",
    );
  });

  test("shows 16-bit floats as numbers", () => {
    // 1.5 and -0.25: the upper halves of float32
    const upper = makeTensor("bfloat16", Uint16Array.of(0x3fc0, 0xbe80), [2]);
    assert.equal(inspect(upper), "Tensor bfloat16 [2]: 1.5, -0.25");
    // 1, -2, the least above 0, infinity: IEEE 754
    const few = Uint16Array.of(0x3c00, 0xc000, 1, 0x7c00);
    assert.equal(
      inspect(makeTensor("float16", few, [4])),
      "Tensor float16 [4]: 1, -2, 5.96e-8, Infinity",
    );
    const many = new Uint16Array(9).fill(0x3800);
    assert.equal(inspect(makeTensor("float16", many, [9])), "Tensor float16 [9], 0.5 to 0.5");
  });

  test("says that NaN is among its numbers", () => {
    const some = makeTensor(
      "float32",
      Float32Array.from({ length: 9 }, (_, i) => i),
      [9],
    );
    some.data[4] = Number.NaN;
    assert.equal(inspect(some), "Tensor float32 [9], 0 to 8, NaN among them");
    some.data.fill(Number.NaN);
    assert.equal(inspect(some), "Tensor float32 [9], NaN throughout");
  });

  test("says that it is empty, or that its memory is gone", () => {
    assert.equal(
      inspect(makeTensor("int32", new Int32Array(0), [0, 5])),
      "Tensor int32 [0, 5], empty",
    );
    const gone = makeTensor("int32", new Int32Array(0), [2, 5]);
    assert.equal(inspect(gone), "Tensor int32 [2, 5], released");
  });

  test("is otherwise a plain object, also in another shape", () => {
    const data = Int32Array.of(1, 2);
    const tensor = makeTensor("int32", data, [1, 2]);
    assert.deepEqual(tensor, { type: "int32", data, dims: [1, 2] });
    assert.deepEqual(Object.keys(tensor), ["type", "data", "dims"]);
    assert.deepEqual(structuredClone(tensor), { type: "int32", data, dims: [1, 2] });
    assert.equal(inspect(reshaped(tensor, [2])), "Tensor int32 [2]: 1, 2");
  });
});

const { get } = numberedPairs(5);
const dataset = new MultimodalDataset({
  source: {
    length: 5,
    description: "five pairs",
    columnTypes: { label: "int64", url: "string", note: "json" },
    get(index) {
      if (index === 3) throw new Error("this one is gone");
      const note = { boxes: Array.from({ length: 50 }, (_, i) => i) };
      return { ...get(index), columns: { label: index, url: `http://${index}`, note } };
    },
  },
  tokenizer,
  image: tinyImage,
  columns: "auto",
  text: { maxLength: 12, type: "int32" },
});
const loader = new DataLoader(dataset, {
  batchSize: 5,
  onError: "skip",
  fields: { half: ({ indices }) => indices.map((index) => index / 2) },
});

describe("a batch", () => {
  test("shows rows, tensors, columns, fields, texts, keys and what was dropped", async () => {
    for await (const batch of loader) {
      const lines = inspect(batch).split("\n");
      assert.deepEqual(
        lines.map((line) => line.replace(/ {2,}/g, "  ")),
        [
          "Batch of 4 pairs",
          "  image  uint8 [4, 1, 1, 3], 0 to 4",
          `  input_ids  int32 [4, 12]: ${[...batch.input_ids.data.slice(0, 8)].join(", ")}, …`,
          "  attention_mask  int32 [4, 12]: 1, 1, 1, 0, 0, 0, 0, 0, …",
          "  columns.label  int64 [4]: 0, 1, 2, 4",
          '  columns.url  "http://0", "http://1", "http://2", …',
          "  columns.note  [ { boxes: [Array] }, { boxes: [Array] }, { boxes: [Array] }, ... 1 more item ]",
          "  fields.half  [ 0, 0.5, 1, ... 1 more item ]",
          '  texts  "0", "1", "2", …',
          "  indices  0, 1, 2, 4",
          '  keys  "0", "1", "2", …',
          lines.at(-1)?.replace(/ {2,}/g, "  "),
        ],
      );
      assert.match(lines.at(-1) as string, /^ {2}dropped +1: ".*this one is gone/);
      batch.release();
      assert.match(inspect(batch), /image +uint8 \[4, 1, 1, 3\], released/);
    }
  });

  test("of one pair shows what it has", async () => {
    const lines = inspect(await dataset.get(2)).split("\n");
    assert.equal(lines[0], "Pair 2");
    assert.match(lines[1] as string, /^ {2}image +uint8 \[1, 1, 3\]: 2, 0, 0$/);
    assert.match(lines[4] as string, /^ {2}columns\.label +int64 \[\]: 2$/);
    assert.match(lines[5] as string, /^ {2}columns\.url +"http:\/\/2"$/);
  });

  test("shows the lists that a class gives for each row, and no other list", () => {
    const batch = {
      ...{ indices: [0, 1], keys: ["0", "1"], dropped: [], replaced: [] },
      ...{ rows: [[3], [4]], none: [] },
    };
    const lines = inspect(shownBatch(batch)).split("\n");
    assert.deepEqual(
      lines.map((line) => line.replace(/ {2,}/g, "  ")),
      ["Batch of 2 pairs", "  rows  [ [ 3 ], [ 4 ] ]", "  indices  0, 1", '  keys  "0", "1"'],
    );
  });

  test("is never long, however long its texts are", async () => {
    const long = new MultimodalDataset({
      source: {
        length: 8,
        get: (i) => ({ ...get(i), text: "word ".repeat(500), key: "k".repeat(999) }),
      },
      tokenizer,
      image: tinyImage,
    });
    for await (const batch of new DataLoader(long, { batchSize: 8 })) {
      assert.ok(inspect(batch).length < 1000);
    }
  });
});

describe("a dataset, a processor and a loader", () => {
  test("show where pairs come from and what they go through", () => {
    assert.deepEqual(inspect(dataset).split("\n"), [
      "MultimodalDataset: five pairs",
      "  image    1x1 bilinear (pillow13), uint8 hwc",
      "  text     cleaned: alphanumeric, 12 tokens, int32",
      "  columns  label int64, url string, note json",
    ]);
    const images = new MultimodalDataset({
      imagePaths: ["a.jpg"],
      text: null,
      augmentation: { horizontalFlip: 0.5 },
    });
    assert.match(inspect(images), /\n {2}augmentation +horizontalFlip\n {2}text +none$/);
  });

  test("show a processor's steps", () => {
    assert.equal(
      inspect(new ImageProcessor({ resize: { shortestEdge: 256 }, centerCrop: 224 })),
      "ImageProcessor: shortestEdge 256 bilinear (pillow13), centre 224x224, mean 0.485 0.456 0.406, std 0.229 0.224 0.225, float32 chw",
    );
    const edges = new ImageProcessor({ resize: { shortestEdge: 40, longestEdge: 50 }, pad: 50 });
    assert.match(inspect(edges), /: shortestEdge 40, longestEdge 50 bilinear/);
  });

  test("show a tokenizer's vocabulary, and what fills rows up", async () => {
    const { vocabSize, padTokenId } = tokenizer;
    const shown = `Tokenizer: ${vocabSize} tokens, padded with [PAD] (${padTokenId}) at the right`;
    assert.equal(inspect(tokenizer), shown);
    const left = await Tokenizer.fromPretrained(fixture("wordpiece"), { padding_side: "left" });
    assert.equal(inspect(left), shown.replace("right", "left"));
  });

  test("show a model's images, texts and template", async () => {
    const [heading, image, text, template] = inspect(await chatProcessor()).split("\n");
    assert.match(heading ?? "", /^Processor of \w+$/);
    assert.match(image ?? "", /^ {2}image {5}each image by its own size, /);
    assert.match(text ?? "", /^ {2}text {6}Tokenizer: \d+ tokens, padded with /);
    assert.match(template ?? "", /^ {2}template {2}\d+ characters$/);
    const bare = await Processor.fromPretrained(await chatFolder());
    assert.match(inspect(bare), /^ {2}template {2}none$/m);
  });

  test("begin all lines below their heading in one column", () => {
    const lines = [
      ["longer", "1"],
      ["b", "2"],
    ] as const;
    assert.equal(shownLines("A", lines), "A\n  longer  1\n  b       2");
  });

  test("show where a loader stands, and what limited its last epoch", async () => {
    const own = new DataLoader(dataset, { batchSize: 2, shuffle: true, seed: 7, onError: "skip" });
    assert.match(
      inspect(own),
      /^DataLoader: 3 batches of 2\n {2}dataset +five pairs\n {2}order +.*\n {2}next epoch +0$/,
    );
    for await (const batch of own) batch.release();
    assert.match(inspect(own), /\n {2}next epoch +1\n {2}errors +1 pairs could not be read\n/);
    assert.match(inspect(own), /\n {2}epoch 0 +4 pairs, \d+ a second\n {2}limit +\S/);
  });
});
