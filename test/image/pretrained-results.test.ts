// What processors of transformers 5 give.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type ImageInput,
  ImageProcessor,
  MultimodalDataset,
  PixtokError,
  type RawPixels,
  type Tensor,
} from "pixtok";
import { scaledTo } from "../../src/image/pretrained/depth-geometry.js";
import { fixture, sha256 } from "../support/fixtures.js";
import { load, photo, small, tall } from "../support/processor-folders.js";

describe("a result", () => {
  test("has what comes beside the pixels, a row for each image", async () => {
    const sam = await load({ image_processor_type: "Sam2ImageProcessor", ...small });
    const { original_sizes } = await sam.process([photo, tall]);
    assert.deepEqual(original_sizes, {
      type: "int64",
      data: BigInt64Array.of(375n, 500n, 33n, 17n),
      dims: [2, 2],
    });
    const ovis = await load({ image_processor_type: "Ovis2ImageProcessor", ...small });
    const { grids } = await ovis.process([photo, tall]);
    assert.deepEqual((grids as Tensor<"int64">).dims, [2, 2]);
    const gemma = await load({ image_processor_type: "Gemma3ImageProcessor", ...small });
    assert.deepEqual((await gemma.process([photo, tall])).num_crops?.dims, [2]);
  });

  test("of a detector is padded to the largest image, with a mask", async () => {
    const detr = await load({
      image_processor_type: "DetrImageProcessor",
      size: { shortest_edge: 30, longest_edge: 50 },
    });
    const { pixel_values, pixel_mask } = await detr.process([photo, tall]);
    assert.deepEqual(
      [pixel_values.dims, pixel_mask?.dims],
      [
        [2, 3, 50, 40],
        [2, 50, 40],
      ],
    );
    const seen = [...(pixel_mask?.data ?? [])].filter((one) => one === 1n).length;
    assert.equal(seen, 40 * 30 + 26 * 50);
    await assert.rejects(
      load({ image_processor_type: "DetrImageProcessor", size: { shortest_edge: 30 } }),
      /size: expected shortest_edge with longest_edge/,
    );
  });

  test("of a detector of one size has a mask where it pads", async () => {
    const keys = { image_processor_type: "DetrImageProcessor", ...small };
    const masked = await (await load(keys)).process(photo);
    assert.deepEqual(masked.pixel_mask?.dims, [1, 9, 7]);
    const plain = await (await load({ ...keys, do_pad: false })).process(photo);
    assert.deepEqual(Object.keys(plain), ["pixel_values"]);
  });

  test("of a segmenter has sides of multiples where it resizes alone", async () => {
    const keys = { image_processor_type: "MaskFormerImageProcessor", size_divisor: 32 };
    const dimsOf = async (more: object) =>
      (await (await load({ ...keys, ...more })).process(tall)).pixel_values.dims;
    const size = { shortest_edge: 20, longest_edge: 90 };
    assert.deepEqual(await dimsOf({ size }), [1, 3, 64, 32]);
    assert.deepEqual(await dimsOf({ do_resize: false }), [1, 3, 33, 17]);
  });

  test("with margins up to multiples has the odd row below, the odd column at the right", async () => {
    const dpt = await load({
      ...{ image_processor_type: "DPTImageProcessor", size: { height: 5, width: 7 } },
      ...{ do_normalize: false, do_pad: true, size_divisor: 10 },
    });
    const white = { data: new Uint8Array(300).fill(255), width: 10, height: 10, channels: 3 };
    const { pixel_values } = await dpt.process(white as RawPixels);
    assert.deepEqual(pixel_values.dims, [1, 3, 10, 10]);
    const { data } = pixel_values;
    const lit = Array.from({ length: 100 }, (_, at) => at).filter((at) => data[at] !== 0);
    const [rows, columns] = [lit.map((at) => Math.floor(at / 10)), lit.map((at) => at % 10)];
    assert.deepEqual([Math.min(...rows), Math.max(...rows)], [2, 6]);
    assert.deepEqual([Math.min(...columns), Math.max(...columns)], [1, 7]);
  });

  test("that keeps its aspect takes the height's scale where both are as close to 1", () => {
    const image = { width: 10, height: 10 };
    assert.deepEqual(scaledTo({ width: 5, height: 15 }, image, true), { width: 15, height: 15 });
    assert.deepEqual(scaledTo({ width: 6, height: 15 }, image, true), { width: 6, height: 6 });
    assert.deepEqual(scaledTo({ width: 5, height: 15 }, image, false), { width: 5, height: 15 });
  });

  test("of a size that each image has is one image's, or of images of one size", async () => {
    const textnet = await load({
      image_processor_type: "TextNetImageProcessor",
      size: { shortest_edge: 40 },
    });
    const one = (await textnet.process(photo)).pixel_values;
    const two = (await textnet.process([photo, photo])).pixel_values;
    assert.deepEqual(
      [one.dims, two.dims],
      [
        [1, 3, 64, 64],
        [2, 3, 64, 64],
      ],
    );
    assert.equal(sha256(two.data.subarray(one.data.length)), sha256(one.data));
    await assert.rejects(textnet.process([photo, tall]), (error) => {
      assert.ok(error instanceof PixtokError);
      assert.deepEqual([error.code, error.index], ["DOES_NOT_FIT", 1]);
      return true;
    });
  });

  test("of one size is padded to pad_size", async () => {
    const clip = { image_processor_type: "CLIPImageProcessor", do_center_crop: false, ...small };
    const padded = await load({ ...clip, do_pad: true, pad_size: { height: 12, width: 11 } });
    assert.deepEqual((await padded.process(photo)).pixel_values.dims, [1, 3, 12, 11]);
    const plain = await load({ ...clip, do_pad: true });
    assert.deepEqual((await plain.process(photo)).pixel_values.dims, [1, 3, 9, 7]);
  });

  test("of an image that is not resized has its size, or that of what its class pads it to", async () => {
    const image: RawPixels = { data: new Uint8Array(135), width: 9, height: 5, channels: 3 };
    const dimsOf = async (family: string, more: object) => {
      const keys = { image_processor_type: `${family}ImageProcessor`, do_resize: false, ...more };
      return (await (await load(keys)).process(image)).pixel_values.dims;
    };
    const longest = { size: { longest_edge: 40 } };
    assert.deepEqual(await dimsOf("GLPN", { size_divisor: 32 }), [1, 3, 5, 9]);
    assert.deepEqual(await dimsOf("Sam", { ...longest, do_pad: false }), [1, 3, 5, 9]);
    const frame = { pad_size: { height: 60, width: 60 } };
    assert.deepEqual(await dimsOf("Sam", { ...longest, ...frame }), [1, 3, 60, 60]);
    assert.deepEqual(await dimsOf("Janus", { size: { height: 40, width: 40 } }), [1, 3, 9, 9]);
  });

  test("that pads to the largest image has no mask where the class has none", async () => {
    const clip = await load({
      image_processor_type: "CLIPImageProcessor",
      size: { shortest_edge: 30 },
      do_center_crop: false,
      do_pad: true,
    });
    const result = await clip.process([photo, tall]);
    assert.deepEqual(Object.keys(result), ["pixel_values"]);
    assert.deepEqual(result.pixel_values.dims, [2, 3, 58, 40]);
  });

  test("of nothing, or larger than pad_size, is DOES_NOT_FIT and names the image", async () => {
    const glpn = await load({ image_processor_type: "GLPNImageProcessor" });
    await assert.rejects(glpn.process([photo, tall]), {
      code: "DOES_NOT_FIT",
      index: 1,
      message: /nothing of it is left: it becomes 0 x 32/,
    });
    const pi0 = await load({ image_processor_type: "PI0ImageProcessor", size: 50, pad_size: 60 });
    await assert.rejects(pi0.process([photo, tall]), { code: "DOES_NOT_FIT", index: 0 });
    const square: RawPixels = { data: new Uint8Array(27), width: 3, height: 3, channels: 3 };
    await assert.rejects(pi0.process([square, tall]), { code: "DOES_NOT_FIT", index: 1 });
  });

  test("is of bytes where nothing makes numbers of them", async () => {
    const bytes = { do_rescale: false, do_normalize: false };
    const vit = await load({ image_processor_type: "ViTImageProcessor", ...small, ...bytes });
    assert.equal((await vit.process(photo)).pixel_values.type, "uint8");
  });

  describe("of several resizes", () => {
    const donut = { image_processor_type: "DonutImageProcessor", ...small };
    const pages = [donut, { ...donut, size: { height: 9, width: 5 }, do_align_long_axis: true }];
    const digestOf = async (keys: object, image: ImageInput, options: object = {}) =>
      sha256((await (await load({ ...keys }, options)).process(image)).pixel_values.data);

    test("is of the upright image, turned as the page lies or not", async () => {
      const path = fixture("oriented/orientation-6.jpg");
      const upright = new ImageProcessor({
        resize: { width: 24, height: 40 },
        type: "uint8",
        layout: "hwc",
        exifOrientation: true,
      });
      const data = (await upright.process(path)).pixel_values.data as Uint8Array;
      const pixels: RawPixels = { data, width: 24, height: 40, channels: 3 };
      const wide = { ...donut, size: { height: 5, width: 9 }, do_align_long_axis: true };
      for (const keys of [donut, wide])
        assert.equal(await digestOf(keys, path), await digestOf(keys, pixels));
    });

    test("has transparency on white where that is asked for", async () => {
      const size = { width: 8, height: 4 } as const;
      const clear: RawPixels = { ...size, data: new Uint8Array(4 * 32), channels: 4 };
      const white: RawPixels = { ...size, data: new Uint8Array(3 * 32).fill(255), channels: 3 };
      for (const keys of pages) {
        const expected = await digestOf(keys, white);
        assert.equal(await digestOf(keys, clear, { alpha: "white" }), expected);
        assert.notEqual(await digestOf(keys, clear), expected);
      }
    });
  });

  test("names the image that cannot be read", async () => {
    const donut = await load({ image_processor_type: "DonutImageProcessor", ...small });
    await assert.rejects(donut.process([photo, fixture("wordpiece/vocab.txt")]), (error) => {
      assert.ok(error instanceof PixtokError, String(error));
      assert.deepEqual([error.code, error.index], ["UNSUPPORTED_FORMAT", 1]);
      return true;
    });
  });

  test("that looks at each image's size takes no options of process, and no dataset", async () => {
    const donut = await load({ image_processor_type: "DonutImageProcessor", ...small });
    await assert.rejects(donut.process(photo, { horizontalFlip: true }), {
      name: "TypeError",
      message: /unknown option "horizontalFlip"/,
    });
    const images = { imagePaths: [photo], text: null };
    const message = /^image: .* only its process\(\) prepares images/;
    for (const trainer of [{}, { for: "tfjs" as const }]) {
      const make = () => new MultimodalDataset({ ...images, ...trainer, image: donut });
      assert.throws(make, { name: "TypeError", message });
    }
    const columns = { mask: { type: "image" as const, processor: donut } };
    assert.throws(() => new MultimodalDataset({ ...images, columns }), {
      name: "TypeError",
      message: /^columns\.mask\.processor: .* only its process\(\) prepares images/,
    });
  });
});
