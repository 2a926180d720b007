// attest.py: that Pillow comes to the hashes of our locks, and notice what differs.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createLock, ImageProcessor, type ImageProcessorOptions, type Lock } from "pixtok";
import { assertSame, attestAll, folder, saved } from "../support/attest.js";
import { withoutPython } from "../support/python.js";

const size = { width: 41, height: 30 };
const factor = { rescale: 1 / 255, type: "float32" } as const;
const onPillow: ImageProcessorOptions[] = [
  {},
  { resize: size, filter: "nearest" },
  { resize: size, filter: "hamming", layout: "hwc" },
  { resize: { shortestEdge: 37 }, centerCrop: 50, filter: "bicubic", type: "float16" },
  { resize: { shortestEdge: 37, longestEdge: 60 }, centerCrop: { width: 44, height: 23 } },
  { resize: { longestEdge: 48 }, pad: 48, filter: "lanczos", convention: "huggingface" },
  { resize: { maxWidth: 40, maxHeight: 50 }, pad: 50, convention: "huggingface", ...factor },
  { resize: { shortestEdge: 30, longestEdge: 50 }, centerCrop: 33, convention: "huggingface" },
  { resize: size, convention: "huggingface", ...factor, channelOrder: "bgr", lastStd: [1, 2, 3] },
  { resize: size, convention: "huggingface", ...factor, rescaleOffset: 1, mean: null, std: null },
  { resize: size, convention: "huggingface-torchvision", ...factor, exifOrientation: true },
  { resize: { shortestEdge: 35 }, centerCrop: 40, convention: "huggingface-torchvision" },
  { resize: null, centerCrop: 60, rescale: false, alpha: "white" },
  { resize: size, type: "uint8", layout: "hwc", exifOrientation: true, alpha: "white" },
];

describe("attest.py with Pillow alone", {
  skip: withoutPython({ pillow: "13", numpy: "2" }),
}, () => {
  test("gives what processors of every kind of options give", async () => {
    const locks = await Promise.all(
      onPillow.map(async (options) =>
        saved(await createLock({ image: new ImageProcessor(options) })),
      ),
    );
    const runs = attestAll(locks.map((lock) => [lock]));
    assertSame(
      runs,
      onPillow.map((options) => JSON.stringify(options)),
    );
  });

  test("names what differs first, with code 3, and what cannot be said, with code 1", async () => {
    const image = new ImageProcessor({ resize: size });
    const lock = await createLock({ image });
    const { config } = lock.processor;
    const change = (changes: object) =>
      saved({ ...lock, processor: { ...lock.processor, config: { ...config, ...changes } } });
    const [first, ...rest] = lock.images;
    const outputs = { pixel_values: { ...first?.outputs.pixel_values, sha256: "0" } };
    const runs = attestAll([
      [await change({ filter: "bicubic" })],
      [await change({ mean: [0.486, 0.456, 0.406] })],
      [await change({ resize: { width: 41, height: 31 } })],
      [await saved({ ...lock, images: [...rest, { ...first, outputs }] } as Lock)],
      [await change({ decode: "fast" })],
      [join(folder, "none.json")],
    ]);
    const landscape = 'not the same: image "landscape": pixel_values: ';
    assert.deepEqual(
      runs.map(({ code, lines }) => [code, lines.find((line) => !line.startsWith("note")) ?? ""]),
      [
        [3, `${landscape}the values of float32 [1, 3, 30, 41] differ`],
        [3, `${landscape}the values of float32 [1, 3, 30, 41] differ`],
        [3, `${landscape}the shape is [1, 3, 30, 41] in the lock, and [1, 3, 31, 41] here`],
        [3, `${landscape}the values of float32 [1, 3, 30, 41] differ`],
        [1, 'attest.py: decode: "fast" has no reference here'],
        [1, runs[5]?.lines[0] ?? ""],
      ],
    );
  });

  test("notices Pillow 12's numbers by the images that Pillow 13 resizes otherwise", async () => {
    const image = new ImageProcessor({ resize: size, resampler: "pillow12" });
    const [run] = attestAll([[await saved(await createLock({ image }))]]);
    assert.equal(run?.code, 3);
    assert.ok(run.lines.some((line) => /^note: pillow is 12\.3 in the lock, and 13\./.test(line)));
  });
});
