// Conversations come out of a pack as from their rows.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  type AnyDataset,
  attestPack,
  concat,
  DataLoader,
  type DataLoaderOptions,
  MultimodalDataset,
  openSource,
  Processor,
  type ProcessorRow,
  packDataset,
  select,
  verifyPack,
} from "pixtok";
import { type ChatModel, writeChatModel } from "../support/chat-model.js";
import { chatFolder, plainTemplate } from "../support/chat-processor.js";
import { conversationGoldens, type GoldenCall } from "../support/conversation-goldens.js";
import { drawnImage } from "../support/drawn-image.js";
import { startFileServer } from "../support/file-server.js";
import {
  conversations,
  datasetOf,
  fileBytes,
  packed,
  preferences,
  processor,
} from "../support/packed-chats.js";
import { assertSameEpoch, epochOf } from "../support/packs.js";
import { newFolder } from "../support/packs-of-images.js";
import { python, withoutPython } from "../support/python.js";
import { contentsOf, quick } from "../support/remote-sets.js";

const order: DataLoaderOptions = { batchSize: 3, shuffle: true, seed: 5 };
const goldens = conversationGoldens();
const root = newFolder();

const sameAs = async (
  folder: string,
  dataset: AnyDataset,
  options: object = {},
  how: DataLoaderOptions = order,
) => assertSameEpoch(await MultimodalDataset.from(folder, options), dataset, how);

/** Calls of one row each, of which Python says what is learned. */
const callsOf = (model: ChatModel): GoldenCall[] =>
  goldens.calls
    .filter(
      ({ of, rows: [first], options, outputs }) =>
        goldens.models[of] === model &&
        first?.messages !== undefined &&
        outputs?.assistant_masks?.length === 1 &&
        Object.keys(options).every((name) =>
          ["return_assistant_tokens_mask", "template_kwargs"].includes(name),
        ),
    )
    .slice(0, 4);

const textTemplate =
  "{% for message in messages %}{% if message.content is string %}{{ message.content }}{% else %}" +
  "{% for part in message.content %}{{ '<image>' if part.type == 'image' else part.text }}{% endfor %}" +
  "{% endif %}{% endfor %}";

/** A dataset of the rows of these calls; a text is what a user says. */
async function goldenDataset(model: ChatModel, calls: readonly GoldenCall[]): Promise<AnyDataset> {
  const place = join(root, `model-${goldens.models.indexOf(model)}`);
  const own = await Processor.fromPretrained(await writeChatModel(place, model), {
    ...(calls[0]?.rows[0]?.text === undefined ? {} : { chat_template: textTemplate }),
  });
  const rows = calls.map(({ rows: [row] }) => ({
    messages: row?.messages ?? [{ role: "user", content: row?.text }],
    images: row?.images.map(([width, height]) => drawnImage(width, height)),
  }));
  return new MultimodalDataset({ conversations: rows as never, processor: own }) as never;
}

/** Whose images are patches, whole, tiles, in rows for each list, looked at across, and made smaller as numbers. */
const kinds = [
  "Qwen2_5_VL",
  "Llava",
  "LlavaNext",
  "Idefics3",
  "Gemma3",
  "Mllama",
  "Phi4Multimodal",
];
/** Whose images are parts of several sizes. */
const inParts = goldens.models.find(
  ({ model, files }) =>
    model === "Idefics2Processor" &&
    Reflect.get(files["preprocessor_config.json"] as object, "do_image_splitting") === true,
);
const modelsOf = kinds.map((name) => {
  const found = goldens.models.find(
    (model) => model.model === `${name}Processor` && callsOf(model).length > 0,
  );
  return [name, found ?? goldens.models.find((one) => one.model === `${name}Processor`)] as const;
}) as (readonly [string, ChatModel])[];
modelsOf.push(["Idefics2 in parts", inParts as ChatModel]);

describe("batches of conversations are the same from a pack, to the last bit:", () => {
  for (const [name, model] of modelsOf) {
    test(name, async () => {
      const ofModel = goldens.calls.filter(
        ({ of, error }) => goldens.models[of] === model && error === undefined,
      );
      const ofMessages = ofModel.filter(({ rows: [row] }) => row?.messages !== undefined);
      const own = ofMessages.length > 0 ? ofMessages : ofModel;
      const dataset = await goldenDataset(model, own.slice(0, 3));
      const folder = newFolder();
      const { errors } = await packDataset(dataset, folder, { onError: "skip" });
      const bad = new Set(errors.list.map(({ index }) => index));
      const kept = await goldenDataset(
        model,
        own.slice(0, 3).filter((_, index) => !bad.has(index)),
      );
      const named = async (set: AnyDataset) =>
        (await epochOf(set, order)).map((batch) => ({ ...(batch as object), keys: null }));
      assert.deepEqual(await named(await MultimodalDataset.from(folder)), await named(kept));
    });
  }

  const plain = packed(datasetOf(), { fileBytes });

  test("on each rank, of several files that were packed in parts", async () => {
    const folder = newFolder();
    for (const index of [1, 0]) {
      await packDataset(datasetOf(), folder, { part: { index, of: 2 }, fileBytes });
    }
    assert.equal(readdirSync(folder).filter((name) => name.endsWith(".arrow")).length, 4);
    for (const rank of [0, 1]) {
      await sameAs(folder, datasetOf(), {}, { ...order, rank, worldSize: 2 });
    }
  });

  test("from where a loader has stopped", async () => {
    const all = (await epochOf(datasetOf(), order)) as { indices: unknown }[];
    const loader = new DataLoader(await MultimodalDataset.from(await plain), order);
    for await (const batch of loader) {
      batch.release();
      break;
    }
    const rest = new DataLoader(await MultimodalDataset.from(await plain), order);
    rest.resume(loader.state());
    const shown: unknown[] = [];
    for await (const batch of rest) {
      shown.push(batch.indices);
      batch.release();
    }
    assert.deepEqual(
      shown,
      all.slice(1).map(({ indices }) => indices),
    );
  });

  test("with another padding, type and processor object, and without labels", async () => {
    const cut = { maxLength: 128 };
    const folder = await packed(datasetOf(cut));
    const free = [
      { ...cut, padding: "max_length", type: "int32" },
      { ...cut, padToMultipleOf: 16, labels: false },
    ] as const;
    for (const chat of free) await sameAs(folder, datasetOf(chat), { processor, chat });
    const padded = datasetOf({ ...cut, padding: "max_length" });
    await sameAs(folder, padded, { processor, chat: { padding: "max_length" } });
    for (const chat of [null, { maxLength: undefined, labels: undefined }]) {
      await sameAs(folder, datasetOf(cut), { processor, chat });
    }
    const without = await packed(datasetOf({ labels: false }));
    await sameAs(without, datasetOf({ labels: false }));
  });

  test("with tools, special tokens and a prompt that the pack was made with", async () => {
    const chat = {
      addGenerationPrompt: true,
      addSpecialTokens: false,
      tools: [{ name: "look" }],
      documents: [{ title: "one" }],
      templateKwargs: { mood: "kind" },
    };
    const dataset = datasetOf(chat);
    const folder = await packed(dataset);
    await sameAs(folder, dataset);
    await MultimodalDataset.from(folder, { processor, chat });
  });

  test("rows joined to sequences, on each rank, whose lengths are those in the pack", async () => {
    const dataset = datasetOf({ maxLength: 160 });
    const folder = await packed(dataset);
    const sequencePacking = { window: 4 };
    for (const rank of [0, 1]) {
      const how = { ...order, batchSize: 1, sequencePacking, rank, worldSize: 2 };
      await sameAs(folder, dataset, {}, how);
    }
  });

  test("rows by their lengths", async () => {
    const how = { ...order, lengthBuckets: { window: 6, size: 3 } };
    await sameAs(await plain, datasetOf(), {}, how as never);
  });

  test("of preferences, both answers", async () => {
    const dataset = datasetOf({ rows: "preferences" }, { conversations: preferences });
    await sameAs(await packed(dataset), dataset);
  });

  test("with columns of the names of a pack's own", async () => {
    const rows = conversations.map((row, at) => ({ ...row, labels: at, text: `${at}` }));
    const columns = { labels: "int64", text: "string" } as const;
    const dataset = datasetOf({}, { conversations: rows, columns });
    const folder = await packed(dataset);
    await sameAs(folder, dataset, { columns });
    await sameAs(folder, dataset, { columns: "auto", processor });
  });

  test("some of the rows of two packs", async () => {
    const source = await openSource(await plain, { rows: "conversations" });
    const some = select(concat([source, await openSource(await plain)]), [1, 9, 3]);
    const twice = [...conversations, ...conversations];
    const rows = [1, 9, 3].map((index) => twice[index]);
    const same = async (set: AnyDataset) => {
      const [batch] = (await epochOf(set)) as Record<string, unknown>[];
      return { ...batch, keys: null };
    };
    const opened = await MultimodalDataset.from(some, { processor });
    assert.deepEqual(
      await same(opened as never),
      await same(datasetOf({}, { conversations: rows })),
    );
  });

  test("on a web server", async () => {
    const server = await startFileServer(contentsOf(await plain));
    after(() => server.close());
    const names = "data-{00000..00003}-of-00004.arrow";
    await assertSameEpoch(
      await MultimodalDataset.from(`${server.url}/${names}`, quick()),
      datasetOf(),
      order,
    );
  });

  test("without the rows that are at fault", async () => {
    const half = { prompt: "\ud83d?", completion: "b" };
    const rows = [...conversations, { ...conversations[0], images: [] }, half];
    const dataset = datasetOf({}, { conversations: rows });
    const folder = newFolder();
    const { pairs, errors } = await packDataset(dataset, folder, { onError: "skip" });
    assert.equal(pairs, conversations.length);
    assert.deepEqual(
      errors.list.map(({ index, code }) => [index, code]),
      [
        [7, "IMAGES_MISMATCH"],
        [8, "INVALID_TEXT"],
      ],
    );
    await sameAs(folder, datasetOf());
    await assert.rejects(packDataset(dataset, newFolder()), { code: "IMAGES_MISMATCH", index: 7 });
  });

  test("an item by itself", async () => {
    const opened = await MultimodalDataset.from(await plain, { processor });
    assert.deepEqual(await opened.get(3), await datasetOf().get(3));
  });
});

describe("a pack of conversations", () => {
  test("is whole, attests what it was made with, and is no set of images to be packed again", async () => {
    const folder = await packed(datasetOf());
    const { ok, pairs } = await verifyPack(folder);
    assert.deepEqual([ok, pairs], [true, conversations.length]);
    assert.ok((await attestPack(folder)).same);
    const opened = await MultimodalDataset.from(folder);
    assert.match(opened.description, /^packed set, 7 conversations in 1 files$/);
    await assert.rejects(packDataset(opened, newFolder()), /dataset: expected one of images/);
  });

  test("has the files of its model, which Processor.fromPretrained() opens", async () => {
    const own = await Processor.fromPretrained(await packed(datasetOf()));
    const row = conversations[3] as ProcessorRow;
    assert.deepEqual(
      await own.process(row, { labels: true }),
      await processor.process(row, { labels: true }),
    );
  });

  test("has the model's type, which names classes that no other file names", async () => {
    const place = await chatFolder({
      "config.json": { model_type: "qwen2_vl", hidden_size: 64 },
      "preprocessor_config.json": { min_pixels: 56 * 56, max_pixels: 112 * 112 },
    });
    const own = await Processor.fromPretrained(place, { chat_template: plainTemplate });
    const dataset = datasetOf({}, { processor: own });
    const folder = await packed(dataset);
    const opened = await Processor.fromPretrained(folder);
    await sameAs(folder, dataset, { processor: opened });
    const server = await startFileServer(contentsOf(folder));
    after(() => server.close());
    await assertSameEpoch(
      await MultimodalDataset.from(`${server.url}/data-00000-of-00001.arrow`, quick()),
      dataset,
      order,
    );
  });
});

test("Python finds the ids, types and labels that transformers gives", {
  skip: withoutPython({ pyarrow: "" }),
}, async () => {
  const learning = goldens.models.filter((model) => callsOf(model).length > 0).slice(0, 3);
  assert.ok(learning.length > 1);
  const folders: string[] = [];
  const expected: unknown[] = [];
  for (const model of learning) {
    const calls = callsOf(model);
    folders.push(await packed(await goldenDataset(model, calls)));
    expected.push(
      calls.map(({ outputs = {} }) => {
        const { attention_mask: _, assistant_masks: masks, ...rows } = outputs;
        const named = Object.entries(rows).map(([name, [own]]) => [name, own]);
        const labels = rows.input_ids?.[0]?.map((id, at) => (masks?.[0]?.[at] === 1 ? id : -100));
        return Object.fromEntries([...named, ["labels", labels]]);
      }),
    );
  }
  const program = `
import sys, json, glob, pyarrow
found = []
for folder in sys.argv[1:]:
    name = glob.glob(folder + "/*.arrow")[0]
    rows = pyarrow.ipc.open_stream(pyarrow.memory_map(name)).read_all().to_pylist()
    names = ["labels"] + [name for name in rows[0] if name.endswith("_ids")]
    found.append([{name: row[name] for name in names} for row in rows])
print(json.dumps(found))`;
  const { status, stdout, stderr } = spawnSync(python, ["-c", program, ...folders], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), expected);
});
