// Conversations on a page: their images, who says what, and which words are learned.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  DataLoader,
  type DataLoaderOptions,
  MultimodalDataset,
  showBatch,
  showDataset,
} from "pixtok";
import { chatProcessor } from "../support/chat-processor.js";
import { drawnImage } from "../support/drawn-image.js";
import { documentOf, type PageElement, textsOf } from "../support/html.js";

const processor = await chatProcessor();
const conversations = ["cat", "dog", "bird"].map((animal, row) => ({
  messages: [
    { role: "user", content: [{ type: "image" }, { type: "text", text: `Question ${row}?` }] },
    { role: "assistant", content: `A ${animal}.` },
  ],
  images: [drawnImage(56 + 56 * row, 60)],
}));
const dataset = new MultimodalDataset({ conversations, processor, chat: { maxLength: 256 } });

async function pageOf(options: DataLoaderOptions): Promise<PageElement> {
  for await (const batch of new DataLoader(dataset, { batchSize: 3, ...(options as object) })) {
    return documentOf(await showBatch(batch));
  }
  throw new Error("no batch");
}

/** Words of a card's tokens, by whether they are learned. */
const learnedOf = (card: PageElement) =>
  textsOf(card, ".tokens > :not(.masked)").join("").replaceAll("Ġ", " ");

const options: Record<string, DataLoaderOptions> = {
  "row by row": {},
  "joined to sequences": { sequencePacking: { window: 3 } },
};

for (const [how, given] of Object.entries(options)) {
  describe(`rows of a batch, ${how}`, () => {
    test("have their images, turns and learned words", async () => {
      const page = await pageOf(given);
      const cards = [...page.querySelectorAll(".card")];
      assert.equal(cards.length, 3);
      for (const card of cards) {
        const row = Number(/#(\d)/.exec(card.querySelector("h3")?.textContent ?? "")?.[1]);
        const { messages } = conversations[row] as (typeof conversations)[0];
        assert.equal(card.querySelectorAll(".pictures img").length, 1);
        const [turns] = textsOf(card, ".caption");
        assert.equal(turns, `user: [image] Question ${row}?\nassistant: ${messages[1]?.content}`);
        const learned = learnedOf(card);
        assert.ok(learned.startsWith(messages[1]?.content as string), learned);
        assert.doesNotMatch(learned, /Question|user/);
        assert.deepEqual(textsOf(card, ".tokens > .special"), ["<|im_end|>"]);
        const [summary = ""] = textsOf(card, "summary");
        assert.equal(/^\d+ tokens( · \d+ of padding)?$/.test(summary), true, summary);
        // the shorter rows are filled up; of a sequence, padding is no row's
        const isPadded = given.sequencePacking === undefined && row < 2;
        assert.equal(summary.includes("padding"), isPadded, summary);
        const masked = textsOf(card, ".tokens > .masked");
        // as many as its image has, once
        assert.equal(masked.filter((token) => token.startsWith("<|image_pad|>")).length, 1);
        assert.match(masked.join(" "), /<\|image_pad\|> × \d/);
      }
      assert.deepEqual(textsOf(page, ".legend .masked"), ["not learned"]);
    });
  });
}

test("a page of the dataset has them, too", async () => {
  const page = documentOf(await showDataset(dataset));
  assert.equal(page.querySelectorAll(".card").length, 3);
  assert.equal(page.querySelectorAll(".card .pictures img").length, 3);
  assert.match(textsOf(page, ".facts").join(" "), /conversations, at most 256 tokens/);
});
