import assert from "node:assert/strict";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { ImageProcessor, PixtokError } from "pixtok";
import { fixture, readJsonLines, sha256, shared, withoutShared } from "../support/fixtures.js";

const folder = await mkdtemp(join(tmpdir(), "pixtok-processor-"));
after(() => rm(folder, { recursive: true }));

async function load(config: unknown): Promise<ImageProcessor> {
  const path = join(folder, "preprocessor_config.json");
  await writeFile(path, typeof config === "string" ? config : JSON.stringify(config));
  return ImageProcessor.fromPretrained(folder);
}

describe("a preprocessor_config.json", () => {
  test("sets every option", async () => {
    const { config } = await load({
      image_processor_type: "CLIPImageProcessor",
      do_resize: true,
      size: { shortest_edge: 200 },
      resample: 1,
      do_center_crop: true,
      crop_size: { height: 190, width: 180 },
      do_rescale: true,
      rescale_factor: 0.5,
      do_normalize: true,
      image_mean: [1, 2, 3],
      image_std: [4, 5, 6],
      do_convert_rgb: true,
    });
    assert.deepEqual(config, {
      resize: { shortestEdge: 200 },
      filter: "lanczos",
      resampler: "torch",
      centerCrop: { width: 180, height: 190 },
      pad: null,
      convention: "huggingface-torchvision",
      rescale: 0.5,
      rescaleOffset: 0,
      mean: [1, 2, 3],
      std: [4, 5, 6],
      lastStd: null,
      channelOrder: "rgb",
      layout: "chw",
      type: "float32",
      maxPixels: 178956970,
      exifOrientation: true,
      alpha: "white",
      decode: "exact",
    });
  });

  const spellings: [string, unknown, Partial<ImageProcessor["config"]>][] = [
    [
      "integers for CLIP",
      { feature_extractor_type: "CLIPFeatureExtractor", size: 224, crop_size: 200 },
      { resize: { shortestEdge: 224 }, centerCrop: { width: 200, height: 200 } },
    ],
    [
      "an integer for ViT",
      { feature_extractor_type: "ViTFeatureExtractor", size: 100 },
      { resize: { width: 100, height: 100 }, filter: "bilinear", mean: [0.5, 0.5, 0.5] },
    ],
    [
      "the fast class, nothing else",
      { image_processor_type: "SiglipImageProcessorFast" },
      { resize: { width: 224, height: 224 }, filter: "bicubic", rescale: 1 / 255 },
    ],
    [
      "DeiT's defaults",
      { image_processor_type: "DeiTImageProcessor" },
      { resize: { width: 256, height: 256 }, centerCrop: { width: 224, height: 224 } },
    ],
    [
      "ConvNeXT below 384",
      { image_processor_type: "ConvNextImageProcessor", size: { shortest_edge: 224 } },
      { resize: { shortestEdge: 256 }, centerCrop: { width: 224, height: 224 } },
    ],
    [
      "ConvNeXT at 384",
      { image_processor_type: "ConvNextImageProcessor", crop_pct: 0.9 },
      { resize: { width: 384, height: 384 }, centerCrop: null },
    ],
    [
      // int(256 / 224 * 160) in transformers
      "LeViT, whose resize is larger, rounded down",
      { image_processor_type: "LevitImageProcessor", size: { shortest_edge: 160 } },
      { resize: { shortestEdge: 182 } },
    ],
    [
      "nulls, as newer versions write them",
      {
        image_processor_type: "BlipImageProcessor",
        size: { height: 10, width: 12 },
        do_pad: null,
        pad_size: null,
        data_format: "channels_first",
        input_data_format: null,
      },
      { resize: { width: 12, height: 10 }, pad: null },
    ],
    [
      "switches that are off",
      { image_processor_type: "BitImageProcessor", do_rescale: false, do_normalize: false },
      { rescale: false, mean: null, std: null },
    ],
    [
      "a longest edge of null",
      {
        image_processor_type: "CLIPImageProcessor",
        size: { shortest_edge: 9, longest_edge: null },
      },
      { resize: { shortestEdge: 9 } },
    ],
    [
      "a max_size, which CLIP does not look at",
      { image_processor_type: "CLIPImageProcessor", size: 9, max_size: 12 },
      { resize: { shortestEdge: 9 } },
    ],
    [
      "nulls for true",
      {
        image_processor_type: "CLIPImageProcessor",
        do_resize: null,
        do_normalize: null,
        do_convert_rgb: null,
      },
      { resize: null, mean: null, alpha: "drop" },
    ],
    [
      "null for the square that an integer is",
      {
        image_processor_type: "ViTImageProcessor",
        size: 9,
        default_to_square: null,
        do_center_crop: true,
        crop_size: 5,
      },
      { resize: { shortestEdge: 9 } },
    ],
    [
      "a crop of a height and a width",
      { image_processor_type: "CLIPImageProcessor", crop_size: [5, 9] },
      { centerCrop: { height: 5, width: 9 } },
    ],
    [
      "bytes that stay bytes",
      { image_processor_type: "ViTImageProcessor", do_rescale: false, do_normalize: false },
      { type: "uint8", rescale: false, mean: null },
    ],
    [
      "padding to the largest of images of one size",
      { image_processor_type: "ViTImageProcessor", do_pad: true },
      { pad: null },
    ],
    [
      "OWL-ViT's rescale",
      { image_processor_type: "OwlViTImageProcessor", rescale: false },
      { rescale: false },
    ],
    [
      "blue first after mean and std of red first",
      {
        image_processor_type: "PPLCNetImageProcessor",
        image_mean: [1, 2, 3],
        image_std: [4, 5, 6],
        resize_short: null,
      },
      { channelOrder: "bgr", mean: [3, 2, 1], std: [6, 5, 4] },
    ],
  ];
  for (const [name, file, expected] of spellings) {
    test(`loads with ${name}`, async () => {
      const { config } = await load(file);
      for (const [key, value] of Object.entries(expected)) {
        assert.deepEqual(config[key as keyof typeof config], value, key);
      }
    });
  }

  // Python divides by it where it resizes or pads, and looks at it nowhere else
  const divided: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ["Vilt", { size_divisor: 0 }, { do_resize: false }],
    ["BridgeTower", { size_divisor: 0 }, { do_resize: false }],
    ["GLPN", { size_divisor: 0 }, { do_resize: false }],
    ["TextNet", { size_divisor: 0 }, { do_resize: false }],
    ["PPLCNet", { size_divisor: 0 }, { resize_short: null }],
    ["DPT", { size_divisor: 0, do_pad: true }, { do_pad: false }],
    ["DPT", { ensure_multiple_of: 0 }, { do_resize: false }],
    ["DPT", { ensure_multiple_of: 1.5 }, { do_resize: false }],
  ];
  for (const [name, file, unused] of divided) {
    const [key, value] = Object.entries(file)[0] as [string, number];
    test(`of ${name} with a ${key} of ${value} is refused where it is divided by`, async () => {
      const named = { image_processor_type: `${name}ImageProcessor`, ...file };
      await assert.rejects(load(named), {
        code: "INVALID_PROCESSOR",
        message: new RegExp(`${key}: expected an integer other than 0, got ${value}`),
      });
      await load({ ...named, ...unused });
    });
  }

  test("of MaskFormer with a size_divisor of 0 rounds no size", async () => {
    const file = { image_processor_type: "MaskFormerImageProcessor", size_divisor: 0 };
    const size = { shortest_edge: 21, longest_edge: 100 };
    const processor = await load({ ...file, size });
    const { pixel_values } = await processor.process({
      data: new Uint8Array(3 * 21 * 30),
      width: 30,
      height: 21,
      channels: 3,
    });
    assert.deepEqual(pixel_values.dims, [1, 3, 21, 30]);
  });

  const refused: [string, unknown, RegExp][] = [
    [
      "an unknown class",
      { image_processor_type: "NoSuchImageProcessor" },
      /image_processor_type: "NoSuchImage/,
    ],
    [
      "an unknown key",
      { image_processor_type: "ViTImageProcessor", do_sharpen: true },
      /do_sharpen: this key/,
    ],
    [
      "crop_pct elsewhere",
      { image_processor_type: "ViTImageProcessor", crop_pct: 0.9 },
      /crop_pct: this key/,
    ],
    [
      "a wrong size",
      { image_processor_type: "ViTImageProcessor", size: { width: 3 } },
      /size: expected height and/,
    ],
    [
      "an unknown filter",
      { image_processor_type: "ViTImageProcessor", resample: 9 },
      /resample: expected one of/,
    ],
    [
      "no class",
      { size: 224, resample: 2 },
      /no class is named, and no config.json beside it names a model_type/,
    ],
    [
      "a feature extractor for an image processor",
      { image_processor_type: "CLIPFeatureExtractor" },
      /"CLIPFeatureExtractor" is not understood/,
    ],
    [
      "null for a size that is needed",
      { image_processor_type: "ViTImageProcessor", size: null },
      /size: expected an integer, .* got null/,
    ],
    [
      "null for a crop that is needed",
      { image_processor_type: "CLIPImageProcessor", crop_size: null },
      /crop_size: expected .* got null/,
    ],
    [
      "null for a filter that is needed",
      { image_processor_type: "CLIPImageProcessor", resample: null },
      /resample: expected a number, got null/,
    ],
    [
      "a height, a width and another edge",
      {
        image_processor_type: "ViTImageProcessor",
        size: { height: 9, width: 9, shortest_edge: null },
      },
      /size: expected height and width, .* got height, width, shortest_edge/,
    ],
    [
      "words to look for",
      { image_processor_type: "LayoutLMv3ImageProcessor" },
      /apply_ocr: expected false, all that is matched, got true/,
    ],
    [
      "channels last",
      { image_processor_type: "ViTImageProcessor", data_format: "channels_last" },
      /data_format: exp/,
    ],
    ["no JSON", "{", /this is not JSON/],
    ["a list", "[]", /expected a JSON object/],
  ];
  for (const [name, file, message] of refused) {
    test(`with ${name} is INVALID_PROCESSOR`, async () => {
      await assert.rejects(load(file), (error) => {
        assert.ok(error instanceof PixtokError, String(error));
        assert.equal(error.code, "INVALID_PROCESSOR");
        assert.match(error.message, message);
        return true;
      });
    });
  }

  test("that is missing is PROCESSOR_NOT_FOUND", async () => {
    const empty = await mkdtemp(join(folder, "empty-"));
    await assert.rejects(ImageProcessor.fromPretrained(empty), { code: "PROCESSOR_NOT_FOUND" });
  });
});

test("shared processors: every tensor identical", { skip: withoutShared() }, async () => {
  interface Line {
    processor: string;
    image: string;
    shape: number[];
    tensor: string;
  }
  const processors = new Map<string, ImageProcessor>();
  const differences: string[] = [];
  const lines = readJsonLines<Line>(shared("golden/processors.jsonl"));
  for (const { processor: name, image, shape, tensor } of lines) {
    const processor =
      processors.get(name) ??
      (await ImageProcessor.fromPretrained(shared(`data/processors/${name}`), {
        backend: "pil",
        resampler: "pillow12",
      }));
    processors.set(name, processor);
    const { pixel_values } = await processor.process(shared(`data/photos/${image}`));
    assert.deepEqual(pixel_values.dims.slice(1), shape);
    if (sha256(pixel_values.data) !== tensor) differences.push(`${name}: ${image}`);
  }
  assert.deepEqual({ cases: lines.length, differences }, { cases: 200, differences: [] });
});

describe("a configuration that cannot be trusted", () => {
  const valid = JSON.parse(
    readFileSync(fixture("processors/vit-defaults/preprocessor_config.json"), "utf8"),
  ) as Record<string, unknown>;
  const path = join(folder, "hostile.json");

  const cases: [string, string | Record<string, unknown>, RegExp][] = [
    ["a size of millions", { size: { height: 1e9, width: 1e9 } }, /resize\.width: expected/],
    ["a size below zero", { size: { height: -1, width: 5 } }, /resize\.height: expected/],
    ["a size that is no integer", { size: { height: 1.5, width: 5 } }, /resize\.height: expected/],
    ["a size that is a text", { size: { height: "224", width: 224 } }, /resize\.height: expected/],
    [
      "a crop of millions",
      { do_center_crop: true, crop_size: 1e12 },
      /centerCrop\.width: expected/,
    ],
    ["a mean that is a text", { image_mean: ["a", 1, 2] }, /mean\[0\]: expected a number/],
    ["a deviation of zero", { image_std: [0, 0, 0] }, /std\[0\]: expected a number/],
    [
      "an infinite factor",
      JSON.stringify({ ...valid, rescale_factor: "@" }).replace('"@"', "1e999"),
      /rescale: expected/,
    ],
    ["not a number", '{"size":NaN}', /this is not JSON/],
    ["arrays within arrays without end", "[".repeat(1_000_000), /this is not JSON/],
    ["a key of a megabyte", { ["k".repeat(1_000_000)]: 1 }, /this key is not understood/],
  ];
  for (const [what, content, message] of cases) {
    test(`with ${what} is refused, naming the file`, async () => {
      const text = typeof content === "string" ? content : JSON.stringify({ ...valid, ...content });
      writeFileSync(path, text);
      await assert.rejects(ImageProcessor.fromPretrained(path), (error) => {
        assert.ok(error instanceof PixtokError, String(error));
        assert.equal(error.code, "INVALID_PROCESSOR");
        assert.equal(error.source, path);
        assert.match(error.message, message);
        assert.ok(error.message.length < 800);
        return true;
      });
    });
  }
  for (const key of ["size", "image_processor_type"]) {
    test(`with arrays a hundred thousand deep as its ${key} is refused`, async () => {
      const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
      writeFileSync(path, `{"resample": 3, "${key}": ${deep}}`);
      await assert.rejects(ImageProcessor.fromPretrained(path), {
        code: "INVALID_PROCESSOR",
        message: /nested more than 100 deep/,
      });
    });
  }
  test("of gigabytes is refused before it is read", async () => {
    writeFileSync(path, "{}");
    truncateSync(path, 3 * 2 ** 30);
    await assert.rejects(ImageProcessor.fromPretrained(path), {
      code: "INVALID_PROCESSOR",
      message: /the file has 3221225472 bytes/,
    });
  });
});
