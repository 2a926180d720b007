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

/** A manifest of an image that takes long to decode. */
function manifestOf(pairs: number): string {
  const path = join(root, `${pairs}-pairs.jsonl`);
  const rows = Array.from({ length: pairs }, (_, i) =>
    JSON.stringify({ image: "jpeg-500x375.jpg", text: `image number ${i}` }),
  );
  writeFileSync(path, rows.join("\n"));
  return path;
}

/** Two messages in each: a file takes some time from its beginning to its end. */
const SHARD_PAIRS = 300;
const IMAGE = 3 * 32 * 32;
const packArguments = (manifest: string, out: string) => [
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

async function assertWhole(folder: string, manifest: string, pairs: number): Promise<void> {
  const report = await verifyPack(folder);
  assert.deepEqual(report, { ok: true, files: pairs / SHARD_PAIRS, pairs, problems: [] });
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
  test(`by kill -9, at ten random moments, ends with a whole set (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    const folder = join(root, "killed");
    // packing takes some seconds
    const manifest = manifestOf(3000);
    let interrupted = 0;
    for (let kill = 0; kill < 10; kill += 1) {
      const { child, ended } = start(process.execPath, [
        program,
        ...packArguments(manifest, folder),
      ]);
      // half of the moments are in the middle of a file, most of these as soon as there is one
      if (kill < 5) await incompleteFile(folder);
      if (kill >= 4) await setTimeout(kill < 5 ? random(40) : 250 + random(500));
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
    assert.ok(interrupted >= 3, `${interrupted} of 10 kills were in the middle of a file`);
    const { code, stderr } = await start(process.execPath, [
      program,
      ...packArguments(manifest, folder),
    ]).ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual(incomplete(folder), []);
    await assertWhole(folder, manifest, 3000);
  });

  test("by a full disk says so, and goes on when there is room", {
    skip: onWindows("there is no ulimit"),
  }, async () => {
    const folder = join(root, "full");
    const manifest = manifestOf(900);
    // a limit to the size of files is the nearest that a test can have without being root
    const limited = `trap '' XFSZ; ulimit -f 600; exec "$0" "$@"`;
    const { code, stderr } = await start("bash", [
      ...["-c", limited, process.execPath, program],
      ...packArguments(manifest, folder).slice(0, -1),
      String(600 * IMAGE),
    ]).ended;
    assert.equal(code, 1);
    assert.match(stderr, /data-00000-of-00002\.arrow": .*(EFBIG|no room)/);
    assert.deepEqual(
      readdirSync(folder).filter((name) => !/^(tokenizer|pixtok\.lock)/.test(name)),
      [],
    );
    const again = await start(process.execPath, [program, ...packArguments(manifest, folder)])
      .ended;
    assert.equal(again.code, 0, again.stderr);
    await assertWhole(folder, manifest, 900);
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
