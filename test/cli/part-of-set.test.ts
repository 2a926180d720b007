// Which of a source's pairs a command is about.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { filter, MultimodalDataset, openManifest, type PairConditions, split } from "pixtok";
import { parseShares } from "../../src/cli/parse-split.js";
import { parseWhere } from "../../src/cli/parse-where.js";
import { runCommand } from "../support/command-line.js";
import { fixture } from "../support/fixtures.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-cli-part-"));
after(() => rmSync(folder, { recursive: true }));

const names = ["jpeg-420.jpg", "png-rgb.png", "webp-lossy.webp", "jpeg-500x375.jpg"];
const manifest = join(folder, "pairs.jsonl");
const rows = Array.from({ length: 24 }, (_, i) => ({
  image: names[i % names.length],
  text: "a".repeat(1 + i),
  key: `pair ${i}`,
}));
writeFileSync(manifest, rows.map((row) => JSON.stringify(row)).join("\n"));
const root = fixture("images");
const onImages = [manifest, "--root", root, "--tokenizer", fixture("wordpiece")];
const source = () => openManifest(manifest, { root });

describe("--where", () => {
  test("is about the pairs that filter gives for these conditions, in every command", async () => {
    const where = ["--where", "minSide>=100,aspect<=4/3", "--where", "textLength>=5"];
    const conditions: PairConditions = {
      minSide: 100,
      aspect: [0, 4 / 3],
      textLength: [5, Infinity],
    };
    const { length } = await filter(await source(), conditions);
    assert.ok(length > 0 && length < 20);
    const stats = JSON.parse((await runCommand("stats", ...onImages, ...where, "--json")).stdout);
    assert.equal(stats.pairs, length);
    const checked = await runCommand("check", ...onImages, ...where);
    assert.equal(
      checked.stderr,
      `${length} selected of JSON Lines manifest, 24 pairs\n`,
      checked.stdout,
    );
    const out = join(folder, "packed");
    const packing = ["pack", ...onImages, ...where, "--size", "8", "--out", out];
    assert.match((await runCommand(...packing)).stdout, new RegExp(`^${length} pairs`));
    assert.equal((await MultimodalDataset.from(out)).length, length);
  });

  test("that no pair meets is an error that shows it", async () => {
    const { code, stderr } = await runCommand("check", ...onImages, "--where", "minSide>=9999");
    assert.equal(code, 1);
    assert.match(stderr, /some of the 24 pairs are like, got "\{ minSide: 9999 \}"/);
  });

  for (const [text, conditions] of [
    ["minSide>=256", { minSide: 256 }],
    [" maxSide <= 4096 , minSide>=0.5", { maxSide: 4096, minSide: 0.5 }],
    ["aspect>=1/3,aspect<=3", { aspect: [1 / 3, 3] }],
    ["textLength<=400", { textLength: [0, 400] }],
  ] as [string, PairConditions][]) {
    test(`reads "${text}"`, () => {
      assert.deepEqual(parseWhere(text), conditions);
    });
  }

  for (const text of [
    "",
    "minSide",
    "minSide>256",
    "minSide<=256",
    "maxSide>=256",
    "minSide>=-1",
    "minSide>=1e3",
    "aspect=2",
    "aspect>=1/0",
    "width>=3",
    "constructor>=3",
    "minSide>=3,",
    "minSide>=3;maxSide<=4",
    "minSide>=3,minSide>=4",
    "aspect<=3,aspect<=4",
    "0.5<=aspect",
  ]) {
    test(`refuses "${text}"`, async () => {
      assert.throws(() => parseWhere(text), /Expected|twice/);
    });
  }

  test("that is refused says what is expected", async () => {
    const { code, stderr } = await runCommand("check", ...onImages, "--where", "side>=3");
    assert.equal(code, 1);
    assert.match(stderr, /'--where <conditions>'.*Expected minSide>=N, maxSide<=N, aspect>=N/);
  });
});

describe("--split", () => {
  test("is about the one of several splits that it names", async () => {
    const options = ["stats", fixture("splits/classes"), "--no-texts", "--json"];
    const { code, stdout } = await runCommand(...options, "--split", "train");
    assert.deepEqual([code, JSON.parse(stdout).pairs], [0, 3]);
    const missing = await runCommand(...options, "--split", "dev");
    assert.match(missing.stderr, /split: expected one of test, training in this folder, got "dev"/);
    const parted = await runCommand(...options, "--split", "train", "--split-part", "a");
    assert.match(parted.stderr, /--split-part: expected none without shares in --split, got "a"/);
  });

  const shares = ["--split", "train:0.7,validation:0.3"];

  test("is about the part that split gives for these shares and this seed", async () => {
    for (const seed of [undefined, 5]) {
      const parts = await split(
        await source(),
        { train: 0.7, validation: 0.3 },
        seed === undefined ? {} : { seed },
      );
      for (const part of ["train", "validation"] as const) {
        const options = [
          "--split-part",
          part,
          ...(seed === undefined ? [] : ["--split-seed", "5"]),
        ];
        const { stderr } = await runCommand("check", ...onImages, ...shares, ...options);
        const { length, description } = parts[part];
        assert.equal(stderr, `${description}\n`);
        assert.ok(length > 0 && length < 24);
      }
    }
  });

  test("parts the whole set; --where then takes some of it", async () => {
    const { train } = await split(await source(), { train: 0.7, validation: 0.3 });
    const { length } = await filter(train, { textLength: [10, 400] });
    const options = ["--split-part", "train", "--where", "textLength>=10,textLength<=400"];
    const run = await runCommand("stats", ...onImages, ...shares, ...options, "--json");
    assert.equal(JSON.parse(run.stdout).pairs, length);
  });

  test("is refused without a part, with one that there is not, and a part without it", async () => {
    for (const [options, message] of [
      [shares, /--split-part: expected one of train, validation, got undefined/],
      [
        [...shares, "--split-part", "test"],
        /--split-part: expected one of train, validation, got "test"/,
      ],
      [["--split-part", "train"], /--split-part: expected none without shares in --split, got/],
      [["--split-seed", "3"], /--split-seed: expected none without shares in --split, got 3/],
      [["--split", "train:"], /Expected a name, or names and shares, such as "train:0.9,/],
      [["--split", "train"], /split: expected none with files, which are of one split/],
      [["--split", "a:0.8,b:0.8", "--split-part", "a"], /shares: expected a sum of at most 1/],
    ] as [string[], RegExp][]) {
      const { code, stderr } = await runCommand("check", ...onImages, ...options);
      assert.equal(code, 1);
      assert.match(stderr, message);
    }
  });

  test("reads names and shares, and refuses what is none", () => {
    assert.deepEqual(parseShares("train:0.9, validation : 0.1"), { train: 0.9, validation: 0.1 });
    for (const text of [
      "",
      "train",
      "train:",
      ":0.5",
      "train:-1",
      "a:0.1,a:0.2",
      "a:0.1,",
      "a=0.1",
    ]) {
      assert.throws(() => parseShares(text), /Expected|twice/);
    }
  });
});

test("texts of an image are pairs of their own first, with --on-multiple-texts all", async () => {
  const several = join(folder, "several.jsonl");
  writeFileSync(several, JSON.stringify({ image: names[0], text: ["a", "bbb", "cccc"] }));
  const options = [several, ...onImages.slice(1), "--on-multiple-texts", "all"];
  const run = await runCommand("stats", ...options, "--where", "textLength>=2", "--json");
  assert.equal(JSON.parse(run.stdout).pairs, 2);
});

test("one of an image's texts is drawn as of the whole set, with --on-multiple-texts random", async () => {
  const several = join(folder, "drawn.jsonl");
  const row = JSON.stringify({ image: names[0], text: ["a", "a ".repeat(9)] });
  writeFileSync(several, Array(12).fill(row).join("\n"));
  const drawn = async (...options: string[]) => {
    const run = await runCommand("stats", several, ...onImages.slice(1), ...options, "--json");
    return JSON.parse(run.stdout).tokenLengthHistogram;
  };
  const whole = await drawn("--on-multiple-texts", "random");
  const all = ["--where", "minSide>=1"];
  assert.deepEqual(await drawn(...all, "--on-multiple-texts", "random"), whole);
  assert.notDeepEqual(await drawn(...all), whole);
});
