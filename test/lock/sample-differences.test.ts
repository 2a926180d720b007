// What is said of a sample whose numbers are not those of a lock.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { attestLock, type Lock } from "pixtok";
import { lock } from "../support/locks.js";

/** The same with one image and nothing else. */
const small: Lock = {
  ...lock,
  images: lock.images.slice(0, 1),
  batch: null,
  tokenizer: null,
  texts: [],
};
const [image] = small.images as [Lock["images"][number]];
const name = `image ${JSON.stringify(image.name)}`;
const { pixel_values: values } = image.outputs as {
  pixel_values: Lock["images"][number]["outputs"][string];
};
assert.ok(values !== undefined);

describe("of a sample it is said", () => {
  for (const [what, outputs, expected] of [
    [
      "which output is not in the lock",
      {},
      {
        name: "pixel_values",
        what: "missing",
        message: `${name}: pixel_values: it is not in the lock`,
      },
    ],
    [
      "which output is not there",
      { pixel_values: values, other: values },
      { name: "other", what: "missing", message: `${name}: other: it is not there` },
    ],
    [
      "what shapes they have",
      { pixel_values: { ...values, shape: [1, 2] } },
      {
        name: "pixel_values",
        what: "shape",
        message: `${name}: pixel_values: the shape is [1,2] in the lock, and [1,3,30,40] here`,
      },
    ],
    [
      "what types they have",
      { pixel_values: { ...values, dtype: "float16" } },
      {
        name: "pixel_values",
        what: "dtype",
        message: `${name}: pixel_values: the dtype is float16 in the lock, and float32 here`,
      },
    ],
    [
      "that values differ",
      { pixel_values: { ...values, sha256: "0".repeat(64) } },
      {
        name: "pixel_values",
        what: "bytes",
        message: `${name}: pixel_values: the values of float32 [1,3,30,40] differ`,
      },
    ],
  ] as const) {
    test(what, async () => {
      const other = { ...small, images: [{ ...image, outputs }] } as Lock;
      assert.deepEqual((await attestLock(other)).differences, [
        { subject: "image", sample: image.name, ...expected },
      ]);
    });
  }

  test("nothing where they are the same", async () => {
    assert.deepEqual((await attestLock(small)).differences, []);
  });
});
