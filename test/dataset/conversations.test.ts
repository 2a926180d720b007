// Rows of conversations, from wherever they come, and what becomes of bad ones.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { inspect } from "node:util";
import {
  type ChatRowOptions,
  checkDataset,
  DataLoader,
  ImageProcessor,
  MultimodalDataset,
  openSource,
  type PairSource,
  PixtokError,
  Processor,
  type ProcessorRow,
  readConversation,
  readPreference,
  select,
  type Tensor,
} from "pixtok";
import { chatFolder, chatProcessor } from "../support/chat-processor.js";
import { drawnImage } from "../support/drawn-image.js";
import { fixture } from "../support/fixtures.js";

const processor = await chatProcessor();
const folder = mkdtempSync(join(tmpdir(), "pixtok-conversations-"));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "data", "photos"), { recursive: true });
copyFileSync(fixture("images/jpeg-301x17.jpg"), join(folder, "data", "photos", "a.jpg"));
copyFileSync(fixture("images/png-rgb.png"), join(folder, "data", "photos", "b.png"));
const photo = (name: string) => join(folder, "data", "photos", name);

const numbers = (tensor: Tensor | undefined) => Array.from(tensor?.data ?? [], Number);

type Row = Readonly<Record<string, unknown>>;

/** A row by itself, as a dataset makes it and as process() does. */
async function holdRow(dataset: { get(index: number): Promise<object> }, index: number, row: Row) {
  const own = { ...(await dataset.get(index)) } as Record<string, Tensor>;
  const { columns: _, index: __, num_images: ___, ...inputs } = own;
  const expected = await processor.process(readConversation(row) as ProcessorRow, { labels: true });
  const values = (tensors: object) =>
    Object.fromEntries(
      Object.entries(tensors as Record<string, Tensor>).map(([name, tensor]) => [
        name,
        numbers(tensor),
      ]),
    );
  assert.deepEqual(values(inputs), values(expected));
}

const words = { type: "text", text: "What is it?" };
const answer = { role: "assistant", content: "A cat." };
const rows = {
  "messages of the hub": {
    images: ["photos/a.jpg", "photos/b.png"],
    messages: [{ role: "user", content: [{ type: "image" }, words, { type: "image" }] }, answer],
  },
  "conversations of LLaVA": {
    image: "photos/a.jpg",
    conversations: [
      { from: "human", value: "<image>\nWhat is it?" },
      { from: "gpt", value: "A cat." },
    ],
  },
  "a prompt and its completion": { image: "photos/b.png", prompt: "Which?", completion: "A cat." },
  "messages about nothing": { messages: [{ role: "user", content: "Hello" }, answer] },
  "parts of OpenAI's with a data URL": {
    messages: [
      {
        role: "user",
        content: [
          words,
          {
            type: "image_url",
            image_url: {
              url: `data:image/png;base64,${readFileSync(fixture("images/png-rgb.png"), "base64")}`,
            },
          },
        ],
      },
      answer,
    ],
  },
  "a part that names a file": {
    messages: [{ role: "user", content: [{ type: "image", path: "photos/a.jpg" }, words] }, answer],
  },
} satisfies Record<string, Row>;

/** As the rows of a file beside the images. */
const found = (row: Row): Row =>
  JSON.parse(JSON.stringify(row).replaceAll("photos/", `${join(folder, "data", "photos")}/`));

describe("rows are what process() makes of them", () => {
  const all = Object.values(rows) as Row[];
  const lines = join(folder, "data", "rows.jsonl");
  writeFileSync(lines, all.map((row) => `${JSON.stringify(row)}\n`).join(""));

  for (const [index, [what, row]] of Object.entries(rows).entries()) {
    test(`${what}, of an array and of a file`, async () => {
      const ofArray = new MultimodalDataset({ conversations: all.map(found), processor });
      await holdRow(ofArray, index, found(row));
      const ofFile = await MultimodalDataset.from(lines, { processor });
      await holdRow(ofFile, index, found(row));
    });
  }

  test("of one JSON array, as LLaVA has it", async () => {
    const file = join(folder, "data", "llava.json");
    writeFileSync(file, JSON.stringify([rows["conversations of LLaVA"]]));
    const dataset = await MultimodalDataset.from(file, { processor });
    await holdRow(dataset, 0, found(rows["conversations of LLaVA"]));
  });

  test("of a source of one's own, whose columns they are", async () => {
    const { messages } = rows["messages of the hub"];
    const image = [photo("a.jpg"), drawnImage(60, 90)];
    const source: PairSource = {
      length: 1,
      get: () => ({ image, text: "", columns: { messages, label: 3 } }),
    };
    const dataset = new MultimodalDataset({ source, processor, columns: { label: "int64" } });
    await holdRow(dataset, 0, { messages, images: image });
    for await (const batch of new DataLoader(dataset)) {
      assert.deepEqual(numbers(batch.columns.label), [3]);
      assert.deepEqual(numbers(batch.num_images), [2]);
      assert.equal(batch.texts.length, 1);
    }
  });

  test("of a file whose columns have other names, some of its rows", async () => {
    const file = join(folder, "data", "named.jsonl");
    const row = { q: "Which?", a: "A cat.", photo: "photos/b.png", id: "x7" };
    writeFileSync(file, `${JSON.stringify({ ...row, q: "No" })}\n${JSON.stringify(row)}\n`);
    const columns = { prompt: "q", completion: "a" };
    const source = await openSource(file, {
      ...{ rows: "conversations", conversationColumns: columns, imageColumn: "photo" },
    });
    const dataset = await MultimodalDataset.from(select(source, [1]), {
      ...{ processor, columns: { id: "string" } },
    });
    await holdRow(dataset, 0, { prompt: "Which?", completion: "A cat.", image: photo("b.png") });
    assert.equal((await dataset.get(0)).columns.id, "x7");
  });
});

describe("a preference has tokens of both answers, and its images once", () => {
  const row = {
    image: photo("a.jpg"),
    prompt: "What?",
    chosen: "A cat.",
    rejected: "Two dogs, I say.",
  };
  const chat: ChatRowOptions = { rows: "preferences" };

  const hold = async (dataset: MultimodalDataset<never, never, never, never, typeof processor>) => {
    const { chosen, rejected } = readPreference(row);
    const options = { labels: true, padding: "max_length", truncation: true } as const;
    const loader = new DataLoader(dataset, { batchSize: 2 });
    for await (const batch of loader) {
      const [, max_length = 0] = batch.input_ids.dims;
      const both = { ...options, max_length };
      const [one, other] = await Promise.all([
        processor.process([chosen, chosen] as ProcessorRow[], both),
        processor.process([rejected, rejected] as ProcessorRow[], both),
      ]);
      assert.deepEqual(batch.input_ids, one.input_ids);
      assert.deepEqual(batch.labels, one.labels);
      assert.deepEqual(batch.rejected_input_ids, other.input_ids);
      assert.deepEqual(batch.rejected_attention_mask, other.attention_mask);
      assert.deepEqual(batch.rejected_labels, other.labels);
      assert.deepEqual(batch.rejected_mm_token_type_ids, other.mm_token_type_ids);
      assert.deepEqual(batch.pixel_values?.data, one.pixel_values?.data);
      const masks = [one, other].flatMap((rows) => [...rows.attention_mask.data].map(Number));
      const padding = masks.filter((is) => is === 0).length;
      assert.equal(Math.round((loader.stats()?.paddingShare ?? 0) * masks.length), padding);
    }
  };

  test("of an array", async () => {
    await hold(new MultimodalDataset({ conversations: [row, row], processor, chat }) as never);
  });

  test("of a file", async () => {
    const file = join(folder, "data", "preferences.jsonl");
    const line = `${JSON.stringify({ ...row, image: "photos/a.jpg" })}\n`;
    writeFileSync(file, line + line);
    await hold((await MultimodalDataset.from(file, { processor, chat })) as never);
  });

  test("and is refused where the answers are about different images", async () => {
    const image = (path: string) => [{ role: "user", content: [{ type: "image", path }] }, answer];
    const conversations = [{ chosen: image(photo("a.jpg")), rejected: image(photo("b.png")) }];
    const dataset = new MultimodalDataset({ conversations, processor, chat });
    await assert.rejects(dataset.get(0), {
      code: "INVALID_CONVERSATION",
      index: 0,
      message: /different/,
    });
  });
});

describe("what is wrong with a row is its error, by its code:", () => {
  const image = drawnImage(112, 112);
  const said = (count: number) => [
    { role: "user", content: [...Array(count).fill({ type: "image" }), words] },
    answer,
  ];
  const good = { messages: said(1), images: [image] };
  const wrong: [string, Row][] = [
    ["IMAGES_MISMATCH", { messages: said(2), images: [image] }],
    ["IMAGE_CUT", { messages: said(3), images: [image, image, image] }],
    ["INVALID_CONVERSATION", { messages: [] }],
    ["INVALID_CONVERSATION", { caption: "A cat." }],
    ["INVALID_CONVERSATION", { prompt: "a", chosen: "b", rejected: "c" }],
    ["INVALID_IMAGE", { messages: said(1), images: [5] }],
    ["FILE_NOT_FOUND", { messages: said(1), images: [photo("none.jpg")] }],
    ["DOES_NOT_FIT", { messages: said(1), images: [drawnImage(2010, 10)] }],
    ["TRUNCATED_IMAGE", { messages: said(1), images: [fixture("broken/cut-at-70.jpg")] }],
  ];
  const conversations = [good, ...wrong.flatMap(([, row]) => [row, good])];
  const chat = { maxLength: 48 };
  const dataset = new MultimodalDataset({ conversations, processor, chat });

  for (const [at, [code]] of wrong.entries()) {
    test(`${code} of row ${2 * at + 1}`, async () => {
      await assert.rejects(dataset.get(2 * at + 1), (error) => {
        assert.ok(error instanceof PixtokError, String(error));
        assert.deepEqual([error.code, error.index], [code, 2 * at + 1]);
        assert.ok(error.message.length < 500);
        return true;
      });
    });
  }

  test("which is left out", async () => {
    const loader = new DataLoader(dataset, { batchSize: 4, onError: "skip" });
    const seen: number[] = [];
    for await (const batch of loader) {
      seen.push(...batch.indices);
      assert.equal(batch.input_ids.dims[0], batch.indices.length);
      assert.equal(batch.image_grid_thw?.dims[0], batch.indices.length);
    }
    assert.deepEqual(
      seen,
      [...Array(wrong.length + 1).keys()].map((at) => 2 * at),
    );
    assert.deepEqual(
      loader.errors.list.map(({ index, code }) => [code, index]),
      wrong.map(([code], at) => [code, 2 * at + 1]),
    );
  });

  test("or replaced by another", async () => {
    const expected = await processor.process([good, good, good], { labels: true });
    for await (const batch of new DataLoader(dataset, { batchSize: 3, onError: "replace" })) {
      assert.equal(batch.indices.length % 2, 1);
      assert.deepEqual(
        numbers(batch.input_ids),
        numbers(expected.input_ids).slice(0, batch.input_ids.data.length),
      );
      assert.deepEqual(
        batch.pixel_values?.data,
        expected.pixel_values?.data.slice(0, batch.pixel_values?.data.length),
      );
    }
  });

  test("and what a check reports", async () => {
    const report = await checkDataset(dataset);
    assert.equal(report.errors.count, wrong.length);
  });
});

describe("batches of conversations", () => {
  const conversations = Array.from({ length: 12 }, (_, row) => ({
    messages: [
      { role: "user", content: [{ type: "image" }, { type: "text", text: "word ".repeat(row) }] },
      answer,
    ],
    images: [drawnImage(40 + 20 * row, 60)],
  }));
  const dataset = new MultimodalDataset({ conversations, processor });

  test("are as long in a check as in batches, images included, before they are cut", async () => {
    const lengths: number[] = [];
    for (let row = 0; row < dataset.length; row += 1) {
      lengths.push((await dataset.get(row)).input_ids.data.length);
    }
    const most = Math.max(...lengths);
    const { texts } = await checkDataset(dataset, { batchSize: 4 });
    assert.deepEqual([texts?.longest, texts?.maxLength, texts?.truncated], [most, null, 0]);
    const chat = { maxLength: most - 1 };
    const cut = await checkDataset(new MultimodalDataset({ conversations, processor, chat }));
    const longer = lengths.filter((length) => length > most - 1).length;
    assert.deepEqual(
      [cut.texts?.longest, cut.texts?.maxLength, cut.texts?.truncated],
      [most, most - 1, longer],
    );
    assert.deepEqual([texts?.lostLetters, texts?.lostSigns], [0, 0]);
  });

  test("are given back, and go to another thread", async () => {
    for await (const batch of new DataLoader(dataset, { batchSize: 6 })) {
      const before = [batch.input_ids, batch.labels, batch.pixel_values].map(numbers);
      const { message, transferList } = batch.transfer();
      const sent = structuredClone(message, { transfer: transferList });
      assert.deepEqual([sent.input_ids, sent.labels, sent.pixel_values].map(numbers), before);
      assert.equal(batch.labels?.data.length, 0);
    }
    for await (const batch of new DataLoader(dataset, { batchSize: 6 })) {
      batch.release();
      assert.deepEqual([batch.input_ids.data.length, batch.pixel_values?.data.length], [0, 0]);
    }
  });

  test("are of rows of similar length with lengthBuckets, images counted", async () => {
    const order = { shuffle: true, batchSize: 4 } as const;
    const shareOf = async (options: object) => {
      const loader = new DataLoader(dataset, { ...order, ...options });
      const seen: number[] = [];
      for await (const batch of loader) seen.push(...batch.indices);
      assert.deepEqual(
        seen.toSorted((a, b) => a - b),
        [...conversations.keys()],
      );
      return loader.stats().paddingShare;
    };
    const [bucketed, plain] = [
      await shareOf({ lengthBuckets: { window: 12, size: 4 } }),
      await shareOf({}),
    ];
    assert.ok(bucketed < plain, `${bucketed} ${plain}`);
  });

  test("have a length that is asked for, without labels", async () => {
    const chat = { maxLength: 64, padding: "max_length", labels: false, type: "int32" } as const;
    const own = new MultimodalDataset({
      conversations: conversations.slice(0, 3),
      processor,
      chat,
    });
    for await (const batch of new DataLoader(own, { batchSize: 3 })) {
      assert.deepEqual([batch.input_ids.dims, batch.input_ids.type], [[3, 64], "int32"]);
      assert.equal(batch.labels, undefined);
    }
  });

  test("ask for an answer with addGenerationPrompt", async () => {
    const messages = [{ role: "user", content: "Hello" }];
    const chat = { addGenerationPrompt: true, labels: false };
    const asking = new MultimodalDataset({ conversations: [{ messages }], processor, chat });
    const { input_ids } = await asking.get(0);
    const expected = await processor.process({ messages }, { add_generation_prompt: true });
    assert.deepEqual(numbers(input_ids), numbers(expected.input_ids));
  });

  test("say what they are made of", () => {
    assert.match(inspect(dataset), /array, 12 conversations/);
    assert.equal(dataset.processor, processor);
    assert.equal(dataset.image, processor.imageProcessor);
  });
});

describe("what does not go together is named:", () => {
  const conversations = [{ prompt: "a", completion: "b" }];
  const wrong: Record<string, object> = {
    image: { conversations, image: ImageProcessor.standard() },
    text: { conversations, text: null },
    maxImages: { conversations, maxImages: 2 },
    augmentation: { conversations, augmentation: { horizontalFlip: 0.5 } },
    tokenizer: { conversations, tokenizer: processor.tokenizer },
    source: { conversations, source: { length: 1, get: () => null } },
    conversations: { conversations: [] },
    "chat.maxLength": { conversations, chat: { padding: "max_length" } },
    "chat.rows": { conversations, chat: { rows: "pairs" } },
    "chat.templateKwargs": { conversations, chat: { templateKwargs: ["a"] } },
    "columns.depth": { conversations, columns: { depth: "image" } },
  };
  for (const [option, given] of Object.entries(wrong)) {
    test(option, () => {
      assert.throws(
        () => new MultimodalDataset({ processor, ...given } as never),
        (error: Error) => {
          assert.ok(error instanceof TypeError || error instanceof RangeError);
          assert.ok(error.message.startsWith(`${option}: expected`), error.message);
          return true;
        },
      );
    });
  }

  test("a length that is no multiple of what rows are padded to", () => {
    const chat = { maxLength: 100, padToMultipleOf: 16 };
    assert.throws(() => new MultimodalDataset({ conversations, processor, chat }), {
      name: "RangeError",
      message: /^chat\.maxLength: expected a multiple of chat\.padToMultipleOf \(16\), got 100/,
    });
  });

  test("conversations without a processor", () => {
    assert.throws(
      () => new MultimodalDataset({ conversations } as never),
      /^TypeError: conversations: expected none without/,
    );
  });

  test("a model without a chat template", async () => {
    const bare = await Processor.fromPretrained(await chatFolder());
    assert.throws(() => new MultimodalDataset({ conversations, processor: bare }), {
      code: "INVALID_CHAT_TEMPLATE",
    });
  });
});
