// A lock and what is noticed of it. That its hashes are Python's is what attest-python.test.ts tests, and the
// conformance table: nothing here is expected of our own numbers but that they stay the same.

import assert from "node:assert/strict";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  type Attestation,
  attestLock,
  attestPack,
  createLock,
  ImageProcessor,
  type ImageProcessorOptions,
  type Lock,
  loadLock,
  MultimodalDataset,
  packDataset,
  saveLock,
  Tokenizer,
} from "pixtok";
import { drawnImages } from "../../src/lock/synthetic-images.js";
import { fixture } from "../support/fixtures.js";
import { folder, image, is, lock, small, tokenizer } from "../support/locks.js";
import { photos } from "../support/pairs.js";

const copyOf = (): { -readonly [Key in keyof Lock]: Lock[Key] } => structuredClone(lock);

const firstOf = ({ differences, same }: Attestation) => {
  assert.equal(same, false);
  return differences[0];
};

async function modelFolder(name: string, keys: object): Promise<string> {
  const path = join(folder, name);
  await saveLock(lock, join(path, "made.json")); // makes the folder
  await writeFile(join(path, "preprocessor_config.json"), JSON.stringify(keys));
  return path;
}

describe("a lock", () => {
  test("is attested where it was made, from its file", async () => {
    const path = join(folder, "own.json");
    await saveLock(lock, path);
    const read = await loadLock(path);
    assert.deepEqual(read, JSON.parse(JSON.stringify(lock)));
    const { same, samples, differences, versions } = await attestLock(read);
    assert.deepEqual(
      { same, differences, versions },
      { same: true, differences: [], versions: [] },
    );
    assert.equal(samples, lock.images.length + lock.texts.length);
  });

  test("has images of a dozen kinds and texts beyond ASCII", () => {
    assert.ok(lock.images.length >= 12);
    assert.ok(lock.texts.length >= 12);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
    assert.ok(lock.texts.some(({ text }) => /[^\x00-\x7f]/.test(text)));
  });

  test("has images in one call, and pairs of texts with their types", async () => {
    assert.equal(lock.batch?.outputs.pixel_values?.shape[0], lock.batch?.images.length);
    const pairs = lock.texts.filter(({ pair }) => pair !== null);
    assert.deepEqual(
      pairs.map(({ outputs }) => Object.keys(outputs)),
      pairs.map(() => ["ids", "input_ids", "attention_mask", "token_type_ids"]),
    );
    const { texts } = lock;
    const changed = texts.map((one) => (one.pair === null ? one : { ...one, pair: "another" }));
    const found = await attestLock({ ...lock, texts: changed });
    assert.deepEqual(
      new Set(found.differences.map(({ sample }) => sample)),
      new Set(pairs.map(({ name }) => name)),
    );
  });

  test("of a detector has the images of one call padded to the largest", async () => {
    const keys = {
      image_processor_type: "DetrImageProcessor",
      size: { shortest_edge: 20, longest_edge: 60 },
    };
    const path = await modelFolder("detr-batch", keys);
    const { batch } = await createLock({ image: await ImageProcessor.fromPretrained(path) });
    assert.deepEqual(batch?.outputs.pixel_mask?.shape, [5, 60, 60]);
  });

  test("leaves out images that are too small, and a batch of several sizes", async () => {
    const path = await modelFolder("glpn", { image_processor_type: "GLPNImageProcessor" });
    const own = await createLock({ image: await ImageProcessor.fromPretrained(path) });
    assert.equal(own.images.length, lock.images.length - 1);
    assert.equal(own.batch, null);
    assert.equal((await attestLock(own)).same, true);
    const none = await modelFolder("glpn-1024", {
      image_processor_type: "GLPNImageProcessor",
      size_divisor: 1024,
    });
    const empty = await createLock({ image: await ImageProcessor.fromPretrained(none) });
    assert.deepEqual([empty.images, empty.batch], [[], null]);
  });

  test("leaves out no images for another reason", async () => {
    const image = new ImageProcessor({ ...small, maxPixels: 10 });
    await assert.rejects(createLock({ image }), is("TOO_MANY_PIXELS", /maxPixels = 10/));
  });

  test("says whose numbers it has, and has them again without the model's files", async () => {
    const path = await modelFolder("vit", {
      image_processor_type: "ViTImageProcessor",
      size: { height: 30, width: 40 },
    });
    for (const [resampler, pillow] of [
      ["pillow12", "12.3"],
      ["pillow13", "13.0"],
    ] as const) {
      const image = await ImageProcessor.fromPretrained(path, { backend: "pil", resampler });
      const own = await createLock({ image });
      assert.equal(own.python.pillow, pillow);
      assert.deepEqual((await attestLock(own)).differences, []);
    }
  });

  test("has no padding token where the vocabulary does not have it", async () => {
    const bare = await Tokenizer.fromPretrained(fixture("wordpiece"), { pad_token: "<none>" });
    const own = await createLock({ image, tokenizer: bare });
    assert.equal(own.tokenizer?.padToken, null);
    assert.equal((await attestLock(own)).same, true);
  });

  test("is the same when it is made again", async () => {
    assert.deepEqual(await createLock({ image, tokenizer, maxLength: 16 }), lock);
  });

  test("has images that are drawn once", async () => {
    const [first, second] = await Promise.all([drawnImages(), createLock()]);
    assert.equal(await drawnImages(), await drawnImages());
    assert.deepEqual(
      second.images.map(({ file }) => file),
      first.map(({ file }) => file.toString("base64")),
    );
  });

  test("of a model's processor is attested without the model's files", async () => {
    for (const backend of ["torchvision", "pil"] as const) {
      const keys = {
        image_processor_type: "CLIPImageProcessor",
        size: { shortest_edge: 30 },
        crop_size: { height: 33, width: 28 },
      };
      const path = await modelFolder("clip", keys);
      const clip = await ImageProcessor.fromPretrained(path, { backend, image_std: [1, 1, 2] });
      const own = await createLock({ image: clip });
      assert.deepEqual(own.processor.huggingface, {
        keys: { ...keys, image_std: [1, 1, 2] },
        modelType: null,
        backend,
      });
      assert.deepEqual(own.texts, []);
      assert.equal((await attestLock(own)).same, true);
    }
  });

  test("of a size that the image decides has all of the results", async () => {
    const keys = { size: { shortest_edge: 20, longest_edge: 60 } };
    const path = await modelFolder("detr", { image_processor_type: "DetrImageProcessor", ...keys });
    const own = await createLock({ image: await ImageProcessor.fromPretrained(path) });
    const outputs = own.images.map((one) => Object.keys(one.outputs));
    assert.deepEqual(outputs[0], ["pixel_values", "pixel_mask"]);
    assert.equal((await attestLock(own)).same, true);
  });

  test("with a cleaning of the user's own has ids alone", async () => {
    const own = await createLock({ image, tokenizer, clean: (text) => text.trim() });
    assert.equal(own.tokenizer?.clean, "custom");
    assert.deepEqual(Object.keys(own.texts[0]?.outputs ?? {}), ["ids"]);
    assert.equal((await attestLock(own)).same, true);
  });

  test("options that do not exist, or have no possible value, are refused", async () => {
    const unknown = (name: string) => ({
      name: "TypeError",
      message: new RegExp(`^${name}: unknown option "processor"`),
    });
    const options = { processor: image } as object;
    await assert.rejects(createLock(options), unknown("createLock"));
    await assert.rejects(createLock({ maxLength: 0 }), RangeError);
    await assert.rejects(attestLock(lock, options), unknown("attestLock"));
  });
});

describe("attestLock notices and names", () => {
  const others: [string, ImageProcessorOptions, RegExp][] = [
    [
      "a filter",
      { ...small, filter: "bicubic" },
      /^processor: filter is "bilinear" in the lock, and "bicubic" here$/,
    ],
    [
      "a mean",
      { ...small, mean: [0.5, 0.456, 0.406] },
      /^processor: mean\.0 is 0\.485 in the lock, and 0\.5 here$/,
    ],
    [
      "a size",
      { resize: { width: 40, height: 31 } },
      /^processor: resize\.height is 30 in the lock, and 31 here$/,
    ],
    [
      "a resampler",
      { ...small, resampler: "torch" },
      /^processor: resampler is "pillow13" in the lock, and "torch" here$/,
    ],
  ];
  for (const [what, options, message] of others) {
    test(`${what} that is another`, async () => {
      const found = await attestLock(lock, { image: new ImageProcessor(options) });
      assert.match(firstOf(found)?.message ?? "", message);
      assert.ok(
        found.differences.some(
          ({ subject, name }) => subject === "image" && name === "pixel_values",
        ),
        "and images differ",
      );
    });
  }

  test("Pillow 12, by the images that it resizes otherwise, and by no others", async () => {
    const old = await createLock({
      image: new ImageProcessor({ ...small, resampler: "pillow12" }),
    });
    const against = await attestLock(old, { image });
    const changed = against.differences.slice(1).map(({ sample }) => sample);
    assert.ok(changed.includes("tall") && !changed.includes("landscape"), changed.join());
  });

  test("one bit of a result", async () => {
    const given = copyOf();
    const [first, second] = given.images;
    const { pixel_values } = second?.outputs ?? {};
    assert.ok(first && second && pixel_values);
    const sha256 = pixel_values.sha256.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"));
    const images = [first, { ...second, outputs: { pixel_values: { ...pixel_values, sha256 } } }];
    const found = await attestLock({ ...given, images, batch: null });
    assert.deepEqual(found.differences, [
      {
        subject: "image",
        sample: second.name,
        name: "pixel_values",
        what: "bytes",
        message: `image "${second.name}": pixel_values: the values of float32 [1,3,30,40] differ`,
      },
    ]);
  });

  test("one byte of an image's pixels", async () => {
    const given = copyOf();
    const [first] = given.images;
    assert.ok(first);
    const file = Buffer.from(first.file, "base64");
    file[file.length - 30] = (file[file.length - 30] ?? 0) ^ 1;
    const changed = { ...given, images: [{ ...first, file: file.toString("base64") }] };
    const difference = firstOf(await attestLock(changed));
    assert.equal(difference?.sample, first.name);
    assert.ok(["bytes", "error"].includes(difference?.what ?? ""), difference?.what);
  });

  test("a size, a type and a name of a result", async () => {
    for (const [change, what] of [
      [{ shape: [1, 3, 40, 30] }, "shape"],
      [{ dtype: "float16" }, "dtype"],
    ] as const) {
      const given = copyOf();
      const images = given.images.map((one) => ({
        ...one,
        outputs: { pixel_values: { ...one.outputs.pixel_values, ...change } },
      })) as Lock["images"];
      const difference = firstOf(await attestLock({ ...given, images }));
      assert.deepEqual([difference?.sample, difference?.what], ["landscape", what]);
    }
    const images = lock.images.map((one) => ({ ...one, outputs: {} }));
    assert.equal(firstOf(await attestLock({ ...lock, images }))?.what, "missing");
  });

  test("a tokenizer with another vocabulary, although no sample has the word", async () => {
    const path = join(folder, "other-words");
    await saveLock(lock, join(path, "made.json")); // makes the folder
    const json = JSON.parse(await readFile(fixture("wordpiece/tokenizer.json"), "utf8"));
    const words = Object.keys(json.model.vocab);
    const [last = "", before = ""] = words.slice(-2);
    const { [last]: one, [before]: two } = json.model.vocab;
    Object.assign(json.model.vocab, { [last]: two, [before]: one });
    await writeFile(join(path, "tokenizer.json"), JSON.stringify(json));
    const other = await Tokenizer.fromPretrained(path, { pad_token: "[PAD]" });
    const difference = firstOf(await attestLock(lock, { tokenizer: other }));
    assert.deepEqual([difference?.subject, difference?.what], ["tokenizer", "value"]);
    assert.match(difference?.message ?? "", /^tokenizer: model\.vocab\./);
  });

  test("a side that is padded, and not how a tokenizer.json is laid out", async () => {
    const path = join(folder, "laid-out");
    await saveLock(lock, join(path, "made.json")); // makes the folder
    const text = await readFile(fixture("wordpiece/tokenizer.json"), "utf8");
    await writeFile(join(path, "tokenizer.json"), JSON.stringify(JSON.parse(text), null, 7));
    const pad = { pad_token: "[PAD]" };
    const same = await Tokenizer.fromPretrained(path, pad);
    assert.equal((await attestLock(lock, { tokenizer: same })).same, true);
    const left = await Tokenizer.fromPretrained(path, { ...pad, padding_side: "left" });
    const difference = firstOf(await attestLock(lock, { tokenizer: left }));
    assert.match(difference?.message ?? "", /paddingSide is "right" in the lock, and "left" here/);
  });

  test("a side that is cut, and another normalizer", async () => {
    const path = join(folder, "upper-case");
    await saveLock(lock, join(path, "made.json")); // makes the folder
    const json = JSON.parse(await readFile(fixture("wordpiece/tokenizer.json"), "utf8"));
    json.normalizer = { ...json.normalizer, strip_accents: false };
    await writeFile(join(path, "tokenizer.json"), JSON.stringify(json));
    const options = { pad_token: "[PAD]", truncation_side: "left" } as const;
    const other = await Tokenizer.fromPretrained(path, options);
    const { differences } = await attestLock(lock, { tokenizer: other });
    const named = differences.filter(({ sample }) => sample === null).map(({ name }) => name);
    assert.deepEqual(named, ["truncationSide", "normalizer.strip_accents"]);
  });

  test("a tokenizer that has no room for its own tokens", async () => {
    const { tokenizer: locked } = lock;
    assert.ok(locked);
    const given = { ...lock, images: [], batch: null, tokenizer: { ...locked, maxLength: 1 } };
    const difference = firstOf(await attestLock(given));
    assert.deepEqual([difference?.subject, difference?.what], ["text", "error"]);
    assert.match(difference?.message ?? "", /^text "plain": max_length: expected at least 2/);
  });

  test("other versions, which are no difference", async () => {
    const versions = { ...lock.versions, pixtok: "0.0.1" };
    const { same, versions: others } = await attestLock({ ...lock, versions });
    assert.equal(same, true);
    assert.match(others.join(), /^pixtok is "0\.0\.1" in the lock, and "/);
  });
});

describe("a packed set", () => {
  const packed = join(folder, "packed");
  const tiny = new ImageProcessor({ resize: { width: 20, height: 16 } });

  test("carries its lock, by which it is attested, with how its texts are cleaned and cut", async () => {
    const imagePaths = Array.from({ length: 9 }, () => fixture("images/png-rgb.png"));
    const texts = imagePaths.map((_, i) => `image ${i}`);
    const text = { clean: "none", maxLength: 7 } as const;
    const dataset = new MultimodalDataset({ imagePaths, texts, tokenizer, image: tiny, text });
    await packDataset(dataset, packed);
    const { same, samples } = await attestPack(packed);
    assert.equal(same, true);
    assert.ok(samples >= 24);
    const own = await loadLock(join(packed, "pixtok.lock.json"));
    assert.deepEqual(own.processor.config, tiny.config);
    assert.deepEqual([own.tokenizer?.clean, own.tokenizer?.maxLength], ["none", 7]);
    assert.equal((await MultimodalDataset.from(packed)).length, 9);
  });

  test("is not gone on with where a machine gives other numbers", async () => {
    const other = join(folder, "begun");
    const dataset = await photos(9, tiny);
    await packDataset(dataset, other, { part: { index: 0, of: 2 }, fileBytes: 960 * 3 });
    const path = join(other, "pixtok.lock.json");
    const own = await loadLock(path);
    const [first, ...rest] = own.images;
    assert.ok(first?.outputs.pixel_values);
    const pixel_values = { ...first.outputs.pixel_values, sha256: "0" };
    await saveLock({ ...own, images: [{ ...first, outputs: { pixel_values } }, ...rest] }, path);
    await assert.rejects(
      packDataset(dataset, other, { part: { index: 1, of: 2 }, fileBytes: 960 * 3 }),
      is(
        "PACK_MISMATCH",
        /this machine does not give what the set was begun with: image "landscape"/,
      ),
    );
    await saveLock(own, path);
    await packDataset(dataset, other, { part: { index: 1, of: 2 }, fileBytes: 960 * 3 });
    assert.equal((await attestPack(other)).same, true);
  });

  test("keeps a lock that cannot be read", async () => {
    const begun = join(folder, "unreadable");
    await mkdir(join(begun, "pixtok.lock.json"), { recursive: true });
    await assert.rejects(
      packDataset(await photos(9, tiny), begun),
      is("NOT_A_FILE", /pixtok\.lock\.json/),
    );
  });

  test("refuses a lock that is not its own", async () => {
    await saveLock(lock, join(packed, "pixtok.lock.json"));
    await assert.rejects(attestPack(packed), is("INVALID_PACK", /was packed with another lock/));
  });

  test("of a version before there were locks has none", async () => {
    await rm(join(packed, "pixtok.lock.json"));
    await assert.rejects(attestPack(packed), is("FILE_NOT_FOUND", /pixtok\.lock\.json/));
    assert.equal((await MultimodalDataset.from(packed)).length, 9);
  });
});
