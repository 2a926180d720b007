// attest.py: that Pillow, torchvision and transformers come to the hashes of our locks, and notice what differs.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  createLock,
  ImageProcessor,
  type ImageProcessorOptions,
  type Lock,
  saveLock,
  Tokenizer,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { python, withoutPython } from "../support/python.js";

const scripts = fileURLToPath(new URL("../../python", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "pixtok-attest-"));
after(() => rm(folder, { recursive: true }));

interface Run {
  code: number;
  lines: string[];
}

/** Runs attest.py with each of these arguments, in one process: packages take seconds to import. */
function attestAll(calls: readonly (readonly string[])[]): Run[] {
  const code = [
    "import contextlib, io, json, sys",
    "import attest",
    "for given in json.loads(sys.argv[1]):",
    "    sys.argv = ['attest.py', *given]",
    "    out = io.StringIO()",
    "    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):",
    "        code = attest.main()",
    "    print(json.dumps({'code': code, 'lines': out.getvalue().splitlines()}))",
  ].join("\n");
  const { status, stdout, stderr } = spawnSync(python, ["-c", code, JSON.stringify(calls)], {
    encoding: "utf8",
    env: { ...process.env, PYTHONPATH: scripts, HF_HUB_OFFLINE: "1", PYTHONDONTWRITEBYTECODE: "1" },
  });
  assert.equal(status, 0, stderr);
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Run);
}

let files = 0;

async function saved(lock: Lock): Promise<string> {
  files += 1;
  const path = join(folder, `${files}.json`);
  await saveLock(lock, path);
  return path;
}

async function modelFolder(keys: object): Promise<string> {
  files += 1;
  const path = join(folder, `model-${files}`);
  await mkdir(path);
  await writeFile(join(path, "preprocessor_config.json"), JSON.stringify(keys));
  return path;
}

const assertSame = (runs: readonly Run[], names: readonly string[]) => {
  const others = runs.map(({ code, lines }, i) => `${names[i]}: ${code} ${lines.join(" ")}`);
  assert.equal(runs.length, names.length);
  assert.deepEqual(
    others.filter((_, i) => runs[i]?.code !== 0),
    [],
  );
};

const size = { width: 41, height: 30 };
const factor = { rescale: 1 / 255, type: "float32" } as const;
const onPillow: ImageProcessorOptions[] = [
  {},
  { resize: size, filter: "nearest" },
  { resize: size, filter: "hamming", layout: "hwc" },
  { resize: { shortestEdge: 37 }, centerCrop: 50, filter: "bicubic", type: "float16" },
  { resize: { shortestEdge: 37, longestEdge: 60 }, centerCrop: { width: 44, height: 23 } },
  { resize: { longestEdge: 48 }, pad: 48, filter: "lanczos", convention: "huggingface" },
  { resize: { maxWidth: 40, maxHeight: 50 }, pad: 50, convention: "huggingface", ...factor },
  { resize: { shortestEdge: 30, longestEdge: 50 }, centerCrop: 33, convention: "huggingface" },
  { resize: size, convention: "huggingface", ...factor, channelOrder: "bgr", lastStd: [1, 2, 3] },
  { resize: size, convention: "huggingface", ...factor, rescaleOffset: 1, mean: null, std: null },
  { resize: size, convention: "huggingface-torchvision", ...factor, exifOrientation: true },
  { resize: { shortestEdge: 35 }, centerCrop: 40, convention: "huggingface-torchvision" },
  { resize: null, centerCrop: 60, rescale: false, alpha: "white" },
  { resize: size, type: "uint8", layout: "hwc", exifOrientation: true, alpha: "white" },
];

describe("attest.py with Pillow alone", {
  skip: withoutPython({ pillow: "13", numpy: "2" }),
}, () => {
  test("gives what processors of every kind of options give", async () => {
    const locks = await Promise.all(
      onPillow.map(async (options) =>
        saved(await createLock({ image: new ImageProcessor(options) })),
      ),
    );
    const runs = attestAll(locks.map((lock) => [lock]));
    assertSame(
      runs,
      onPillow.map((options) => JSON.stringify(options)),
    );
  });

  test("names what differs first, with code 3, and what cannot be said, with code 1", async () => {
    const image = new ImageProcessor({ resize: size });
    const lock = await createLock({ image });
    const { config } = lock.processor;
    const change = (changes: object) =>
      saved({ ...lock, processor: { ...lock.processor, config: { ...config, ...changes } } });
    const [first, ...rest] = lock.images;
    const outputs = { pixel_values: { ...first?.outputs.pixel_values, sha256: "0" } };
    const runs = attestAll([
      [await change({ filter: "bicubic" })],
      [await change({ mean: [0.486, 0.456, 0.406] })],
      [await change({ resize: { width: 41, height: 31 } })],
      [await saved({ ...lock, images: [...rest, { ...first, outputs }] } as Lock)],
      [await change({ decode: "fast" })],
      [join(folder, "none.json")],
    ]);
    const landscape = 'not the same: image "landscape": pixel_values: ';
    assert.deepEqual(
      runs.map(({ code, lines }) => [code, lines.find((line) => !line.startsWith("note")) ?? ""]),
      [
        [3, `${landscape}the values of float32 [1, 3, 30, 41] differ`],
        [3, `${landscape}the values of float32 [1, 3, 30, 41] differ`],
        [3, `${landscape}the shape is [1, 3, 30, 41] in the lock, and [1, 3, 31, 41] here`],
        [3, `${landscape}the values of float32 [1, 3, 30, 41] differ`],
        [1, 'attest.py: decode: "fast" has no reference here'],
        [1, runs[5]?.lines[0] ?? ""],
      ],
    );
  });

  test("notices Pillow 12's numbers by the images that Pillow 13 resizes otherwise", async () => {
    const image = new ImageProcessor({ resize: size, resampler: "pillow12" });
    const [run] = attestAll([[await saved(await createLock({ image }))]]);
    assert.equal(run?.code, 3);
    assert.ok(run.lines.some((line) => /^note: pillow is 12\.3 in the lock, and 13\./.test(line)));
  });
});

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
