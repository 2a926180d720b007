// Packs of images of all sizes and of most formats, for tests of what goes into one and comes out.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ImageProcessor,
  type ImageProcessorOptions,
  MultimodalDataset,
  type MultimodalDatasetOptions,
  type PackDatasetOptions,
  PixtokError,
  packDataset,
} from "pixtok";
import { allImages } from "./packs.js";
import { smallTokenizer } from "./pairs.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-pack-"));
process.on("exit", () => rmSync(root, { recursive: true }));
let folders = 0;
export const newFolder = () => join(root, `pack-${folders++}`);

export const tokenizer = await smallTokenizer();
/** A third of the images, of all sizes: what a pack holds does not hang on the decoder. */
const CHOSEN =
  /jpeg-(\d+x\d+|4\d\d|cmyk|grey|named|orientation|progressive)|png-(\d+x\d+|l|p|la|rgba|named)\.|gif-still|tiff-(rgb|grey)\.|webp-loss/;
export const imagePaths = allImages().filter((path) => CHOSEN.test(path));
const words = ["a red image", "two", "Many, many words, and numbers: 12!", ""];
export const texts = imagePaths.map((_, i) => `${words[i % words.length]} ${i}`);
/** Of the datasets that are packed. */
export const small: ImageProcessorOptions = { resize: { width: 40, height: 32 } };

/** Each of these images with a text. */
export function dataset(options: Partial<MultimodalDatasetOptions> = {}): MultimodalDataset {
  const image = new ImageProcessor(small);
  return new MultimodalDataset({
    imagePaths,
    texts,
    tokenizer,
    image,
    text: { maxLength: 12 },
    ...options,
  });
}

/** Bytes of an image of the small size. */
export const IMAGE = 3 * 40 * 32;

/** Pairs of a packed file, of which there are several. */
export const PAIRS_OF_FILE = 8;

/** A folder with a dataset, in several files. */
export async function packed(
  source: MultimodalDataset,
  options: PackDatasetOptions = {},
): Promise<string> {
  const folder = newFolder();
  await packDataset(source, folder, { fileBytes: PAIRS_OF_FILE * IMAGE, ...options });
  return folder;
}

/** What an error has to be. */
export const codeOf = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === code;
};
