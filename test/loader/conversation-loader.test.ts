// Batches of conversations. What process() gives is held against transformers by test/vision-language; so is here what a
// loader gives.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  type ConversationBatch,
  DataLoader,
  MultimodalDataset,
  type ProcessedRows,
  Processor,
  type ProcessorRow,
  type Tensor,
} from "pixtok";
import { type ChatModel, writeChatModel } from "../support/chat-model.js";
import { conversationGoldens, type GoldenRow } from "../support/conversation-goldens.js";
import { drawnImage } from "../support/drawn-image.js";
import { described } from "../support/vision-batches.js";

const { models, calls } = conversationGoldens();
const root = await mkdtemp(join(tmpdir(), "pixtok-conversation-loader-"));
after(() => rmSync(root, { recursive: true }));

/** What a batch has beside what a model takes. */
const ofBatch = new Set([
  ...["columns", "indices", "keys", "texts", "dropped", "replaced", "fields", "paddingShare"],
  ...["num_images", "sequences", "max_seqlen", "release", "transfer"],
]);

function modelInputs(batch: object) {
  const entries = Object.entries(batch).filter(([name]) => !ofBatch.has(name));
  return described(Object.fromEntries(entries));
}

const conversation = ({ messages, images }: GoldenRow) => ({
  messages,
  images: images.map(([width, height]) => drawnImage(width, height)),
});

/** Models with rows of messages, of which Python has made something. */
const withMessages = models.flatMap((model, number) => {
  const rows = calls
    .filter(({ of, error }) => of === number && error === undefined)
    .flatMap((call) => call.rows)
    .filter(({ messages }) => messages !== undefined);
  return rows.length === 0 ? [] : [{ model, number, rows: rows.slice(0, 5) }];
});

describe("a batch is what process() gives for its rows", () => {
  for (const { model, number, rows } of withMessages) {
    test(`of ${model.model}, model ${number}`, async () => {
      const folder = await writeChatModel(join(root, String(number)), model);
      const processor = await Processor.fromPretrained(folder, { image: model.keys });
      const conversations = rows.map(conversation);
      const dataset = new MultimodalDataset({ conversations, processor, chat: { labels: false } });
      for await (const batch of new DataLoader(dataset, { batchSize: 3, shuffle: true })) {
        const own = batch.indices.map((index) => conversations[index] as ProcessorRow);
        assert.deepEqual(modelInputs(batch), described(await processor.process(own)));
      }
    });
  }
});

test("each answer of a preference looks at the images of its own text", async () => {
  const model = models.find(({ model }) => model === "MllamaProcessor") as ChatModel;
  const folder = await writeChatModel(join(root, "preference"), model);
  const processor = await Processor.fromPretrained(folder, { image: model.keys });
  const images = [drawnImage(30, 20)];
  const about = (...content: object[]) => [
    { role: "user", content },
    { role: "assistant", content: [{ type: "text", text: "A cat." }] },
  ];
  const [image, text] = [{ type: "image" }, { type: "text", text: "What is on it?" }];
  const [chosen, rejected] = [about(image, text), about(text, image)];
  const conversations = [{ chosen, rejected, images }] as never;
  const chat = { rows: "preferences", labels: false } as const;
  const dataset = new MultimodalDataset({ conversations, processor, chat });
  for await (const batch of new DataLoader(dataset)) {
    const { rejected_cross_attention_mask, ...own } = batch as unknown as Record<string, Tensor>;
    const max_length = own.input_ids?.dims[1] as number;
    const [one, other] = await Promise.all(
      [chosen, rejected].map((messages) =>
        processor.process([{ messages, images } as ProcessorRow], {
          ...({ padding: "max_length", truncation: true } as const),
          max_length,
        }),
      ),
    );
    assert.notDeepEqual(one?.cross_attention_mask, other?.cross_attention_mask);
    assert.deepEqual(own.cross_attention_mask, one?.cross_attention_mask);
    assert.deepEqual(rejected_cross_attention_mask, other?.cross_attention_mask);
  }
});

describe("rows joined to sequences have what process() gives for each of them", () => {
  /** Of these, each list is a row of the output: images of a sequence are one. */
  const byList = new Set([
    "Idefics3Processor",
    "SmolVLMProcessor",
    "Idefics2Processor",
    "MllamaProcessor",
  ]);

  for (const { model, number, rows } of withMessages) {
    test(`of ${model.model}, model ${number}`, async () => {
      const folder = await writeChatModel(join(root, `joined-${number}`), model);
      const processor = await Processor.fromPretrained(folder, { image: model.keys });
      const conversations = [...rows, ...rows].map(conversation);
      const chat = { labels: false, maxLength: 4096 };
      const dataset = new MultimodalDataset({ conversations, processor, chat });
      const sequencePacking = { window: 10, maxLength: 4096 };
      for await (const batch of new DataLoader(dataset, { batchSize: 3, sequencePacking })) {
        const { sequences = [] } = batch;
        const lists = sequences.map((own) =>
          own.map((index) => conversations[index]?.images ?? []),
        );
        const given = byList.has(model.model) ? lists.map((own) => own.flat()) : lists.flat();
        const images =
          given.flat().length === 0 ? {} : await processor.imageProcessor.process(given);
        const inputs = modelInputs(batch);
        for (const [name, value] of Object.entries(described(images))) {
          if (name in inputs) assert.deepEqual(inputs[name], value, name);
        }
        assert.ok(given.flat().length === 0 || "pixel_values" in inputs);
        await holdCrossAttention(batch, async (index) =>
          processor.process(conversations[index] as ProcessorRow),
        );
      }
    });
  }
});

/** A token looks at the images of its own row, as if that stood alone; padding looks at nothing new. */
async function holdCrossAttention(
  batch: ConversationBatch,
  rowAlone: (index: number) => Promise<ProcessedRows>,
): Promise<void> {
  const { cross_attention_mask: mask, segment_ids: segments, sequences = [] } = batch;
  if (mask === undefined) return;
  const [, length = 0, images = 0, tiles = 0] = mask.dims;
  for (const [row, indices] of sequences.entries()) {
    let token = row * length;
    let firstImage = 0;
    for (const [place, index] of indices.entries()) {
      const own = await rowAlone(index);
      const [, ownLength = 0] = own.input_ids.dims;
      const [, , ownImages = 0, ownTiles = 0] = own.cross_attention_mask?.dims ?? [];
      for (let at = 0; at < ownLength; at += 1, token += 1) {
        assert.equal(Number(segments?.data[token]), place + 1);
        for (let image = 0; image < images; image += 1) {
          for (let tile = 0; tile < tiles; tile += 1) {
            const ofRow = image - firstImage;
            const isOwn = ofRow >= 0 && ofRow < ownImages && tile < ownTiles;
            const expected = isOwn
              ? own.cross_attention_mask?.data[(at * ownImages + ofRow) * ownTiles + tile]
              : 0n;
            assert.equal(mask.data[(token * images + image) * tiles + tile], expected);
          }
        }
      }
      firstImage += ownImages;
    }
  }
}
