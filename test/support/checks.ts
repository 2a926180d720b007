import assert from "node:assert/strict";
import { type CheckReport, checkDataset, MultimodalDataset, type TextOptions } from "pixtok";
import { fixture } from "./fixtures.js";
import { smallTokenizer } from "./pairs.js";

export const photo = fixture("images/jpeg-420.jpg");
export const cut = fixture("broken/cut-at-70.jpg");

export async function checked(
  imagePaths: (string | Uint8Array)[],
  texts: string[],
  text: TextOptions = {},
): Promise<CheckReport> {
  return checkDataset(
    new MultimodalDataset({ imagePaths, texts, tokenizer: await smallTokenizer(), text }),
  );
}

/** A dataset of one photo with each of these texts. */
export const checkedTexts = (texts: string[], text?: TextOptions) =>
  checked(
    texts.map(() => photo),
    texts,
    text,
  );

/** Images with a text of its own each. */
export const checkedImages = (images: (string | Uint8Array)[]) =>
  checked(
    images,
    images.map((_, index) => `image ${index}`),
  );

/** Kinds of the problems; each comes with an advice. */
export const kinds = ({ problems }: CheckReport) =>
  problems.map(({ kind, level, advice }) => {
    assert.notEqual(advice, "", kind);
    return [kind, level];
  });
