// Batches as tensors of other libraries. TensorFlow.js and jax-js are installed by `npm ci --prefix test/trainers`,
// onnxruntime-node by `npm ci --prefix test/onnx`.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  ImageProcessor,
  type JaxLibrary,
  MultimodalDataset,
  type OrtLibrary,
  type Tensor,
  type TfjsLibrary,
  toJax,
  toOrt,
  toTfjs,
  toTransformers,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { numberedPairs, smallTokenizer, tinyImage } from "../support/pairs.js";

const tokenizer = await smallTokenizer();

/** A library whose tensors say what they were made of. */
const named = {
  Tensor: class {
    constructor(
      readonly type: string,
      readonly data: unknown,
      readonly dims: number[],
    ) {}
  },
  tensor: (values: unknown, shape: number[], dtype: string) => ({ values, shape, dtype }),
  numpy: { array: (values: unknown, { shape }: { shape: number[] }) => ({ values, shape }) },
};

const float32: Tensor<"float32"> = { type: "float32", data: Float32Array.of(1, 2), dims: [1, 2] };
const int64: Tensor<"int64"> = { type: "int64", data: BigInt64Array.of(7n, -9n), dims: [2] };
const uint8: Tensor<"uint8"> = { type: "uint8", data: Uint8Array.of(0, 255), dims: [2] };
// 1.5 and -0.25: IEEE 754
const float16: Tensor<"float16"> = {
  type: "float16",
  data: Uint16Array.of(0x3e00, 0xb400),
  dims: [2],
};

describe("adapters", () => {
  test("give a tensor for a tensor, and for an object those that it has", () => {
    const one = toOrt(named, float32);
    assert.deepEqual([one.type, one.data, one.dims], ["float32", float32.data, [1, 2]]);
    assert.equal(one.data, float32.data);
    const batch = {
      image: float32,
      input_ids: int64,
      indices: [1, 2],
      release() {},
      none: undefined,
    };
    const all = toTransformers(named, batch);
    assert.deepEqual(Object.keys(all), ["image", "input_ids"]);
    assert.equal(all.input_ids.data, int64.data);
  });

  test("leave out what has dims and no typed array", () => {
    const lists = { dims: [2], data: [1, 2] };
    const all: object = toOrt(named, { image: float32, shape: { dims: [2] }, lists });
    assert.deepEqual(Object.keys(all), ["image"]);
  });

  test("for TensorFlow.js and jax-js make numbers that these have", () => {
    const { image, bytes, ids, halves } = toTfjs(named, {
      image: float32,
      bytes: uint8,
      ids: int64,
      halves: float16,
    });
    assert.deepEqual(image, { values: float32.data, shape: [1, 2], dtype: "float32" });
    assert.equal(image.values, float32.data);
    assert.deepEqual(bytes, { values: uint8.data, shape: [2], dtype: "int32" });
    assert.deepEqual(ids, { values: Int32Array.of(7, -9), shape: [2], dtype: "int32" });
    assert.deepEqual(halves, { values: Float32Array.of(1.5, -0.25), shape: [2], dtype: "float32" });
    assert.deepEqual(toJax(named, int64), { values: Int32Array.of(7, -9), shape: [2] });
    assert.deepEqual(toJax(named, uint8), { values: Int32Array.of(0, 255), shape: [2] });
  });

  test("give the least numbers of float16 their sign", () => {
    const least: Tensor<"float16"> = {
      type: "float16",
      data: Uint16Array.of(0x0001, 0x8001, 0x83ff),
      dims: [3],
    };
    const values = Float32Array.of(2 ** -24, -(2 ** -24), -1023 * 2 ** -24); // NumPy's
    assert.deepEqual(toTfjs(named, least), { values, shape: [3], dtype: "float32" });
  });

  test("make 32-bit floats of bfloat16 where they can, and refuse it where the library has none", () => {
    const upper: Tensor<"bfloat16"> = {
      type: "bfloat16",
      data: Uint16Array.of(0x3fc0, 0xbe80),
      dims: [2],
    };
    const values = Float32Array.of(1.5, -0.25);
    assert.deepEqual(toTfjs(named, upper), { values, shape: [2], dtype: "float32" });
    assert.deepEqual(toJax(named, upper), { values, shape: [2] });
    for (const adapter of [toOrt, toTransformers]) {
      assert.throws(() => adapter(named, upper), { name: "TypeError", message: /bfloat16/ });
    }
  });

  test("refuse integers that 32 bits do not hold, and what has no tensors", () => {
    const large: Tensor<"int64"> = { type: "int64", data: BigInt64Array.of(2n ** 31n), dims: [1] };
    assert.throws(() => toTfjs(named, large), {
      name: "RangeError",
      message: /^tensors: expected integers from -2147483648 to 2147483647, .* 2147483648/,
    });
    assert.throws(() => toOrt(named, undefined as never), { name: "TypeError" });
  });
});

describe("the dataset option for", () => {
  const source = numberedPairs(3);
  const tall = new ImageProcessor({ resize: { width: 2, height: 3 }, type: "uint8" });

  test("tfjs: has int32 tokens, and channels last, whatever the processor", async () => {
    const given = { source, tokenizer, for: "tfjs" } as const;
    const item = await new MultimodalDataset({ ...given, image: tall }).get(0);
    assert.deepEqual(item.image.dims, [3, 2, 3]);
    assert.deepEqual([item.input_ids.type, item.attention_mask.type], ["int32", "int32"]);
    assert.deepEqual(new MultimodalDataset(given).image.config.layout, "hwc");
    const kept = new MultimodalDataset({ ...given, image: tinyImage });
    assert.equal(kept.image, tinyImage);
    const own = await new MultimodalDataset({ ...given, text: { type: "int64" } }).get(0);
    assert.equal(own.input_ids.type, "int64");
  });

  test("jax-js: has int32 tokens, and channels first", async () => {
    const image = new ImageProcessor({ ...tall.config, layout: "hwc" });
    const item = await new MultimodalDataset({ source, tokenizer, image, for: "jax-js" }).get(0);
    assert.deepEqual(item.image.dims, [3, 3, 2]);
    assert.equal(item.input_ids.type, "int32");
  });

  test("is one of these", () => {
    assert.throws(() => new MultimodalDataset({ source, tokenizer, for: "torch" as never }), {
      message: /^for: expected one of "tfjs", "jax-js", got "torch"/,
    });
  });

  test("works with from(), and without texts", async () => {
    const given = { text: null, for: "tfjs" } as const;
    const images = await MultimodalDataset.from(fixture("images"), given);
    assert.equal(images.image.config.layout, "hwc");
  });
});

/** A package of one of the folders, and why it is not there. */
function packageOf(folder: string, name: string) {
  const at = new URL(`../${folder}/package.json`, import.meta.url);
  const installed = existsSync(new URL(`node_modules/${name}`, at));
  const resolved = () => pathToFileURL(createRequire(at).resolve(name)).href;
  return {
    skip: !installed && `${name} is not installed: npm ci --prefix test/${folder}`,
    load: async <T>() => (await import(resolved())) as T,
  };
}

describe("the libraries themselves", () => {
  const image: Tensor<"float32"> = {
    type: "float32",
    // not at the start of its memory, as tensors of batches are
    data: Float32Array.from({ length: 16 }, (_, i) => i - 4).subarray(4),
    dims: [1, 2, 2, 3],
  };
  const numbers = [...image.data];

  const tfjs = packageOf("trainers", "@tensorflow/tfjs-core");
  const tfCpu = packageOf("trainers", "@tensorflow/tfjs-backend-cpu");
  test("TensorFlow.js has the same numbers", { skip: tfjs.skip }, async () => {
    interface TfTensor {
      readonly shape: number[];
      readonly dtype: string;
      dataSync(): ArrayLike<number>;
    }
    const tf = await tfjs.load<TfjsLibrary<TfTensor>>();
    await tfCpu.load();
    const made = toTfjs(tf, { image, ids: int64, bytes: uint8 });
    assert.deepEqual([made.image.shape, made.image.dtype], [[1, 2, 2, 3], "float32"]);
    assert.deepEqual([...Array.from(made.image.dataSync())], numbers);
    assert.deepEqual([made.ids.dtype, ...Array.from(made.ids.dataSync())], ["int32", 7, -9]);
    assert.deepEqual([made.bytes.dtype, ...Array.from(made.bytes.dataSync())], ["int32", 0, 255]);
  });

  const jaxJs = packageOf("trainers", "@jax-js/jax");
  test("jax-js has the same numbers, of its own", { skip: jaxJs.skip }, async () => {
    interface JaxArray {
      readonly ref: JaxArray;
      readonly shape: number[];
      readonly dtype: string;
      data(): Promise<ArrayLike<number>>;
    }
    const jax = await jaxJs.load<
      JaxLibrary<JaxArray> & Record<"init" | "defaultDevice", unknown>
    >();
    await (jax.init as (device: string) => Promise<unknown>)("wasm");
    (jax.defaultDevice as (device: string) => unknown)("wasm");
    const data = Float32Array.from(image.data);
    const made = toJax(jax, { image: { ...image, data }, ids: int64 });
    data.fill(0);
    assert.deepEqual([made.image.shape, made.image.dtype], [[1, 2, 2, 3], "float32"]);
    assert.deepEqual(Array.from(await made.image.data()), numbers);
    assert.equal(made.ids.dtype, "int32");
    assert.deepEqual(Array.from(await made.ids.data()), [7, -9]);
  });

  const runtime = packageOf("onnx", "onnxruntime-node");
  test("onnxruntime has the same memory", { skip: runtime.skip }, async () => {
    const ort = await runtime.load<OrtLibrary<Tensor>>();
    const made = toOrt(ort, { image, ids: int64 });
    assert.deepEqual([made.image.type, made.image.dims], ["float32", [1, 2, 2, 3]]);
    assert.equal(made.image.data, image.data);
    assert.equal(made.ids.data, int64.data);
  });
});
