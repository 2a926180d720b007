import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ImageProcessor, MultimodalDataset, verifyPack } from "pixtok";
import { fixture, onWindows } from "../support/fixtures.js";
import { assertSameEpoch } from "../support/packs.js";
import { randomIntegers, seed, smallTokenizer } from "../support/pairs.js";

const program = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "pixtok-interrupted-"));
after(() => rmSync(root, { recursive: true }));

const PAIRS = 5000;
// long enough to decode that packing takes some seconds
const images = ["jpeg-500x375.jpg"];
const manifest = join(root, "pairs.jsonl");
const rows = Array.from({ length: PAIRS }, (_, i) => ({
  image: images[i % images.length],
  text: `image number ${i}`,
}));
writeFileSync(manifest, rows.map((row) => JSON.stringify(row)).join("\n"));

/** Two messages in each: a file takes some time from its beginning to its end. */
const SHARD_PAIRS = 500;
const IMAGE = 3 * 32 * 32;
const packArguments = (out: string) => [
  ...["pack", manifest, "--root", fixture("images"), "--tokenizer", fixture("wordpiece")],
  ...["--out", out, "--size", "32", "--file-size", String(SHARD_PAIRS * IMAGE)],
];

const incomplete = (folder: string) =>
  readdirSync(folder).filter((name) => name.endsWith(".incomplete"));

interface Ended {
  code: number | null;
  stderr: string;
}

function start(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code) => resolve({ code, stderr }));
  });
  return { child, ended };
}

async function assertWhole(folder: string): Promise<void> {
  const report = await verifyPack(folder);
  assert.deepEqual(report, { ok: true, files: PAIRS / SHARD_PAIRS, pairs: PAIRS, problems: [] });
  const tokenizer = await smallTokenizer();
  const image = new ImageProcessor({ resize: { width: 32, height: 32 } });
  const options = { tokenizer, image, root: fixture("images") };
  await assertSameEpoch(
    await MultimodalDataset.from(folder),
    await MultimodalDataset.from(manifest, options),
    { batchSize: 100 },
  );
}

describe("a packer that is interrupted", () => {
  test(`by kill -9, at twenty random moments, ends with a whole set (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    const folder = join(root, "killed");
    let interrupted = 0;
    for (let kill = 0; kill < 20; kill += 1) {
      const { child, ended } = start(process.execPath, [program, ...packArguments(folder)]);
      // half of the moments are in the middle of a file, most of these as soon as there is one
      if (kill < 10) await incompleteFile(folder);
      if (kill >= 8) await setTimeout(kill < 10 ? random(40) : 250 + random(500));
      child.kill("SIGKILL");
      const { code, stderr } = await ended;
      assert.ok(code === null || code === 0, stderr);
      const names = namesIn(folder);
      if (names.some((name) => name.endsWith(".incomplete"))) interrupted += 1;
      for (const { file, rows } of (await reportOf(folder, names)).problems) {
        assert.deepEqual(
          { file, rows },
          { file: null, rows: null },
          "a file looks whole and is not",
        );
      }
    }
    assert.ok(interrupted >= 5, `${interrupted} of 20 kills were in the middle of a file`);
    const { code, stderr } = await start(process.execPath, [program, ...packArguments(folder)])
      .ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual(incomplete(folder), []);
    await assertWhole(folder);
  });

  test("by a full disk says so, and goes on when there is room", {
    skip: onWindows("there is no ulimit"),
  }, async () => {
    const folder = join(root, "full");
    // a limit to the size of files is the nearest that a test can have without being root
    const limited = `trap '' XFSZ; ulimit -f 600; exec "$0" "$@"`;
    const { code, stderr } = await start("bash", [
      ...["-c", limited, process.execPath, program],
      ...packArguments(folder).slice(0, -1),
      String(1000 * IMAGE),
    ]).ended;
    assert.equal(code, 1);
    assert.match(stderr, /data-00000-of-00005\.arrow": .*(EFBIG|no room)/);
    assert.deepEqual(
      readdirSync(folder).filter((name) => !/^(tokenizer|pixtok\.lock)/.test(name)),
      [],
    );
    const again = await start(process.execPath, [program, ...packArguments(folder)]).ended;
    assert.equal(again.code, 0, again.stderr);
    await assertWhole(folder);
  });
});

/** Waits until there is one that is not finished. */
async function incompleteFile(folder: string): Promise<void> {
  const before = new Set(namesIn(folder));
  for (let tries = 0; tries < 1000; tries += 1) {
    const isNew = (name: string) => name.endsWith(".incomplete") && !before.has(name);
    if (namesIn(folder).some(isNew)) return;
    await setTimeout(5);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // it was killed before it made the folder
  }
}

async function reportOf(folder: string, names: readonly string[]) {
  return names.length === 0 ? { problems: [] } : verifyPack(folder);
}
