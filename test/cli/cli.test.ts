import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import {
  checkDataset,
  computeStats,
  createLock,
  ImageProcessor,
  loadLock,
  MultimodalDataset,
  openManifest,
  Tokenizer,
} from "pixtok";
import { runCommand } from "../support/command-line.js";
import { fixture } from "../support/fixtures.js";

const program = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "pixtok-cli-"));
after(() => rmSync(folder, { recursive: true }));

function manifestOf(name: string, images: readonly string[]): string {
  const path = join(folder, name);
  const rows = images.map((image, i) => JSON.stringify({ image, text: `image number ${i}` }));
  writeFileSync(path, rows.join("\n"));
  return path;
}

const tokenizer = fixture("wordpiece");
const manifest = manifestOf("pairs.jsonl", ["jpeg-420.jpg", "png-rgb.png", "webp-lossy.webp"]);
const onImages = [manifest, "--root", fixture("images"), "--tokenizer", tokenizer];

describe("the program", () => {
  const start = (...parameters: string[]) =>
    spawnSync(process.execPath, [program, ...parameters], { encoding: "utf8" });

  test("prints on standard output, and ends with the code of its command", () => {
    const whole = start("check", ...onImages);
    assert.match(whole.stdout, /\nok$/m);
    assert.deepEqual([whole.status, whole.stderr], [0, "JSON Lines manifest, 3 pairs\n"]);
    const unknown = start("unpack");
    assert.match(unknown.stderr, /unknown command 'unpack'/);
    assert.deepEqual([unknown.status, unknown.stdout], [1, ""]);
  });

  test("prints its version with code 0, and says of a folder that is not there that it is not", async () => {
    const { version } = JSON.parse(
      readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
    );
    assert.equal(start("--version").stdout, `${version}\n`);
    const none = await runCommand("verify", "no-such-folder");
    assert.match(none.stderr, /^pixtok: "no-such-folder"/);
    assert.deepEqual([none.code, none.stdout], [1, ""]);
  });
});

describe("pixtok stats", () => {
  test("prints what computeStats gives, as JSON if asked for", async () => {
    const { code, stdout, stderr } = await runCommand("stats", ...onImages, "--json");
    const dataset = new MultimodalDataset({
      source: await openManifest(manifest, { root: fixture("images") }),
      tokenizer: await Tokenizer.fromPretrained(tokenizer),
    });
    const expected = JSON.parse(JSON.stringify(await computeStats(dataset)));
    assert.deepEqual(JSON.parse(stdout), expected);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "JSON Lines manifest, 3 pairs\n" });
  });

  test("prints mean, std and a configuration to paste, and writes a page", async () => {
    const page = join(folder, "stats.html");
    const { code, stdout } = await runCommand("stats", ...onImages, "--html", page);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^pairs {3}3\npixels {2}150528\nmean {4}0\.\d{6} {2}0\.\d{6} {2}0\.\d{6}\nstd/,
    );
    assert.match(stdout, /new ImageProcessor\(\{ mean: \[/);
    assert.match(readFileSync(page, "utf8"), /<svg/);
  });
});

describe("options of the command line", () => {
  const json = async (...args: string[]) =>
    JSON.parse((await runCommand(...args, "--json")).stdout);
  const source = async () => openManifest(manifest, { root: fixture("images") });
  const datasetOf = async () =>
    new MultimodalDataset({
      source: await source(),
      tokenizer: await Tokenizer.fromPretrained(tokenizer),
    });

  test("--samples and --seed say which pairs statistics are of", async () => {
    const expected = await computeStats(await datasetOf(), { samples: 1, seed: 5 });
    const stats = await json("stats", ...onImages, "--samples", "1", "--seed", "5");
    assert.equal(stats.pairs, 1);
    assert.deepEqual(stats.mean, expected.mean);
  });

  test("--random and --seed say which pairs are checked", async () => {
    const dataset = await datasetOf();
    const first = await checkDataset(dataset, { samples: 1 });
    for (let seed = 0; ; seed += 1) {
      const expected = await checkDataset(dataset, { samples: 1, random: true, seed });
      if (isDeepStrictEqual(expected.images, first.images)) continue;
      const options = ["--samples", "1", "--random", "--seed", String(seed)];
      const report = await json("check", ...onImages, ...options);
      assert.deepEqual(report.images, expected.images);
      break;
    }
  });

  test("--max-length and --clean say what is done to texts", async () => {
    const french = join(folder, "french.jsonl");
    writeFileSync(french, JSON.stringify({ image: "jpeg-420.jpg", text: "café à la plage" }));
    const options = [french, ...onImages.slice(1)];
    const cleaned = (await json("check", ...options)).texts;
    assert.deepEqual([cleaned.maxLength, cleaned.lostLetters], [128, 2]);
    const whole = (await json("check", ...options, "--clean", "none", "--max-length", "7")).texts;
    assert.deepEqual([whole.maxLength, whole.lostLetters], [7, 0]);
  });

  for (const [size, files] of [
    ["3000", 4],
    ["3kB", 4],
    ["3k", 4],
    ["3KiB", 3],
    ["0.0030MB", 4],
    ["0.0030MiB", 3],
    ["0.0000030GB", 4],
    ["0.0000030GiB", 3],
  ] as const) {
    test(`--file-size ${size} is ${files} files of twelve images of 768 bytes`, async () => {
      const names = Array.from({ length: 12 }, () => "jpeg-7x5.jpg");
      const twelve = manifestOf("twelve.jsonl", names);
      const out = join(folder, `size-${size}`);
      const options = ["--size", "16", "--file-size", size, "--out", out];
      const { stdout } = await runCommand("pack", twelve, ...onImages.slice(1), ...options);
      assert.match(stdout, new RegExp(`^12 pairs in ${files} files`));
    });
  }

  test("--size of a processor that crops is the size of the crop", async () => {
    const processor = join(folder, "preprocessor_config.json");
    const config = {
      image_processor_type: "CLIPImageProcessor",
      size: { shortest_edge: 20 },
      crop_size: { height: 20, width: 20 },
    };
    writeFileSync(processor, JSON.stringify(config));
    const out = join(folder, "cropped");
    const options = ["--processor", processor, "--size", "24", "--out", out];
    const { code, stderr } = await runCommand("pack", ...onImages, ...options);
    assert.equal(code, 0, stderr);
    const opened = await MultimodalDataset.from(out);
    assert.equal(opened.description, "packed set, 3 pairs of 24x24 in 1 files");
  });
});

describe("pixtok check", () => {
  test("ends with code 0 where all is well", async () => {
    const { code, stdout } = await runCommand("check", ...onImages);
    assert.match(stdout, /\nok$/m);
    assert.equal(code, 0);
  });

  test("ends with code 1 and says what to do where an image cannot be read", async () => {
    const bad = manifestOf("bad.jsonl", ["jpeg-420.jpg", "no-such-file.jpg"]);
    const { code, stdout } = await runCommand("check", bad, ...onImages.slice(1));
    assert.match(stdout, /FILE_NOT_FOUND: sample 1, ".*no-such-file.jpg": no such file/);
    assert.match(stdout, /not ok: fix the errors before training/);
    assert.equal(code, 1);
  });
});

describe("pixtok pack and verify", () => {
  const folders = ["whole", "parts"].map((name) => join(folder, name));
  const [whole, parts] = folders as [string, string];

  test("pack a source, in one go or in parts, and find it whole", async () => {
    const packing = ["pack", ...onImages, "--size", "32", "--file-size", "3.072kB", "--out"];
    const { code, stdout, stderr } = await runCommand(...packing, whole);
    assert.equal(stderr, "JSON Lines manifest, 3 pairs\n");
    assert.equal(stdout, "3 pairs in 3 files, 0 files kept, of 3 in the set; 0 pairs left out\n");
    assert.equal(code, 0);
    for (const part of ["1/2", "0/2"]) {
      assert.equal((await runCommand(...packing, parts, "--part", part)).code, 0);
    }
    for (const packed of folders) {
      const verified = await runCommand("verify", packed);
      assert.deepEqual(verified, { code: 0, stdout: "3 files, 3 pairs: whole\n", stderr: "" });
    }
    const again = await runCommand(...packing, whole);
    assert.match(again.stdout, /^0 pairs in 0 files, 3 files kept/);
  });

  test("pack columns and images without texts", async () => {
    const rows = join(folder, "columns.jsonl");
    const row = { image: "png-rgb.png", "a,b": 3, box: [[1, 2]], "url:": "x" };
    writeFileSync(rows, JSON.stringify(row));
    const out = join(folder, "packed-columns");
    const packing = ["pack", rows, "--root", fixture("images"), "--no-texts", "--size", "8"];
    const columns = ["--columns", "box:float32[1,2],url::string"];
    assert.deepEqual(await runCommand(...packing, ...columns, "--out", out), {
      code: 0,
      stdout: "1 pairs in 1 files, 0 files kept, of 1 in the set; 0 pairs left out\n",
      stderr: "JSON Lines manifest, 1 pairs\n",
    });
    const opened = await MultimodalDataset.from(out, { text: null, columns: "auto" });
    assert.deepEqual((await opened.get(0)).columns, {
      box: { type: "float32", data: Float32Array.of(1, 2), dims: [1, 2] },
      "url:": "x",
    });
    const all = join(folder, "packed-all-columns");
    assert.equal((await runCommand(...packing, "--columns", "auto", "--out", all)).code, 0);
    assert.equal((await runCommand("check", all)).code, 0);
    const refused = await runCommand(...packing, "--columns", "label", "--out", all);
    assert.match(refused.stderr, /Expected auto, or such as "label:int64,box:float32\[4\]"/);
    const twice = await runCommand(...packing, "--columns", "a:int64,a:string", "--out", all);
    assert.match(twice.stderr, /a is given twice/);
  });

  test("give a packed set to the other commands, without a tokenizer", async () => {
    const { code, stdout, stderr } = await runCommand("check", whole);
    assert.equal(stderr, "packed set, 3 pairs of 32x32 in 3 files\n");
    assert.match(stdout, /\nok$/m);
    assert.equal(code, 0);
  });

  test("name what is damaged, and end with code 1", async () => {
    const name = "data-00001-of-00003.arrow";
    const bytes = readFileSync(join(parts, name));
    bytes[bytes.length - 1500] = (bytes[bytes.length - 1500] as number) ^ 1;
    writeFileSync(join(parts, name), bytes);
    const { code, stdout } = await runCommand("verify", parts);
    assert.match(stdout, /^data-00001-of-00003\.arrow, rows 0 to 0: the checksum differs\n/);
    assert.match(stdout, /3 files, 3 pairs: damaged\n$/);
    assert.equal(code, 1);
    const json = JSON.parse((await runCommand("verify", parts, "--json")).stdout);
    assert.equal(json.problems[0].file, name);
  });

  test("leave out what cannot be read, if asked to, and say so", async () => {
    const bad = manifestOf("bad-pack.jsonl", ["jpeg-420.jpg", "no-such-file.jpg"]);
    const packing = ["pack", bad, ...onImages.slice(1), "--out", join(folder, "bad")];
    const refused = await runCommand(...packing);
    assert.match(refused.stderr, /FILE_NOT_FOUND|no such file/);
    assert.equal(refused.code, 1);
    const { code, stdout, stderr } = await runCommand(...packing, "--skip-bad");
    assert.match(stderr, /left out: sample 1, ".*no-such-file\.jpg": no such file/);
    assert.match(stdout, /^1 pairs in 1 files, .* 1 pairs left out\n$/);
    assert.equal(code, 0);
  });
});

describe("a command that cannot do its work", () => {
  for (const [what, args, message] of [
    [
      "a manifest that is not there",
      ["stats", "none.jsonl", "--tokenizer", tokenizer],
      /no such file/,
    ],
    [
      "no tokenizer",
      ["stats", manifest],
      /^pixtok: --tokenizer: expected the path or hub id of one \(only a packed set has its own\), or --no-texts for a/m,
    ],
    [
      "a part that is none",
      ["pack", ...onImages, "--out", join(folder, "none"), "--part", "2/2"],
      /Expected i\/n, with i from 0 to n - 1/,
    ],
    [
      "a size that is none",
      ["pack", ...onImages, "--out", join(folder, "none"), "--file-size", "12 apples"],
      /Expected a number of bytes, such as 512MiB or 1GB/,
    ],
    ["nonsense", ["stats", ...onImages, "--samples", "0"], /whole number of at least 1/],
  ] as [string, string[], RegExp][]) {
    test(`for ${what} says so and ends with code 1`, async () => {
      const { code, stdout, stderr } = await runCommand(...args);
      assert.match(stderr, message);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    });
  }
});

describe("pixtok lock and pixtok attest", () => {
  const model = (name: string, keys: object) => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    const small = { size: { shortest_edge: 20 }, crop_size: { height: 24, width: 20 } };
    const config = { image_processor_type: "CLIPImageProcessor", ...small, ...keys };
    writeFileSync(join(path, "preprocessor_config.json"), JSON.stringify(config));
    return path;
  };
  const lock = join(folder, "locked", "pixtok.lock.json");
  const clip = model("clip", {});

  test("the lock is written with attest.py beside it, and attested", async () => {
    const options = ["--processor", clip, "--tokenizer", tokenizer, "--max-length", "16"];
    const written = await runCommand("lock", ...options, "--out", lock);
    assert.deepEqual(written, {
      code: 0,
      stdout: `${lock}: 14 images, 16 texts; ${join(folder, "locked", "attest.py")} compares it in Python\n`,
      stderr: "",
    });
    const script = readFileSync(join(folder, "locked", "attest.py"), "utf8");
    assert.equal(script, readFileSync(new URL("../../python/attest.py", import.meta.url), "utf8"));
    const expected = await createLock({
      image: await ImageProcessor.fromPretrained(clip),
      tokenizer: await Tokenizer.fromPretrained(tokenizer),
      maxLength: 16,
    });
    assert.deepEqual(await loadLock(lock), JSON.parse(JSON.stringify(expected)));
    const own = ["--processor", clip, "--tokenizer", tokenizer];
    for (const options of [[], own]) {
      const attested = await runCommand("attest", lock, ...options);
      assert.deepEqual(attested, { code: 0, stdout: "the same: 30 samples\n", stderr: "" });
    }
  });

  test("a processor is compared by the lock's choices of what no file says", async () => {
    const chosen = { exifOrientation: false, alpha: "white" } as const;
    const path = join(folder, "chosen.json");
    const image = await ImageProcessor.fromPretrained(clip, chosen);
    writeFileSync(path, JSON.stringify(await createLock({ image })));
    const attested = await runCommand("attest", path, "--processor", clip);
    assert.deepEqual(attested, { code: 0, stdout: "the same: 14 samples\n", stderr: "" });
  });

  test("code 3, and the first that differs", async () => {
    const changes: [string, object, string][] = [
      ["mean", { image_mean: [0.5, 0.5, 0.5] }, "mean.0 is 0.48145466 in the lock, and 0.5 here"],
      ["filter", { resample: 2 }, 'filter is "bicubic" in the lock, and "bilinear" here'],
    ];
    for (const [name, keys, difference] of changes) {
      const { code, stdout } = await runCommand("attest", lock, "--processor", model(name, keys));
      assert.equal(code, 3);
      assert.ok(stdout.startsWith(`not the same: processor: ${difference}\n`), stdout);
      assert.match(stdout, /\nand \d+ more differences, in 30 samples\n$/);
    }
    const bpe = await runCommand("attest", lock, "--tokenizer", fixture("bpe"));
    assert.equal(bpe.code, 3);
    assert.match(bpe.stdout, /^not the same: tokenizer: /);
    const changed = JSON.parse(readFileSync(lock, "utf8"));
    changed.versions.pixtok = "0.0.0";
    changed.images[3].outputs.pixel_values.sha256 = "0";
    const other = join(folder, "changed.json");
    writeFileSync(other, JSON.stringify(changed));
    const { code, stdout } = await runCommand("attest", other);
    assert.equal(code, 3);
    assert.match(
      stdout,
      /^note: pixtok is "0\.0\.0" in the lock, and ".*" here\nnot the same: image "tall": pixel_values: the values of float32 \[1,3,24,20\] differ\n$/,
    );
    const report = JSON.parse((await runCommand("attest", other, "--json")).stdout);
    assert.deepEqual([report.same, report.samples, report.differences.length], [false, 30, 1]);
  });

  test("--backend and --resampler say whose numbers are locked", async () => {
    const out = join(folder, "pil", "lock.json");
    const options = ["--backend", "pil", "--resampler", "pillow12", "--processor", clip];
    await runCommand("lock", ...options, "--out", out);
    const { processor, tokenizer: none, python } = await loadLock(out);
    assert.deepEqual(
      [processor.huggingface?.backend, processor.config.resampler, none, python.pillow],
      ["pil", "pillow12", null, "12.3"],
    );
    assert.equal((await runCommand("attest", out, "--processor", clip)).code, 0);
    assert.equal((await runCommand("lock", "--backend", "pil", "--out", out)).code, 1);
  });

  test("another's attest.py is kept, and said to be there", async () => {
    const out = join(folder, "other", "lock.json");
    mkdirSync(join(folder, "other"));
    writeFileSync(join(folder, "other", "attest.py"), "print(1)\n");
    const { code, stderr } = await runCommand("lock", "--out", out);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /attest\.py.*another file of that name \(write the lock into another folder\)/,
    );
    assert.equal(readFileSync(join(folder, "other", "attest.py"), "utf8"), "print(1)\n");
  });

  test("a packed set is attested by its own lock; what is no lock is code 1", async () => {
    const out = join(folder, "packed-with-lock");
    await runCommand("pack", ...onImages, "--processor", clip, "--out", out);
    const attested = await runCommand("attest", out);
    assert.deepEqual(attested, { code: 0, stdout: "the same: 30 samples\n", stderr: "" });
    const none = await runCommand("attest", manifest);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /this|expected|JSON/);
  });
});
