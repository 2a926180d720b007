// Chat templates, as transformers' environment of Jinja runs them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type ChatMessage, PixtokError, Processor } from "pixtok";
import { chatTemplate } from "../../src/chat/chat-template.js";
import { Allowance } from "../../src/chat/jinja/allowance.js";
import { chatFolder, chatProcessor, plainTemplate } from "../support/chat-processor.js";
import { fixture, readJsonLines } from "../support/fixtures.js";

interface GoldenTemplate {
  readonly source: string;
  readonly messages: ChatMessage[];
  readonly variables: Record<string, unknown>;
  readonly text: string | null;
}

const goldens = readJsonLines<GoldenTemplate>(fixture("goldens/templates.jsonl"));
const folder = await chatFolder();
const withTemplate = (source: string) =>
  Processor.fromPretrained(folder, { chat_template: source });
const user = [{ role: "user", content: "Hello" }];

const refusal =
  (code: string, words: RegExp) =>
  (error: unknown): true => {
    assert.ok(error instanceof PixtokError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  };

describe("a template becomes what it becomes in Python", () => {
  for (const { source, messages, variables, text } of goldens) {
    test(JSON.stringify(source), async () => {
      const template = await chatTemplate(source, {}, "test");
      const render = () => template.render(messages, { template_kwargs: variables }).text;
      if (text === null) assert.throws(render, PixtokError);
      else assert.equal(render(), text);
    });
  }
});

/** What a template sees behind the words that are left open. */
const OPEN = "CONTINUE_FINAL_MESSAGE_TAG ";

describe("a conversation", () => {
  test("is asked for an answer where that is wanted", async () => {
    const processor = await chatProcessor();
    assert.equal(
      processor.applyChatTemplate(user, { add_generation_prompt: true }),
      "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n",
    );
  });

  test("is left open where its last message goes on", async () => {
    const processor = await chatProcessor();
    const messages = [...user, { role: "assistant", content: "I am " }];
    const text = processor.applyChatTemplate(messages, { continue_final_message: true });
    assert.ok(text.endsWith("assistant\nI am "), text);
  });

  test("is left open at the last of what it says, as the template has written it", async () => {
    const opened = async (source: string, message: object, field: boolean | string = true) => {
      const template = await chatTemplate(source, {}, "test");
      const messages = [{ role: "assistant", ...message }];
      return template.render(messages, { continue_final_message: field }).text;
    };
    const [said, trimmed] = ["{{ m.content }}!", "{{ m.content | trim }}!"].map(
      (text) => `{% set m = messages[0] %}${text}`,
    ) as [string, string];
    assert.equal(await opened(said, { content: "I am " }), "I am ");
    assert.equal(await opened(trimmed, { content: "I am " }), "I am");
    const parts = "{% for part in messages[0].content %}{{ part.text }};{% endfor %}";
    const content = ["a", "b"].map((text) => ({ type: "text", text }));
    assert.equal(await opened(parts, { content }), "a;b");
    const thinking = "{% set m = messages[0] %}{{ m.thinking }};{{ m.reasoning_content }};";
    const thoughts = { thinking: "b", reasoning_content: "a" };
    assert.equal(await opened(thinking, thoughts, "thinking"), "b");
    assert.equal(await opened(thinking, thoughts, "reasoning_content"), "b;a");
    assert.equal(await opened(thinking, { thinking: "b" }, "thinking"), `b${OPEN};b`);
  });

  test("has its thoughts by the names that templates read them by", async () => {
    const names = ["reasoning_content", "thinking", "reasoning"];
    const source = `{% set m = messages[0] %}${names.map((name) => `{{ m.${name} }}`).join("|")}`;
    const template = await chatTemplate(source, {}, "test");
    const written = (thoughts: object) =>
      template.render([{ role: "assistant", content: "!", ...thoughts }], {}).text;
    // as _alias_reasoning_fields of transformers 5.24 has it
    for (const [thoughts, text] of [
      [{}, "||"],
      [{ reasoning_content: "a" }, "a|a|"],
      [{ thinking: "b" }, "b|b|"],
      [{ reasoning: "c" }, "c|c|c"],
      [{ reasoning_content: "a", thinking: "b", reasoning: "c" }, "a|b|c"],
      [{ reasoning_content: null, thinking: "b" }, "b|b|"],
    ] as const) {
      assert.equal(written(thoughts), text, JSON.stringify(thoughts));
    }
  });

  test("is not left open by a template that does not write its last message", async () => {
    const processor = await withTemplate("{{ messages[0].content }}");
    const messages = [...user, { role: "assistant", content: "I am" }];
    assert.throws(
      () => processor.applyChatTemplate(messages, { continue_final_message: true }),
      refusal("INVALID_CONVERSATION", /does not write the last message/),
    );
  });

  test("has the words of the template where that refuses it", async () => {
    const processor = await withTemplate("{{ raise_exception('roles must alternate') }}");
    assert.throws(
      () => processor.applyChatTemplate(user),
      refusal("INVALID_CONVERSATION", /roles must alternate/),
    );
  });

  test("shows a template that an image is there, and not its bytes", async () => {
    const processor = await withTemplate("{{ messages[0].content[0].image }}");
    const part = { type: "image", image: new Uint8Array(4) };
    assert.equal(processor.applyChatTemplate([{ role: "user", content: [part] }]), "<Uint8Array>");
  });
});

test("messages that are none are refused, with the place", async () => {
  const processor = await withTemplate("a");
  const refused = (messages: unknown, words: RegExp) =>
    assert.throws(
      () => processor.applyChatTemplate(messages as ChatMessage[]),
      refusal("INVALID_CONVERSATION", words),
    );
  refused(null, /messages: expected a list of at least one message, got null/);
  refused(["a"], /messages\[0\]: expected a message, got "a"/);
  refused([...user, { role: "user", content: ["a", null] }], /messages\[1\].content\[1\]: .* null/);
});

test("a message that is nested too deep is refused", async () => {
  const processor = await withTemplate("{{ messages[0].deep | tojson }}");
  let deep: unknown = "a";
  for (let depth = 0; depth < 20_000; depth += 1) deep = [deep];
  assert.throws(
    () => processor.applyChatTemplate([{ role: "user", deep }]),
    refusal("INVALID_CONVERSATION", /too deep/),
  );
});

describe("a template from elsewhere", () => {
  const hostile: Record<string, string> = {
    "loops in loops":
      "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "a text that doubles":
      "{% set n = namespace(x='aaaaaaaa') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "a text many times": "{{ 'a' * 9999999999 }}",
    "texts put into texts": "{% set x = 'a' * 60000 %}{{ x | replace('a', x) }}",
    "a macro that calls itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a list that doubles":
      "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "nested tuples as a key":
      "{% set n = namespace(a=(1, 2)) %}{% for i in range(40) %}{% set n.a = (n.a, n.a) %}{% endfor %}{{ n.a in {} }}",
    "a deep indent": "{{ ('\n' * 90000) | indent(99999999) }}",
  };
  const nested = (use: string) =>
    `{% set n = namespace(a=[1], b=[1]) %}{% for i in range(40) %}{% set n.a = [n.a, n.a] %}{% set n.b = [n.b, n.b] %}{% endfor %}{{ ${use} }}`;
  for (const use of ["n.a == n.b", "n.a < n.b", "n.a in [n.b]", "n.a | tojson", "n.a | string"]) {
    hostile[`nested lists in ${use}`] = nested(use);
  }
  const long = (use: string) =>
    `{% set x = 'a' * 30000000 %}{% for i in range(99999) %}{% set y = ${use} %}{% endfor %}`;
  for (const use of ["'zb' in x", "x.find('zb')"]) {
    hostile[`a long text in ${use}`] = long(use);
  }
  for (const [what, source] of Object.entries(hostile)) {
    test(`ends soon: ${what}`, async () => {
      const processor = await withTemplate(source);
      assert.throws(
        () => processor.applyChatTemplate(user),
        refusal("INVALID_CONVERSATION", /steps|characters|deep/),
      );
    });
  }

  test("may take 5 million steps, of which a turn of a loop is 8", () => {
    const allowance = new Allowance();
    for (let turn = 0; turn < 625_000; turn += 1) allowance.turn();
    assert.throws(() => allowance.steps(1), /more than 5000000 steps/);
    new Allowance().steps(5_000_000);
  });

  test("is refused where it is no Jinja, is too long, or is white space for ever", async () => {
    const long = "x".repeat((1 << 20) + 1);
    for (const source of ["{% if %}", "{{ 1", long, `{{ 1 }}${" ".repeat(5000)}`]) {
      await assert.rejects(withTemplate(source), refusal("INVALID_CHAT_TEMPLATE", /./));
    }
  });

  test("is refused where a value is compared on both its sides", async () => {
    for (const source of [
      "{{ 0 < x < 3 }}",
      "{% if a == b in c %}{% endif %}",
      "{{ [x for x in y] }}",
    ]) {
      const words = /chained comparisons are not supported|within brackets/;
      await assert.rejects(withTemplate(source), refusal("INVALID_CHAT_TEMPLATE", words));
    }
  });

  test("may compare more than once", async () => {
    const sources = [
      "{% for x in [1] if x in [1] and (1 == 1) == true %}{{ 1 < 2 and 2 < 3 or not 1 == 2 }}{% endfor %}",
      "{% if 1 == 1 %}{{ {'a': 1 == 1, 'b': 2 == 2}.a if 1 in [1] else 2 in [1] }}{% elif 1 == 2 %}{% endif %}",
    ];
    for (const source of sources) {
      assert.equal((await withTemplate(source)).applyChatTemplate(user), "True");
    }
  });

  test("sees each loop at a depth of its own, as none is recursive", async () => {
    const source =
      "{% for i in [1] %}{% for j in [1] %}{{ loop.depth }}{{ loop.depth0 }}{% endfor %}{% endfor %}";
    assert.equal((await withTemplate(source)).applyChatTemplate(user), "10");
  });

  test("is named in an error", async () => {
    await assert.rejects(
      withTemplate("{{ 1"),
      refusal("INVALID_CHAT_TEMPLATE", /option chat_template/),
    );
    const files = { "chat_template.json": { chat_template: "{{ 1" } };
    await assert.rejects(
      Processor.fromPretrained(await chatFolder(files)),
      refusal("INVALID_CHAT_TEMPLATE", /chat_template\.json/),
    );
  });

  test("says what of it is not supported", async () => {
    const processor = await withTemplate("{{ messages | groupby('role') }}");
    assert.throws(
      () => processor.applyChatTemplate(user),
      refusal("INVALID_CHAT_TEMPLATE", /groupby/),
    );
  });

  test("is not computed where the last digit of a power is not certain", async () => {
    // (2.5 ** 2.5 of C's pow may be either of two floats; a third is no whole number of halves)
    for (const power of ["2.5 ** 2.5", "2 ** (1 / 3)", "1.0001 ** 100000"]) {
      const processor = await withTemplate(`{{ ${power} }}`);
      const isRefused = refusal("INVALID_CHAT_TEMPLATE", /power/);
      assert.throws(() => processor.applyChatTemplate(user), isRefused, power);
    }
  });
});

describe("a model's template", () => {
  const template = (source: string) => ({ chat_template: source });

  test("is the processor's, else the old file's, else the tokenizer's", async () => {
    const config = { bos_token: "<s>", pad_token: "<pad>", ...template("tokenizer's") };
    const ofTokenizer = { "tokenizer_config.json": config };
    const old = { ...ofTokenizer, "chat_template.json": template("old") };
    const own = { processor_class: "Qwen2VLProcessor", ...template("own") };
    const first = async (files: Record<string, object>) =>
      (await Processor.fromPretrained(await chatFolder(files))).chatTemplate;
    assert.equal(await first(ofTokenizer), "tokenizer's");
    assert.equal(await first(old), "old");
    assert.equal(await first({ ...old, "processor_config.json": own }), "own");
    assert.equal(await first({}), undefined);
  });

  test("is needed for a conversation", async () => {
    const processor = await Processor.fromPretrained(folder);
    assert.throws(
      () => processor.applyChatTemplate(user),
      refusal("INVALID_CHAT_TEMPLATE", /no chat template/),
    );
    assert.equal((await chatProcessor()).chatTemplate, plainTemplate);
  });
});
