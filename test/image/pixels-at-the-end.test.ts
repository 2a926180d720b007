// Raw pixels that end where their memory does: nothing behind them is read. Memory of WebAssembly is
// followed by pages that nobody may read, so that a read of them ends the process.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nativeAddon } from "../../src/native/load-addon.js";
import { inChild } from "../support/child.js";

const body = `
  const { ImageProcessor } = await import("pixtok");
  const memory = new Uint8Array(new WebAssembly.Memory({ initial: 1, maximum: 1 }).buffer);
  const processorsOf = (width) => [
    ...["bilinear", "nearest"].map((filter) => ({ resize: { width: 5, height: 3 }, filter })),
    // taken as they are
    ...["float32", "float16", "uint8"].flatMap((type) =>
      ["chw", "hwc"].map((layout) => ({ resize: { width, height: 4 }, type, layout }))),
  ].map((options) => new ImageProcessor(options));
  let prepared = 0;
  // small ones, and those beside each multiple of 8
  const widths = Array.from({ length: 66 }, (_, i) => i + 1);
  for (const width of widths.filter((one) => one < 18 || (one + 1) % 8 < 3)) {
    for (const processor of processorsOf(width)) {
      const images = [[1], [2], [3], [4], [3, "chw"]].map(([channels, layout]) => {
        const data = memory.subarray(memory.length - 4 * width * channels);
        return { data, width, height: 4, channels, ...(layout && { layout }) };
      });
      const { pixel_values } = await processor.process(images);
      prepared += pixel_values.dims[0];
    }
  }
  return prepared;
`;

for (const kernel of nativeAddon().supportedKernels()) {
  test(`pixels at the end of memory are not read beyond, by ${kernel}`, async () => {
    const { ended, value, errors } = await inChild(body, { env: { PIXTOK_KERNEL: kernel } });
    assert.deepEqual([ended, value], [0, 1400], errors);
  });
}
