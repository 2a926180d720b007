// Classes of transformers that resize and mirror numbers rather than bytes. Their tensors are compared in the
// conformance suite (transformers.jsonl, transformers.torch.jsonl).

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { ImageProcessor, PixtokError } from "pixtok";
import { fixture } from "../support/fixtures.js";

const folder = await mkdtemp(join(tmpdir(), "pixtok-floats-"));
after(() => rm(folder, { recursive: true }));

async function load(family: string, keys: object = {}): Promise<ImageProcessor> {
  const config = { image_processor_type: `${family}ImageProcessor`, ...keys };
  await writeFile(join(folder, "preprocessor_config.json"), JSON.stringify(config));
  return ImageProcessor.fromPretrained(folder);
}

/** Of one colour. */
const grey = (width: number, height: number) => ({
  data: new Uint8Array(3 * width * height).fill(128),
  width,
  height,
  channels: 3 as const,
});

describe("a class that resizes numbers", () => {
  test("has the names and shapes of Python", async () => {
    const processor = await load("RfDetr", { size: { shortest_edge: 10, longest_edge: 30 } });
    const result = await processor.process([grey(20, 40), grey(40, 20)]);
    assert.deepEqual(Object.keys(result).sort(), ["pixel_mask", "pixel_values"]);
    assert.deepEqual(result.pixel_values.dims, [2, 3, 20, 20]);
    assert.deepEqual(result.pixel_mask?.dims, [2, 20, 20]);
  });

  test("has no size of its own, as each image has one", async () => {
    const processor = await load("DINOv3ViT");
    assert.throws(() => processor.dims, TypeError);
  });

  const refused: [string, string, object, RegExp][] = [
    ["a crop", "DINOv3ViT", { do_center_crop: true }, /do_center_crop: expected false/],
    ["lanczos", "DINOv3ViT", { resample: 1 }, /resample: expected 0, 2 or 3/],
    ["bicubic", "RfDetr", { resample: 3 }, /resample: expected 2, all that is matched/],
    ["nearest", "DepthPro", { resample: 0 }, /resample: expected 2, all that is matched/],
    ["bicubic", "ZoeDepth", { resample: 3 }, /resample: expected 2, all that is matched/],
    ["no square", "Owlv2", { do_pad: false }, /do_pad: expected true, all that is matched/],
    ["no resize", "Owlv2", { do_resize: null }, /do_resize: expected true, all that is matched/],
    ["a shorter edge", "Owlv2", { size: { shortest_edge: 9 } }, /size: expected { height, width }/],
    [
      "a row of pixels",
      "Owlv2",
      { size: { height: 1, width: 9 } },
      /size: expected sides of 2 or more/,
    ],
    ["bytes", "Owlv2", { do_rescale: false }, /do_rescale: expected true/],
    ["bytes", "Swin2SR", { do_rescale: false }, /do_rescale: expected true/],
    [
      "no multiple",
      "ZoeDepth",
      { ensure_multiple_of: null },
      /ensure_multiple_of: expected a numb/,
    ],
    [
      "an edge alone",
      "RfDetr",
      { size: { shortest_edge: 9 } },
      /size: expected shortest_edge with/,
    ],
  ];
  for (const [what, family, keys, message] of refused) {
    test(`${family} with ${what} is INVALID_PROCESSOR`, async () => {
      await assert.rejects(load(family, keys), { code: "INVALID_PROCESSOR", message });
    });
  }

  test("with a size that rounds to nothing is DOES_NOT_FIT, of the image that it is", async () => {
    const size = { height: 4, width: 4 };
    const processor = await load("ZoeDepth", { size, ensure_multiple_of: 32 });
    await assert.rejects(processor.process([grey(9, 9)]), (error) => {
      assert.ok(error instanceof PixtokError, String(error));
      assert.equal(error.code, "DOES_NOT_FIT");
      assert.equal(error.index, 0);
      assert.match(error.message, /it becomes 0 x 0/);
      return true;
    });
  });

  test("names the image that cannot be read behind one that can", async () => {
    const processor = await load("Swin2SR");
    await assert.rejects(processor.process([grey(9, 9), fixture("broken/cut-at-70.jpg")]), {
      code: "TRUNCATED_IMAGE",
      index: 1,
      source: fixture("broken/cut-at-70.jpg"),
    });
  });

  test("with a size of millions is refused before there is memory for it", async () => {
    const processor = await load("DepthPro", { size: { height: 5, width: 1e9 } });
    await assert.rejects(processor.process(grey(9, 9)), RangeError);
  });

  test("with margins beyond the longest side is refused, though it is made smaller", async () => {
    const processor = await load("ZoeDepth", {
      size: { height: 32, width: 32 },
      keep_aspect_ratio: false,
    });
    await assert.rejects(processor.process(grey(65_400, 1)), {
      name: "RangeError",
      message: /no side of more than 65536, got 66484/,
    });
  });

  test("refuses Pillow's backend where that has another arithmetic", async () => {
    await load("Owlv2");
    await assert.rejects(ImageProcessor.fromPretrained(folder, { backend: "pil" }), {
      code: "INVALID_PROCESSOR",
      message: /backend: "pil" of this class is not read: it filters and resizes by scipy/,
    });
  });

  test("is not padded to a square of more than the processor's pixels", async () => {
    const processor = await load("Owlv2", { size: { height: 4, width: 6 } });
    const { pixel_values } = await processor.process(grey(1, 300));
    assert.deepEqual(pixel_values.dims, [1, 3, 4, 6]);
    await assert.rejects(processor.process([grey(9, 9), grey(1, 14_000)]), {
      code: "TOO_MANY_PIXELS",
      index: 1,
      message: /it is padded to 14000 x 14000 pixels, more than maxPixels = 178956970/,
    });
  });

  test("takes images of one call to one size", async () => {
    const processor = await load("Swin2SR");
    const { pixel_values } = await processor.process([grey(9, 17), grey(15, 23)]);
    assert.deepEqual(pixel_values.dims, [2, 3, 24, 16]);
    await assert.rejects(processor.process([grey(9, 17), grey(16, 17)]), { code: "DOES_NOT_FIT" });
  });
});

describe("VideoLlava's images", () => {
  test("have Python's name, and pixel_values for who does not know it", async () => {
    const processor = await load("VideoLlava");
    const result = await processor.process(grey(30, 40));
    assert.deepEqual(Object.keys(result), ["pixel_values_images"]);
    assert.equal(result.pixel_values, result.pixel_values_images);
    assert.deepEqual(result.pixel_values.dims, [1, 3, 224, 224]);
    assert.equal(processor.config.convention, "huggingface");
  });
});
