// examples/vlm-rows, as its README runs it: rows of questions about pictures, joined to sequences, and the page of them.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type AnyDataset, DataLoader, MultimodalDataset, Processor } from "pixtok";
import { readJsonLines } from "../support/fixtures.js";
import { documentOf, textsOf } from "../support/html.js";
import { assertSameEpoch } from "../support/packs.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-vlm-rows-"));
after(() => rmSync(folder, { recursive: true }));

interface Row {
  images: string[];
  messages: { role: string; content: string | { type: string; text?: string }[] }[];
}

const wordsOf = (text: string) => text.split(/\s+/).filter((word) => word !== "");

test("examples/vlm-rows makes packed rows, each once, and shows what is learned of them", async () => {
  const program = ["--import", "tsx", "examples/vlm-rows/main.ts", folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /240 rows in \d+ sequences, each row once: true/);
  const [, packed, plain] =
    /padding: ([\d.]+) % of the tokens, ([\d.]+) % without/.exec(stdout) ?? [];
  assert.ok(Number(packed) < 5 && Number(plain) > 30, stdout);

  assert.match(stdout, /240 rows as Arrow files/);

  const rows = readJsonLines<Row>(join(folder, "questions", "questions.jsonl"));
  assert.equal(rows.length, 240);
  const answersOf = (row: Row) =>
    row.messages.flatMap(({ role, content }) =>
      role === "assistant" ? wordsOf(`${content} <|im_end|>`) : [],
    );

  // the labels of every row are its answers
  const processor = await Processor.fromPretrained(join(folder, "model"));
  const data = join(folder, "questions", "questions.jsonl");
  const dataset = await MultimodalDataset.from(data, { processor, chat: { maxLength: 256 } });
  const { model } = JSON.parse(readFileSync(join(folder, "model", "tokenizer.json"), "utf8"));
  const words = new Map(Object.entries(model.vocab as object).map(([word, id]) => [id, word]));
  for await (const { indices, labels, num_images } of new DataLoader(dataset, { batchSize: 40 })) {
    const [, length = 0] = labels?.dims ?? [];
    for (const [at, index] of indices.entries()) {
      const ids = Array.from(labels?.data.slice(at * length, (at + 1) * length) ?? [], Number);
      const learned = ids.filter((id) => id !== -100).map((id) => words.get(id));
      assert.deepEqual(learned, answersOf(rows[index] as Row), `row ${index}`);
      assert.equal(Number(num_images.data[at]), rows[index]?.images.length);
    }
  }

  // the packed set has the same batches
  await assertSameEpoch(
    (await MultimodalDataset.from(join(folder, "packed"))) as AnyDataset,
    dataset as unknown as AnyDataset,
    { batchSize: 40, sequencePacking: { window: 120 } },
  );

  // and the page has pictures, turns and words that are not learned
  const page = documentOf(readFileSync(join(folder, "rows.html"), "utf8"));
  const cards = [...page.querySelectorAll(".card")];
  assert.ok(cards.length >= 8, `${cards.length}`);
  for (const card of cards) {
    const index = Number(/#(\d+)/.exec(card.querySelector("h3")?.textContent ?? "")?.[1]);
    const row = rows[index] as Row;
    assert.equal(card.querySelectorAll(".pictures img").length, row.images.length);
    const [turns = ""] = textsOf(card, ".caption");
    assert.equal(turns.split("\n").length, row.messages.length);
    assert.deepEqual(textsOf(card, ".tokens > :not(.masked)"), answersOf(row));
    assert.ok(textsOf(card, ".tokens > .masked").includes("user"));
  }
});
