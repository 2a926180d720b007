// pixtok plan: what it says of a larger set, from a sample of two thousand, is what such a set comes to. Rates and the time
// of opening, which need an idle machine, are compared by scripts/try-plan.mjs.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ImageProcessor, MultimodalDataset, packDataset } from "pixtok";
import { measureReadingOf } from "../../src/cli/measure-in-process.js";
import type { SetPlan } from "../../src/planning/plan.js";
import { fixture } from "../support/fixtures.js";
import { randomIntegers, seed } from "../support/pairs.js";
import { TAR_END, tarEntry } from "../support/tar.js";

const PAIRS = 40_000;
const SHARD_PAIRS = 1000;
const SIZE = 16;
const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

const root = mkdtempSync(join(tmpdir(), "pixtok-plan-"));
after(() => rmSync(root, { recursive: true, force: true }));

const images = ["jpeg-7x5.jpg", "png-rgb.png", "jpeg-420.jpg"]
  .map((name) => readFileSync(fixture(`images/${name}`)))
  .filter(({ length }) => length < 8000);

/** Shards of small images, some larger than others. */
function writeShards(name: string, pairs: number): string {
  const random = randomIntegers(seed);
  const folder = join(root, name);
  mkdirSync(folder);
  for (let first = 0; first < pairs; first += SHARD_PAIRS) {
    const entries = Array.from({ length: SHARD_PAIRS }, (_, i) => {
      const path = `${String(first + i).padStart(9, "0")}.jpg`;
      return tarEntry({ path }, images[random(images.length)]);
    });
    const shard = `${String(first / SHARD_PAIRS).padStart(6, "0")}.tar`;
    writeFileSync(join(folder, shard), Buffer.concat([...entries, TAR_END]));
  }
  return folder;
}

function bytesIn(folder: string, extension: string): number {
  const names = readdirSync(folder).filter((name) => name.endsWith(extension));
  return names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

interface Planned {
  asItIs: SetPlan;
  packed: SetPlan & { packing: { seconds: number } };
}

async function planned(source: string): Promise<Planned> {
  const given = ["--no-texts", "--size", String(SIZE), "--pairs", String(PAIRS)];
  const parameters = [main, "plan", source, ...given, "--measure", "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, parameters);
  const { plans } = JSON.parse(stdout) as { plans: [Planned] };
  return plans[0];
}

function assertNear(what: string, plannedValue: number, measured: number): void {
  const ratio = plannedValue / measured;
  console.log(`# ${what}: planned ${plannedValue}, measured ${measured}, ${ratio.toFixed(2)}`);
  assert.ok(Math.abs(ratio - 1) <= 0.2, `${what}: planned ${plannedValue}, measured ${measured}`);
}

/** As assertNear(). On a machine that is busy with other work a plan may say that it does not know. */
function assertNearOrUnknown(what: string, plannedValue: number | null, measured: number): void {
  if (plannedValue !== null) assertNear(what, plannedValue, measured);
  else console.log(`# ${what}: not measured, as the machine is busy`);
}

const given = { texts: false };
const reading = { batchSize: 64, window: 32, threads: undefined, seconds: 3 };

const large = writeShards("large", PAIRS);

describe(`a plan of ${PAIRS} pairs (seed ${seed})`, () => {
  const packed = join(root, "packed");
  let small: string;
  let plan: Planned;

  async function packLarge(): Promise<void> {
    rmSync(packed, { recursive: true, force: true });
    const image = new ImageProcessor({ resize: { width: SIZE, height: SIZE } });
    const dataset = await MultimodalDataset.from(large, { image, text: null });
    await packDataset(dataset, packed);
  }

  before(async () => {
    small = writeShards("small", 2000);
    plan = await planned(small);
  });

  test("has the bytes and files that the set has", () => {
    assertNear("bytes", plan.asItIs.bytes, bytesIn(large, ".tar"));
    assert.equal(plan.asItIs.blocks, PAIRS / SHARD_PAIRS);
  });

  test("has the memory of a rank that reads it", async () => {
    const { memory } = await measureReadingOf([large], given, { ...reading, shuffle: "blocks" });
    assertNearOrUnknown("memory", plan.asItIs.memoryBytes, memory);
  });

  test("has the bytes, files and memory of the packed set", async () => {
    await packLarge();
    assertNear("packed bytes", plan.packed.bytes, bytesIn(packed, ".arrow"));
    const files = readdirSync(packed).filter((name) => name.endsWith(".arrow")).length;
    assert.equal(plan.packed.blocks, files);
    const { memory } = await measureReadingOf([packed], given, { ...reading, shuffle: "blocks" });
    assertNearOrUnknown("memory, packed", plan.packed.memoryBytes, memory);
  });
});
