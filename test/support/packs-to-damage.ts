import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageProcessor, MultimodalDataset, packDataset, type Texts } from "pixtok";
import { allImages } from "./packs.js";
import { smallTokenizer } from "./pairs.js";

/** Where the packs are, until the process ends. */
export const root = mkdtempSync(join(tmpdir(), "pixtok-verify-"));
process.on("exit", () => rmSync(root, { recursive: true }));

export const imagePaths = allImages().slice(0, 40);
const IMAGE = 3 * 24 * 16;

async function pack(name: string, texts: Texts[]): Promise<string> {
  const folder = join(root, name);
  const dataset = new MultimodalDataset({
    imagePaths,
    texts,
    tokenizer: await smallTokenizer(),
    image: new ImageProcessor({ resize: { width: 24, height: 16 } }),
    onMultipleTexts: Array.isArray(texts[0]) ? "random" : "first",
  });
  await packDataset(dataset, folder, { fileBytes: 16 * IMAGE });
  return folder;
}

export const whole = pack(
  "whole",
  imagePaths.map((_, i) => `image ${i}`),
);
export const several = pack(
  "several",
  imagePaths.map((_, i) => [`image ${i}`, "another text"]),
);

export const packedFilesOf = (folder: string) =>
  readdirSync(folder).filter((name) => name.endsWith(".arrow"));

/** A copy of a pack in which one packed file, by its number, is changed. */
export function changed(
  folder: string,
  file: number,
  change: (bytes: Buffer) => Buffer,
): { copy: string; name: string } {
  const copy = mkdtempSync(join(root, "copy-"));
  mkdirSync(copy, { recursive: true });
  for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(copy, name));
  const name = packedFilesOf(folder)[file] as string;
  writeFileSync(join(copy, name), change(readFileSync(join(folder, name))));
  return { copy, name };
}
