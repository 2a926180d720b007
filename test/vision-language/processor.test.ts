// A processor's rows, labels and errors. What it gives is held against transformers in processor-goldens.test.ts.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { inspect, promisify } from "node:util";
import { type ChatMessage, PixtokError, Processor, type ProcessorRow, type Tensor } from "pixtok";
import { writeChatModel } from "../support/chat-model.js";
import { chatFolder, chatProcessor, plainTemplate } from "../support/chat-processor.js";
import { drawnImage } from "../support/drawn-image.js";
import { fixture } from "../support/fixtures.js";

const processor = await chatProcessor();
const cat = drawnImage(64, 64);
const asked = (images: number, text = "What is it?"): ChatMessage[] => [
  {
    role: "user",
    content: [...Array.from({ length: images }, () => ({ type: "image" })), { type: "text", text }],
  },
];
const answered = (images: number): ChatMessage[] => [
  ...asked(images),
  { role: "assistant", content: "A cat." },
];
const numbers = ({ data }: Tensor) => Array.from(data as Iterable<bigint>, Number);

const refusal =
  (code: string, words: RegExp, index?: number) =>
  (error: unknown): true => {
    assert.ok(error instanceof PixtokError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, words);
    assert.equal(error.index, index);
    assert.ok(error.message.length < 700);
    return true;
  };

/** What the labels leave of the ids, as a text. */
async function learned(of: Processor, messages: ChatMessage[], more: object = {}): Promise<string> {
  const { labels } = await of.process({ messages, ...more }, { labels: true });
  return of.tokenizer.decode(numbers(labels as Tensor).filter((id) => id !== -100));
}

describe("labels", () => {
  test("are an assistant's words and what ends them, where the template marks nothing", async () => {
    const messages = [...answered(0), ...asked(0), { role: "assistant", content: "A dog." }];
    assert.equal(await learned(processor, messages), "A cat.<|im_end|>\nA dog.<|im_end|>\n");
  });

  test("are what the template marks", async () => {
    const marks = plainTemplate.replace(
      "{{ message.content }}",
      "{% if message.role == 'assistant' %}{% generation %}{{ message.content }}{% endgeneration %}{% else %}{{ message.content }}{% endif %}",
    );
    const marking = await chatProcessor({ chat_template: marks });
    assert.equal(await learned(marking, answered(0)), "A cat.");
  });

  test("are what a template marks that writes no conversation without messages", async () => {
    const marks =
      "{{ '' if messages else raise_exception('none') }}{% for message in messages %}{% generation %}{{ message.content }}{% endgeneration %}{% endfor %}";
    const marking = await chatProcessor({ chat_template: marks });
    assert.equal(await learned(marking, [{ role: "assistant", content: "A cat." }]), "A cat.");
  });

  test("are of the messages behind a prompt alone", async () => {
    const messages = [...answered(0), ...asked(0), { role: "assistant", content: "A dog." }];
    assert.equal(await learned(processor, messages, { learnsFrom: 3 }), "A dog.<|im_end|>\n");
  });

  test("are an open message as well, and not what asks for one more", async () => {
    const decoded = async (options: object) => {
      const { labels } = await processor.process(
        { messages: answered(0) },
        { ...options, labels: true },
      );
      const ids = numbers(labels as Tensor).filter((id) => id !== -100);
      return processor.tokenizer.decode(ids);
    };
    assert.equal(await decoded({ continue_final_message: true }), "A cat.");
    assert.equal(await decoded({ add_generation_prompt: true }), "A cat.<|im_end|>\n");
  });

  test("are what the template marks behind a prompt, though it writes something at the end", async () => {
    const marks =
      "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}<|im_end|>";
    const marking = await chatProcessor({ chat_template: marks });
    const said = (role: string, content: string) => ({ role, content });
    const messages = [
      said("user", "a"),
      said("assistant", "b"),
      said("user", "c"),
      said("assistant", "d"),
    ];
    assert.equal(await learned(marking, messages, { learnsFrom: 2 }), "d");
  });

  test("are not what a comment marks", async () => {
    const comment = `{# {% generation %} #}${plainTemplate}`;
    assert.equal(
      await learned(await chatProcessor({ chat_template: comment }), answered(0)),
      "A cat.<|im_end|>\n",
    );
  });

  test("are refused of a text, which does not say what is an assistant's", async () => {
    await assert.rejects(
      processor.process({ text: "a" }, { labels: true }),
      refusal("INVALID_CONVERSATION", /labels: a text does not say/, 0),
    );
  });

  test("are refused of an assistant's message that the template puts a system's before", async () => {
    const system =
      "{% if not messages or messages[0].role == 'assistant' %}{{ 'system' if messages else 'nobody' }}{% endif %}";
    const other = await chatProcessor({ chat_template: system + plainTemplate });
    const messages = [{ role: "assistant", content: "A cat." }, ...asked(0)];
    await assert.rejects(
      learned(other, messages),
      refusal("INVALID_CONVERSATION", /begins with an assistant's message.*learnsFrom: 1/, 0),
    );
  });

  test("are found behind images, which become many tokens", async () => {
    const more = { images: [cat, cat] };
    assert.equal(await learned(processor, answered(2), more), "A cat.<|im_end|>\n");
  });

  test("are refused where the template does not say what is an assistant's", async () => {
    const source = "{{ messages | length }}{% for m in messages %}{{ m.content }}{% endfor %}";
    const other = await chatProcessor({ chat_template: source });
    const messages = [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
    ];
    await assert.rejects(
      learned(other, messages),
      refusal("INVALID_CHAT_TEMPLATE", /generation/, 0),
    );
  });
});

describe("images of a row", () => {
  test("become as many tokens as the processor gives patches for", async () => {
    const rows = [drawnImage(97, 64), drawnImage(64, 200), drawnImage(30, 41)].map((image) => ({
      messages: asked(1),
      images: [image],
    }));
    const { input_ids, image_grid_thw } = await processor.process(rows);
    const id = processor.tokenizer.tokenToId("<|image_pad|>");
    const grids = numbers(image_grid_thw as Tensor);
    const tokens = grids.reduce((sum, _, at) => {
      const [frames = 0, down = 0, across = 0] = grids.slice(at, at + 3);
      return at % 3 === 0 ? sum + (frames * down * across) / 4 : sum;
    }, 0);
    assert.equal(numbers(input_ids).filter((one) => one === id).length, tokens);
  });

  test("stand in the messages or beside them", async () => {
    const file = fixture("images/jpeg-301x17.jpg");
    const part = { type: "image", path: file };
    const inside = await processor.process({ messages: [{ role: "user", content: [part] }] });
    const beside = await processor.process({
      messages: [{ role: "user", content: [{ type: "image" }] }],
      images: file,
    });
    assert.deepEqual(inside.pixel_values, beside.pixel_values);
    assert.deepEqual(inside.input_ids, beside.input_ids);
  });

  test("have to be as many as the text has places for", async () => {
    const rows = [
      { text: "<|image_pad|>", images: [cat] },
      { text: "<|image_pad|> and <|image_pad|>", images: [cat] },
    ];
    await assert.rejects(
      processor.process(rows),
      refusal("IMAGES_MISMATCH", /2 of <\|image_pad\|>, and there are 1 images/, 1),
    );
    await assert.rejects(
      processor.process({ messages: asked(1) }),
      refusal("IMAGES_MISMATCH", /1 image parts .* 0 images/, 0),
    );
    await assert.rejects(
      processor.process({ messages: asked(0, "<|image_pad|>") }),
      refusal("IMAGES_MISMATCH", /0 images/, 0),
    );
  });

  test("are named by their row where they are none, or cannot be read", async () => {
    const place = "<|image_pad|>";
    const two = { text: place + place, images: [cat, cat] };
    for (const [image, code] of [
      [5, "INVALID_IMAGE"],
      [Buffer.from("no image"), "UNSUPPORTED_FORMAT"],
    ] as const) {
      const rows = [two, { text: place, images: [image] }];
      await assert.rejects(processor.process(rows), { code, index: 1 });
    }
  });

  test("are measured by so many threads, and not all at once", async () => {
    const script = `
      import { Processor } from "pixtok";
      const [folder, file] = process.argv.slice(1);
      const rows = Array.from({ length: 400 }, () => ({ text: "<|image_pad|>", images: [file] }));
      const { image_grid_thw } = await (await Processor.fromPretrained(folder)).process(rows);
      console.log(image_grid_thw.dims[0]);`;
    const node = '"$0" --input-type=module -e "$1" "$2" "$3"';
    const given = [process.execPath, script, await chatFolder(), fixture("images/jpeg-301x17.jpg")];
    const { stdout } = await promisify(execFile)("sh", [
      "-c",
      `ulimit -n 300; exec ${node}`,
      ...given,
    ]);
    assert.equal(stdout, "400\n");
  });

  test("are never cut", async () => {
    const row = { text: "a <|image_pad|> b c d e f g", images: [cat] };
    const { input_ids } = await processor.process(row);
    const length = input_ids.dims[1] as number;
    const options = { truncation: true };
    const cut = await processor.process(row, { ...options, max_length: length - 4 });
    assert.equal(cut.input_ids.dims[1], length - 4);
    await assert.rejects(
      processor.process([row, row], { ...options, max_length: 4 }),
      refusal("IMAGE_CUT", /of images, and max_length 4 leaves/, 0),
    );
  });

  test("that the class cannot take are an error of their row", async () => {
    const row = { text: "<|image_pad|>", images: [drawnImage(1000, 4)] };
    await assert.rejects(processor.process([row]), refusal("DOES_NOT_FIT", /250.0 times/, 0));
  });

  test("are no videos", async () => {
    const messages = [{ role: "user", content: [{ type: "video" }] }];
    await assert.rejects(
      processor.process({ messages }),
      refusal("INVALID_CONVERSATION", /<\|video_pad\|>.*only images/, 0),
    );
  });
});

describe("rows", () => {
  test("are padded, on the side that is asked for", async () => {
    const left = await chatProcessor({ tokenizer: { padding_side: "left" } });
    const rows = [{ messages: asked(0) }, { messages: asked(0, "What is it? Tell me more.") }];
    const { attention_mask, input_ids } = await left.process(rows, { pad_to_multiple_of: 8 });
    assert.equal((input_ids.dims[1] as number) % 8, 0);
    assert.equal(numbers(attention_mask)[0], 0);
    assert.equal(numbers(attention_mask).at(-1), 1);
  });

  test("are padded where their class says so, unless another side is asked for", async () => {
    const folder = await chatFolder({
      "processor_config.json": { processor_class: "JanusProcessor" },
      "tokenizer_config.json": {
        ...{ bos_token: "<s>", pad_token: "<pad>", image_token: "<|image_pad|>" },
        ...{ boi_token: "<|im_start|>", eoi_token: "<|im_end|>" },
      },
    });
    const rows = [{ text: "a" }, { text: "a b c" }];
    const firstRow = async (tokenizer: object) => {
      const janus = await Processor.fromPretrained(folder, { tokenizer });
      return numbers((await janus.process(rows)).attention_mask).slice(0, 4);
    };
    assert.deepEqual(await firstRow({}), [0, 0, 0, 1]);
    assert.deepEqual(await firstRow({ padding_side: "right" }), [1, 0, 0, 0]);
  });

  test("are as long as they are without padding, of whatever length is a multiple", async () => {
    const options = { padding: false, pad_to_multiple_of: 8 };
    assert.deepEqual((await processor.process({ text: "a" }, options)).input_ids.dims, [1, 1]);
  });

  test("need a padding token where one is padded, and not before", async () => {
    const folder = await chatFolder({ "tokenizer_config.json": { bos_token: "<s>" } });
    const bare = await Processor.fromPretrained(folder);
    const lengthOf = async (...texts: string[]) =>
      (await bare.process(texts.map((text) => ({ text })))).input_ids.dims[1];
    assert.equal(await lengthOf("a", "b"), 1);
    await assert.rejects(lengthOf("a", "b c"), refusal("INVALID_TOKENIZER", /no padding token/));
  });

  test("are cut at the end that is asked for", async () => {
    const row = { text: "a b c d e f" };
    const whole = numbers((await processor.process(row)).input_ids);
    for (const [truncation_side, kept] of [
      ["left", whole.slice(-5)],
      ["right", whole.slice(0, 5)],
    ] as const) {
      const cutting = await chatProcessor({ tokenizer: { truncation_side } });
      const { input_ids } = await cutting.process(row, { truncation: true, max_length: 5 });
      assert.deepEqual(numbers(input_ids), kept);
    }
  });

  test("have the tokenizer's own tokens, but for messages whose template writes the first", async () => {
    const folder = await chatFolder();
    const path = join(folder, "tokenizer.json");
    const part = (name: string, id: string) => ({ [name]: { id, type_id: 0 } });
    const post_processor = {
      type: "TemplateProcessing",
      single: [part("SpecialToken", "<s>"), part("Sequence", "A")],
      pair: [part("Sequence", "A"), part("Sequence", "B")],
      special_tokens: { "<s>": { id: "<s>", ids: [0], tokens: ["<s>"] } },
    };
    const definition = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...definition, post_processor }));
    const chat_template = "{{ messages[0].content }}";
    const adding = await Processor.fromPretrained(folder, { chat_template });
    const begins = async (row: ProcessorRow) =>
      numbers((await adding.process(row)).input_ids).filter((id) => id === 0).length;
    const said = (content: string) => ({ messages: [{ role: "user", content }] });
    assert.deepEqual(
      [await begins({ text: "<s>a" }), await begins(said("<s>a")), await begins(said("a"))],
      [2, 1, 1],
    );
  });

  test("are as long as they are, unless they are cut or padded to a length", async () => {
    const files = {
      "tokenizer_config.json": { bos_token: "<s>", pad_token: "<pad>", model_max_length: 8 },
    };
    const short = await Processor.fromPretrained(await chatFolder(files));
    const row = { text: "What is it that you see in this picture, please?" };
    const lengthOf = async (options: object) =>
      (await short.process(row, options)).input_ids.dims[1];
    const whole = await lengthOf({ max_length: 4 });
    assert.ok((whole as number) > 8);
    assert.equal(await lengthOf({ truncation: true }), 8);
    assert.equal(await lengthOf({ truncation: true, max_length: 5 }), 5);
    assert.equal(await lengthOf({ padding: "max_length", max_length: 100 }), 100);
    await assert.rejects(lengthOf({ padding: "max_length" }), RangeError);
    await assert.rejects(processor.process(row, { padding: "max_length" }), {
      name: "RangeError",
      message: /^max_length: expected a length, as the tokenizer's files have none, got undefined/,
    });
  });

  test("are given as int32 where that is asked for, labels as well", async () => {
    const given = await processor.process(
      { messages: answered(0) },
      { type: "int32", labels: true },
    );
    assert.ok(given.input_ids.data instanceof Int32Array);
    assert.ok(given.labels?.data instanceof Int32Array);
  });

  test("without messages or a text are refused", async () => {
    await assert.rejects(
      processor.process([{ messages: [] }]),
      refusal("INVALID_CONVERSATION", /at least one message/, 0),
    );
    await assert.rejects(processor.process([]), RangeError);
    await assert.rejects(processor.process({ text: "a" }, { paddin: true } as object), TypeError);
  });

  test("are not both left open and asked for an answer", async () => {
    const both = { continue_final_message: true, add_generation_prompt: true };
    await assert.rejects(processor.process({ messages: answered(0) }, both), RangeError);
  });
});

describe("a model's files", () => {
  test("name a class that is read", async () => {
    const files = { "processor_config.json": { processor_class: "UdopProcessor" } };
    await assert.rejects(
      Processor.fromPretrained(await chatFolder(files)),
      refusal("INVALID_PROCESSOR", /"UdopProcessor" is not read; expected one of Qwen2VLProcessor/),
    );
  });

  test("name it in the processor's own file, else in that of images, else in the tokenizer's", async () => {
    const [own, ofImages, ofTokenizer] = ["Qwen2VL", "Qwen2_5_VL", "Qwen3VL"].map((name) => ({
      processor_class: `${name}Processor`,
    }));
    const image = { image_processor_type: "Qwen2VLImageProcessor" };
    const config = { bos_token: "<s>", pad_token: "<pad>" };
    const classOf = async (...files: (object | undefined)[]) => {
      const folder = await chatFolder({
        "processor_config.json": { ...files[0] },
        "preprocessor_config.json": { ...image, ...files[1] },
        "tokenizer_config.json": { ...config, ...files[2] },
      });
      const [line] = inspect(await Processor.fromPretrained(folder)).split("\n");
      return line;
    };
    assert.equal(await classOf(own, ofImages, ofTokenizer), "Processor of Qwen2VL");
    assert.equal(await classOf({}, ofImages, ofTokenizer), "Processor of Qwen2_5_VL");
    assert.equal(await classOf({}, {}, ofTokenizer), "Processor of Qwen3VL");
  });

  test("say the class by the type of the model, where none is named", async () => {
    const files = { "processor_config.json": {}, "config.json": { model_type: "qwen2_vl" } };
    const found = await Processor.fromPretrained(await chatFolder(files));
    assert.ok(found.imageProcessor.config);
  });

  test("have a tokenizer with the token of images", async () => {
    const files = {
      "processor_config.json": { processor_class: "LlavaProcessor", patch_size: 14 },
    };
    await assert.rejects(
      Processor.fromPretrained(await chatFolder(files)),
      refusal("INVALID_TOKENIZER", /no <image>/),
    );
  });

  test("have a tokenizer with what an image is filled with, where that is another token", async () => {
    const ovis = { "processor_config.json": { processor_class: "Ovis2Processor" } };
    const folder = await chatFolder(ovis);
    await writeChatModel(folder, { tokens: ["<image>"], files: {} });
    await assert.rejects(
      Processor.fromPretrained(folder),
      refusal("INVALID_TOKENIZER", /no <IMG_ATOM>/),
    );
  });

  test("are in a folder that there is", async () => {
    await assert.rejects(
      Processor.fromPretrained("./no-such-folder"),
      refusal("PROCESSOR_NOT_FOUND", /no such folder/),
    );
    await assert.rejects(
      Processor.fromPretrained(join(await chatFolder(), "tokenizer.json")),
      refusal("PROCESSOR_NOT_FOUND", /this is no folder of a model/),
    );
  });

  test("have one revision", async () => {
    const image = { revision: "main" } as object;
    await assert.rejects(
      Processor.fromPretrained("a", { image }),
      /image: unknown option "revision"/,
    );
  });

  test("have the numbers that the class needs", async () => {
    const files = { "processor_config.json": { processor_class: "LlavaProcessor" } };
    await assert.rejects(
      Processor.fromPretrained(await chatFolder(files)),
      refusal("INVALID_PROCESSOR", /patch_size: expected a whole number/),
    );
  });
});
