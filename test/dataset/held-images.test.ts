// Images in memory of the user's own, which may be given away once a call is done: nothing reads them any more then.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, beforeEach, describe, mock, test } from "node:test";
import { DataLoader, filter, type ImageInput, MultimodalDataset } from "pixtok";
import { makeBatch } from "../../src/dataset/batch-assembly.js";
import { pipelineOf } from "../../src/dataset/dataset.js";
import { datasetTokens, tokenCounts } from "../../src/dataset/dataset-tokens.js";
import { neverAborted } from "../../src/shared/abort.js";
import { plainContext } from "../../src/shared/sample-context.js";
import { chatProcessor } from "../support/chat-processor.js";
import { fixture } from "../support/fixtures.js";
import { tinyImage } from "../support/pairs.js";

/** The package's own: `import` would give another one. */
const sharp: typeof import("sharp").default = createRequire(import.meta.url)("sharp");

/** No thread of the addon decodes it. */
const avif = new Uint8Array(readFileSync(fixture("images/avif-even.avif")));
const processor = await chatProcessor();

/** How many images are being read, and what happens once one is. */
let reading = 0;
let onRead: () => void = () => {};

for (const name of ["toBuffer", "metadata"] as const) {
  const read = sharp.prototype[name] as (...given: unknown[]) => Promise<unknown>;
  mock.method(sharp.prototype, name, async function (this: unknown, ...given: unknown[]) {
    reading += 1;
    onRead();
    try {
      return await read.apply(this, given);
    } finally {
      reading -= 1;
    }
  });
}
after(() => mock.restoreAll());
beforeEach(() => {
  onRead = () => {};
});

/** Rejects with `reason`, and nothing is read then. Something has been before. */
async function endsUnread(work: Promise<unknown>, reason: unknown): Promise<void> {
  let hasRead = false;
  const act = onRead;
  onRead = () => {
    hasRead = true;
    act();
  };
  await assert.rejects(work, reason as Error);
  assert.deepEqual({ hasRead, reading }, { hasRead: true, reading: 0 });
}

describe("once it is aborted while an image is decoded, nothing reads the image when it ends:", () => {
  const reason = new Error("enough");
  const aborting = () => {
    const controller = new AbortController();
    onRead = () => controller.abort(reason);
    return controller.signal;
  };
  const source = {
    length: 4,
    get: (): { image: ImageInput; text: string } => ({ image: avif, text: "a" }),
  };

  test("a loader's loop", async () => {
    const dataset = new MultimodalDataset({ source, text: null, image: tinyImage });
    const signal = aborting();
    const loop = async () => {
      for await (const _ of new DataLoader(dataset, { signal, batchSize: 1 }));
    };
    await endsUnread(loop(), reason);
  });

  test("filter", async () => {
    const signal = aborting();
    await endsUnread(filter(source, { minSide: 1 }, { signal }), reason);
  });

  for (const work of ["makeBatch", "datasetTokens", "tokenCounts"] as const) {
    test(`${work}, of an image that is measured`, async () => {
      const signal = aborting();
      const { pipeline } = conversations();
      await endsUnread(works[work](pipeline, [0], signal), reason);
    });
  }
});

describe("where another row fails while an image is measured, nothing reads the image when it ends:", () => {
  for (const work of ["makeBatch", "datasetTokens"] as const) {
    test(work, async () => {
      const { pipeline, fail } = conversations();
      onRead = fail;
      await endsUnread(works[work](pipeline, [0, 1], neverAborted), { code: "SAMPLE_FAILED" });
    });
  }
});

const works = {
  makeBatch: (pipeline: Pipeline, indices: number[], signal: AbortSignal) =>
    makeBatch(pipeline, indices, { signal }),
  datasetTokens,
  tokenCounts: (pipeline: Pipeline, indices: number[], signal: AbortSignal) =>
    tokenCounts(pipeline, indices, plainContext(signal), "throw"),
};
type Pipeline = ReturnType<typeof pipelineOf>;

/** Two conversations: one about an image, and one that is there when it fails. */
function conversations(): { pipeline: Pipeline; fail: () => void } {
  let fail: () => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    fail = () => reject(new Error("socket hang up"));
  });
  failure.catch(() => {});
  const content = [{ type: "image" }, { type: "text", text: "What?" }];
  const row = { messages: [{ role: "user", content }], images: [avif] };
  const source = {
    length: 2,
    get: (index: number) => (index === 0 ? { conversation: row, image: avif, text: "" } : failure),
  };
  const dataset = new MultimodalDataset({ source, processor } as never);
  return { pipeline: pipelineOf(dataset as never), fail };
}
