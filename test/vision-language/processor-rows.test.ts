// What a processor takes as a row.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import {
  PixtokError,
  type ProcessorRow,
  readConversation,
  readPreference,
  type Tensor,
} from "pixtok";
import { chatProcessor } from "../support/chat-processor.js";
import { fixture } from "../support/fixtures.js";

const processor = await chatProcessor();
const file = fixture("images/jpeg-301x17.jpg");
const base64 = readFileSync(file).toString("base64");
const words = { type: "text", text: "What is it?" };
const asked = (part: object) => [{ role: "user", content: [part, words] }];
const process = (row: unknown, options = {}) =>
  processor.process(row as ProcessorRow | ProcessorRow[], options);
const beside = await process({ messages: asked({ type: "image" }), images: file });

/** Every way in which a part has its own image. */
const shapes: Readonly<Record<string, object>> = {
  path: { type: "image", path: file },
  url: { type: "image", url: `data:image/jpeg;base64,${base64}` },
  image: { type: "image", image: file },
  "image without a type": { image: file },
  base64: { type: "image", base64 },
  "base64 with the head of a data URL": {
    type: "image",
    base64: `data:image/jpeg;base64,${base64}`,
  },
  "image_url of OpenAI": {
    type: "image_url",
    image_url: { url: `data:image/jpeg;base64,${base64}` },
  },
};

describe("a part's own image is the row's", () => {
  for (const [what, part] of Object.entries(shapes)) {
    test(`as ${what}`, async () => {
      const messages = asked(part);
      const answered = { prompt: messages, chosen: "A cat.", rejected: "A dog." };
      assert.deepEqual(await process({ messages }), beside);
      assert.deepEqual(await process(readConversation({ messages })), beside);
      const { pixel_values } = await process(readPreference(answered).chosen);
      assert.deepEqual(pixel_values, beside.pixel_values);
    });
  }

  test("and stands among those that are given", async () => {
    const content = [{ type: "image", path: file }, { type: "image" }];
    const row = { messages: [{ role: "user", content }], images: [file] };
    const { image_grid_thw } = await process(readConversation(row));
    assert.deepEqual((image_grid_thw as Tensor).dims, [2, 3]);
  });
});

test("a row whose images are null has none", async () => {
  for (const row of [
    { text: "a", images: null },
    { messages: asked(words), images: null },
  ]) {
    assert.equal((await process(row)).pixel_values, undefined);
  }
});

test("a row's own tools are written in place of those of the call", async () => {
  const chat_template =
    "{% for tool in tools %}{{ tool.name }}{% endfor %}{{ messages[0].content }}";
  const writing = await chatProcessor({ chat_template });
  const messages = [{ role: "user", content: "!" }];
  const written = async (row: object) => {
    const tools = [{ name: "other" }];
    const { input_ids } = await writing.process({ messages, ...row }, { tools });
    return writing.tokenizer.decode(Array.from(input_ids.data as Iterable<bigint>, Number));
  };
  assert.equal(await written({ tools: [{ name: "own" }] }), "own!");
  assert.equal(await written({}), "other!");
});

describe("what is no row is misuse, and is named", () => {
  const messages = [{ role: "user", content: "a" }];
  const wrong: [string, unknown, RegExp][] = [
    ["null", null, /rows\[0\]: expected an object with text or with messages, got null/],
    ["a text", "text", /rows\[0\]: expected .* got "text"/],
    ["a list of texts", [{ text: "a" }, "b"], /rows\[1\]: expected .* got "b"/],
    ["messages alone", messages, /rows\[0\]: unknown option "role"/],
    ["a key that is misspelled", { messages, image: file }, /rows\[0\]: unknown option "image"/],
    ["tools beside a text", { text: "a", tools: [] }, /unknown option "tools"/],
    ["a text beside messages", { text: "a", messages }, /got both/],
    ["tools that are none", { messages, tools: 5 }, /rows\[0\].tools: expected a list of objects/],
    ["a first message that is a text", { messages, learnsFrom: "x" }, /learnsFrom: .* got "x"/],
    ["a first message below 0", { messages, learnsFrom: -1 }, /from 0 to 1, got -1/],
    ["a first message behind all", { messages, learnsFrom: 2 }, /from 0 to 1, got 2/],
  ];
  for (const [what, row, message] of wrong) {
    test(what, async () => {
      const isMisuse = (error: unknown) =>
        (error instanceof TypeError || error instanceof RangeError) && message.test(error.message);
      await assert.rejects(process(row), isMisuse);
    });
  }
});

test("a part that is none is an error of its row, with its place", async () => {
  await assert.rejects(
    process([{ text: "a" }, { messages: [{ role: "user", content: [null] }] }]),
    (error) =>
      error instanceof PixtokError &&
      error.code === "INVALID_CONVERSATION" &&
      error.index === 1 &&
      /messages\[0\].content\[0\]: expected a part, got null/.test(error.message),
  );
});
