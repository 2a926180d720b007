import assert from "node:assert/strict";
import { copyFileSync, cpSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MultimodalDataset, PixtokError, packDataset } from "pixtok";
import type { PackedSource } from "../../src/sources/packed/is-packed.js";
import { FEW_FILES, INDEX_NAME, packedFileName } from "../../src/sources/packed/pack-format.js";
import { numberedPairs, smallTokenizer, tinyImage } from "./pairs.js";

/** Where the packs are, until the process ends. */
export const root = mkdtempSync(join(tmpdir(), "pixtok-index-"));
process.on("exit", () => rmSync(root, { recursive: true }));
/** One more than are looked at one by one. */
export const FILES = FEW_FILES + 1;
export const ROWS = 2;
export const PAIRS = FILES * ROWS;
export const numbered = numberedPairs(PAIRS);
const tokenizer = await smallTokenizer();
/** @param shift of the numbers in their boxes. */
const pairsShiftedBy = (shift: number) =>
  new MultimodalDataset({
    source: {
      length: PAIRS,
      get: (index) => ({
        ...numbered.get(index),
        columns: { box: [index + shift, 1], name: `n${index}` },
      }),
    },
    tokenizer,
    image: tinyImage,
    text: { maxLength: 12 },
    columns: { box: { type: "float32", shape: [2] }, name: "string" },
  });
export const original = pairsShiftedBy(0);
/** Has rows of the same lengths, and other numbers in them. */
export const others = pairsShiftedBy(1000);
export const fileBytes = ROWS * (3 + 8);
export const folder = join(root, "whole");
export const nameOf = (file: number) => packedFileName(file, FILES);
export const whole = packDataset(original, folder, { fileBytes });
export const context = { seed: 0, epoch: 0 };
/** Which of the two ways files are mapped. */
export const ways = [
  ["whole files", {}],
  ["messages", { files: 0 }],
] as const;

/** A copy of the set. */
export async function copied(): Promise<string> {
  await whole;
  const copy = mkdtempSync(join(root, "copy-"));
  cpSync(folder, copy, { recursive: true });
  return copy;
}
export const refused = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === code;
};
export async function numberAt(source: PackedSource, index: number): Promise<number> {
  return Number((await source.get(index, context)).text);
}

export async function copiedWithoutIndex(): Promise<string> {
  const copy = await copied();
  rmSync(join(copy, INDEX_NAME));
  return copy;
}

/** Puts a copy of a file in the place of another one. */
export function replaceFile(set: string, file: number, other: string): void {
  const made = join(set, "replacement");
  copyFileSync(other, made);
  renameSync(made, join(set, nameOf(file)));
}
