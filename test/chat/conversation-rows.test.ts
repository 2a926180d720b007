// Rows of data sets as conversations.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PixtokError, readConversation, readPreference } from "pixtok";
import { partsOfMarked } from "../../src/chat/rows/image-markers.js";

const image = "cat.jpg";
const said = (role: string, content: unknown) => ({ role, content });
const part = (text: string) => ({ type: "text", text });

const refused = (code: string, words: RegExp) => (error: unknown) =>
  error instanceof PixtokError && error.code === code && words.test(error.message);

describe("messages", () => {
  test("of the hub keep their parts, without what is null", () => {
    const row = {
      messages: [
        said("user", [
          { type: "image", text: null },
          { type: "text", text: "a", index: null },
        ]),
      ],
      images: [image],
    };
    assert.deepEqual(readConversation(row), {
      messages: [said("user", [{ type: "image" }, part("a")])],
      images: [image],
    });
  });

  test("of a table have no fields that are null, which a template may ask for", () => {
    const call = { function: { name: "f" } };
    const messages = [
      { ...said("user", "a"), name: null, tool_calls: null },
      { ...said("assistant", "b"), name: undefined, tool_calls: [call] },
    ];
    const read = readConversation({ messages }).messages;
    assert.deepEqual(read.map(Object.entries), [
      Object.entries(said("user", "a")),
      Object.entries({ ...said("assistant", "b"), tool_calls: [call] }),
    ]);
  });

  test("of OpenAI have URLs of images", () => {
    const url = "https://example.com/cat.jpg";
    const messages = [said("user", [{ type: "image_url", image_url: { url } }, part("a")])];
    assert.deepEqual(readConversation({ messages }), {
      messages: [said("user", [{ type: "image" }, part("a")])],
      images: [url],
    });
  });

  test("of LLaVA have images in their texts", () => {
    const conversations = [
      { from: "human", value: "<image>\nWhat is it?" },
      { from: "gpt", value: "A cat." },
    ];
    assert.deepEqual(readConversation({ conversations, image }), {
      messages: [
        said("user", [{ type: "image" }, part("What is it?")]),
        said("assistant", "A cat."),
      ],
      images: [image],
    });
  });

  test("of LLaVA may have several images, between words and behind them", () => {
    const value = "First <image> then\n<image>";
    assert.deepEqual(
      readConversation({ conversations: [{ from: "human", value }], images: [image, image] })
        .messages,
      [said("user", [part("First "), { type: "image" }, part(" then"), { type: "image" }])],
    );
  });

  test("without image parts have the row's images first in what a user says first", () => {
    const row = { messages: [said("system", "s"), said("user", "a")], images: [image, image] };
    assert.deepEqual(readConversation(row).messages, [
      said("system", "s"),
      said("user", [{ type: "image" }, { type: "image" }, part("a")]),
    ]);
  });

  test("have the row's images where their texts have <image>", () => {
    const places = [part("a "), { type: "image" }, part(" b "), { type: "image" }, part("?")];
    for (const content of ["a <image> b <image>?", [part("a <image> b <image>?")]]) {
      const row = { messages: [said("user", content)], images: [image, "dog.jpg"] };
      assert.deepEqual(readConversation(row), {
        messages: [said("user", places)],
        images: [image, "dog.jpg"],
      });
    }
  });

  test("have as many <image> in their texts as the row has images", () => {
    const messages = [said("user", "<image><image>\na")];
    for (const images of [[image], []]) {
      assert.throws(
        () => readConversation({ messages, images }),
        refused("IMAGES_MISMATCH", /2 im/),
      );
    }
  });

  test("of rows that have no images, or say where these are by parts, keep <image> as words", () => {
    const words = said("user", "What is <image> in HTML?");
    assert.deepEqual(readConversation({ messages: [words] }).messages, [words]);
    const messages = [said("user", [{ type: "image" }]), words];
    assert.deepEqual(readConversation({ messages, image }).messages, messages);
  });

  test("may be kept as JSON, and so may tools", () => {
    const tools = [{ type: "function", function: { name: "f" } }];
    const row = { messages: JSON.stringify([said("user", "a")]), tools: JSON.stringify(tools) };
    assert.deepEqual(readConversation(row), { messages: [said("user", "a")], images: [], tools });
  });

  test("keep what they have beside their words", () => {
    const call = { role: "assistant", content: null, tool_calls: [{ function: { name: "f" } }] };
    const { content, ...rest } = call;
    assert.deepEqual(readConversation({ messages: [said("user", "a"), call] }).messages[1], rest);
    assert.equal(content, null);
  });

  test("have bytes in base64 decoded, with the head of a data URL or without", () => {
    for (const base64 of ["AQI=", "data:image/png;base64,AQI="]) {
      const messages = [said("user", [{ type: "image", base64 }])];
      assert.deepEqual(readConversation({ messages }).images, [Buffer.from([1, 2])]);
    }
  });

  test("have no images that are null", () => {
    const messages = [said("user", [{ type: "image" }])];
    assert.deepEqual(readConversation({ messages, images: [null, image] }).images, [image]);
  });

  test("are found in the column that is named", () => {
    const row = { talk: [said("user", "a")], messages: [said("user", "b")], pictures: [] };
    const columns = { messages: "talk", images: "pictures" };
    assert.deepEqual(readConversation(row, columns).messages, [said("user", "a")]);
  });
});

describe("a prompt and its completion", () => {
  test("are what a user and an assistant say, and the completion alone is learned", () => {
    assert.deepEqual(readConversation({ prompt: "a", completion: "b", image }), {
      messages: [said("user", [{ type: "image" }, part("a")]), said("assistant", "b")],
      images: [image],
      learnsFrom: 1,
    });
  });

  test("has the row's images where it has <image>", () => {
    const { messages } = readConversation({ prompt: "a\n<image>", completion: "b", image });
    assert.deepEqual(messages[0], said("user", [part("a"), { type: "image" }]));
  });

  test("may be messages", () => {
    const row = {
      prompt: [said("system", "s"), said("user", "a")],
      completion: [said("assistant", "b")],
    };
    const { messages, learnsFrom } = readConversation(row);
    assert.equal(messages.length, 3);
    assert.equal(learnsFrom, 2);
  });
});

describe("what stands for an image", () => {
  const imagePart = { type: "image" };

  test("is a marker, which takes the end of its own line with it and no other", () => {
    for (const [text, parts] of [
      ["<image>", [imagePart]],
      ["\n<image>\n", [imagePart]],
      ["\na<image>\n\nb\n", [part("\na"), imagePart, part("\nb\n")]],
      ["a\n\n<image><image>b", [part("a\n"), imagePart, imagePart, part("b")]],
    ] as const) {
      assert.deepEqual(partsOfMarked(text), parts, JSON.stringify(text));
    }
  });

  test("comes first in the first message of a user alone, where nothing marks it", () => {
    const talk = [said("user", "a"), said("assistant", "b"), said("user", "c")];
    const { messages } = readConversation({ messages: talk, images: [image, image] });
    assert.deepEqual(messages, [said("user", [imagePart, imagePart, part("a")]), ...talk.slice(1)]);
  });

  test("is a part that has one itself: the first of its ways that there is", () => {
    const imageOf = (own: object) =>
      readConversation({ messages: [said("user", [{ type: "image", ...own }])] }).images;
    assert.deepEqual(imageOf({ base64: "YQ==", path: "p", url: "u", image: "i" }), ["i"]);
    assert.deepEqual(imageOf({ base64: "YQ==", path: "p", url: "u" }), ["u"]);
    assert.deepEqual(imageOf({ base64: "YQ==", path: "p" }), ["p"]);
    assert.deepEqual(imageOf({ base64: "YQ==" }), [Buffer.from("a")]);
    for (const image_url of ["u", { url: "u" }]) {
      const messages = [said("user", [{ type: "image_url", image_url }])];
      assert.deepEqual(readConversation({ messages }).images, ["u"]);
    }
  });
});

test("who says what in LLaVA's data has the name that templates have for it", () => {
  const roleOf = (from: string) =>
    readConversation({ conversations: [{ from, value: "a" }] }).messages[0]?.role;
  for (const from of ["gpt", "chatgpt", "bing", "bard", "model", "function_call"]) {
    assert.equal(roleOf(from), "assistant");
  }
  for (const from of ["observation", "function_response"]) assert.equal(roleOf(from), "tool");
  assert.equal(roleOf("human"), "user");
  for (const from of ["system", "toString"]) assert.equal(roleOf(from), from);
});

describe("two answers", () => {
  test("follow on a prompt, each with the row's images", () => {
    const { chosen, rejected } = readPreference({ prompt: "a", chosen: "b", rejected: "c", image });
    assert.deepEqual(chosen.messages.at(-1), said("assistant", "b"));
    assert.deepEqual(rejected.messages.at(-1), said("assistant", "c"));
    assert.deepEqual([chosen.images, rejected.images], [[image], [image]]);
    assert.equal(chosen.learnsFrom, 1);
  });

  test("are in the columns that are named, and so is what both have", () => {
    const tools = [{ name: "look" }];
    const row = { q: "a", good: "b", bad: "c", photo: image, t: tools };
    const others = { prompt: "-", chosen: "-", rejected: "-", images: ["-", "-"], tools: [] };
    const columns = { prompt: "q", chosen: "good", rejected: "bad", images: "photo", tools: "t" };
    const read = readPreference({ ...row, ...others }, columns);
    for (const [answer, text] of [
      ["chosen", "b"],
      ["rejected", "c"],
    ] as const) {
      const { messages, images, tools: own } = read[answer];
      assert.deepEqual(messages.at(-1), said("assistant", text));
      assert.deepEqual([images, own], [[image], tools]);
    }
    const { messages } = readConversation(
      { ...row, ...others, completion: "-", messages: null },
      { prompt: "q", completion: "good" },
    );
    assert.deepEqual(messages.slice(1), [said("assistant", "b")]);
  });

  test("are whole conversations where there is no prompt, of which the last message is learned", () => {
    const talk = (answer: string) => [said("user", "a"), said("assistant", answer)];
    const { chosen } = readPreference({ chosen: talk("b"), rejected: talk("c") });
    assert.equal(chosen.learnsFrom, 1);
    assert.equal(chosen.messages.length, 2);
  });
});

describe("a row that is none", () => {
  const bad: [string, Record<string, unknown>, RegExp][] = [
    ["has no messages", { text: "a" }, /no messages, conversations, or prompt/],
    [
      "has empty columns alone, but for one",
      { id: 1, messages: null, conversations: undefined },
      /no messages, conversations, .*; it has id$/,
    ],
    ["has nothing", { messages: null }, /; it has no values$/],
    ["has an empty list", { messages: [] }, /at least one message/],
    ["has messages that are no list", { messages: 3 }, /expected a list of at least one message/],
    ["has a text that is no JSON", { messages: "hello" }, /JSON/],
    ["has a message without a role", { messages: [{ content: "a" }] }, /messages\[0\].role/],
    ["has a part without a type", { messages: [said("user", [{}])] }, /content\[0\].type/],
    ["has a text part without a text", { messages: [said("user", [{ type: "text" }])] }, /\.text/],
    [
      "has a text part of a number",
      { messages: [said("user", [{ type: "text", text: 5 }])] },
      /\.text: expected a text, got 5/,
    ],
    ["has an image_url without one", { messages: [said("user", [{ type: "image_url" }])] }, /url/],
    ["has content that is a number", { messages: [said("user", 1)] }, /content: expected a text/],
    ["has tools that are none", { messages: [said("user", "a")], tools: 1 }, /tools: expected/],
    [
      "has what is no tool among its tools",
      { messages: [said("user", "a")], tools: [{ type: "function" }, "f"] },
      /tools: expected a list of tools/,
    ],
    [
      "has tools that are a text, and no JSON",
      { messages: [said("user", "a")], tools: "f" },
      /tools: expected a list of tools, or JSON of one/,
    ],
  ];
  for (const [what, row, words] of bad) {
    test(`${what} is an error`, () => {
      assert.throws(() => readConversation(row), refused("INVALID_CONVERSATION", words));
    });
  }

  test("is no object is misuse", () => {
    for (const read of [readConversation, readPreference]) {
      assert.throws(() => read(null as unknown as object as Record<string, unknown>), TypeError);
    }
  });

  test("has fewer or more images than parts for them is an error", () => {
    const parts = (count: number) => Array.from({ length: count }, () => ({ type: "image" }));
    for (const [count, images] of [
      [2, [image]],
      [1, [image, image]],
    ] as const) {
      const row = { messages: [said("user", parts(count))], images };
      const message = new RegExp(`${count} image parts.*${images.length} images`);
      assert.throws(() => readConversation(row), refused("IMAGES_MISMATCH", message));
    }
  });

  test("has no answer to reject is an error", () => {
    assert.throws(
      () => readPreference({ prompt: "a", chosen: "b" }),
      refused("INVALID_CONVERSATION", /no rejected/),
    );
  });
});
