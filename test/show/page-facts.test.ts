// What a page says that its pairs have gone through.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ImageProcessor, runtimeInfo } from "pixtok";
import { pageFacts } from "../../src/show/page-facts.js";
import { pageImages } from "../../src/show/page-images.js";
import { pair, shortText } from "../support/shown-parts.js";

type Pipeline = Parameters<typeof pageFacts>[0];

const boxes = { ofPairs: new Map(), formats: new Map() };

/** By their names. */
function factsOf(parts: object, pairs = [pair(0), pair(1, { text: shortText })]) {
  const image = { processor: new ImageProcessor(), pictures: null };
  const pipeline = { image, imageColumns: [], text: null, ...parts } as unknown as Pipeline;
  return Object.fromEntries(pageFacts(pipeline, pairs, boxes));
}

const text = (config: object) => ({ text: { config: { maxLength: 9, ...config } } });

describe("a page says of its texts", () => {
  test("how they are cleaned and cut", () => {
    assert.equal(factsOf(text({ clean: "none" })).texts, "clean: none, at most 9 tokens");
    const clean = (one: string) => one;
    assert.equal(factsOf(text({ clean })).texts, "clean: a function, at most 9 tokens");
  });

  test("where ready tokens are", () => {
    assert.equal(factsOf(text({ tokens: "ids" })).texts, "ids of ids, at most 9 tokens");
  });

  test("how conversations are read", () => {
    const chat = { rows: "preferences", maxLength: 7 };
    assert.equal(factsOf({ ...text({}), chat }).texts, "preferences, at most 7 tokens");
    const unlimited = { rows: "conversations", maxLength: undefined };
    assert.equal(factsOf({ ...text({}), chat: unlimited }).texts, "conversations");
  });

  test("nothing where there are none, or no pair has tokens", () => {
    assert.equal(factsOf({}).texts, undefined);
    const withoutTokens = pair(0, { text: { ...shortText, tokens: null } });
    assert.equal(factsOf(text({ clean: "none" }), [withoutTokens]).texts, undefined);
  });
});

test("a page says that images are taken apart, and what has made it", () => {
  const image = { processor: new ImageProcessor(), pictures: {} };
  const facts = factsOf({ image });
  assert.equal(facts.images, "taken apart, each by its own size");
  assert.equal(facts.pixtok, runtimeInfo().version);
});

test("images of a page are refused once they have more letters than are possible", async () => {
  const image = { data: new Uint8ClampedArray(3), width: 1, height: 1 };
  const { url } = await pageImages().exact(image);
  const small = await pageImages().small(image);
  assert.deepEqual([small.width, small.height], [1, 1]);
  const both = url.length + small.url.length;
  const exactly = pageImages(both);
  await exactly.exact(image);
  await exactly.small(image);
  const less = pageImages(both - 1);
  await less.exact(image);
  await assert.rejects(less.small(image), {
    name: "RangeError",
    message: /^samples: expected fewer, .* 256 MiB/,
  });
});
