// examples/transformers-js, as `npm start` runs it. Its packages are installed by `npm ci --prefix`.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { installedExample } from "../support/installed-example.js";

const example = installedExample("transformers-js");

describe("transformers-js", { skip: example.skip }, () => {
  let folder: string;
  let text: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "pixtok-embedded-"));
    text = (await example.run(["--out", folder])).join("\n");
  });

  after(() => rmSync(folder, { recursive: true }));

  /** The numbers of the line that begins so. */
  function numbers(start: string): number[] {
    const line = text.split("\n").find((one) => one.trim().startsWith(start)) ?? "";
    return [...line.slice(start.length).matchAll(/\d+(?:\.\d+)?/g)].map(([number]) =>
      Number(number),
    );
  }

  test("compiles", async () => assert.deepEqual(await example.typeErrors(), []));

  test("finds captions by images that pixtok has prepared, in the pipeline and by a loader", () => {
    const [inPipeline = 0, of] = numbers("pixtok in its pipeline:");
    const [byLoader] = numbers("batches of a loader:");
    assert.equal(of, 128);
    // by chance one
    assert.ok(inPipeline > 64, text);
    assert.equal(byLoader, inPipeline);
  });

  test("has the same embeddings in the pipeline and by a loader", () => {
    assert.deepEqual(numbers("pixtok in the pipeline or by a loader:"), [1, 1]);
  });

  test("has the same embeddings of captions as transformers.js alone, and other ones of images", () => {
    assert.deepEqual(numbers("captions:"), [1, 1]);
    const [median = 0, least = 0] = numbers("images:");
    assert.ok(median < 0.999, text);
    assert.ok(least > 0.8, text);
  });
});
