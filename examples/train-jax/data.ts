import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ImageProcessor, MultimodalDataset, Tokenizer } from "pixtok";
import { captionLength, imageSide } from "./model.js";

/** Opens a folder with `train.jsonl`, `held-out.jsonl` and `vocab.txt`. */
export async function openData(folder: string) {
  const vocabulary = join(folder, "vocab.txt");
  const options = {
    for: "jax-js", // int32 tokens
    tokenizer: await Tokenizer.fromPretrained(vocabulary),
    text: { maxLength: captionLength },
    image: new ImageProcessor({
      resize: { width: imageSide, height: imageSide },
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    }),
  } as const;
  return {
    train: await MultimodalDataset.from(join(folder, "train.jsonl"), options),
    heldOut: await MultimodalDataset.from(join(folder, "held-out.jsonl"), options),
    words: (await readFile(vocabulary, "utf8")).trim().split("\n").length,
  };
}
