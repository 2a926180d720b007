// Processors of vision-language models. What they give, to the last bit, is held against transformers by the
// conformance suite (vision.jsonl, vision.torch.jsonl).

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ImageProcessor, PixtokError, type ProcessorBackend, type RawPixels } from "pixtok";
import sharp from "sharp";
import { drawnImage } from "../support/drawn-image.js";
import { fixture, sha256 } from "../support/fixtures.js";
import { load, photo, tall } from "../support/processor-folders.js";

const patches = { patch_size: 4, merge_size: 2 };
const qwen = {
  image_processor_type: "Qwen2VLImageProcessor",
  ...patches,
  size: { shortest_edge: 1024, longest_edge: 16384 },
};
const mllama = { image_processor_type: "MllamaImageProcessor", size: { height: 28, width: 28 } };

/** An image file as decoded pixels. */
async function pixelsOf(file: string): Promise<RawPixels> {
  const { width = 0, height = 0 } = await sharp(file).metadata();
  const whole = new ImageProcessor({ resize: { width, height }, type: "uint8", layout: "hwc" });
  const { data } = (await whole.process(file)).pixel_values;
  return { data: data as Uint8Array, width, height, channels: 3 };
}

describe("patches of several images", () => {
  test("follow each other, as of each image alone", async () => {
    const processor = await load(qwen);
    const images = [drawnImage(97, 64), photo, drawnImage(30, 200), tall, drawnImage(64, 64)];
    const { pixel_values, image_grid_thw } = await processor.process(images);
    const alone = await Promise.all(images.map((image) => processor.process(image)));
    assert.equal(
      sha256(pixel_values.data),
      sha256(
        Buffer.concat(
          alone.map(({ pixel_values: { data } }) =>
            Buffer.from(data.buffer, data.byteOffset, data.byteLength),
          ),
        ),
      ),
    );
    const grids = alone.flatMap((one) => [...(one.image_grid_thw?.data ?? [])]);
    assert.deepEqual([...(image_grid_thw?.data ?? [])], grids);
    assert.equal(
      pixel_values.dims[0],
      grids.reduce(
        (sum, side, at) => (at % 3 === 2 ? sum + Number(side * (grids[at - 1] ?? 0n)) : sum),
        0,
      ),
    );
  });

  test("are of the same memory for nobody else", async () => {
    const processor = await load(qwen);
    const first = await processor.process(photo);
    const digest = sha256(first.pixel_values.data);
    for (let i = 0; i < 20; i += 1) await processor.process(drawnImage(90 + i, 90));
    assert.equal(sha256(first.pixel_values.data), digest);
  });

  test("are those of the pixels, whichever decoder reads the file", async () => {
    const processor = await load(qwen);
    for (const name of ["tiff-rgb.tiff", "jpeg-500x375.jpg", "png-rgb.png"]) {
      const file = fixture(`images/${name}`);
      const { pixel_values, image_grid_thw } = await processor.process(file);
      const [, rows = 0n, columns = 0n] = image_grid_thw?.data ?? [];
      assert.equal(pixel_values.dims[0], Number(rows * columns));
      assert.equal(
        sha256((await processor.process(await pixelsOf(file))).pixel_values.data),
        sha256(pixel_values.data),
      );
    }
  });
});

test("LlavaNext's tiles of more pixels than are left have their middle where the backend has it", async () => {
  const keys = {
    image_processor_type: "LlavaNextImageProcessor",
    ...{ size: { shortest_edge: 28 }, crop_size: 31 },
    image_grid_pinpoints: [
      [31, 62],
      [62, 31],
    ],
  };
  const backends: readonly ProcessorBackend[] = ["torchvision", "pil"];
  const digests = backends.map(async (backend) => {
    const processor = await load(keys, { backend });
    return sha256((await processor.process(drawnImage(97, 64))).pixel_values.data).slice(0, 16);
  });
  // of transformers 5.24
  assert.deepEqual(await Promise.all(digests), ["409ea6bfad7acba7", "d2cc733d584443c9"]);
});

test("Llama4 rounds the shorter side by the scale of the longer one, which torch has in float32", async () => {
  const size = { height: 28, width: 28 };
  const keys = { image_processor_type: "Llama4ImageProcessor", size, max_patches: 4 };
  const { pixel_values } = await (await load(keys)).process(drawnImage(80, 50));
  // of transformers 5.24
  assert.equal(sha256(pixel_values.data).slice(0, 16), "d9c346f9fbd55cd1");
});

describe("a budget of pixels", () => {
  test("is the file's, or what is given in place of it, by Python's names or ours", async () => {
    const given = [
      { min_pixels: 2048, max_pixels: 8192 },
      { minPixels: 2048, maxPixels: 8192 },
      { size: { shortest_edge: 2048, longest_edge: 8192 } },
    ];
    const grids = await Promise.all(
      given.map(async (options) => {
        const { image_grid_thw } = await (await load(qwen, options)).process(photo);
        return [...(image_grid_thw?.data ?? [])];
      }),
    );
    // 500 x 375 to no more than 8192 pixels, sides multiples of 8
    assert.deepEqual(grids, Array(3).fill([1n, 18n, 26n]));
  });

  test("is refused where it is none", async () => {
    for (const size of [{ shortest_edge: 10 }, 40, { shortest_edge: 0, longest_edge: 5 }]) {
      await assert.rejects(load({ ...qwen, size }), {
        code: "INVALID_PROCESSOR",
        message: /size: expected \{ shortest_edge, longest_edge \}, numbers of pixels/,
      });
    }
    await assert.rejects(load({ ...qwen, patch_size: 0 }), /patch_size: expected an integer of at/);
  });
});

// transformers 5.24: get_image_size_for_max_num_patches
test("as many patches as there may be are found to a hundred-thousandth of a scale, and up to a hundredfold", async () => {
  const cases: [width: number, height: number, most: number, rows: number, columns: number][] = [
    [1621, 45, 196, 2, 73],
    [1, 1, 64, 7, 7],
    [1, 2, 64, 10, 5],
  ];
  for (const [width, height, max_num_patches, ...expected] of cases) {
    const keys = { image_processor_type: "Siglip2ImageProcessor", patch_size: 16, max_num_patches };
    const { spatial_shapes } = await (await load(keys)).process(drawnImage(width, height));
    assert.deepEqual([...(spatial_shapes?.data ?? [])].map(Number), expected);
  }
});

describe("lists of images", () => {
  test("are rows of classes that give one for each, filled up with zeros", async () => {
    const processor = await load(mllama);
    const [one, two] = [drawnImage(50, 20), drawnImage(20, 20)];
    const nested = await processor.process([[one, two], [two]]);
    assert.deepEqual(nested.pixel_values.dims, [2, 2, 4, 3, 28, 28]);
    assert.deepEqual(nested.num_tiles, [[2, 1], [1]]);
    assert.deepEqual(
      [...(nested.aspect_ratio_ids?.data ?? [])].map((id) => id > 0n),
      [true, true, true, false],
    );
    const flat = await processor.process([one, two]);
    assert.deepEqual(flat.pixel_values.dims, [1, 2, 4, 3, 28, 28]);
  });

  test("follow each other for all other classes", async () => {
    const processor = await load(qwen);
    const [one, two] = [drawnImage(50, 20), drawnImage(20, 20)];
    const nested = await processor.process([[one, two], [], [two]]);
    const flat = await processor.process([one, two, two]);
    assert.equal(sha256(nested.pixel_values.data), sha256(flat.pixel_values.data));
  });

  test("without an image are refused", async () => {
    const processor = await load(qwen);
    for (const none of [[], [[]]]) {
      await assert.rejects(processor.process(none), { name: "RangeError", message: /images/ });
    }
  });
});

test("more tiles than any model has are refused, before their grids are counted", async () => {
  await assert.rejects(load({ ...mllama, max_image_tiles: 1e9 }), {
    code: "INVALID_PROCESSOR",
    message: /max_image_tiles: expected an integer from 1 to 512/,
  });
});

test("PerceptionLM has no more tiles than any model has", async () => {
  const perception = { image_processor_type: "PerceptionLMImageProcessor", tile_size: 8 };
  await assert.rejects(load({ ...perception, max_num_tiles: 513 }), {
    code: "INVALID_PROCESSOR",
    message: /max_num_tiles: expected an integer from 1 to 512, got 513/,
  });
});

test("what is not matched is refused when its file is read", async () => {
  const ocr = { image_processor_type: "MiniCPMOcrImageProcessor" };
  await assert.rejects(load({ ...ocr, do_resize: false }), /do_resize: expected true/);
  await assert.rejects(
    load({ ...ocr, small_image_upsize: "adaptive" }),
    /small_image_upsize: expected "always" or "never"/,
  );
  const fuyu = { image_processor_type: "FuyuImageProcessor" };
  for (const padding_value of [0.5, -1, 256]) {
    await assert.rejects(load({ ...fuyu, padding_value }), /padding_value: expected an integer/);
  }
  await assert.rejects(
    load({ ...fuyu, padding_mode: "edge" }),
    /padding_mode: expected "constant"/,
  );
});

describe("an image that cannot be taken apart", () => {
  const refusal = async (keys: Record<string, unknown>, width: number, height: number) => {
    const processor = await load(keys);
    const error = await processor.process([drawnImage(20, 20), drawnImage(width, height)]).then(
      () => assert.fail("is not refused"),
      (cause: unknown) => cause,
    );
    assert.ok(error instanceof PixtokError, String(error));
    assert.equal(error.index, 1);
    return `${error.code} ${error.reason}`;
  };

  test("has one patch more than may be, where it is not resized", async () => {
    const siglip = { image_processor_type: "Siglip2ImageProcessor", do_resize: false };
    const keys = { ...siglip, patch_size: 10, max_num_patches: 4 };
    const { spatial_shapes } = await (await load(keys)).process(drawnImage(20, 20));
    assert.deepEqual(spatial_shapes?.data, BigInt64Array.of(2n, 2n));
    assert.match(
      await refusal(keys, 50, 10),
      /^DOES_NOT_FIT 50 x 10 pixels are more than 4 patches of 10/,
    );
  });

  test("is too long for the class", async () => {
    assert.match(await refusal(qwen, 2100, 10), /^DOES_NOT_FIT its longer side is 210\.0 times/);
  });

  test("is no multiple where it is not resized", async () => {
    const unresized = { ...qwen, do_resize: false };
    const processor = await load(unresized);
    await assert.rejects(processor.process(drawnImage(20, 20)), {
      code: "DOES_NOT_FIT",
      message: /20 x 20 pixels are no multiples of 8, and do_resize is false/,
    });
  });

  test("would lie on a canvas beyond all bounds", async () => {
    const llava = { image_processor_type: "LlavaImageProcessor", do_pad: true };
    assert.match(await refusal(llava, 200_000, 1), /^TOO_MANY_PIXELS it becomes 200000 x 200000/);
  });

  test("has another size than those before it, where nothing is filled up", async () => {
    const pixtral = { image_processor_type: "PixtralImageProcessor", do_pad: false };
    assert.match(await refusal(pixtral, 20, 50), /^DOES_NOT_FIT it becomes/);
  });

  test("is larger than what it is to lie in, or one of several in a list of Fuyu's", async () => {
    const fuyu = { image_processor_type: "FuyuImageProcessor", size: { height: 20, width: 30 } };
    assert.match(
      await refusal({ ...fuyu, do_resize: false }, 31, 20),
      /^DOES_NOT_FIT 31 x 20 pixels are more than 30 x 20, and do_resize is false/,
    );
    assert.match(
      await refusal({ ...fuyu, do_resize: false }, 30, 21),
      /^DOES_NOT_FIT 30 x 21 pixels are more than 30 x 20, and do_resize is false/,
    );
    const unpadded = { ...fuyu, do_resize: false, do_pad: false, padding_value: 0.5 };
    const { image_unpadded_heights } = await (await load(unpadded)).process(drawnImage(31, 21));
    assert.deepEqual(image_unpadded_heights?.data, BigInt64Array.of(21n));
    const processor = await load(fuyu);
    await assert.rejects(processor.process([[drawnImage(20, 20), drawnImage(9, 9)]]), {
      code: "DOES_NOT_FIT",
      message: /it is in a list of 2; this class is given lists of one image/,
    });
  });

  test("is too long or too small for GlmImage", async () => {
    const glm = { ...qwen, image_processor_type: "GlmImageImageProcessor" };
    assert.match(
      await refusal(glm, 50, 10),
      /^DOES_NOT_FIT its longer side is 5\.0 times .* at most 4$/,
    );
    assert.match(await refusal(glm, 7, 9), /^DOES_NOT_FIT a side of it is 7; .* no side below 8$/);
  });

  test("has another number of tiles than those before it, where nothing is filled up", async () => {
    const perception = { image_processor_type: "PerceptionLMImageProcessor", tile_size: 8 };
    assert.match(
      await refusal(perception, 8, 200),
      /^DOES_NOT_FIT it becomes 26 tiles, and the first image 37/,
    );
  });

  test("cannot be read", async () => {
    const processor = await load(qwen);
    await assert.rejects(processor.process([photo, fixture("wordpiece/vocab.txt")]), {
      code: "UNSUPPORTED_FORMAT",
      index: 1,
    });
  });
});

test("numbers are float32, or bfloat16 of the class that gives those", async () => {
  const llama4 = { image_processor_type: "Llama4ImageProcessor", size: { height: 28, width: 28 } };
  for (const [keys, type] of [
    [qwen, "float32"],
    [llama4, "bfloat16"],
  ] as const) {
    const { pixel_values } = await (await load(keys)).process(photo);
    assert.equal(pixel_values.type as string, type);
  }
});

test("process has no other options", async () => {
  const processor = await load(qwen);
  await assert.rejects(processor.process(photo, { horizontalFlip: true }), {
    name: "TypeError",
    message: /unknown option "horizontalFlip"/,
  });
});

test("rows and columns of tiles are given where they are asked for", async () => {
  const keys = {
    image_processor_type: "Idefics3ImageProcessor",
    size: { longest_edge: 56 },
    max_image_size: { longest_edge: 28 },
  };
  assert.equal((await (await load(keys)).process(drawnImage(60, 20))).rows, undefined);
  const processor = await load(keys, { return_row_col_info: true });
  const { rows, cols } = await processor.process([[drawnImage(60, 20)], [drawnImage(20, 60)]]);
  assert.deepEqual(
    [rows, cols],
    [
      [[1], [2]],
      [[2], [1]],
    ],
  );
});
