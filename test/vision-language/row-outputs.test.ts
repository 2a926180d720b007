// What a processor gives by its options, and what it takes as an image or an option.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Processor, type ProcessorRow, type Tensor } from "pixtok";
import { readPretrainedOptions } from "../../src/image/pretrained/pretrained-options.js";
import { readOptions } from "../../src/shared/options.js";
import { MAX_LENGTH } from "../../src/text/tokenizer-options.js";
import { classSetup } from "../../src/vision-language/classes/class-setup.js";
import type { VisionLanguageClass } from "../../src/vision-language/classes/vision-language-class.js";
import { visionLanguageClasses } from "../../src/vision-language/classes/vision-language-classes.js";
import { crossAttention } from "../../src/vision-language/cross-attention.js";
import { modelClass } from "../../src/vision-language/model-class.js";
import { modelCore } from "../../src/vision-language/model-core.js";
import { readPretrainedModel } from "../../src/vision-language/pretrained-model.js";
import { conversationReaders } from "../../src/vision-language/processor-options.js";
import { chatFolder, chatProcessor, plainTemplate } from "../support/chat-processor.js";
import { fixture } from "../support/fixtures.js";

const file = fixture("images/jpeg-301x17.jpg");
const processor = await chatProcessor();
const marking = await chatProcessor({
  chat_template: plainTemplate.replace(
    "{{ message.content }}",
    "{% if message.role == 'assistant' %}{% generation %}{{ message.content }}{% endgeneration %}{% else %}{{ message.content }}{% endif %}",
  ),
});
const messages = [
  { role: "user", content: "What is it?" },
  { role: "assistant", content: "A cat." },
  { role: "user", content: "And now?" },
  { role: "assistant", content: "A dog that runs." },
];
const numbers = (tensor: Tensor | undefined) => Array.from((tensor as Tensor).data, Number);

describe("masks of an assistant's tokens", () => {
  const masked = { return_assistant_tokens_mask: true };

  test("are of what the template marks, with labels or without", async () => {
    const alone = await marking.process({ messages }, masked);
    const both = await marking.process({ messages }, { ...masked, labels: true });
    const ids = numbers(alone.input_ids);
    const mask = numbers(alone.assistant_masks);
    const words = ids.filter((_, at) => mask[at] === 1);
    assert.equal(await marking.tokenizer.decode(words), "A cat.A dog that runs.");
    assert.deepEqual(numbers(both.assistant_masks), mask);
    assert.deepEqual(
      numbers(both.labels),
      ids.map((id, at) => (mask[at] === 1 ? id : -100)),
    );
    assert.equal(alone.labels, undefined);
    assert.equal((await marking.process({ messages })).assistant_masks, undefined);
  });

  test("are of both of two marks without a character between them", async () => {
    const inTwo = await chatProcessor({
      chat_template:
        "{% for message in messages %}{% generation %}{{ message.content }}{% endgeneration %}{% endfor %}",
    });
    const { assistant_masks } = await inTwo.process({ messages }, masked);
    assert.ok(numbers(assistant_masks).every((one) => one === 1));
  });

  test("are zeros where the template marks nothing, and of a text", async () => {
    for (const row of [{ messages }, { text: "a" }]) {
      const { assistant_masks } = await processor.process(row, masked);
      assert.ok(numbers(assistant_masks).every((one) => one === 0));
    }
  });

  test("are not of a message that is left open", async () => {
    await assert.rejects(
      marking.process({ messages }, { ...masked, continue_final_message: true }),
      /continue_final_message: expected false with return_assistant_tokens_mask/,
    );
  });
});

describe("an image as the hub has it", () => {
  const process = (image: object) =>
    processor.process({ text: "<|image_pad|>", images: image } as ProcessorRow);

  test("is its bytes, or where there are none its path", async () => {
    const expected = await process([file]);
    const bytes = readFileSync(file);
    for (const image of [
      { bytes, path: "none.jpg" },
      { bytes: null, path: file },
      { bytes, path: null },
    ]) {
      assert.deepEqual(await process(image), expected);
      const part = { type: "image", image };
      const given = await processor.process({ messages: [{ role: "user", content: [part] }] });
      assert.deepEqual(given.pixel_values, expected.pixel_values);
    }
    assert.deepEqual(await process(new Uint8Array(bytes)), expected);
  });
});

describe("misuse names the call", () => {
  test("of an option", async () => {
    const wrong = { paddin: true } as object;
    await assert.rejects(
      processor.process({ text: "a" }, wrong),
      /^TypeError: process: .*"paddin"/,
    );
    assert.throws(
      () => processor.applyChatTemplate(messages, wrong),
      /^TypeError: applyChatTemplate: .*"paddin"/,
    );
    await assert.rejects(
      Processor.fromPretrained("a", wrong),
      /^TypeError: Processor\.fromPretrained: .*"paddin"/,
    );
  });

  test("of a value", async () => {
    const values: [object, RegExp][] = [
      [{ tools: [1] }, /^tools: expected a list of objects/],
      [{ tools: [{}, 1] }, /^tools: expected a list of objects/],
      [{ documents: [{}, null] }, /^documents: expected a list of objects/],
      [{ documents: {} }, /^documents: expected a list of objects/],
      [{ continue_final_message: 1 }, /true, false or the name of a field, got 1/],
      [{ template_kwargs: [] }, /^template_kwargs: expected an object/],
      [{ max_length: 0 }, /^max_length: /],
      [{ pad_to_multiple_of: 0 }, /^pad_to_multiple_of: /],
      [{ labels: 1 }, /^labels: expected true or false/],
      [{ type: "float32" }, /^type: /],
    ];
    for (const [options, message] of values) {
      await assert.rejects(processor.process({ text: "a" }, options), { message });
    }
    for (const continue_final_message of [true, "content"]) {
      const both = { continue_final_message, add_generation_prompt: true };
      assert.throws(() => processor.applyChatTemplate(messages, both), {
        name: "RangeError",
        message: /^continue_final_message: expected false with add_generation_prompt/,
      });
    }
  });
});

test("options of a call have their defaults, and the longest rows that there are", () => {
  const read = (options: object) => readOptions("process", options, conversationReaders);
  assert.deepEqual(read({}), {
    ...{ tools: undefined, documents: undefined, template_kwargs: undefined },
    ...{ add_generation_prompt: false, continue_final_message: false },
    ...{ padding: "longest", truncation: false, max_length: undefined, pad_to_multiple_of: 1 },
    ...{ add_special_tokens: undefined, labels: false, return_assistant_tokens_mask: false },
    type: "int64",
  });
  for (const option of ["max_length", "pad_to_multiple_of"] as const) {
    for (const value of [1, MAX_LENGTH]) assert.equal(read({ [option]: value })[option], value);
    const range = new RegExp(`^${option}: expected an integer from 1 to ${MAX_LENGTH}`);
    for (const value of [0, MAX_LENGTH + 1]) {
      assert.throws(() => read({ [option]: value }), { name: "RangeError", message: range });
    }
  }
});

test("a text has special tokens unless the call, or else the class, wants none", async () => {
  const model = await readPretrainedModel(await chatFolder(), {
    ...{ revision: undefined, tokenizer: {}, chatTemplate: plainTemplate },
    image: readPretrainedOptions({}),
  });
  const adds = (ofClass: Pick<VisionLanguageClass, "addsSpecialTokens">, asked?: boolean) =>
    modelCore({ ...model, class: { ...model.class, ...ofClass } }).read(
      { text: "a" },
      { learned: "nothing", add_special_tokens: asked },
    ).addSpecialTokens;
  const without = { addsSpecialTokens: false } as const;
  assert.deepEqual([adds({}), adds({}, false), adds({}, true)], [true, false, true]);
  assert.deepEqual(
    [adds(without), adds(without, false), adds(without, true)],
    [false, false, true],
  );
});

test("a class is found by its name, else by its type, and is none by both alone", () => {
  const { Gemma3, Llava } = visionLanguageClasses;
  assert.deepEqual(modelClass("Gemma3Processor", "llava", "a"), { name: "Gemma3", class: Gemma3 });
  assert.deepEqual(modelClass(undefined, "vipllava", "a"), { name: "Llava", class: Llava });
  const { models } = Llava as VisionLanguageClass;
  for (const [name, type, message] of [
    ["NoneProcessor", models[0], /processor_class: "NoneProcessor" is not read; expected one of/],
    ["toStringProcessor", models[0], /processor_class: "toStringProcessor" is not read/],
    ["Llava", models[0], /processor_class: "Llava" is not read/],
    [undefined, "none", /no file names a processor_class, and of model_type "none" none is read/],
    [undefined, undefined, /of model_type undefined none is read/],
  ] as const) {
    assert.throws(() => modelClass(name, type, "a"), {
      code: "INVALID_PROCESSOR",
      source: "a",
      message,
    });
  }
});

test("a text that is none is an error of its row", async () => {
  for (const text of [5, null, ["a"]]) {
    const rows = [{ text: "a" }, { text }] as unknown as ProcessorRow[];
    await assert.rejects(processor.process(rows), {
      code: "INVALID_CONVERSATION",
      index: 1,
      message: /text: expected a text, got/,
    });
  }
});

test("a file of a template is named where it is no template", async () => {
  const broken = { chat_template: "{{ 1" };
  const config = { bos_token: "<s>", pad_token: "<pad>", ...broken };
  const files: Record<string, Record<string, object>> = {
    "processor_config.json": {
      "processor_config.json": { processor_class: "Qwen2VLProcessor", ...broken },
    },
    "chat_template.json": { "chat_template.json": broken },
    "tokenizer_config.json": { "tokenizer_config.json": config },
  };
  for (const [name, more] of Object.entries(files)) {
    const message = new RegExp(name.replace(".", "\\."));
    await assert.rejects(Processor.fromPretrained(await chatFolder(more)), { message });
  }
  const folder = await chatFolder();
  writeFileSync(join(folder, "chat_template.jinja"), broken.chat_template);
  await assert.rejects(Processor.fromPretrained(folder), { message: /chat_template\.jinja/ });
});

test("of several templates of a tokenizer the default one is taken", async () => {
  const named = (name: string) => ({ name, template: `${name}'s` });
  const withTemplates = async (chat_template: unknown) => {
    const config = { bos_token: "<s>", pad_token: "<pad>", chat_template };
    const folder = await chatFolder({ "tokenizer_config.json": config });
    return (await Processor.fromPretrained(folder)).chatTemplate;
  };
  assert.equal(await withTemplates([named("rag"), named("default"), named("b")]), "default's");
  assert.equal(await withTemplates([named("rag")]), undefined);
  assert.equal(await withTemplates([null, named("default")]), "default's");
});

describe("what a class reads of a model's files", () => {
  const setup = (config: object, tokens = {}) =>
    classSetup(config as Record<string, unknown>, tokens, "folder");
  const refused = (work: () => unknown, message: RegExp) =>
    assert.throws(work, { code: "INVALID_PROCESSOR", source: "folder", message });

  test("is a token by its name, else by its key, else what the class has", () => {
    const named = { name: "image_token", key: "image", otherwise: "<i>" };
    assert.equal(setup({ image: "<k>" }, { image_token: "<n>" }).token(named), "<n>");
    assert.equal(setup({ image: "<k>" }).token(named), "<k>");
    assert.equal(setup({}).token(named), "<i>");
    assert.equal(setup({ image: "" }).tokenIfAny(named), undefined);
    assert.equal(setup({ image: 5 }).tokenIfAny(named), undefined);
    refused(() => setup({}).token({ name: "image_token" }), /image_token: a model of this class/);
    refused(() => setup({}).token({ key: "image" }), /image: a model of this class/);
  });

  test("is noted by the names of what it is, also of tokens that have a key alone", () => {
    const read = setup({ image_token: "<i>", img_patch_token: "<p>" }, { video_token: "<v>" });
    read.token({ key: "image_token" });
    read.token({ key: "img_patch_token", otherwise: "<other>" });
    read.token({ name: "video_token", key: "video" });
    read.token({ otherwise: "<own>" });
    assert.deepEqual(read.used, {
      image_token: "<i>",
      img_patch_token: "<p>",
      video_token: "<v>",
      "<own>": "<own>",
    });
  });

  test("is of the type that it has to be, or what is assumed", () => {
    const wrong: [(value: unknown) => unknown, RegExp, unknown[]][] = [
      [(a) => setup({ a }).whole("a"), /a whole number/, [-1, 0.5, "1", undefined, Number.NaN]],
      [(a) => setup({ a }).wholes("a", {}), /whole numbers/, [5, { 1: 0.5 }, { 1: "2" }]],
      [(a) => setup({ a }).number("a", 1), /a number above 0/, [0, -1, "1", Number.NaN]],
      [(a) => setup({ a }).text("a"), /a: expected a text/, [5, undefined]],
      [(a) => setup({ a }).flag("a", true), /true or false/, [1, "true"]],
    ];
    for (const [read, message, values] of wrong) {
      for (const value of values) refused(() => read(value), message);
    }
    const given = setup({ whole: 0, wholes: { 1: 2 }, number: 0.5, text: "", flag: false });
    assert.equal(given.whole("whole", 3), 0);
    assert.deepEqual(given.wholes("wholes", {}), { 1: 2 });
    assert.equal(given.number("number", 1), 0.5);
    assert.equal(given.text("text", "a"), "");
    assert.equal(given.flag("flag", true), false);
    const none = setup({});
    assert.equal(none.whole("a", 3), 3);
    assert.deepEqual(none.wholes("a", { 4: 5 }), { 4: 5 });
    assert.equal(none.number("a", 1.5), 1.5);
    assert.equal(none.text("a", "b"), "b");
    assert.equal(none.flag("a", true), true);
  });
});

test("tokens look at the images before them, up to the next; at images in a row together", () => {
  const image = 9;
  const rows = [
    [1, image, 2, image, image, 3],
    [image, 1, 1, 1, 1, 1],
  ];
  const attending = rows.map((ids) => [{ first: 0, ids }]);
  const { data, dims } = crossAttention(attending, 6, [[1, 2, 1], [2]], image, 2);
  assert.deepEqual(dims, [2, 6, 3, 2]);
  const seen = (row: number, token: number) =>
    Array.from(data.slice((row * 6 + token) * 6, (row * 6 + token) * 6 + 6), Number).join("");
  // of each token the two tiles of each of three images
  assert.deepEqual(
    rows[0]?.map((_, token) => seen(0, token)),
    ["000000", "100000", "100000", "001100", "001110", "001110"],
  );
  assert.deepEqual(
    rows[1]?.map((_, token) => seen(1, token)),
    Array(6).fill("110000"),
  );
});
