import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { attestLock, loadLock } from "pixtok";
import { coreOfProcessor } from "../../src/image/image-processor.js";
import { processorOf } from "../../src/lock/locked-parts.js";
import { folder, is, lock } from "../support/locks.js";

describe("a file that is no lock", () => {
  const broken: [string, (given: Record<string, never>) => unknown, RegExp][] = [
    ["another program's", () => ({ name: "x" }), /expected a file that pixtok lock wrote/],
    ["of another format", (given) => ({ ...given, format: "pixtok lock 2" }), /"pixtok lock 1"/],
    ["without a processor", ({ processor: _, ...rest }) => rest, /processor: expected an object/],
    [
      "with an option that does not exist",
      (given) => ({ ...given, processor: { config: { resise: 1 }, huggingface: null } }),
      /unknown option "resise"/,
    ],
    ["without images", ({ images: _, ...rest }) => rest, /images: expected an array/],
    [
      "with a result of another kind",
      (given) => ({
        ...given,
        texts: [
          {
            name: "x",
            text: "x",
            pair: null,
            outputs: { ids: { shape: [1], dtype: "text", sha256: "" } },
          },
        ],
      }),
      /dtype: expected one of/,
    ],
    [
      "with a batch of an image that it has not",
      (given) => ({ ...given, batch: { images: ["x"], outputs: {} } }),
      /batch\.images\[0\]: expected the name of an image of the lock, got "x"/,
    ],
  ];
  for (const [what, change, message] of broken) {
    test(`${what}, is INVALID_LOCK`, async () => {
      const path = join(folder, "broken.json");
      await writeFile(path, JSON.stringify(change(JSON.parse(JSON.stringify(lock)))));
      await assert.rejects(loadLock(path), is("INVALID_LOCK", message));
    });
  }

  test("that is not there is FILE_NOT_FOUND", async () => {
    await assert.rejects(loadLock(join(folder, "none.json")), is("FILE_NOT_FOUND", /none\.json/));
  });

  test("whose tokenizer is damaged is INVALID_LOCK", async () => {
    const { tokenizer: locked } = lock;
    assert.ok(locked);
    const given = { ...lock, tokenizer: { ...locked, sha256: "0" } };
    await assert.rejects(attestLock(given), is("INVALID_LOCK", /its contents are not those/));
    const cut = { ...lock, tokenizer: { ...locked, json: locked.json.slice(0, 40) } };
    await assert.rejects(attestLock(cut), is("INVALID_LOCK", /^tokenizer: /));
  });

  test("has the class of its processor by the model's type, where its file names none", async () => {
    const { config } = lock.processor;
    const ofType = (modelType: string | null) =>
      processorOf({ config, huggingface: { keys: {}, modelType, backend: "pil" } });
    const { origin } = coreOfProcessor(await ofType("vit"));
    assert.equal(origin?.modelType, "vit");
    await assert.rejects(ofType(null), is("INVALID_LOCK", /^processor: /));
  });

  test("whose processor has a key that is not understood is INVALID_LOCK", async () => {
    const { config } = lock.processor;
    const keys = { image_processor_type: "ViTImageProcessor", sise: 3 };
    const huggingface = { keys, modelType: null, backend: "pil" } as const;
    const given = { ...lock, processor: { config, huggingface } };
    await assert.rejects(attestLock(given), is("INVALID_LOCK", /sise/));
  });
});
