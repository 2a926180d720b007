// Each option of a command reaches the library, and what cannot be one is refused.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { Command } from "commander";
import { loadLock, PixtokError, runtimeInfo } from "pixtok";
import { addAttest } from "../../src/cli/attest.js";
import { addCheck } from "../../src/cli/check.js";
import { exitCodeOf } from "../../src/cli/exit-code.js";
import { addInfo } from "../../src/cli/info.js";
import { addLock } from "../../src/cli/lock.js";
import { addPack } from "../../src/cli/pack.js";
import { parseCount, parseWhole } from "../../src/cli/parse-number.js";
import { addStats } from "../../src/cli/stats.js";
import { addVerify } from "../../src/cli/verify.js";
import { runCommand } from "../support/command-line.js";
import { startFileServer } from "../support/file-server.js";
import { fixture } from "../support/fixtures.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-options-"));
after(() => rmSync(folder, { recursive: true }));
const tokenizer = ["--tokenizer", fixture("wordpiece")];

test("pixtok info prints what is in use", async () => {
  const { code, stdout } = await runCommand("info");
  const { version, kernel, kernels, decoder, sharp, resampler, threads } = runtimeInfo();
  const rows = Object.fromEntries(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => [line.slice(0, 14).trimEnd(), line.slice(14)]),
  );
  assert.equal(code, 0);
  assert.deepEqual(rows, {
    pixtok: version,
    kernel: `${kernel} (this CPU can run ${kernels.join(", ")})`,
    "JPEG decoder": `${decoder.own ? "pixtok, " : ""}${decoder.name} ${decoder.version}`,
    library: decoder.library ?? "none of its own",
    "PNG decoder": decoder.zlib ? `pixtok, zlib ${decoder.zlib}` : `sharp ${sharp}`,
    "WebP decoder": decoder.webp
      ? `pixtok, libwebp ${decoder.webp.version} (${decoder.webp.library})`
      : `sharp ${sharp}`,
    sharp,
    resampler,
    threads: String(threads),
    node: process.version,
  });
});

describe("options of a source", () => {
  const path = join(folder, "rows.jsonl");
  const image = fixture("images/png-rgb.png");
  const rows = [
    { image, other: "none.png", text: ["one", "two words"], label: "a red circle" },
    { image, other: "none.png", text: ["three", "four"], label: "b" },
  ];
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join("\n"));
  const outside = ["--allow-outside-root", ...tokenizer];
  const check = async (...options: string[]) => {
    const { stdout, stderr, code } = await runCommand("check", path, ...options, "--json");
    return { report: stdout === "" ? undefined : JSON.parse(stdout), stderr, code };
  };

  test("--allow-outside-root lets images be elsewhere", async () => {
    assert.equal((await check(...outside)).report.ok, true);
    const { report, code } = await check(...tokenizer);
    assert.deepEqual([report.ok, code], [false, 1]);
    assert.match(JSON.stringify(report), /allowOutsideRoot/);
  });

  test("--image-column and --text-column name columns", async () => {
    const { report } = await check(...outside, "--image-column", "other");
    assert.match(JSON.stringify(report), /none\.png/);
    const usual = await check(...outside);
    const other = await check(...outside, "--text-column", "label");
    assert.notDeepEqual(other.report, usual.report);
    const none = await check(...outside, "--text-column", "none");
    assert.match(none.stderr, /--text-column: expected "none" among the columns/);
    assert.equal(none.code, 1);
  });

  test("--columns of images are beside the manifest, and do not lead out of it", async () => {
    const inside = join(folder, "masks");
    mkdirSync(inside);
    copyFileSync(fixture("images/jpeg-7x5.jpg"), join(inside, "a.jpg"));
    const masked = async (mask: string) => {
      const manifest = join(inside, "rows.jsonl");
      writeFileSync(manifest, JSON.stringify({ image: "a.jpg", mask }));
      const options = ["--no-texts", "--columns", "mask:image", "--json"];
      return JSON.parse((await runCommand("check", manifest, ...options)).stdout);
    };
    assert.equal((await masked("a.jpg")).ok, true);
    const outside = await masked(fixture("images/jpeg-7x5.jpg"));
    assert.equal(outside.ok, false);
    assert.match(JSON.stringify(outside), /allowOutsideRoot/);
  });

  test("--on-multiple-texts says which texts", async () => {
    const { stderr } = await check(...outside, "--on-multiple-texts", "all");
    assert.match(stderr, /4 with every text of an image/);
    assert.match((await check(...outside)).stderr, /JSON Lines manifest, 2 pairs\n$/);
    const refused = await check(...outside, "--on-multiple-texts", "last");
    assert.match(refused.stderr, /Allowed choices are first, random, all/);
  });

  test("--batch-size says what a batch is tried with", async () => {
    const sizeOf = async (...options: string[]) =>
      (await check(...outside, ...options)).report.batch.size;
    assert.deepEqual([await sizeOf(), await sizeOf("--batch-size", "1")], [2, 1]);
  });

  test("--kind says what a source is", async () => {
    const named = join(folder, "rows.data");
    writeFileSync(named, "");
    const { stderr } = await runCommand("check", named, ...tokenizer, "--kind", "webdataset");
    assert.match(stderr, /rows\.data/);
    assert.doesNotMatch(stderr, /or kind to be given/);
    const without = await runCommand("check", named, ...tokenizer);
    assert.match(without.stderr, /or kind to be given/);
  });

  test("--config is of datasets whose README has configs", async () => {
    const { stderr } = await check(...tokenizer, "--config", "fr");
    assert.match(stderr, /config: expected none but with a dataset whose README has configs/);
    const set = join(folder, "with-configs");
    mkdirSync(set);
    const configs = ["en", "fr"].map((name) => `- config_name: ${name}\n  data_files: ${name}.csv`);
    writeFileSync(join(set, "README.md"), `---\nconfigs:\n${configs.join("\n")}\n---\n`);
    writeFileSync(join(set, "en.csv"), `image,text\n${image},a\n`);
    writeFileSync(join(set, "fr.csv"), `image,text\n${image},a\n${image},b\n`);
    const french = await runCommand("check", set, ...outside, "--config", "fr");
    assert.match(french.stderr, /2 pairs/);
  });

  test("--cache-dir says where copies of data elsewhere are kept", async () => {
    const server = await startFileServer({ "/rows.csv": Buffer.from("image,text\nnone.png,a\n") });
    const cache = join(folder, "cache");
    const list = `${server.url}/rows.csv`;
    const { stderr } = await runCommand("check", list, ...tokenizer, "--cache-dir", cache);
    await server.close();
    assert.match(stderr, /CSV manifest, 1 pairs/);
    assert.ok(readdirSync(cache).length > 0);
  });

  test("--processor names an image processor", async () => {
    const processor = join(folder, "processor");
    mkdirSync(processor);
    writeFileSync(
      join(processor, "preprocessor_config.json"),
      JSON.stringify({
        image_processor_type: "ViTImageProcessor",
        size: { height: 7, width: 9 },
        image_mean: [0, 0, 0],
        image_std: [1, 1, 1],
      }),
    );
    const { stdout } = await runCommand("stats", path, ...outside, "--processor", processor);
    assert.match(stdout, new RegExp(`^pixels +${2 * 7 * 9}$`, "m"));
    const lock = join(folder, "processor-lock.json");
    await runCommand("lock", "--processor", processor, "--out", lock);
    assert.deepEqual((await loadLock(lock)).processor.config.resize, { width: 9, height: 7 });
  });
});

describe("numbers", () => {
  const refused = { code: "commander.invalidArgument" };

  test("that count are whole and 1 at least, others 0 at least", () => {
    assert.deepEqual([parseCount("1"), parseCount("32")], [1, 32]);
    for (const value of ["0", "-1", "1.5", "x", ""])
      assert.throws(() => parseCount(value), refused);
    assert.deepEqual([parseWhole("0"), parseWhole("7")], [0, 7]);
    for (const value of ["-1", "1.5", "x", "", " "])
      assert.throws(() => parseWhole(value), refused);
  });

  test("--part is i/n, with i below n, and --file-size a number of bytes", async () => {
    const pack = (...options: string[]) =>
      runCommand("pack", "none.jsonl", "--out", join(folder, "out"), ...options);
    for (const part of ["1/1", "2/1", "-1/2", "1", "1/2/3", "a/b"]) {
      assert.match((await pack(`--part=${part}`)).stderr, /Expected i\/n, with i from 0 to n - 1/);
    }
    for (const size of ["0", "0.5", "1TB", "x", "1 2", "-1"]) {
      const { stderr, code } = await pack(`--file-size=${size}`);
      assert.match(stderr, /Expected a number of bytes, such as 512MiB/);
      assert.equal(code, 1);
    }
    assert.match(
      (await runCommand("pack", "none.jsonl")).stderr,
      /required option '--out <folder>'/,
    );
  });

  test("--retries and --threads reach the library, which knows their limits", async () => {
    const one = join(folder, "one.jsonl");
    writeFileSync(one, JSON.stringify({ image: fixture("images/png-rgb.png"), text: "a" }));
    const options = ["--allow-outside-root", ...tokenizer, "--out", join(folder, "retried")];
    const many = await runCommand("pack", one, ...options, "--retries", "11");
    assert.match(many.stderr, /retries: .*10, got 11/);
    const wide = await runCommand("pack", one, ...options, "--threads", "1000000");
    assert.match(wide.stderr, /threads: .*, got 1000000/);
    const none = await runCommand("pack", one, ...options, "--retries", "0");
    assert.equal(none.code, 0, none.stderr);
    assert.match(
      none.stdout,
      /^1 pairs in 1 files, 0 files kept, of 1 in the set; 0 pairs left out/,
    );
  });
});

test("pixtok lock --clean and --max-length say what is done to texts", async () => {
  const out = join(folder, "lock.json");
  const { code } = await runCommand(
    ...["lock", ...tokenizer, "--clean", "none", "--max-length", "9", "--out", out],
  );
  const lock = await loadLock(out);
  assert.equal(code, 0);
  assert.deepEqual([lock.tokenizer?.clean, lock.tokenizer?.maxLength], ["none", 9]);
});

test("pixtok lock --resampler is of the standard preset where no processor is named", async () => {
  const out = join(folder, "resampler-lock.json");
  const resamplerOf = async (...options: string[]) => {
    await runCommand("lock", ...options, "--out", out);
    return (await loadLock(out)).processor.config.resampler;
  };
  assert.equal(await resamplerOf(), runtimeInfo().resampler);
  assert.equal(await resamplerOf("--resampler", "pillow12"), "pillow12");
  const { stderr, code } = await runCommand("lock", "--backend", "pil", "--out", out);
  assert.match(stderr, /--backend is of a processor: give --processor/);
  assert.equal(code, 1);
});

test("pixtok attest says of a set elsewhere that it is to be copied first", async () => {
  const { stderr, code } = await runCommand("attest", "s3://bucket/set");
  assert.match(stderr, /expected the path of a folder \(copy pixtok\.lock\.json .* into one\)/);
  assert.equal(code, 1);
});

test("every command, argument and option says what it is", () => {
  const program = new Command();
  const adders = [addInfo, addCheck, addStats, addPack, addVerify, addLock, addAttest];
  for (const add of adders) add(program);
  const names = ["info", "check", "stats", "pack", "verify", "lock", "attest"];
  assert.deepEqual(
    program.commands.map((command) => command.name()),
    names,
  );
  for (const command of program.commands) {
    const said = [command, ...command.registeredArguments, ...command.options].map((one) =>
      typeof one.description === "function" ? one.description() : one.description,
    );
    for (const description of said) assert.match(description, /\w+ \w+/, command.name());
  }
});

test("pixtok verify says that there is no packed set, or what is wrong with it as JSON", async () => {
  const empty = join(folder, "empty");
  mkdirSync(empty);
  const { stdout, code } = await runCommand("verify", empty);
  assert.match(stdout, /^0 files, 0 pairs: no packed set$/m);
  assert.equal(code, 1);
  const { stdout: json, code: ofJson } = await runCommand("verify", empty, "--json");
  const { ok, files, pairs } = JSON.parse(json);
  assert.deepEqual([ok, files, pairs, ofJson], [false, 0, 0, 1]);
});

test("code 75 is for what may do better later, code 1 for what will not", () => {
  const later = ["STORAGE_FAILED", "OUT_OF_MEMORY", "OUT_OF_FILE_DESCRIPTORS"] as const;
  for (const code of [...later, "PACK_IN_USE", "HUB_UNREACHABLE"] as const)
    assert.equal(exitCodeOf(new PixtokError(code, "x")), 75, code);
  for (const code of ["FILE_NOT_FOUND", "CORRUPT_IMAGE", "HUB_ACCESS_DENIED"] as const)
    assert.equal(exitCodeOf(new PixtokError(code, "x")), 1, code);
  assert.equal(exitCodeOf(Object.assign(new Error("x"), { code: "EIO" })), 75);
  for (const error of [new Error("x"), "x", undefined]) assert.equal(exitCodeOf(error), 1);
  for (const [code, expected] of [
    ["REMOTE_UNREACHABLE", 75],
    ["HUB_ACCESS_DENIED", 1],
    ["SOURCE_CHANGED", 1],
  ] as const) {
    const cause = new PixtokError(code, "x");
    assert.equal(exitCodeOf(new Error("a user's own", { cause })), expected, code);
  }
});
