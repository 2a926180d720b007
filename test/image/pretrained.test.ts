// Processors of transformers 5: which file is read, which backend is followed, and what is refused. The
// numbers are compared in test/conformance, over test/goldens/make_transformers.py.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ImageProcessor, PixtokError, type PretrainedProcessorOptions } from "pixtok";
import { folderOf, load, small } from "../support/processor-folders.js";

describe("the files of a folder", () => {
  const vit = { image_processor_type: "ViTImageProcessor", ...small };
  const deit = { image_processor_type: "DeiTImageProcessor" };

  test("processor_config.json wins where it has an image_processor", async () => {
    const folder = await folderOf({
      "processor_config.json": { processor_class: "AProcessor", image_processor: vit },
      "preprocessor_config.json": deit,
    });
    const { config } = await ImageProcessor.fromPretrained(folder);
    assert.deepEqual(config.resize, { height: 9, width: 7 });
  });

  test("processor_config.json is enough", async () => {
    const folder = await folderOf({ "processor_config.json": { image_processor: vit } });
    const { config } = await ImageProcessor.fromPretrained(folder);
    assert.equal(config.filter, "bilinear");
  });

  test("processor_config.json without an image_processor leaves it to the other", async () => {
    const folder = await folderOf({
      "processor_config.json": { processor_class: "AProcessor" },
      "preprocessor_config.json": deit,
    });
    const { config } = await ImageProcessor.fromPretrained(folder);
    assert.deepEqual(config.centerCrop, { height: 224, width: 224 });
  });

  test("config.json names the model where no class is named", async () => {
    const folder = await folderOf({
      "preprocessor_config.json": small,
      "config.json": { model_type: "swin" },
    });
    const { config } = await ImageProcessor.fromPretrained(folder);
    assert.equal(config.filter, "bilinear"); // ViT's
    assert.deepEqual(config.mean, [0.5, 0.5, 0.5]);
  });

  test("config.json names the class where no other file does", async () => {
    const model = { model_type: "vit", image_processor_type: "DeiTImageProcessor" };
    const folder = await folderOf({ "preprocessor_config.json": {}, "config.json": model });
    const deitOfModel = await ImageProcessor.fromPretrained(folder);
    assert.deepEqual(deitOfModel.config.resize, { height: 256, width: 256 });
    const old = { feature_extractor_type: "ViTFeatureExtractor", ...small };
    for (const own of [vit, old]) {
      const named = await folderOf({ "preprocessor_config.json": own, "config.json": model });
      const { config } = await ImageProcessor.fromPretrained(named);
      assert.deepEqual([config.resize, config.filter], [{ height: 9, width: 7 }, "bilinear"]);
    }
  });

  test("a file of either kind may be named itself", async () => {
    const folder = await folderOf({
      "processor_config.json": { processor_class: "AProcessor", image_processor: vit },
      "preprocessor_config.json": vit,
    });
    for (const file of ["processor_config.json", "preprocessor_config.json"]) {
      const { config } = await ImageProcessor.fromPretrained(join(folder, file));
      assert.deepEqual(config.resize, { height: 9, width: 7 });
    }
  });

  test("a key that is not understood has no effect where it is null", async () => {
    const { config } = await load({ ...vit, of_the_future: null });
    assert.deepEqual(config.resize, { height: 9, width: 7 });
  });

  test("bytes are not divided by torchvision's EfficientNet, and have no offset", async () => {
    const bytes = { image_processor_type: "EfficientNetImageProcessor", do_rescale: false };
    await assert.rejects(load({ ...bytes, do_normalize: false, include_top: true }), {
      code: "INVALID_PROCESSOR",
      message: /include_top: the torchvision backend does not divide bytes/,
    });
    const plain = { do_normalize: false, include_top: false, rescale_offset: true };
    const { config } = await load({ ...bytes, ...plain });
    assert.deepEqual([config.rescaleOffset, config.type], [0, "uint8"]);
  });

  test("a model whose processor is not read is named", async () => {
    const folder = await folderOf({
      "preprocessor_config.json": small,
      "config.json": { model_type: "kosmos-2.5" },
    });
    await assert.rejects(ImageProcessor.fromPretrained(folder), {
      code: "INVALID_PROCESSOR",
      message: /no class is named, and of model_type "kosmos-2\.5" none is read/,
    });
  });

  test("feature_extractor_type is the old spelling of the class", async () => {
    for (const name of ["ViTFeatureExtractor", "ViTImageProcessor", "ViTFeatureExtractorFast"]) {
      const { config } = await load({ feature_extractor_type: name, ...small });
      assert.deepEqual(config.mean, [0.5, 0.5, 0.5], name);
    }
  });

  for (const suffix of ["Fast", "Pil", ""]) {
    test(`a class is the same with the suffix "${suffix}"`, async () => {
      const { config } = await load({ image_processor_type: `DPTImageProcessor${suffix}` });
      assert.deepEqual(config.resize, { height: 384, width: 384 });
      assert.equal(config.resampler, "torch");
    });
  }
});

describe("the backend", () => {
  const clip = { image_processor_type: "CLIPImageProcessor" };

  test("is torchvision's by default, with torch's resize", async () => {
    const { config } = await load(clip);
    assert.deepEqual(
      [config.resampler, config.convention, config.exifOrientation, config.alpha],
      ["torch", "huggingface-torchvision", true, "white"],
    );
  });

  test("is Pillow's where it is asked for, of either version", async () => {
    for (const resampler of ["pillow13", "pillow12"] as const) {
      const { config } = await load(clip, { backend: "pil", resampler });
      assert.deepEqual([config.resampler, config.convention], [resampler, "huggingface"]);
    }
    assert.equal((await load(clip, { backend: "pil" })).config.resampler, "pillow13");
  });

  test("is torchvision's where a class has no other", async () => {
    const { config } = await load(
      { image_processor_type: "Sam2ImageProcessor" },
      { backend: "pil" },
    );
    assert.equal(config.resampler, "torch");
  });

  test("resample is one of Pillow's numbers", async () => {
    const names = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"];
    for (const [resample, name] of names.entries()) {
      assert.equal((await load({ ...clip, resample }, { backend: "pil" })).config.filter, name);
    }
    await assert.rejects(load({ ...clip, resample: 6 }, { backend: "pil" }), {
      code: "INVALID_PROCESSOR",
      message: /resample: expected one of Pillow's filters, 0 to 5, got 6/,
    });
  });

  test("of torchvision refuses box and hamming, which Pillow's has", async () => {
    for (const [resample, name] of [
      [4, "box"],
      [5, "hamming"],
    ] as const) {
      await assert.rejects(load({ ...clip, resample }), (error) => {
        assert.ok(error instanceof PixtokError && error.code === "INVALID_PROCESSOR");
        assert.match(
          error.message,
          new RegExp(`resample: the torchvision backend has no "${name}"`),
        );
        return true;
      });
      const { config } = await load({ ...clip, resample }, { backend: "pil" });
      assert.equal(config.filter, name);
    }
  });

  test("of another name is refused", async () => {
    await assert.rejects(load(clip, { backend: "torch" as "pil" }), {
      name: "RangeError",
      message: /backend: expected one of "torchvision", "pil", got "torch"/,
    });
  });
});

describe("options in place of a file's", () => {
  const clip = { image_processor_type: "CLIPImageProcessor" };

  test("have Python's names", async () => {
    const { config } = await load(clip, {
      size: { height: 30, width: 20 },
      do_center_crop: false,
      image_mean: [0.1, 0.2, 0.3],
      image_std: 0.5,
      resample: 2,
      rescale_factor: 0.25,
    });
    assert.deepEqual(config.resize, { height: 30, width: 20 });
    assert.equal(config.centerCrop, null);
    assert.deepEqual(config.mean, [0.1, 0.2, 0.3]);
    assert.deepEqual(config.std, [0.5, 0.5, 0.5]);
    assert.equal(config.filter, "bilinear");
    assert.equal(config.rescale, 0.25);
  });

  test("leave transparency out and images as they lie", async () => {
    const { config } = await load(clip, { alpha: "drop", exifOrientation: false });
    assert.deepEqual([config.alpha, config.exifOrientation], ["drop", false]);
  });

  test("of other names are refused", async () => {
    await assert.rejects(load(clip, { do_centre_crop: true } as PretrainedProcessorOptions), {
      name: "TypeError",
      message: /ImageProcessor\.fromPretrained: unknown option "do_centre_crop"/,
    });
  });
});

describe("what is not matched is refused by name:", () => {
  const refused: [string, Record<string, unknown>, RegExp][] = [
    [
      "a crop of Ovis2's tiles",
      { image_processor_type: "Ovis2ImageProcessor", crop_to_patches: true, do_center_crop: true },
      /do_center_crop: expected false/,
    ],
    [
      "a crop of DPT's, which its backends disagree about",
      { image_processor_type: "DPTImageProcessor", do_center_crop: true },
      /do_center_crop: expected false/,
    ],
    [
      "nearest of Donut's, which is bicubic in one of two resizes",
      { image_processor_type: "DonutImageProcessor", resample: 0 },
      /resample: expected 1 to 5, got 0/,
    ],
    [
      "tiles that are not filled up",
      { image_processor_type: "MllamaImageProcessor", do_pad: false },
      /do_pad: expected true, got false/,
    ],
    [
      "a class that resizes floats in a way of its own",
      { image_processor_type: "UVDocImageProcessorFast" },
      /"UVDocImageProcessorFast" is not read: it resizes floating-point numbers in a way of its own/,
    ],
    [
      "a class that makes patches of its own",
      { image_processor_type: "Kosmos2_5ImageProcessor" },
      /"Kosmos2_5ImageProcessor" is not read: it normalizes each image by the mean and std of its own/,
    ],
    [
      "a class that there is none of",
      { image_processor_type: "NoSuchImageProcessor" },
      /"NoSuchImageProcessor" is not understood; expected one of CLIPImageProcessor, /,
    ],
  ];
  for (const [what, keys, message] of refused) {
    test(what, async () => {
      await assert.rejects(load(keys), (error) => {
        assert.ok(error instanceof PixtokError && error.code === "INVALID_PROCESSOR");
        assert.match(error.message, message);
        return true;
      });
    });
  }
});
