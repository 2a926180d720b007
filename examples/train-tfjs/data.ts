import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ImageProcessor, MultimodalDataset, Tokenizer } from "pixtok";
import { captionLength, imageSide } from "./model.js";

/**
 * Opens a folder with `train.jsonl`, `held-out.jsonl` and `vocab.txt`.
 *
 * @param textColumn the column that captions for training are in.
 */
export async function openData(folder: string, textColumn: string) {
  const vocabulary = join(folder, "vocab.txt");
  const options = {
    for: "tfjs", // int32 tokens, channels last
    tokenizer: await Tokenizer.fromPretrained(vocabulary),
    text: { maxLength: captionLength },
    image: new ImageProcessor({
      resize: { width: imageSide, height: imageSide },
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    }),
  } as const;
  const open = (file: string, column: string) =>
    MultimodalDataset.from(join(folder, file), { ...options, textColumn: column });
  return {
    train: await open("train.jsonl", textColumn),
    heldOut: await open("held-out.jsonl", "text"),
    words: (await readFile(vocabulary, "utf8")).trim().split("\n").length,
  };
}
