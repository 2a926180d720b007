// Small parts of what a row goes through, apart from datasets: names, bytes, labels, ready tokens, errors.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MultimodalDataset, PixtokError, type RawPixels, type Tensor } from "pixtok";
import { pairBytes } from "../../src/dataset/batch-bytes.js";
import { batchTimes } from "../../src/dataset/batch-times.js";
import { readChatOptions } from "../../src/dataset/chat-options.js";
import { conversationReader } from "../../src/dataset/conversation-reader.js";
import { type AnyDataset, pipelineOf } from "../../src/dataset/dataset.js";
import type { DatasetPipeline } from "../../src/dataset/dataset-pipeline.js";
import { datasetTokens, tokenCounts } from "../../src/dataset/dataset-tokens.js";
import { batchDims } from "../../src/dataset/image-pipeline.js";
import { pairCompleter, pictureMeasurer } from "../../src/dataset/measured-pictures.js";
import { listOfImages } from "../../src/dataset/multiple-images.js";
import { packedConversationReader } from "../../src/dataset/packed-conversation-reader.js";
import { firstErrors, imagesWithTexts } from "../../src/dataset/pair-images.js";
import { columnImageSource, imageSourceOf, namesOf } from "../../src/dataset/pair-names.js";
import type { ReadPair } from "../../src/dataset/pair-reader.js";
import { readEach } from "../../src/dataset/read-results.js";
import { asSampleFault } from "../../src/dataset/sample-fault.js";
import { labelOf, softLabels } from "../../src/dataset/soft-labels.js";
import { tokensInColumn } from "../../src/dataset/token-column.js";
import { workMeter } from "../../src/dataset/work-meter.js";
import type { PicturePlan } from "../../src/image/views/picture-plan.js";
import type { PictureStorage } from "../../src/image/views/picture-storage.js";
import { neverAborted } from "../../src/shared/abort.js";
import { plainContext } from "../../src/shared/sample-context.js";
import type { ColumnConfig } from "../../src/sources/column-types.js";
import type { PackedSource } from "../../src/sources/packed/is-packed.js";
import type { PackedConversations } from "../../src/sources/packed/pack-conversations.js";
import type { Pair } from "../../src/sources/pair-source.js";
import type { ModelCore } from "../../src/vision-language/model-core.js";
import { chatProcessor, plainTemplate } from "../support/chat-processor.js";
import { smallTokenizer } from "../support/pairs.js";

const pixels = (bytes: number): RawPixels => ({
  data: new Uint8Array(bytes),
  width: bytes,
  height: 1,
  channels: 1,
});
const placed = (image: unknown, place = 0) => ({ image, source: "a", place });
const readPair = (parts: object): ReadPair => {
  const names = { text: "", original: "", key: "", source: "s" };
  return { index: 3, images: [], columnImages: [], columns: [], ...names, ...parts };
};

test("a pair has the bytes of its text, and of images in memory", () => {
  const bytes = (parts: object) => pairBytes(readPair(parts));
  assert.equal(bytes({ text: "abc" }), 6);
  assert.equal(bytes({ images: placed(new Uint8Array(5)) }), 5);
  assert.equal(bytes({ images: placed(pixels(7)) }), 7);
  assert.equal(bytes({ images: placed("a.jpg") }), 0);
  assert.equal(bytes({ images: placed({ path: "a.tar", offset: 1, length: 9 }) }), 0);
  const images = [placed(new Uint8Array(5)), placed(pixels(7), 1)];
  assert.equal(bytes({ images, columnImages: [placed(new Uint8Array(2))] }), 14);
});

describe("a pair is called", () => {
  const named = (pair: Partial<Pair>) => namesOf({ image: "a.jpg", text: "", ...pair }, 4);
  const range = { path: "a.tar", offset: 1, length: 9 };

  test("by its key, else its path or index; in errors by the file that it is in", () => {
    assert.deepEqual(named({}), { key: "a.jpg", source: "a.jpg" });
    assert.deepEqual(named({ key: "k" }), { key: "k", source: "a.jpg" });
    assert.deepEqual(named({ origin: "x.csv#1" }), { key: "4", source: "x.csv#1" });
    assert.deepEqual(named({ image: [] }), { key: "4", source: "4" });
    assert.deepEqual(named({ image: [null, "b.jpg"] }), { key: "b.jpg", source: "b.jpg" });
    assert.deepEqual(named({ image: range }), { key: "4", source: "a.tar" });
    assert.deepEqual(named({ image: range, key: "k" }), { key: "k", source: "a.tar: k" });
    assert.deepEqual(named({ image: new Uint8Array(1) }), { key: "4", source: "buffer" });
    assert.deepEqual(named({ image: pixels(1), key: "k" }), { key: "k", source: "k" });
  });

  test("with the number of an image, unless this has a path of its own", () => {
    const pair = { image: ["a.jpg", range, null], text: "", key: "k" } as Pair;
    assert.equal(imageSourceOf(pair, 4, 0), "a.jpg");
    assert.equal(imageSourceOf(pair, 4, 1), "a.tar: k, image 2");
    const ofRow = { ...pair, origin: "x.csv#1" };
    assert.equal(imageSourceOf(ofRow, 4, 0), "a.jpg");
    assert.equal(imageSourceOf(ofRow, 4, 1), "x.csv#1, image 2");
  });

  test("with the column that an image is in", () => {
    const pair = { image: "a.jpg", text: "" };
    assert.equal(columnImageSource(pair, "m.png", "mask", 4), "m.png, column mask");
    for (const none of [undefined, null, ["m.png"]])
      assert.equal(columnImageSource(pair, none, "mask", 4), "a.jpg, column mask");
  });
});

describe("labels of rows", () => {
  const columns = [{ name: "other" }, { name: "label" }] as ColumnConfig[];
  const options = { column: "label", classes: 3 };
  const place = { index: 4, source: "s" };
  const values = (label: number) => [[9], [label]];

  test("are below the number of classes", () => {
    for (const label of [0, 2])
      assert.equal(labelOf(options, columns, values(label), place), label);
    for (const label of [-1, 3]) {
      assert.throws(() => labelOf(options, columns, values(label), place), {
        ...{ code: "INVALID_COLUMN", index: 4, source: "s" },
        reason: `columns.label: expected a label from 0 to 2 (augmentation.labels.classes), got ${label}`,
      });
    }
  });

  test("have shares where rows are mixed, in the memory that is given", () => {
    const pairs = [0, 2].map((label) => ({ ...place, columns: values(label) }));
    const mixed = [0.75, 0.5].map((share) => ({ name: "mixUp", other: 0, share }) as never);
    const allocate = (bytes: number) => new Uint8Array(new ArrayBuffer(bytes + 8), 8, bytes);
    const { data, dims } = softLabels(
      { labels: options } as never,
      columns,
      pairs,
      mixed,
      allocate,
    );
    assert.deepEqual([[...data], dims, data.byteOffset], [[0.75, 0, 0.25, 0.5, 0, 0.5], [2, 3], 8]);
  });
});

test("ready tokens are lists of ids, also as text, cut at their end", () => {
  const ids = (value: unknown, maxLength = 3) => {
    const pair = { image: "a.jpg", text: "", columns: { ids: value } };
    const { ids: found, whole } = tokensInColumn("ids", maxLength)(pair, 0, 4);
    return [[...found], whole];
  };
  assert.deepEqual(ids([1, 2, 3]), [[1, 2, 3], 3]);
  assert.deepEqual(ids([1, 2, 3, 4]), [[1, 2, 3], 4]);
  assert.deepEqual(ids("[1, 2, 3]", 2), [[1, 2], 3]);
  assert.deepEqual(ids([2n ** 31n - 1n]), [[2 ** 31 - 1], 1]);
  for (const value of ["[1", "1 2", 5, [-1], [2 ** 31], undefined]) {
    assert.throws(() => ids(value), {
      ...{ code: "INVALID_COLUMN", index: 4, source: "a.jpg" },
      message: /ids: expected a list of token ids from 0 to 2147483647, got/,
    });
  }
  const inherited = { image: "a.jpg", text: "", columns: {} };
  assert.throws(() => tokensInColumn("toString", 3)(inherited, 0, 4), { code: "INVALID_COLUMN" });
});

describe("what a user's function throws", () => {
  test("is the sample's fault, by its index", async () => {
    const thrown = async (cause: unknown) =>
      asSampleFault(4, () => {
        throw cause;
      });
    await assert.rejects(thrown(new Error("no")), {
      ...{ code: "SAMPLE_FAILED", index: 4, reason: "no" },
    });
    await assert.rejects(thrown("text"), { code: "SAMPLE_FAILED", reason: "text" });
    const own = new PixtokError("EMPTY_FILE", "empty");
    await assert.rejects(thrown(own), own);
    const full = Object.assign(new Error("full"), { code: "EMFILE" });
    await assert.rejects(thrown(full), { code: "OUT_OF_FILE_DESCRIPTORS", index: 4 });
    assert.equal(await asSampleFault(4, async () => 5), 5);
  });

  test("is kept beside what could be read", async () => {
    const bad = new PixtokError("EMPTY_FILE", "empty");
    const read = async (index: number) => {
      if (index === 8) throw bad;
      return `pair ${index}`;
    };
    assert.deepEqual(await readEach([7, 8, 9], read, neverAborted), {
      pairs: ["pair 7", "pair 9"],
      failures: [{ index: 8, error: bad }],
    });
    const misuse = async () => Promise.reject(new TypeError("misuse"));
    await assert.rejects(readEach([1], misuse, neverAborted), /misuse/);
  });

  test("is one error a row: a fault of the machine before all others", () => {
    const error = (code: "EMPTY_FILE" | "OUT_OF_MEMORY") => new PixtokError(code, code);
    const [empty, other, full] = [error("EMPTY_FILE"), error("EMPTY_FILE"), error("OUT_OF_MEMORY")];
    const failures = [
      { row: 2, error: empty },
      { row: 0, error: other },
      { row: 2, error: full },
      { row: 0, error: empty },
    ];
    assert.deepEqual(firstErrors(failures), [
      { row: 0, error: other },
      { row: 2, error: full },
    ]);
  });

  test("is told once images are done, and theirs before it", async () => {
    const images = [{ row: 0, error: new PixtokError("EMPTY_FILE", "empty") }];
    const none = () => {};
    const failed = Promise.reject(new Error("tokens"));
    await assert.rejects(
      imagesWithTexts(Promise.resolve(images), failed, neverAborted, none),
      /^Error: tokens$/,
    );
    const refuse = () => {
      throw new Error("images");
    };
    const both = imagesWithTexts(Promise.resolve(images), failed, neverAborted, refuse);
    await assert.rejects(both, /^Error: images$/);
    const aborted = AbortSignal.abort(new Error("enough"));
    const rejected = Promise.reject(new Error("native"));
    await assert.rejects(imagesWithTexts(rejected, failed, neverAborted, none), /native/);
    await assert.rejects(imagesWithTexts(rejected, failed, aborted, none), /enough/);
    const all = await imagesWithTexts(
      Promise.resolve(images),
      Promise.resolve(5),
      neverAborted,
      none,
    );
    assert.deepEqual(all, { failed: images, texts: 5 });
  });
});

describe("images that are taken apart", () => {
  const asked: unknown[] = [];
  const plan = {
    measure: async (...given: unknown[]) => {
      asked.push(given);
      return ["measured"];
    },
  } as unknown as PicturePlan;
  const context = plainContext(neverAborted);

  test("are measured, unless there are none or a pack knows them", async () => {
    const measured = pictureMeasurer(plan, 1, context);
    assert.deepEqual((await measured(readPair({}))).pictures, []);
    const known = readPair({ pictures: [] });
    assert.equal(await measured(known), known);
    assert.deepEqual(asked, []);
    const two = readPair({ images: [placed("a.jpg"), { ...placed("b.jpg", 1), source: "b" }] });
    assert.deepEqual((await measured(two)).pictures, ["measured"]);
    const request = { images: ["a.jpg", "b.jpg"], indices: [3, 3], sources: ["a", "b"] };
    assert.deepEqual(asked, [[request, [2], { threads: 1, signal: neverAborted }]]);
  });

  test("are measured before their text is encoded", async () => {
    const complete = async (pair: ReadPair) => ({ ...pair, text: `${pair.pictures?.length}` });
    const pair = readPair({ images: placed("a.jpg") });
    assert.equal((await pairCompleter(plan, { complete }, 1, context)?.(pair))?.text, "1");
    assert.equal((await pairCompleter(plan, {}, 1, context)?.(pair))?.text, "");
    assert.equal((await pairCompleter(plan, null, 1, context)?.(pair))?.pictures?.length, 1);
    assert.equal(pairCompleter(null, { complete }, 1, context), undefined);
  });
});

describe("tokens of a dataset", () => {
  const datasetOf = async (length: number) => {
    let most = 0;
    let reading = 0;
    const source = {
      length,
      get: async (index: number) => {
        reading += 1;
        most = Math.max(most, reading);
        await Promise.resolve();
        reading -= 1;
        if (index === 1) throw new Error("bad");
        return { image: "none.jpg", text: "a ".repeat(index % 4) };
      },
    };
    const text = { maxLength: 4 };
    const dataset = new MultimodalDataset({ source, tokenizer: await smallTokenizer(), text });
    return { pipeline: pipelineOf(dataset as never), most: () => most };
  };
  const context = { seed: 0, epoch: 0, signal: neverAborted };

  test("are counted of texts alone, 256 at once; a bad pair has none", async () => {
    const { pipeline, most } = await datasetOf(600);
    const indices = Array.from({ length: 600 }, (_, i) => i);
    const counts = await tokenCounts(pipeline, indices, context, "skip");
    // with [CLS] and [SEP], cut to four
    const expected = indices.map((i) => (i === 1 ? null : Math.min(4, 2 + (i % 4))));
    assert.deepEqual(counts, expected);
    assert.equal(most(), 256);
  });

  test("are not counted past a bad pair with onError throw", async () => {
    const { pipeline } = await datasetOf(4);
    const counting = tokenCounts(pipeline, [0, 1], context, "throw");
    await assert.rejects(counting, { code: "SAMPLE_FAILED", index: 1 });
  });

  test("are ids, cut and not padded, and the first error", async () => {
    const { pipeline } = await datasetOf(4);
    const tokens = await datasetTokens(pipeline, [3, 0, 2], neverAborted);
    assert.deepEqual(
      tokens.map(({ length }) => length),
      [4, 2, 4],
    );
    await assert.rejects(datasetTokens(pipeline, [0, 1], neverAborted), { code: "SAMPLE_FAILED" });
    const none = { ...pipeline, text: null } as unknown as DatasetPipeline;
    await assert.rejects(datasetTokens(none, [0], neverAborted), {
      message: /^dataset: expected one with texts, not one with text: null/,
    });
  });
});

const processor = await chatProcessor();

describe("a conversation", () => {
  const context = { seed: 0, epoch: 0, signal: neverAborted };
  const datasetOf = (row: object, chat = {}) =>
    new MultimodalDataset({ conversations: [row], processor, chat } as never) as AnyDataset;
  const said = (role: string, content: unknown) => ({ role, content });

  test("is shown with its turns, each on a line, and images by their type", async () => {
    const question = [{ type: "image" }, { type: "text", text: "What?" }];
    const messages = [said("system", null), said("user", question), said("assistant", "A cat.")];
    const dataset = datasetOf({ messages, images: [pixels(64)] });
    const { original, images } = await pipelineOf(dataset).pairs.read(0, context);
    assert.equal(original, "system: \nuser: [image] What?\nassistant: A cat.");
    assert.deepEqual(
      listOfImages(images).map(({ source, place }) => [source, place]),
      [["0, image 1", 0]],
    );
  });

  test("is written by the template with what the options give it", () => {
    const variables = { tools: [{ name: "t" }], documents: [{ title: "d" }] };
    const { template, addSpecialTokens } = readChatOptions("chat", {
      ...{ ...variables, templateKwargs: { deep: true } },
      ...{ addGenerationPrompt: true, addSpecialTokens: false },
    });
    assert.deepEqual(template, {
      ...{ ...variables, template_kwargs: { deep: true }, add_generation_prompt: true },
    });
    assert.equal(addSpecialTokens, false);
    assert.deepEqual(readChatOptions("chat", {}).template, { add_generation_prompt: false });
  });

  test("is read as the options say, and refused where its source has it of another kind", async () => {
    const said: object[] = [];
    const core = {
      read: (_: unknown, how: object) => {
        said.push(how);
        return { text: "", images: [] };
      },
    } as unknown as ModelCore;
    const conversation = { messages: [{ role: "user", content: "a" }], images: [] };
    const readerOf = (given: object, options: object) =>
      conversationReader({
        source: { length: 1, get: () => ({ image: [], text: "", conversation: given }) as Pair },
        ...{ core, chat: readChatOptions("chat", options), columns: [] },
        complete: async (pair) => pair,
      });
    await readerOf(conversation, { addSpecialTokens: false }).read(0, context);
    await readerOf(conversation, { labels: false }).read(0, context);
    const prompt = { add_generation_prompt: false };
    assert.deepEqual(said, [
      { ...prompt, add_special_tokens: false, learned: "words" },
      { ...prompt, add_special_tokens: undefined, learned: "nothing" },
    ]);
    const both = { chosen: conversation, rejected: conversation };
    for (const [given, rows, message] of [
      [both, "conversations", /expected conversations, as chat.rows says, got preferences/],
      [conversation, "preferences", /expected preferences, as chat.rows says, got conversations/],
    ] as const) {
      const refusal = { code: "INVALID_CONVERSATION", index: 0, message };
      await assert.rejects(readerOf(given, { rows }).read(0, context), refusal);
    }
  });

  test("is learned behind its prompt, whatever an assistant has said in that", async () => {
    const prompt = [said("user", "a"), said("assistant", "A cat."), said("user", "And now?")];
    const dataset = datasetOf({ prompt, completion: [said("assistant", "A dog.")] });
    const { labels } = (await dataset.get(0)) as unknown as { labels: Tensor };
    const ids = Array.from(labels.data, Number).filter((id) => id !== -100);
    assert.equal(await processor.tokenizer.decode(ids), "A dog.<|im_end|>\n");
  });

  test("has its own tools, else those of the options", async () => {
    const listed = "{% if tools %}{{ tools[0].name }} {% endif %}";
    const own = await chatProcessor({ chat_template: listed + plainTemplate });
    const messages = [said("user", "a")];
    const written = async (row: object, chat: object) => {
      const given = { conversations: [{ messages, ...row }], processor: own, chat };
      const dataset = new MultimodalDataset(given as never) as AnyDataset;
      return (await pipelineOf(dataset).pairs.read(0, context)).text.split("<|im_start|>")[0];
    };
    const [tools, others] = [[{ name: "hammer" }], [{ name: "saw" }]];
    assert.deepEqual(
      [await written({ tools }, {}), await written({ tools }, { tools: others })],
      ["hammer ", "hammer "],
    );
    assert.deepEqual([await written({}, { tools: others }), await written({}, {})], ["saw ", ""]);
  });

  test("with two answers is as long as the longer one", async () => {
    const answers = ["A cat.", "A cat that sleeps on a sofa."];
    for (const [chosen, rejected] of [answers, answers.toReversed()]) {
      const dataset = datasetOf({ prompt: "What?", chosen, rejected }, { rows: "preferences" });
      const { tokens } = await pipelineOf(dataset).pairs.readText(0, context);
      // padded to the longer one
      const { input_ids } = (await dataset.get(0)) as unknown as { input_ids: Tensor };
      assert.deepEqual([tokens?.ids.length], input_ids.dims);
    }
  });

  test("of a pack is as long as its longer answer, and has the names of classes", async () => {
    const own = [Int32Array.of(5, 6), Int32Array.of(7, 8, 9)];
    for (const [chosen, rejected] of [own, own.toReversed()]) {
      const tokens = { input_ids: chosen, rejected_input_ids: rejected };
      const pair = { image: [], text: "t", tokenIds: [], tokens, columns: { label: 1 } };
      const source = {
        ...{ length: 1, get: () => pair, classNames: { label: ["dog", "cat"] } },
        pack: { folder: "/pack", tokenizerFolder: "/pack", config: {} },
      };
      const reader = packedConversationReader(
        source as unknown as PackedSource,
        { chat: { rows: "preferences" } } as PackedConversations,
        { measured: () => [] } as unknown as PictureStorage,
        [{ name: "label", type: "string", shape: [], size: 1 }],
      );
      assert.deepEqual((await reader.readText(0, context)).tokens?.ids, own[1]);
      const read = await reader.read(0, context);
      assert.deepEqual([read.tokens?.ids, read.columns], [own[1], ["cat"]]);
    }
  });
});

test("times of a batch are those of nothing before it begins", () => {
  const { images, ...times } = batchTimes();
  assert.ok(Object.values(images).every((one) => one === 0));
  const points = ["rowsAt", "imagesAt", "tokensAt", "mixFrom", "mixedAt", "madeAt"];
  for (const [name, value] of Object.entries(times))
    assert.equal(value, points.includes(name) ? Number.POSITIVE_INFINITY : 0, name);
});

test("work says how long its threads had nothing to do", (t) => {
  let now = 1000;
  t.mock.method(performance, "now", () => now);
  const meter = workMeter(4);
  assert.deepEqual(meter.details(2), { errors: 2, waiting: 1 });
  now += 100;
  Object.assign(meter.times, { read: 10, decode: 50, resize: 30, normalize: 10, queued: 999 });
  assert.deepEqual(meter.details(3), { errors: 3, waiting: 0.75 });
  meter.times.decode = 900;
  assert.equal(meter.details(0).waiting, 0);
});

test("a tensor of images has a dimension for them where rows have several", () => {
  assert.deepEqual([batchDims(5, undefined), batchDims(5, 1)], [[5], [5, 1]]);
});
