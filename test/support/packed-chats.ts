// Conversations to be packed: rows about no, one and several images.

import { type AnyDataset, type ChatRowOptions, MultimodalDataset, packDataset } from "pixtok";
import { chatProcessor } from "./chat-processor.js";
import { drawnImage } from "./drawn-image.js";
import { newFolder } from "./packs-of-images.js";

export const processor = await chatProcessor();

const images = [drawnImage(60, 90), drawnImage(301, 17), drawnImage(56, 56)];

/** Rows with so many images and words. */
export const conversations = [2, 0, 1, 3, 0, 1, 1].map((count, row) => ({
  messages: [
    {
      role: "user",
      content: [
        ...Array.from({ length: count }, () => ({ type: "image" })),
        {
          type: "text",
          text: Array(1 + 3 * row)
            .fill("What is it?")
            .join(" "),
        },
      ],
    },
    { role: "assistant", content: `A cat, ${row}.` },
  ],
  images: Array.from({ length: count }, (_, at) => images[(row + at) % images.length]),
}));

/** Two answers each. */
export const preferences = [0, 1, 2].map((row) => ({
  prompt: "What is it?",
  images: row === 0 ? [] : [images[row]],
  chosen: "A cat.",
  rejected: row === 1 ? "Two dogs, I say." : "No.",
}));

export const datasetOf = (chat: ChatRowOptions = {}, more: object = {}): AnyDataset =>
  new MultimodalDataset({ conversations, processor, chat, ...more } as never);

export async function packed(dataset: AnyDataset, options: object = {}): Promise<string> {
  const folder = newFolder();
  await packDataset(dataset, folder, options);
  return folder;
}

/** A file has two rows. */
export const fileBytes = 2 * 3 * 2 ** 20;
