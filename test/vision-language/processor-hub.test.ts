import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { Processor } from "pixtok";
import { chatFolder } from "../support/chat-processor.js";
import { first, hub, second, serveModels } from "../support/hub-models.js";

serveModels();

test("a model of the hub is that of all its files but the weights", async () => {
  const folder = await chatFolder({
    "config.json": { model_type: "qwen2_vl" },
    "special_tokens_map.json": { eos_token: "</s>" },
    "chat_template.json": { chat_template: "{{ messages[0].content }}" },
  });
  const files = Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );
  const commit = { ...files, "chat_template.jinja": "a", "model.safetensors": "weights" };
  hub.repos["org/eyes"] = { refs: { main: first }, commits: { [first]: commit } };
  const processor = await Processor.fromPretrained("org/eyes");
  const local = await Processor.fromPretrained(folder);
  const row = { messages: [{ role: "user", content: "A photo of a cat." }] };
  assert.equal(processor.chatTemplate, "{{ messages[0].content }}");
  assert.deepEqual(await processor.process(row), await local.process(row));
  const asked = hub.requests.map(({ path }) => basename(path)).filter((name) => name in commit);
  const { "model.safetensors": _, ...wanted } = commit;
  assert.deepEqual([...new Set(asked)].sort(), Object.keys(wanted).sort());
});

test("a model of the hub is of the revision that is asked for", async () => {
  const folder = await chatFolder();
  const files = Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );
  const commits = Object.fromEntries(
    [first, second].map((commit) => [commit, { ...files, "chat_template.jinja": commit }]),
  );
  hub.repos["org/two"] = { refs: { main: first, next: second }, commits };
  const templateOf = async (options: object) =>
    (await Processor.fromPretrained("org/two", options)).chatTemplate;
  assert.deepEqual([await templateOf({}), await templateOf({ revision: "next" })], [first, second]);
});
