// What a pack of conversations cannot give, and what is no such pack, is refused by name.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  type AnyDataset,
  attestPack,
  concat,
  DataLoader,
  MultimodalDataset,
  openSource,
  Processor,
  packDataset,
} from "pixtok";
import type { StoredPicture } from "../../src/image/views/stored-pictures.js";
import { folderFile } from "../../src/packing/folder-file.js";
import { openPackedFileWriter } from "../../src/packing/packed-file-writer.js";
import type { PackedConversations } from "../../src/sources/packed/pack-conversations.js";
import type { PackConfig } from "../../src/sources/packed/pack-format.js";
import { packedFileName } from "../../src/sources/packed/pack-format.js";
import { openPackedFile } from "../../src/sources/packed/packed-file.js";
import { chatFolder, chatProcessor, plainTemplate } from "../support/chat-processor.js";
import { datasetOf, packed, preferences, processor } from "../support/packed-chats.js";
import { codeOf, newFolder, tokenizer } from "../support/packs-of-images.js";
import { photo } from "../support/processor-folders.js";

const sound = await packed(datasetOf({ maxLength: 200 }));

describe("another way to make conversations than a pack's is refused, naming it:", () => {
  const model = async (files: Record<string, object>) => ({
    processor: await Processor.fromPretrained(await chatFolder(files), {
      chat_template: plainTemplate,
    }),
  });
  const cases: Record<string, [() => Promise<object>, RegExp]> = {
    "the template": [
      async () => ({ processor: await chatProcessor({ chat_template: `${plainTemplate} ` }) }),
      /model\.templateSha256 is "[0-9a-f.]+" in the pack/,
    ],
    "a token that the template knows": [
      () =>
        model({
          "tokenizer_config.json": { bos_token: "<unk>", eos_token: "</s>", pad_token: "<pad>" },
        }),
      /model\.tokens\.bos_token is "<s>" in the pack, and "<unk>" is asked for/,
    ],
    "the class": [
      () => model({ "processor_config.json": { processor_class: "VideoLlama3Processor" } }),
      /model\.class is "Qwen2VL" in the pack, and "VideoLlama3" is asked for/,
    ],
    "a token of the class": [
      () =>
        model({
          "tokenizer_config.json": {
            ...{ bos_token: "<s>", eos_token: "</s>", pad_token: "<pad>" },
            video_token: "<|im_end|>",
          },
        }),
      /model\.used\.video_token is "<\|video_pad\|>" in the pack, and "<\|im_end\|>"/,
    ],
    "a key of the image processor": [
      async () => ({ processor: await chatProcessor({ image: { max_pixels: 56 * 56 } }) }),
      /image\.keys\.max_pixels is 12544 in the pack, and 3136 is asked for/,
    ],
    "images of another class": [
      () =>
        model({
          "preprocessor_config.json": { image_processor_type: "Phi4MultimodalImageProcessor" },
        }),
      /image\.keys\.image_processor_type is "Qwen2VLImageProcessor" in the pack/,
    ],
    "the tokenizer": [
      async () => ({ processor: await chatProcessor({ tokenizer: { truncation_side: "left" } }) }),
      /tokenizer\.truncationSide is "right" in the pack, and "left" is asked for/,
    ],
    "the length that rows are cut to": [
      async () => ({ chat: { maxLength: 100 } }),
      /chat\.maxLength is 200 in the pack, and 100 is asked for/,
    ],
    "what rows are": [
      async () => ({ chat: { rows: "preferences" } }),
      /chat\.rows is "conversations" in the pack/,
    ],
    "the prompt at the end": [
      async () => ({ chat: { addGenerationPrompt: true } }),
      /chat\.addGenerationPrompt is false in the pack/,
    ],
    "variables of the template": [
      async () => ({ chat: { templateKwargs: { mood: "kind" } } }),
      /chat\.templateKwargs is null in the pack/,
    ],
    "a column": [async () => ({ columns: { label: "int64" } }), /expected "label"/],
  };
  for (const [what, [options, message]] of Object.entries(cases)) {
    test(what, async () => {
      const opening = MultimodalDataset.from(sound, await options());
      await assert.rejects(opening, codeOf("PACK_MISMATCH", message));
    });
  }

  test("what a template is given and JSON cannot say", async () => {
    for (const mood of [1n, Number.NaN, () => 1]) {
      const chat = { templateKwargs: { mood }, maxLength: 200 };
      const refused = { name: "TypeError", message: /^chat\.templateKwargs, of a packed set: exp/ };
      await assert.rejects(packed(datasetOf(chat)), refused);
      await assert.rejects(MultimodalDataset.from(sound, { processor, chat }), refused);
    }
  });

  test("labels that it does not have", async () => {
    const folder = await packed(datasetOf({ labels: false }));
    const opening = MultimodalDataset.from(folder, { processor, chat: { labels: true } });
    await assert.rejects(opening, codeOf("PACK_MISMATCH", /chat\.labels is false in the pack/));
  });

  test("and so is a part of a set that was begun with another", async () => {
    const other = datasetOf({ maxLength: 200, addGenerationPrompt: true });
    const message = /conversations\.chat\.addGenerationPrompt is false in the pack/;
    await assert.rejects(packDataset(other, sound), codeOf("PACK_MISMATCH", message));
  });

  test("and so is a part of other columns of the same rows", async () => {
    const of = (name: string) => ({ role: "user", content: name });
    const conversations = ["a", "b"].map((name) => ({ one: [of(name)], two: [of(`${name}?`)] }));
    const dataset = (messages: string) =>
      datasetOf({ columns: { messages }, labels: false }, { conversations });
    const [first, second] = [0, 1].map((index) => ({ part: { index, of: 2 }, fileBytes: 1 }));
    const folder = await packed(dataset("one"), first);
    const message = /chat\.columns\.messages is "one" in the pack, and "two" is asked for/;
    const other = packDataset(dataset("two"), folder, second);
    await assert.rejects(other, codeOf("PACK_MISMATCH", message));
    const sources = [folder, await packed(dataset("two"), second)];
    await packDataset(dataset("one"), folder, second);
    await packDataset(dataset("two"), sources[1] as string, first);
    const opened = await Promise.all(sources.map((one) => openSource(one)));
    assert.equal(concat(opened).length, 4);
  });

  test("and so are packs of several ways, one behind the other", async () => {
    const other = await packed(datasetOf({ rows: "preferences" }, { conversations: preferences }));
    const sources = await Promise.all([sound, other].map((folder) => openSource(folder)));
    const message = /conversations\.chat\.rows is "preferences" in the pack/;
    assert.throws(() => concat(sources), codeOf("PACK_MISMATCH", message));
  });
});

describe("what is no pack of conversations, and what is one, are not taken for each other:", () => {
  const pairs = new MultimodalDataset({ imagePaths: [photo], texts: ["a"], tokenizer });
  const ofPairs = packed(pairs as AnyDataset);

  test("a pack of pairs, with a processor", async () => {
    const opening = MultimodalDataset.from(await ofPairs, { processor });
    await assert.rejects(opening, /rows: expected "pairs" with a source of the kind "packed"/);
    const source = await openSource(await ofPairs);
    assert.throws(
      () => new MultimodalDataset({ source, processor }),
      /source: expected one of conversations, not a packed set of pairs/,
    );
  });

  test("a pack of conversations, read as preferences or by other columns", async () => {
    await assert.rejects(
      openSource(sound, { rows: "preferences" }),
      /rows: expected "conversations", which the pack has, got "preferences"/,
    );
    await assert.rejects(
      openSource(sound, { rows: "conversations", conversationColumns: { messages: "turns" } }),
      /conversationColumns: expected those that the pack was made with, or none/,
    );
  });

  test("a pack of conversations, without one", async () => {
    const source = await openSource(sound);
    assert.throws(
      () => new MultimodalDataset({ source, tokenizer }),
      codeOf("PACK_MISMATCH", /the pack has conversations, and without a processor there are none/),
    );
    await assert.rejects(
      MultimodalDataset.from(sound, { tokenizer }),
      /tokenizer: expected none with a processor/,
    );
  });
});

test("the files of a model beside a pack are held to what it was made with", async () => {
  const folder = await packed(datasetOf());
  writeFileSync(join(folder, "chat_template.jinja"), `${plainTemplate} `);
  const changed = codeOf("PACK_MISMATCH", /model\.templateSha256/);
  await assert.rejects(MultimodalDataset.from(folder), changed);
  await assert.rejects(attestPack(folder), changed);
});

describe("a pack whose checksums are right", () => {
  const { metadata } = openPackedFile(join(sound, packedFileName(0, 1)));
  type Tokens = Readonly<Record<string, readonly number[]>>;

  /** A pack of one row without images, whose configuration is changed. */
  async function packOf(
    tokens: Tokens,
    change: (config: PackConfig) => object = () => ({}),
    images: readonly StoredPicture[] = [],
  ): Promise<string> {
    const folder = newFolder();
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(sound).filter((one) => /^(?!data|pixtok)/.test(one))) {
      copyFileSync(join(sound, name), join(folder, name));
    }
    const path = join(folder, packedFileName(0, 1));
    const config = { ...metadata.config, ...change(metadata.config) } as PackConfig;
    const writer = await openPackedFileWriter(
      folderFile(path, "0123456789ab"),
      { ...metadata, config },
      1,
    );
    const conversations = { texts: ["a"], tokens: [tokens] };
    await writer.write({
      ...{
        keys: ["a"],
        indices: [0],
        columns: [],
        imageColumns: [],
        images: [images],
        texts: null,
      },
      conversations,
    });
    await writer.finish();
    return folder;
  }
  const whole = { input_ids: [1, 2, 3], labels: [-100, -100, 3], mm_token_type_ids: [0, 0, 0] };

  test("is read where its columns are of the same tokens", async () => {
    const { labels } = await (await MultimodalDataset.from(await packOf(whole), { processor })).get(
      0,
    );
    assert.deepEqual(Array.from(labels?.data ?? [], Number), whole.labels);
  });

  test("has an error in its row where they are not", async () => {
    const types = await packOf({ ...whole, mm_token_type_ids: [0] });
    await assert.rejects(
      (await MultimodalDataset.from(types)).get(0),
      codeOf("INVALID_PACK", /mm_token_type_ids has 1 numbers, of 3 tokens/),
    );
    const folder = await packOf({ ...whole, labels: [3] });
    const dataset = await MultimodalDataset.from(folder);
    await assert.rejects(
      dataset.get(0),
      codeOf("INVALID_PACK", /labels has 1 numbers, of 3 tokens/),
    );
    const loader = new DataLoader(dataset, { batchSize: 1, onError: "skip" });
    await assert.rejects(loader[Symbol.asyncIterator]().next(), { code: "NO_READABLE_SAMPLE" });
    assert.equal(loader.errors.list[0]?.code, "INVALID_PACK");
  });

  const columns: Record<string, string[]> = {
    "no labels, though its options have them": ["input_ids", "mm_token_type_ids"],
    "no ids": ["labels", "mm_token_type_ids"],
    "one twice": ["input_ids", "labels", "labels"],
  };
  for (const [what, tokens] of Object.entries(columns)) {
    test(`is refused where of its columns of tokens there is ${what}`, async () => {
      const folder = await packOf(whole, ({ conversations }) => ({
        conversations: { ...conversations, tokens },
      }));
      await assert.rejects(
        MultimodalDataset.from(folder),
        codeOf("INVALID_PACK", /columns of tokens are .+; expected input_ids,labels,mm_token_/),
      );
    });
  }

  const numbers: Record<string, [Partial<typeof whole>, RegExp]> = {
    "an id below zero": [{ input_ids: [1, -2, 3] }, /a token has the id -2/],
    "a label that is another token's": [{ labels: [-100, 7, 3] }, /token 2 has the label 7/],
    "a label that is neither an id nor -100": [{ labels: [-100, -1, 3] }, /has the label -1/],
  };
  for (const [what, [changed, message]] of Object.entries(numbers)) {
    test(`has an error in its row where there is ${what}`, async () => {
      const dataset = await MultimodalDataset.from(await packOf({ ...whole, ...changed }));
      await assert.rejects(dataset.get(0), codeOf("INVALID_PACK", message));
    });
  }

  test("has an error in its row where an image is not what its size says", async () => {
    const unit = { width: 14, height: 14 };
    const size = { width: 28, height: 28 };
    const image = { data: new Uint8Array(), units: -64, unit, size, facts: {} };
    const dataset = await MultimodalDataset.from(await packOf(whole, undefined, [image]));
    const message = /has -64 units of 14x14/;
    await assert.rejects(dataset.get(0), codeOf("INVALID_PACK", message));
  });

  test("is refused where a row has more tokens than it may", async () => {
    const long = Array.from({ length: 201 }, () => 1);
    const folder = await packOf({ input_ids: long, labels: long, mm_token_type_ids: long });
    await assert.rejects(
      MultimodalDataset.from(folder),
      codeOf("INVALID_PACK", /201 tokens, of 200/),
    );
  });

  const damaged: Record<string, [(packed: PackedConversations) => object, RegExp]> = {
    "no columns of tokens": [
      () => ({ tokens: [] }),
      /conversations\.tokens: expected 1 to 16 names/,
    ],
    "a length below one": [
      ({ chat }) => ({ chat: { ...chat, maxLength: 0 } }),
      /conversations\.chat\.maxLength/,
    ],
    "tools that are none": [
      ({ chat }) => ({ chat: { ...chat, tools: [1] } }),
      /conversations\.chat\.tools: expected an array of objects/,
    ],
    "tokens that are no texts": [
      ({ model }) => ({ model: { ...model, tokens: { bos_token: 1 } } }),
      /conversations\.model\.tokens\.bos_token/,
    ],
    "no model": [() => ({ model: null }), /conversations\.model: expected an object/],
  };
  for (const [what, [change, message]] of Object.entries(damaged)) {
    test(`is refused where its metadata have ${what}`, async () => {
      const folder = await packOf(whole, (config) => {
        const conversations = config.conversations as PackedConversations;
        return { conversations: { ...conversations, ...change(conversations) } };
      });
      await assert.rejects(MultimodalDataset.from(folder), codeOf("INVALID_PACK", message));
    });
  }
});
