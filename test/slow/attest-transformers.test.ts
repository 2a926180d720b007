// attest.py: that torchvision and transformers come to the hashes of our locks, and notice what differs. They take seconds
// to import.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createLock, ImageProcessor, Tokenizer } from "pixtok";
import { assertSame, attestAll, folder, modelFolder, saved } from "../support/attest.js";
import { fixture } from "../support/fixtures.js";
import { withoutPython } from "../support/python.js";

const size = { width: 41, height: 30 };
const small = { size: { height: 33, width: 28 } };
const models = [
  {
    image_processor_type: "CLIPImageProcessor",
    size: { shortest_edge: 30 },
    crop_size: { height: 33, width: 28 },
  },
  { feature_extractor_type: "ViTFeatureExtractor", ...small },
  { image_processor_type: "EfficientNetImageProcessor", ...small },
  {
    image_processor_type: "MobileViTImageProcessor",
    size: { shortest_edge: 30 },
    crop_size: { height: 33, width: 28 },
  },
  { image_processor_type: "DetrImageProcessor", size: { shortest_edge: 30, longest_edge: 50 } },
  { image_processor_type: "Sam2ImageProcessor", ...small },
  { image_processor_type: "TextNetImageProcessor", size: { shortest_edge: 30 } },
];

describe("attest.py with transformers", {
  skip: withoutPython({ transformers: "5.24", torchvision: "0.29", pillow: "13" }),
}, () => {
  test("gives what processors of models give, by both backends", async () => {
    const calls: { name: string; lock: string }[] = [];
    for (const keys of models) {
      for (const backend of ["torchvision", "pil"] as const) {
        const image = await ImageProcessor.fromPretrained(await modelFolder(keys), { backend });
        const lock = await saved(await createLock({ image }));
        calls.push({ name: `${keys.image_processor_type} ${backend}`, lock });
      }
    }
    const torch = new ImageProcessor({ resize: size, resampler: "torch", filter: "bicubic" });
    calls.push({ name: "torch", lock: await saved(await createLock({ image: torch })) });
    const runs = attestAll(calls.map(({ lock }) => [lock]));
    assertSame(
      runs,
      calls.map(({ name }) => name),
    );
  });

  test("gives what tokenizers give", async () => {
    const image = new ImageProcessor({ resize: size });
    const calls: string[][] = [];
    for (const name of ["wordpiece", "bpe", "unigram"]) {
      for (const clean of ["alphanumeric", "none"] as const) {
        const tokenizer = await Tokenizer.fromPretrained(fixture(name));
        const lock = await saved(await createLock({ image, tokenizer, clean, maxLength: 24 }));
        calls.push([lock]);
        if (name === "wordpiece") calls.push([lock, "--tokenizer", fixture(name)]);
      }
    }
    const runs = attestAll(calls);
    assertSame(
      runs,
      calls.map((call) => call.join(" ")),
    );
  });

  test("notices another processor, mean, filter and tokenizer, and names it", async () => {
    const [clip] = models;
    const image = await ImageProcessor.fromPretrained(await modelFolder({ ...clip }));
    const tokenizer = await Tokenizer.fromPretrained(fixture("wordpiece"));
    const lock = await saved(await createLock({ image, tokenizer }));
    const json = JSON.parse(await readFile(fixture("wordpiece/tokenizer.json"), "utf8"));
    const [last = "", before = ""] = Object.keys(json.model.vocab).slice(-2);
    const { [last]: one, [before]: two } = json.model.vocab;
    Object.assign(json.model.vocab, { [last]: two, [before]: one });
    const words = join(folder, "words");
    await mkdir(words);
    await writeFile(join(words, "tokenizer.json"), JSON.stringify(json));
    await writeFile(
      join(words, "tokenizer_config.json"),
      await readFile(fixture("wordpiece/tokenizer_config.json")),
    );
    const bpe = await saved(
      await createLock({ image, tokenizer: await Tokenizer.fromPretrained(fixture("bpe")) }),
    );
    const other = (keys: object) => modelFolder({ ...clip, ...keys });
    const runs = attestAll([
      [lock, "--processor", await other({})],
      [lock, "--processor", await other({ image_mean: [0.5, 0.5, 0.5] })],
      [lock, "--processor", await other({ resample: 2 })],
      [lock, "--processor", await other({ image_processor_type: "ChineseCLIPImageProcessor" })],
      [lock, "--tokenizer", words],
      // AutoTokenizer has CLIP's own normalizer, and the file has none
      [bpe, "--tokenizer", fixture("bpe")],
      [lock, "--processor", folder],
    ]);
    const expected = [
      /^the same: \d+ images and \d+ texts$/,
      /^not the same: processor: image_mean is \[0\.48.*\] in the lock, and \[0\.5, 0\.5, 0\.5\] here$/,
      /^not the same: processor: resample is 3 in the lock, and 2 here$/,
      /^not the same: processor: it is CLIPImageProcessor in the lock, and ChineseCLIPImageProcessor here$/,
      /^not the same: tokenizer: ".*" has the id \d+ in the lock, and \d+ here/,
      /^not the same: text "decomposed": ids: the shape is /,
      /^attest\.py: /,
    ];
    assert.deepEqual(
      runs.map(({ code }) => code),
      [0, 3, 3, 3, 3, 3, 1],
    );
    for (const [i, { lines }] of runs.entries()) {
      assert.match(lines.find((line) => !line.startsWith("note")) ?? "", expected[i] as RegExp);
    }
  });
});
