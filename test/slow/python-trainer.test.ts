// examples/python-trainer: rows and order of a packed set in Python are those of a loader here, and what is trained on
// them learns. NumPy and pyarrow are enough for the former; torch and datasets take seconds to import.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { DataLoader, ImageProcessor, MultimodalDataset, packDataset, Tokenizer } from "pixtok";
import { fixture, readJsonLines, sha256 } from "../support/fixtures.js";
import { allImages } from "../support/packs.js";
import { python, withoutPython } from "../support/python.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-python-"));
after(() => rmSync(root, { recursive: true }));
const scripts = fileURLToPath(new URL("../../examples/python-trainer", import.meta.url));

/** What a program in Python prints as JSON; `given` is its argument. */
function inPython(program: string, given: unknown): unknown {
  const { stdout, stderr } = spawnSync(python, ["-c", program, JSON.stringify(given)], {
    encoding: "utf8",
    env: { ...process.env, PYTHONPATH: scripts },
    maxBuffer: 2 ** 26,
  });
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout);
}

const numpyAlone = { skip: withoutPython({ pyarrow: "26.", numpy: "2." }) };
const withTorch = { skip: withoutPython({ torch: "2.", datasets: "5." }) };

describe("order.py", numpyAlone, () => {
  test("gives the order that is defined", () => {
    const cases = readJsonLines<{ length: number; seed: number; epoch: number; first: number[] }>(
      fixture("goldens/order.jsonl"),
    ).filter(({ length }) => length < 100_000);
    const program = `
import json, sys
from order import shuffled
print(json.dumps([shuffled(case["length"], case["seed"], case["epoch"])[:16].tolist() for case in json.loads(sys.argv[1])]))`;
    assert.deepEqual(
      inPython(program, cases),
      cases.map(({ first }) => first),
    );
  });

  test("gives ranks the indices that a loader here gives them, epoch by epoch", async () => {
    const length = 50;
    const image = { data: new Uint8Array(12), width: 2, height: 2, channels: 3 } as const;
    const source = { length, get: () => ({ image, text: "" }) };
    const dataset = new MultimodalDataset({
      source,
      text: null,
      image: new ImageProcessor({ resize: { width: 2, height: 2 } }),
    });
    const cases = [
      { seed: 7, rank: 0, world_size: 1 },
      { seed: 2 ** 40 + 3, rank: 0, world_size: 3 },
      { seed: 7, rank: 2, world_size: 3 },
      { seed: 0, rank: 6, world_size: 7 },
    ];
    const expected: number[][][] = [];
    for (const { seed, rank, world_size: worldSize } of cases) {
      const options = { batchSize: 8, shuffle: true, seed, rank, worldSize } as const;
      const loader = new DataLoader(dataset, options);
      const epochs: number[][] = [[], []];
      for (const epoch of epochs) for await (const { indices } of loader) epoch.push(...indices);
      expected.push(epochs);
    }
    const program = `
import json, sys
from order import EpochSampler
found = []
for case in json.loads(sys.argv[1]):
    sampler = EpochSampler(${length}, **case)
    epochs = []
    for epoch in (0, 1):
        sampler.set_epoch(epoch)
        epochs.append(list(sampler))
        assert len(epochs[-1]) == len(sampler)
    found.append(epochs)
print(json.dumps(found))`;
    assert.deepEqual(inPython(program, cases), expected);
  });
});

describe("a packed set", () => {
  const folder = join(root, "packed");
  const resize = { width: 40, height: 32 };
  /** What a loader here gives of the set, in the order of an epoch. */
  const rows: { index: number; image: string; ids: number[]; text: string }[] = [];
  before(async () => {
    const tokenizer = await Tokenizer.fromPretrained(fixture("wordpiece"));
    const imagePaths = allImages();
    const texts = imagePaths.map((_, place) => `a red image, ${"very ".repeat(place % 5)}blue`);
    const image = new ImageProcessor({ resize, rescale: false, type: "uint8" });
    const dataset = new MultimodalDataset({ imagePaths, texts, tokenizer, image });
    await packDataset(dataset, folder, { fileBytes: 2 ** 16 });
    const packed = await MultimodalDataset.from(folder);
    for await (const batch of new DataLoader(packed, { batchSize: 16, shuffle: true, seed: 3 })) {
      const bytes = batch.image.data.length / batch.indices.length;
      for (const [row, index] of batch.indices.entries()) {
        const tokens = [...batch.input_ids.data.slice(row * 128, (row + 1) * 128)].map(Number);
        rows.push({
          index,
          image: sha256(batch.image.data.slice(row * bytes, (row + 1) * bytes)),
          ids: tokens.filter((id) => id !== tokenizer.padTokenId),
          text: batch.texts[row] as string,
        });
      }
    }
  });

  const shown = `
import hashlib
def shown(row):
    image = numpy.ascontiguousarray(row["image"])
    assert image.shape == (3, 32, 40) and image.dtype == numpy.uint8
    return dict(index=row["index"], image=hashlib.sha256(image.tobytes()).hexdigest(),
        ids=row["input_ids"].tolist(), text=row["text"])`;

  test("has the rows of a loader here, in Python, and copies no image", numpyAlone, () => {
    const program = `
import json, sys, numpy, pyarrow
from order import EpochSampler
from packed_set import PackedSet
${shown}
rows = PackedSet(json.loads(sys.argv[1]))
allocated = pyarrow.total_allocated_bytes()
order = [rows[index] for index in EpochSampler(len(rows), seed=3)]
assert not any(row["image"].flags.owndata for row in order)
assert len(rows.batches) > 3 and pyarrow.total_allocated_bytes() == allocated
print(json.dumps([shown(row) for row in order]))`;
    assert.deepEqual(inPython(program, folder), rows);
  });

  test("has them in a torch DataLoader with workers", withTorch, () => {
    const program = `
import json, sys, numpy
from torch.utils.data import DataLoader
from order import EpochSampler
from packed_set import PackedSet
${shown}
rows = PackedSet(json.loads(sys.argv[1]))
loader = DataLoader(rows, batch_size=16, sampler=EpochSampler(len(rows), seed=3), num_workers=2, collate_fn=list)
print(json.dumps([shown(row) for batch in loader for row in batch]))`;
    assert.deepEqual(inPython(program, folder), rows);
  });

  test("is opened by datasets, with the shape of its images", withTorch, () => {
    const program = `
import glob, json, sys, numpy, torch
import datasets
from packed_set import PackedSet
${shown}
folder = json.loads(sys.argv[1])
paths = sorted(glob.glob(f"{folder}/data-*.arrow"))
sets = [datasets.Dataset.from_file(path) for path in paths]
first = sets[0].with_format("torch", columns=["image"], dtype=torch.uint8)[0:2]["image"]
ours = PackedSet(folder)
assert numpy.array_equal(first.numpy(), ours.images[0][0:2])
print(json.dumps([str(sets[0].features["image"]), str(first.dtype), list(first.shape), sum(map(len, sets)) == len(ours)]))`;
    assert.deepEqual(inPython(program, folder), [
      "Array3D(shape=(3, 32, 40), dtype='uint8')",
      "torch.uint8",
      [2, 3, 32, 40],
      true,
    ]);
  });
});

describe("main.ts tells at once", () => {
  const told = (PYTHON: string) => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ["--import", "tsx", "examples/python-trainer/main.ts"],
      { encoding: "utf8", env: { ...process.env, PYTHON }, cwd: join(scripts, "../..") },
    );
    assert.deepEqual({ stdout, status }, { stdout: "", status: 1 }, stderr);
    return stderr;
  };
  const cure = "set PYTHON to a Python 3 with numpy, pyarrow, torch";

  test("that there is no Python, and what helps", () => {
    const missing = join(root, "no-python");
    const message = told(missing);
    assert.ok(message.includes(`Error: ${missing} cannot be run: ${cure}`), message);
  });

  test("which packages a Python does not have, and what helps", {
    skip:
      process.platform === "win32"
        ? "a program of its own is a shell script here"
        : spawnSync(python, ["--version"]).status !== 0 && "there is no Python",
  }, () => {
    const alone = join(root, "python-alone");
    writeFileSync(alone, `#!/bin/sh\nexec "${python}" -S -E "$@"\n`, { mode: 0o755 });
    const message = told(alone);
    assert.ok(message.includes(`Error: ${alone} has no numpy, pyarrow, torch: ${cure}`), message);
  });
});

test("main.ts: the loss falls, and captions of other images are found", {
  ...withTorch,
  timeout: 600_000,
}, () => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--import", "tsx", "examples/python-trainer/main.ts"],
    { encoding: "utf8", env: { ...process.env, PYTHON: python }, cwd: join(scripts, "../..") },
  );
  assert.equal(status, 0, stderr);
  const losses = [...stdout.matchAll(/^epoch \d+: loss ([\d.]+)$/gm)].map(([, loss]) =>
    Number(loss),
  );
  assert.equal(losses.length, 8, stdout);
  const [first = 0, last = 0] = [losses[0], losses.at(-1)];
  assert.ok(first > 3 && last < first / 2, stdout);
  const [, one, ten] =
    /the first of 256 for ([\d.]+)% of images, among ten for ([\d.]+)%/.exec(stdout) ?? [];
  // by chance: 0.4 and 3.9
  assert.ok(Number(one) > 20 && Number(ten) > 60, stdout);
});
