// What a lock's file must say: each part of it, alone, as another type or beyond its limits.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ImageProcessor } from "pixtok";
import { parseLock } from "../../src/lock/lock-file.js";
import { is } from "../support/locks.js";

const outputs = { pixels: { shape: [3, 2, 0], dtype: "float32", sha256: "a" } };
const whole = {
  format: "pixtok lock 1",
  versions: { pixtok: "1" },
  python: { pillow: "13" },
  processor: {
    config: new ImageProcessor().config,
    huggingface: null as null | Record<string, unknown>,
  },
  tokenizer: {
    ...{ json: "{}", sha256: "b", padToken: null, paddingSide: "left", truncationSide: "right" },
    ...{ vocabSize: 1, clean: "none", maxLength: 1 },
  },
  images: [{ name: "x", file: "AA==", outputs }],
  batch: { images: ["x"], outputs },
  texts: [{ name: "t", text: "", pair: null as string | null, outputs }],
};
const parse = (value: unknown) => parseLock(JSON.stringify(value), "lock.json");

describe("a lock's file", () => {
  test("is read as it was written, with what may be left out", () => {
    assert.deepEqual(parse(whole), whole);
    const others = structuredClone(whole);
    others.processor.huggingface = { keys: { a: 1 }, modelType: "vit", backend: "pil" };
    Object.assign(others.tokenizer, { padToken: "[PAD]", clean: "custom" });
    Object.assign(others, { batch: null });
    (others.texts[0] as (typeof others.texts)[number]).pair = "p";
    assert.deepEqual(parse(others), others);
    others.processor.huggingface.modelType = null;
    assert.deepEqual(parse({ ...others, tokenizer: null }), { ...others, tokenizer: null });
  });

  test("may have results of every type that tensors have", () => {
    for (const dtype of ["float32", "float16", "bfloat16", "bool", "uint8", "int64", "int32"]) {
      const given = {
        ...whole,
        texts: [{ ...whole.texts[0], outputs: { a: { ...outputs.pixels, dtype } } }],
      };
      assert.deepEqual(parse(given), given);
    }
  });

  test("has 1024 images and texts at most", () => {
    const many = (count: number) => ({ ...whole, texts: Array(count).fill(whole.texts[0]) });
    assert.equal(parse(many(1024)).texts.length, 1024);
    assert.throws(
      () => parse(many(1025)),
      is("INVALID_LOCK", /texts\.length: expected at most 1024/),
    );
  });

  const places: [path: string, ...values: unknown[]][] = [
    ["versions", null, 5],
    ["versions.pixtok", 1],
    ["python.pillow", 1],
    ["processor", []],
    ["processor.config", 5],
    ["processor.huggingface", 5],
    ["tokenizer", 5],
    ["tokenizer.json", 1],
    ["tokenizer.sha256", 1],
    ["tokenizer.padToken", 1],
    ["tokenizer.paddingSide", "top"],
    ["tokenizer.truncationSide", "top"],
    ["tokenizer.vocabSize", 0],
    ["tokenizer.clean", "all"],
    ["tokenizer.maxLength", 0, 2 ** 31],
    ["images", {}],
    ["images[0]", 5],
    ["images[0].name", 5],
    ["images[0].file", 5],
    ["images[0].outputs", null],
    ["images[0].outputs.pixels", 5],
    ["images[0].outputs.pixels.shape", 5, [-1], [0.5]],
    ["images[0].outputs.pixels.dtype", "float64"],
    ["images[0].outputs.pixels.sha256", 5],
    ["batch", 5],
    ["batch.images", "x"],
    ["batch.outputs", []],
    ["texts", null],
    ["texts[0].name", 5],
    ["texts[0].text", null],
    ["texts[0].pair", 5],
    ["texts[0].outputs", 5],
  ];
  for (const [path, ...values] of places) {
    test(`is refused where ${path} is another`, () => {
      for (const value of values) {
        const changed = structuredClone(whole);
        const names = path.split(/[.[\]]+/).filter((name) => name !== "");
        const last = names.pop() as string;
        const parent = names.reduce(
          (at, name) => at[name] as Record<string, unknown>,
          changed as Record<string, unknown>,
        );
        parent[last] = value;
        const named = path.replace(/[.[\]]/g, "\\$&");
        assert.throws(() => parse(changed), is("INVALID_LOCK", new RegExp(`${named}: expected`)));
      }
    });
  }

  test("names where a model's processor is from", () => {
    const from = { keys: { a: 1 }, modelType: "vit", backend: "pil" };
    const cases = { keys: 5, modelType: 5, backend: "jax" };
    for (const [name, value] of Object.entries(cases)) {
      const processor = { ...whole.processor, huggingface: { ...from, [name]: value } };
      const message = new RegExp(`processor\\.huggingface\\.${name}: expected`);
      assert.throws(() => parse({ ...whole, processor }), is("INVALID_LOCK", message));
    }
  });
});
