// pixtok plan without --measure: bytes, blocks and mixing. test/slow compares what is measured with sets of that size.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { MultimodalDataset, packDataset } from "pixtok";
import { closedServers } from "../support/closed-servers.js";
import { runCommand } from "../support/command-line.js";
import { startFileServer } from "../support/file-server.js";
import { fixture } from "../support/fixtures.js";
import { tarOf } from "../support/tar.js";
import { temporaryVariable } from "../support/temporary-variable.js";

const serve = closedServers(startFileServer);
const folder = mkdtempSync(join(tmpdir(), "pixtok-plan-"));
after(() => rmSync(folder, { recursive: true }));

const images = ["png-rgb.png", "jpeg-420.jpg"].map((name) => fixture(`images/${name}`));
const manifest = join(folder, "pairs.jsonl");
const rows = images.map((image) => JSON.stringify({ image, text: "a" }));
writeFileSync(manifest, rows.join("\n"));
const onImages = [manifest, "--allow-outside-root"];

async function planned(...parameters: string[]) {
  const { stdout, stderr, code } = await runCommand("plan", ...parameters, "--json");
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

describe("pixtok plan", () => {
  test("counts the bytes of images that are files, and of the file that names them", async () => {
    const bytes = [manifest, ...images].reduce((sum, path) => sum + statSync(path).size, 0);
    const { figures, plans, machine } = await planned(...onImages);
    assert.deepEqual(figures.asItIs, {
      pairBytes: bytes / 2,
      blockPairs: null,
      opening: null,
      openingAgain: null,
      memory: null,
      readRate: null,
    });
    assert.deepEqual([plans.length, plans[0].pairs, plans[0].asItIs.bytes], [1, 2, bytes]);
    assert.equal(machine, null);
  });

  test("counts the bytes of shards, and their pairs", async () => {
    const shards = [3, 5].map((pairs) => {
      const path = join(folder, `${pairs}.tar`);
      const image = readFileSync(images[0] as string);
      const files = Array.from({ length: pairs }, (_, i) => [`${i}.png`, image] as const);
      writeFileSync(path, tarOf(files));
      return path;
    });
    const { figures, plans } = await planned(...shards, "--no-texts", "--pairs", "8,1e6");
    const bytes = shards.reduce((sum, path) => sum + statSync(path).size, 0);
    assert.deepEqual([figures.asItIs.pairBytes, figures.asItIs.blockPairs], [bytes / 8, 4]);
    const blocks = plans.map((plan: { asItIs: { blocks: number } }) => plan.asItIs.blocks);
    assert.deepEqual(blocks, [2, 250_000]);
    const larger = await planned(...shards, "--no-texts", "--file-pairs", "1000");
    assert.equal(larger.figures.asItIs.blockPairs, 1000);
  });

  test("counts the bytes of a packed set", async () => {
    const dataset = await MultimodalDataset.from(manifest, {
      text: null,
      allowOutsideRoot: true,
    });
    const packed = join(folder, "packed");
    await packDataset(dataset, packed, { fileBytes: 1 });
    const files = ["data-00000-of-00002.arrow", "data-00001-of-00002.arrow"];
    const bytes = files.reduce((sum, name) => sum + statSync(join(packed, name)).size, 0);
    const { figures } = await planned(packed, "--no-texts");
    assert.deepEqual([figures.asItIs.pairBytes, figures.asItIs.blockPairs], [bytes / 2, 1]);
    assert.equal(figures.packed, null);
  });

  test("plans for the machines that are given", async () => {
    const given = ["--ranks", "8", "--nodes", "2", "--bandwidth", "1.25GB", "--batch-size", "16"];
    const { fleet } = await planned(...onImages, ...given, "--shuffle", "full", "--window", "64");
    assert.deepEqual(fleet, {
      ranks: 8,
      nodes: 2,
      bandwidth: 1.25e9,
      batchSize: 16,
      shuffle: "full",
      window: 64,
    });
  });

  test("prints a table, and needs no tokenizer for it", async () => {
    const { stdout, stderr } = await runCommand("plan", ...onImages, "--pairs", "1e9");
    assert.match(stdout, /^pairs +1 000 000 000$/m);
    assert.match(stdout, /^ {2}reading an epoch +not measured$/m);
    assert.equal(stderr, "JSON Lines manifest, 2 pairs\n");
  });

  test("counts the bytes of images that are elsewhere", async () => {
    const server = await serve(
      Object.fromEntries(images.map((image, i) => [`/${i}`, readFileSync(image)])),
    );
    const path = join(folder, "elsewhere.csv");
    writeFileSync(path, `image,text\n${server.url}/0,a\n${server.url}/1,b\n`);
    const bytes = [path, ...images].reduce((sum, one) => sum + statSync(one).size, 0);
    const cacheDir = join(folder, "cache");
    const { figures, plans } = await planned(path, "--cache-dir", cacheDir);
    assert.deepEqual([figures.asItIs.blockPairs, plans[0].asItIs.bytes], [null, bytes]);
  });

  test("says what an epoch takes at least, by bandwidth", async () => {
    const { stdout } = await runCommand("plan", ...onImages, "--bandwidth", "1", "--pairs", "1e9");
    assert.match(stdout, /^ {2}reading an epoch +at least [\d.]+ days, by bandwidth$/m);
  });

  test("says where it could not write, and how another folder is taken", async () => {
    const before = process.env[temporaryVariable];
    process.env[temporaryVariable] = join(folder, "missing");
    try {
      const { stderr, code } = await runCommand("plan", ...onImages, "--no-texts", "--measure");
      assert.equal(code, 1);
      const said = `missing": .*ENOENT.* \\(set ${temporaryVariable} to a folder with room`;
      assert.match(stderr, new RegExp(said));
    } finally {
      if (before === undefined) delete process.env[temporaryVariable];
      else process.env[temporaryVariable] = before;
    }
  });

  for (const [wrong, message] of [
    [["--pairs", "1e6,none"], /Expected numbers of pairs, such as 1e6 or 1e6,1e9/],
    [["--pairs", "0"], /Expected numbers of pairs/],
    [["--pairs", "1e6,"], /Expected numbers of pairs/],
    [["--pairs", "1000000000000001"], /Expected numbers of pairs.* at most 1e15/],
    [["--ranks", "2", "--nodes", "3"], /--ranks: expected a multiple of 3 nodes, got 2/],
    [["--ranks", "12", "--nodes", "8"], /--ranks: expected a multiple of 8 nodes, got 12/],
    [
      ["--ranks", "1e6", "--batch-size", "4096"],
      /--ranks times --batch-size: expected at most 1048576 pairs, got 4096000000/,
    ],
    [["--window", "1e9"], /--window: expected at most 65536 blocks, got 1000000000/],
    [
      ["--ranks", "1e5", "--batch-size", "1", "--window", "5e4"],
      /--ranks times --window: expected at most 8388608 blocks, got 5000000000/,
    ],
    [["--size", "8"], /--size: expected none without --measure, got 8/],
    [["--file-size", "1GB"], /--file-size: expected none without --measure/],
    [["--threads", "2"], /--threads: expected none without --measure, got 2/],
    [
      ["--file-pairs", "9"],
      /--file-pairs: expected none, as each image is a file of its own, got 9/,
    ],
    [["--shuffle", "rows"], /Allowed choices are blocks, full/],
    [["--bandwidth", "fast"], /Expected a number of bytes/],
    [["--measure", "--where", "minSide>=9"], /--measure: expected none with --where, got true/],
    [["--measure", "--split", "a:0.5,b:0.5"], /--measure: expected none with shares in --split/],
    [["--on-multiple-texts", "all"], /--on-multiple-texts: expected first or random/],
  ] as const) {
    test(`refuses ${wrong.join(" ")}`, async () => {
      const { code, stderr } = await runCommand("plan", ...onImages, ...wrong);
      assert.equal(code, 1);
      assert.match(stderr, message);
    });
  }
});
