import assert from "node:assert/strict";
import { test } from "node:test";
import { inChild } from "../support/child.js";
import { fixture } from "../support/fixtures.js";

test("images are decoded whatever UV_THREADPOOL_SIZE is: libuv has a thread at least", async () => {
  const { value, errors } = await inChild(
    `
      const { ImageProcessor } = await import("pixtok");
      const { pixel_values } = await new ImageProcessor().process(process.argv[1]);
      return pixel_values.dims;
    `,
    { args: [fixture("images/avif-1x1.avif")], env: { UV_THREADPOOL_SIZE: "-1" } },
  );
  assert.deepEqual([value, errors], [[1, 3, 224, 224], ""]);
});
