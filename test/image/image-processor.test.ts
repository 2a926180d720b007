import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ImageProcessor, type ImageProcessorOptions, PixtokError } from "pixtok";
import { fixture, readJsonLines, sha256 } from "../support/fixtures.js";

const photo = fixture("images/jpeg-500x375.jpg");

function goldenTensor(image: string): string {
  interface Line {
    image: string;
    tensor: string;
  }
  const lines = readJsonLines<Line>(fixture("goldens/imagenet224.jsonl"));
  return lines.find((line) => line.image === image)?.tensor ?? "missing";
}

describe("process", () => {
  test("gives pixel_values of shape [1, 3, 224, 224] for one image", async () => {
    const { pixel_values } = await ImageProcessor.standard().process(photo);
    assert.equal(pixel_values.type, "float32");
    assert.ok(pixel_values.data instanceof Float32Array);
    assert.deepEqual(pixel_values.dims, [1, 3, 224, 224]);
  });

  test("puts pixels with alpha on white where it is asked for", async () => {
    const processor = new ImageProcessor({
      resize: { width: 3, height: 1 },
      type: "uint8",
      layout: "hwc",
      alpha: "white",
    });
    const pixels = async (channels: 2 | 4, data: number[]) => {
      const input = { data: Uint8Array.from(data), width: 3, height: 1, channels };
      return [...(await processor.process(input)).pixel_values.data];
    };
    // Image.alpha_composite of Pillow 13, on white
    assert.deepEqual(
      await pixels(4, [10, 20, 30, 0, 10, 20, 30, 100, 10, 20, 30, 255]),
      [255, 255, 255, 159, 163, 167, 10, 20, 30],
    );
    assert.deepEqual(
      await pixels(2, [10, 0, 10, 100, 10, 255]),
      [255, 255, 255, 159, 159, 159, 10, 10, 10],
    );
  });

  test("says whose resize it was, beside what a model takes", async () => {
    for (const resampler of ["pillow13", "pillow12", "torch"] as const) {
      const result = await new ImageProcessor({ resampler }).process(photo);
      assert.equal(result.resampler, resampler);
      assert.deepEqual(Object.keys(result), ["pixel_values"]);
    }
  });

  test("takes a path, the file's bytes and several at once", async () => {
    const { pixel_values } = await ImageProcessor.standard().process([photo, readFileSync(photo)]);
    assert.deepEqual(pixel_values.dims, [2, 3, 224, 224]);
    const one = 3 * 224 * 224;
    assert.equal(sha256(pixel_values.data.subarray(0, one)), goldenTensor("jpeg-500x375.jpg"));
    assert.equal(sha256(pixel_values.data.subarray(one)), goldenTensor("jpeg-500x375.jpg"));
  });

  test("takes bytes that start in the middle of an ArrayBuffer", async () => {
    const file = readFileSync(photo);
    const shifted = new Uint8Array(file.length + 7);
    shifted.set(file, 7);
    const { pixel_values } = await ImageProcessor.standard().process(shifted.subarray(7));
    assert.equal(sha256(pixel_values.data), goldenTensor("jpeg-500x375.jpg"));
  });

  test("takes decoded pixels: grey is replicated, alpha is dropped", async () => {
    const processor = new ImageProcessor({
      resize: { width: 2, height: 1 },
      type: "uint8",
      layout: "hwc",
    });
    const pixels = async (channels: 1 | 2 | 3 | 4, data: number[]) => {
      const input = { data: Uint8Array.from(data), width: 2, height: 1, channels };
      return [...(await processor.process(input)).pixel_values.data];
    };
    assert.deepEqual(await pixels(1, [5, 6]), [5, 5, 5, 6, 6, 6]);
    assert.deepEqual(await pixels(2, [5, 0, 6, 255]), [5, 5, 5, 6, 6, 6]);
    assert.deepEqual(await pixels(3, [1, 2, 3, 4, 5, 6]), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(await pixels(4, [1, 2, 3, 0, 4, 5, 6, 255]), [1, 2, 3, 4, 5, 6]);
  });

  test("lays HWC out as CHW, and stores the same numbers as float16", async () => {
    const options: ImageProcessorOptions = { resize: { width: 9, height: 5 } };
    const chw = await new ImageProcessor(options).process(photo);
    const hwc = await new ImageProcessor({ ...options, layout: "hwc" }).process(photo);
    const half = await new ImageProcessor({ ...options, type: "float16" }).process(photo);
    assert.deepEqual(hwc.pixel_values.dims, [1, 5, 9, 3]);
    for (let pixel = 0; pixel < 45; pixel += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        const expected = chw.pixel_values.data[channel * 45 + pixel] as number;
        assert.equal(hwc.pixel_values.data[pixel * 3 + channel], expected);
        const bits = half.pixel_values.data[channel * 45 + pixel] as number;
        const value =
          (-1) ** (bits >> 15) * 2 ** (((bits >> 10) & 31) - 25) * (1024 + (bits & 1023));
        assert.ok(
          Math.abs(value - expected) <= 2 ** -11 * Math.abs(expected),
          `${value} ${expected}`,
        );
      }
    }
  });

  test("names the first image that cannot be read, and the process goes on", async () => {
    const missing = join(tmpdir(), "pixtok-no-such-file.jpg");
    await assert.rejects(ImageProcessor.standard().process([photo, missing, missing]), (error) => {
      assert.ok(error instanceof PixtokError);
      assert.equal(error.code, "FILE_NOT_FOUND");
      assert.equal(error.index, 1);
      assert.equal(error.source, missing);
      assert.match(error.message, /sample 1, ".*pixtok-no-such-file\.jpg": no such file \(.+\)/);
      return true;
    });
    await ImageProcessor.standard().process(photo);
  });
});

describe("an image that cannot be read has a code", () => {
  const cases: [string, string][] = [
    ["broken/empty.jpg", "EMPTY_FILE"],
    ["broken/text.jpg", "UNSUPPORTED_FORMAT"],
    ["broken/cut-at-70.jpg", "TRUNCATED_IMAGE"],
    ["broken/cut-before-eoi.jpg", "TRUNCATED_IMAGE"],
    ["broken/cut.png", "TRUNCATED_IMAGE"],
    ["broken/cut.webp", "TRUNCATED_IMAGE"],
    ["broken/huge.jpg", "TOO_MANY_PIXELS"],
    ["broken/huge.png", "TOO_MANY_PIXELS"],
    ["broken/soi-only.jpg", "TRUNCATED_IMAGE"],
    ["broken/ihdr-crc.png", "CORRUPT_IMAGE"],
    ["images", "NOT_A_FILE"],
    ["images/jpeg-1x1.jpg/inside", "FILE_NOT_FOUND"],
    ["nul\0inside.jpg", "FILE_NOT_FOUND"],
  ];
  for (const [path, code] of cases) {
    test(`${JSON.stringify(path)}: ${code}`, async () => {
      await assert.rejects(ImageProcessor.standard().process(fixture(path)), {
        name: "PixtokError",
        code,
        index: 0,
        source: fixture(path),
      });
    });
  }

  test("empty bytes: EMPTY_FILE", async () => {
    await assert.rejects(ImageProcessor.standard().process(new Uint8Array(0)), {
      code: "EMPTY_FILE",
      source: "buffer",
    });
  });

  test("more pixels than maxPixels, on either decode path: TOO_MANY_PIXELS", async () => {
    const processor = new ImageProcessor({ maxPixels: 100 });
    for (const path of ["images/jpeg-500x375.jpg", "images/png-rgb.png"]) {
      await assert.rejects(processor.process(fixture(path)), {
        code: "TOO_MANY_PIXELS",
        message: /maxPixels = 100/,
      });
    }
  });

  test("what is not an image at all: INVALID_IMAGE", async () => {
    const inputs: [unknown, RegExp][] = [
      [
        5,
        /expected a path, \{ path, offset, length \}, a Uint8Array or \{ data, width, height, channels \}, got 5/,
      ],
      [null, /got null/],
      [{ data: [1, 2, 3], width: 1, height: 1, channels: 3 }, /image\.data: expected a Uint8Array/],
      [{ data: new Uint8Array(3), width: 0, height: 1, channels: 3 }, /image\.width/],
      [{ data: new Uint8Array(3), width: 1, height: 1, channels: 5 }, /image\.channels/],
      [{ data: new Uint8Array(4), width: 1, height: 1, channels: 3 }, /expected 3 bytes .+ got 4/],
    ];
    for (const [input, message] of inputs) {
      await assert.rejects(ImageProcessor.standard().process(input as string), {
        code: "INVALID_IMAGE",
        message,
      });
    }
  });
});

describe("options", () => {
  test("are the standard preset's where they are left out", () => {
    assert.deepEqual(ImageProcessor.standard().config, {
      resize: { width: 224, height: 224 },
      filter: "bilinear",
      resampler: "pillow13",
      centerCrop: null,
      pad: null,
      convention: "torchvision",
      rescale: true,
      rescaleOffset: 0,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      lastStd: null,
      channelOrder: "rgb",
      layout: "chw",
      type: "float32",
      maxPixels: 178956970,
      exifOrientation: false,
      alpha: "drop",
      decode: "exact",
    });
  });

  test("may be those that another processor has", () => {
    for (const type of ["float32", "float16", "uint8"] as const) {
      const { config } = new ImageProcessor({ type, rescale: type !== "uint8" });
      assert.deepEqual(new ImageProcessor(config).config, config);
    }
  });

  const refused: [string, unknown, RegExp][] = [
    ["an unknown name", { sizes: 224 }, /ImageProcessor: unknown option "sizes"; expected one of/],
    ["not an object", 224, /ImageProcessor: expected an object with options, got 224/],
    ["a side of zero", { resize: { width: 0, height: 1 } }, /resize\.width: .*got 0/],
    ["a fraction", { resize: { width: 1.5, height: 1 } }, /resize\.width: .*got 1\.5/],
    [
      "a longest edge that is the shortest one",
      { resize: { shortestEdge: 5, longestEdge: 5 }, pad: 5 },
      /resize\.longestEdge: expected more than shortestEdge, got 5/,
    ],
    [
      "a misspelled side",
      { resize: { width: 1, heigth: 1 } },
      /resize: expected \{ width, height \}/,
    ],
    ["an offset of no factor", { rescaleOffset: 1 }, /rescaleOffset: expected 0 where rescale is/],
    [
      "a last std of zero",
      { lastStd: [1, 0, 1] },
      /lastStd\[1\]: expected a number greater than 0/,
    ],
    ...["rescale", "rescaleOffset", "mean", "std", "lastStd"].map(
      (name): [string, unknown, RegExp] => [
        `${name} of bytes`,
        { type: "uint8", [name]: name.startsWith("rescale") ? 1 : [1, 1, 1] },
        new RegExp(`${name}: expected nothing with type "uint8", which is not normalized`),
      ],
    ),
    [
      "an unknown order of channels",
      { channelOrder: "brg" },
      /channelOrder: expected one of "rgb"/,
    ],
    ["an unknown alpha", { alpha: "black" }, /alpha: expected one of "drop", "white", got "black"/],
    ["an unknown resampler", { resampler: "pillow11" }, /resampler: expected one of "pillow13", /],
    [
      "a filter that torch lacks",
      { resampler: "torch", filter: "hamming" },
      /filter: expected "nearest", "bilinear", "bicubic" or "lanczos" .+ got "hamming"/,
    ],
    ["an unknown filter", { filter: "cubic" }, /filter: expected one of "nearest", .*got "cubic"/],
    ["a NaN in mean", { mean: [0, Number.NaN, 0] }, /mean\[1\]: expected a finite number, got NaN/],
    ["a zero std", { std: [1, 1, 0] }, /std\[2\]: expected a number greater than 0, got 0/],
    [
      "a std that is zero as float32",
      { std: [1, 1e-60, 1] },
      /std\[1\]: expected a number greater/,
    ],
    ["a NaN in std", { std: [Number.NaN, 1, 1] }, /std\[0\]: expected a finite number, got NaN/],
    ["two numbers", { mean: [1, 2] }, /mean: expected an array of three numbers/],
    ["mean null, std not", { mean: null }, /std: expected null/],
    ["uint8 with mean", { type: "uint8", mean: [0, 0, 0] }, /mean: expected nothing with type/],
    ["a negative limit", { maxPixels: -1 }, /maxPixels: expected an integer of at least 1, got -1/],
  ];
  for (const [name, options, message] of refused) {
    test(`${name} is refused`, () => {
      assert.throws(
        () => new ImageProcessor(options as ImageProcessorOptions),
        (error) => {
          assert.ok(error instanceof TypeError || error instanceof RangeError);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});
