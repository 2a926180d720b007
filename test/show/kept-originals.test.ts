// For how long the files stay that a page's original images are in.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { type Batch, DataLoader, MultimodalDataset, type NoColumns, type PairSource } from "pixtok";
import { pipelineOf } from "../../src/dataset/dataset.js";
import type { SourceContext } from "../../src/shared/sample-context.js";
import { shownPairs } from "../../src/show/shown-pairs.js";
import { numberedPairs, tinyImage } from "../support/pairs.js";

describe("the files that a page's original images are in", () => {
  test("stay until all of these have been read, though one of them has failed", async () => {
    const events: string[] = [];
    const pairs = numberedPairs(2);
    const source: PairSource = {
      length: 2,
      get(index, context) {
        (context as SourceContext).keep?.(() => events.push("let go"));
        return pairs.get(index);
      },
    };
    const dataset = new MultimodalDataset({ source, text: null, image: tinyImage });
    const batches = new DataLoader(dataset, { batchSize: 2 })[Symbol.asyncIterator]();
    const batch = (await batches.next()).value as Batch<NoColumns, null>;
    events.length = 0;
    const failure = new Error("no page");
    let begun = 0;
    const encode = {
      exact: async () => "",
      async small() {
        begun += 1;
        if (begun === 2) throw failure;
        await setImmediate(); // while the other one fails
        events.push("read");
        return "";
      },
    };
    const { signal } = new AbortController();
    const origin = { pipeline: pipelineOf(dataset), seed: 0, epoch: 0 };
    await assert.rejects(shownPairs(batch, origin, { encode, boxColumns: [], signal }), failure);
    assert.deepEqual(events, ["read", "let go", "let go"]);
  });
});
