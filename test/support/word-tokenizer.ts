import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type PretrainedTokenizerOptions, type Tensor, Tokenizer } from "pixtok";

export const folder = mkdtempSync(join(tmpdir(), "pixtok-tokenizer-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

/** A folder with these files; a value that is no string becomes JSON. */
export function folderWith(files: Record<string, unknown>): string {
  const path = mkdtempSync(join(folder, "files-"));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(
      join(path, name),
      typeof content === "string" ? content : JSON.stringify(content),
    );
  }
  return path;
}

/** A small tokenizer: a word is a token, [CLS] and [SEP] around, changed by `changes`. */
export function wordLevel(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "c", "d"];
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: "WhitespaceSplit" },
    post_processor: {
      type: "TemplateProcessing",
      single: [
        { SpecialToken: { id: "[CLS]", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: "[SEP]", type_id: 0 } },
      ],
      pair: [
        { SpecialToken: { id: "[CLS]", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: "[SEP]", type_id: 0 } },
        { Sequence: { id: "B", type_id: 1 } },
        { SpecialToken: { id: "[SEP]", type_id: 1 } },
      ],
      special_tokens: {
        "[CLS]": { id: "[CLS]", ids: [2], tokens: ["[CLS]"] },
        "[SEP]": { id: "[SEP]", ids: [3], tokens: ["[SEP]"] },
      },
    },
    decoder: null,
    model: {
      type: "WordLevel",
      unk_token: "[UNK]",
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
    },
    ...changes,
  };
}

export const [PAD, CLS, SEP, A, B, C, D] = [0, 2, 3, 4, 5, 6, 7] as const;

export function wordTokenizer(
  config: Record<string, unknown> = { pad_token: "[PAD]" },
  changes: Record<string, unknown> = {},
  options: PretrainedTokenizerOptions = {},
): Promise<Tokenizer> {
  const files = { "tokenizer.json": wordLevel(changes), "tokenizer_config.json": config };
  return Tokenizer.fromPretrained(folderWith(files), options);
}

/** A tensor's rows as numbers. */
export function rows(tensor: Tensor<"int64" | "int32">): number[][] {
  const [count, length] = tensor.dims as [number, number];
  assert.equal(tensor.data.length, count * length);
  const numbers = Array.from(tensor.data, Number);
  return Array.from({ length: count }, (_, row) => numbers.slice(row * length, (row + 1) * length));
}

/** Process warnings while `work` runs. */
export async function warningsOf(
  work: () => Promise<unknown>,
): Promise<(Error & { code?: string })[]> {
  const caught: Error[] = [];
  const listener = (warning: Error) => caught.push(warning);
  process.on("warning", listener);
  await work();
  await setImmediate();
  process.off("warning", listener);
  return caught;
}

export const codesOf = (warnings: { code?: string }[]) => warnings.map(({ code }) => code);
