// Processors of transformers 5: which file is read, which backend is followed, and what is refused. The
// numbers are compared in test/conformance, over test/goldens/make_transformers.py.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  ImageProcessor,
  MultimodalDataset,
  PixtokError,
  type PretrainedProcessorOptions,
  packDataset,
  type Tensor,
} from "pixtok";
import { fixture, readJsonLines, sha256, shared, withoutShared } from "../support/fixtures.js";
import { smallTokenizer } from "../support/pairs.js";

const root = await mkdtemp(join(tmpdir(), "pixtok-pretrained-"));
after(() => rm(root, { recursive: true }));

const photo = fixture("images/jpeg-500x375.jpg");
const tall = fixture("images/jpeg-17x33.jpg");

/** A folder with these files. */
async function folderOf(files: Record<string, unknown>): Promise<string> {
  const folder = await mkdtemp(join(root, "folder-"));
  for (const [name, value] of Object.entries(files)) {
    await writeFile(join(folder, name), JSON.stringify(value));
  }
  return folder;
}

async function load(
  keys: Record<string, unknown>,
  options: PretrainedProcessorOptions = {},
): Promise<ImageProcessor> {
  return ImageProcessor.fromPretrained(
    await folderOf({ "preprocessor_config.json": keys }),
    options,
  );
}

const small = { size: { height: 9, width: 7 } };

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
    const { config } = await ImageProcessor.fromPretrained(folder);
    assert.deepEqual(config.resize, { height: 256, width: 256 });
    const named = await folderOf({ "preprocessor_config.json": vit, "config.json": model });
    const other = await ImageProcessor.fromPretrained(named);
    assert.deepEqual(other.config.resize, { height: 9, width: 7 });
  });

  test("a model whose processor is not read is named", async () => {
    const folder = await folderOf({
      "preprocessor_config.json": small,
      "config.json": { model_type: "siglip2" },
    });
    await assert.rejects(ImageProcessor.fromPretrained(folder), {
      code: "INVALID_PROCESSOR",
      message: /no class is named, and of model_type "siglip2" none is read/,
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
      message: /unknown option "do_centre_crop"/,
    });
  });
});

describe("what is not matched is refused by name:", () => {
  const refused: [string, Record<string, unknown>, RegExp][] = [
    [
      "patches",
      { image_processor_type: "GotOcr2ImageProcessor", crop_to_patches: true },
      /crop_to_patches: expected false, all that is matched, got true/,
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
      "padding to a square",
      { image_processor_type: "LlavaImageProcessor", do_pad: true },
      /do_pad: expected false/,
    ],
    [
      "a class that resizes floats",
      { image_processor_type: "DINOv3ViTImageProcessorFast" },
      /"DINOv3ViTImageProcessorFast" is not read: it resizes floating-point numbers/,
    ],
    [
      "a class that makes patches",
      { image_processor_type: "Qwen2VLImageProcessor" },
      /"Qwen2VLImageProcessor" is not read: it cuts images into patches or tiles/,
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
    assert.deepEqual((await ovis.process([photo, tall])).grids?.dims, [2, 2]);
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
  });

  test("is of bytes where nothing makes numbers of them", async () => {
    const bytes = { do_rescale: false, do_normalize: false };
    const vit = await load({ image_processor_type: "ViTImageProcessor", ...small, ...bytes });
    assert.equal((await vit.process(photo)).pixel_values.type, "uint8");
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
    const dataset = new MultimodalDataset({
      imagePaths: [photo],
      texts: ["a"],
      tokenizer: await smallTokenizer(),
      image: donut,
    });
    const refused = { name: "TypeError", message: /only its process\(\) prepares images/ };
    await assert.rejects(dataset.get(0), refused);
    await assert.rejects(packDataset(dataset, join(root, "pack")), refused);
  });
});

test("the shared goldens of transformers 5: every plain processor, both backends", {
  skip: withoutShared("golden/transformers5.jsonl"),
}, async () => {
  interface Line {
    processor: string;
    class: string;
    backend: "default" | "pil";
    image: string;
    outputs: Record<string, { shape: number[]; dtype: string; sha256: string }>;
  }
  // vision-language processors and those that cut images into tiles are not read
  const isPlain = (name: string) =>
    !/-tiled$|^(Qwen2VL|Glm4v|Pixtral|LlavaNext|LlavaOnevision|Idefics\d|SmolVLM|Siglip2|Gemma4|Lfm2Vl|Mllama|Llama4|Janus|DeepseekVL|Phi4Multimodal|Aria|Vilt|BridgeTower|PaddleOCRVL|Ernie4_5_VLMoe)ImageProcessor$/.test(
      name,
    );
  const lines = readJsonLines<Line>(shared("golden/transformers5.jsonl")).filter(({ processor }) =>
    isPlain(processor),
  );
  const processors = new Map<string, ImageProcessor>();
  const differences: string[] = [];
  for (const { processor: name, backend, image, outputs } of lines) {
    const own = shared(`data/processors/${name}`);
    const folder = existsSync(own) ? own : shared(`golden/transformers5-configs/${name}`);
    const key = `${name} ${backend}`;
    // the goldens were made with Pillow 12
    const options = backend === "pil" ? ({ backend, resampler: "pillow12" } as const) : {};
    const processor = processors.get(key) ?? (await ImageProcessor.fromPretrained(folder, options));
    processors.set(key, processor);
    const result: object = await processor.process(shared(`data/photos/${image}`));
    const said = Object.entries(result as Record<string, Tensor>).map(
      ([output, { dims, type, data }]) => [
        output,
        { shape: dims, dtype: type, sha256: sha256(data) },
      ],
    );
    try {
      assert.deepEqual(Object.fromEntries(said), outputs);
    } catch {
      differences.push(`${key} ${image}`);
    }
  }
  assert.deepEqual({ cases: lines.length, differences }, { cases: 396, differences: [] });
});
