// pixtok pack, check and show of conversations that a model's processor prepares.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { DataLoader, MultimodalDataset, Processor, packDataset } from "pixtok";
import { chatFolder, plainTemplate } from "../support/chat-processor.js";
import { runCommand } from "../support/command-line.js";
import { fixture } from "../support/fixtures.js";
import { newFolder } from "../support/packs-of-images.js";

const folder = newFolder();
mkdirSync(folder, { recursive: true });
const model = await chatFolder();
writeFileSync(join(model, "chat_template.jinja"), plainTemplate);
copyFileSync(fixture("images/jpeg-420.jpg"), join(folder, "a.jpg"));
const rows = join(folder, "rows.jsonl");
writeFileSync(
  rows,
  Array.from({ length: 6 }, (_, row) =>
    JSON.stringify({
      images: row % 2 === 0 ? ["a.jpg"] : [],
      messages: [
        {
          role: "user",
          content: [
            ...(row % 2 === 0 ? [{ type: "image" }] : []),
            { type: "text", text: `What is it? ${row}` },
          ],
        },
        { role: "assistant", content: "A cat." },
      ],
    }),
  ).join("\n"),
);
const maxPixels = 64 * 28 * 28;
const maxLength = 300;
const given = ["--model", model, "--max-pixels", String(maxPixels)];

async function tokensOf(pack: string): Promise<number[][]> {
  const dataset = await MultimodalDataset.from(pack);
  const ids: number[][] = [];
  for await (const batch of new DataLoader(dataset, { batchSize: 1 })) {
    const { input_ids } = batch as { input_ids?: { data: BigInt64Array } };
    ids.push([...(input_ids as { data: BigInt64Array }).data].map(Number));
  }
  return ids;
}

describe("pixtok --model", () => {
  test("packs the rows that packDataset packs with the model's processor", async () => {
    const own = join(folder, "own");
    const processor = await Processor.fromPretrained(model, { image: { maxPixels } });
    const dataset = await MultimodalDataset.from(rows, { processor, chat: { maxLength } });
    await packDataset(dataset, own);
    const out = join(folder, "packed");
    const { code, stderr } = await runCommand(
      ...["pack", rows, ...given, "--max-length", String(maxLength), "--out", out],
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual(await tokensOf(out), await tokensOf(own));
    for (const name of ["preprocessor_config.json", "chat_template.jinja"]) {
      assert.deepEqual(readFileSync(join(out, name)), readFileSync(join(own, name)));
    }
    // maxPixels and maxLength are among what a set was packed with
    const again = await runCommand(
      ...["pack", rows, ...given, "--max-length", String(maxLength), "--out", own, "--json"],
    );
    assert.equal(JSON.parse(again.stdout).written, 0);
  });

  test("packs a share of the rows", async () => {
    const out = join(folder, "share");
    const share = ["--split", "train:0.5,rest:0.5", "--split-part", "train"];
    const { code, stderr } = await runCommand("pack", rows, ...given, ...share, "--out", out);
    assert.equal(code, 0, stderr);
    const { length } = await MultimodalDataset.from(out);
    assert.ok(length > 0 && length < 6, `${length}`);
  });

  test("takes options of a source, such as where its images are", async () => {
    const below = join(folder, "below");
    mkdirSync(below);
    copyFileSync(rows, join(below, "rows.jsonl"));
    const check = async (...options: string[]) =>
      (await runCommand("check", join(below, "rows.jsonl"), ...given, ...options)).code;
    assert.deepEqual([await check(), await check("--root", folder)], [1, 0]);
  });

  test("takes columns, which rows have to have", async () => {
    const { stdout, code } = await runCommand("check", rows, ...given, "--columns", "label:int64");
    assert.match(stdout, /label: there is no value/);
    assert.equal(code, 1);
  });

  test("checks rows, and shows them", async () => {
    const { code, stdout } = await runCommand("check", rows, ...given, "--json");
    assert.deepEqual([code, JSON.parse(stdout).ok], [0, true]);
    const page = join(folder, "page.html");
    assert.equal((await runCommand("show", rows, ...given, "--out", page)).code, 0);
    assert.match(readFileSync(page, "utf8"), /What is it\? 3/);
  });

  for (const [option, ...values] of [
    ["--tokenizer", model],
    ["--processor", model],
    ["--text-column", "x"],
    ["--clean", "none"],
    ["--on-multiple-texts", "first"],
    ["--where", "minSide>=1"],
    ["--no-texts"],
    ["--size", "32"],
  ] as const) {
    test(`refuses ${option}`, async () => {
      const out = join(folder, "refused");
      const parameters = ["pack", rows, ...given, option, ...values, "--out", out];
      const { code, stderr } = await runCommand(...parameters);
      assert.deepEqual([code, stderr.includes(`${option}: expected none with --model`)], [1, true]);
    });
  }

  test("has to be there for --max-pixels", async () => {
    const { code, stderr } = await runCommand("check", rows, "--max-pixels", "100");
    assert.equal(code, 1);
    assert.match(stderr, /--max-pixels: expected none without --model/);
  });

  test("is refused by pixtok plan", async () => {
    const { code, stderr } = await runCommand("plan", rows, "--model", model);
    assert.equal(code, 1);
    assert.match(stderr, /plans are of pairs/);
  });
});
