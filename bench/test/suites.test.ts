// Every suite with the least of everything: that it runs, and that its figures are set against what they
// are said to be set against.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { programFile, typescript } from "../../test/support/programs.js";
import type { AugmentationResults } from "../src/suites/augmentation/results.js";
import type { FormatResults } from "../src/suites/formats/results.js";
import type { KernelResults } from "../src/suites/kernels/results.js";
import type { LatencyResults } from "../src/suites/latency/results.js";
import type { MemoryResults } from "../src/suites/memory/results.js";
import type { RemoteResults } from "../src/suites/remote/results.js";
import type { SourceResults } from "../src/suites/sources/results.js";
import type { StorageResults } from "../src/suites/storage/results.js";
import type { ThroughputResults } from "../src/suites/throughput/results.js";
import type { VisionResults } from "../src/suites/vision/results.js";

interface Results {
  throughput: ThroughputResults;
  latency: LatencyResults;
  memory: MemoryResults;
  sources: SourceResults;
  remote: RemoteResults;
  storage: StorageResults;
  augmentation: AugmentationResults;
  vision: VisionResults;
  formats: FormatResults;
  kernels: KernelResults;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const images = ["jpeg-420.jpg", "jpeg-444.jpg"].map((name) => `${root}test/data/images/${name}`);

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "pixtok-bench-test-"));
  const pairs = images.map((image) => JSON.stringify({ image, text: "an image" }));
  writeFileSync(join(folder, "pairs.jsonl"), pairs.join("\n"));
});

after(() => rmSync(folder, { recursive: true }));

/** What `npm run bench` prints. */
async function bench(...given: string[]): Promise<string> {
  const program = [...typescript, "--expose-gc", programFile("bench/src/main.ts")];
  const { PIXTOK_BENCH_PYTHON: _, ...environment } = process.env;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...program, ...given, "--out", folder],
    { cwd: root, env: { ...environment, PIXTOK_THREADS: "2" }, timeout: 120_000 },
  );
  return stdout;
}

const pairs = () => [
  "--manifest",
  join(folder, "pairs.jsonl"),
  "--tokenizer",
  "test/data/wordpiece",
];

function resultsOf<Name extends keyof Results>(suite: Name): Results[Name] {
  return JSON.parse(readFileSync(join(folder, "results", `${suite}.json`), "utf8"));
}

test("without a name it runs the throughput suite, set against decoding to RGB and to planes", async () => {
  const names = ["pixtok", "sharp-loop", "decode-only", "decode-planes"];
  const few = ["--batch-size", "2", "--rounds", "1", "--seconds", "0.001", "--threads", "none"];
  const shown = await bench("--only", names.join(","), ...few, ...pairs());
  const { contenders } = resultsOf("throughput");
  assert.deepEqual(
    contenders.map(({ name, status, rounds }) => [name, status, rounds.length]),
    names.map((name) => [name, "measured", 1]),
  );
  assert.match(shown, /of decode-only +of decode-planes/);
});

test("latency is given beyond decoding to RGB and beyond decoding to planes", async () => {
  await bench("latency", "--rounds", "1", ...pairs());
  const { baselines, ways } = resultsOf("latency");
  const names = baselines.map(({ name }) => name);
  assert.deepEqual(names, ["decode-only", "decode-planes"]);
  for (const { milliseconds, beyond } of ways) {
    for (const { name, milliseconds: decoding } of baselines) {
      const given = beyond[name]?.median ?? Number.NaN;
      assert.ok(Math.abs(given - (milliseconds.median - decoding.median)) < 1e-9);
    }
  }
});

test("memory runs files and packed sets, with batches released, collected and reused", async () => {
  const few = ["--batch-sizes", "2", "--least-pairs", "4", "--rounds", "1", "--seconds", "0.001"];
  await bench("memory", "--this-node", ...few, ...pairs());
  const { epochs } = resultsOf("memory");
  assert.deepEqual(
    epochs.map(({ data, batchEnd }) => `${data}, ${batchEnd}`),
    ["JPEG files", "packed set"].flatMap((data) =>
      ["released", "collected", "reused"].map((batchEnd) => `${data}, ${batchEnd}`),
    ),
  );
  for (const { rate } of epochs) assert.ok(rate.median > 0);
});

test("vision sets the loader against decoding alone, and says which libraries are not there", async () => {
  const shown = await bench("vision", "--batch-size", "2", "--rounds", "1", ...pairs());
  const { ways, missing } = resultsOf("vision");
  const [loader, process, decoder, ...others] = ways;
  assert.deepEqual(
    [loader, process, decoder].map((way) => way?.name),
    ["DataLoader", "process(), call by call", "libjpeg-turbo alone"],
  );
  for (const { rate, ofDecoding, loaderIs } of ways) {
    assert.equal(ofDecoding?.median, rate.median / (decoder?.rate.median ?? 0));
    assert.equal(loaderIs.median, (loader?.rate.median ?? 0) / rate.median);
  }
  assert.equal(others.length + missing.length, 2);
  for (const { name, why } of missing)
    assert.ok(shown.includes(`${name} was not measured: ${why}`));
});

test("augmentation is set against epochs without", async () => {
  await bench("augmentation", "--rounds", "1", "--batch-size", "2", ...pairs());
  const { ways } = resultsOf("augmentation");
  const [none] = ways;
  assert.equal(none?.name, "none");
  for (const { rate, ofPlain } of ways) {
    assert.equal(ofPlain.median, rate.median / (none?.rate.median ?? 0));
  }
});

test("sources are set against the fastest loop over memory, and cold sets against the disk", async () => {
  const few = ["--batch-size", "2", "--rounds", "1", "--seconds", "0.001"];
  await bench("sources", "--cold", "0.001", "--cold-folder", folder, ...few, ...pairs());
  const { sources, memory, cold, missing } = resultsOf("sources");
  const fastest = Math.max(...memory.loops.map(({ rate }) => rate.median));
  for (const { rate, ofMemory } of sources) {
    assert.ok(Math.abs(ofMemory.median - rate.median / fastest) < 1e-9);
  }
  // there is none where the system or the file system has no reads past the page cache
  const withoutDisk = missing.some(({ name }) => name.includes("cold"));
  assert.equal(cold.length, withoutDisk ? 0 : 1);
  for (const { epochs, disk } of cold) {
    assert.deepEqual(
      epochs.map(({ order }) => order),
      ["in order", "shuffled"],
    );
    for (const { mebibytesPerSecond, ofDisk } of epochs) {
      assert.ok(Math.abs(ofDisk.median - mebibytesPerSecond.median / disk.median) < 1e-9);
    }
  }
});

test("shards from a web server are set against the same shards here", async () => {
  const few = ["--batch-size", "2", "--rounds", "1", "--least-pairs", "4"];
  await bench("remote", ...few, ...pairs());
  const { ways } = resultsOf("remote");
  const [here] = ways;
  assert.deepEqual(
    ways.map(({ name }) => name),
    ["shards here", "by HTTP, warm cache", "by HTTP, cold cache"],
  );
  for (const { rate, ofHere } of ways) {
    assert.ok(Math.abs(ofHere.median - rate.median / (here?.rate.median ?? 0)) < 1e-9);
  }
});

test("storage that answers late is set against the same storage that does not", async () => {
  const few = ["--batch-size", "2", "--rounds", "1", "--least-pairs", "4", "--milliseconds", "1"];
  const shown = await bench("storage", ...few, ...pairs());
  const { sets, missing } = resultsOf("storage");
  if (missing !== null) assert.ok(shown.includes(missing));
  assert.deepEqual(
    sets.map(({ name }) => name),
    missing !== null ? [] : ["photos, shuffled", "tars, in order", "packed set, shuffled"],
  );
  for (const { atOnce, late, ofAtOnce } of sets) {
    assert.ok(Math.abs(ofAtOnce.median - late.median / atOnce.median) < 1e-9);
  }
});

test("formats are decoded by pixtok and by bare decoders, by quality and size", async () => {
  const few = ["--images", "1", "--megapixels", "0.01", "--rounds", "1", "--seconds", "0.001"];
  await bench("formats", ...few, ...pairs());
  const { decoding, loader } = resultsOf("formats");
  const labels = (format: string) =>
    new Set(decoding.filter((record) => record.format === format).map(({ label }) => label));
  assert.equal(labels("jpeg").size, 1 + 6 + 1);
  assert.equal(labels("png").size, 1 + 1);
  assert.equal(labels("webp").size, 2 + 1);
  for (const format of ["jpeg", "png", "webp"]) {
    for (const label of labels(format)) {
      const ofCase = decoding.filter((one) => one.format === format && one.label === label);
      const names = ofCase.map(({ decoder }) => decoder);
      assert.ok(names.includes("pixtok") && names.includes("sharp"), `${format}, ${label}`);
    }
  }
  assert.equal(loader.length, 4);
  for (const { rate, bare } of loader) {
    const sharp = bare.find(({ decoder }) => decoder === "sharp");
    assert.ok(
      Math.abs((sharp?.ratio.median ?? 0) - rate.median / (sharp?.rate.median ?? 0)) < 1e-9,
    );
  }
});

test("kernels are timed with weights rebuilt and cached, on one size and on those of the set", async () => {
  const few = ["--rounds", "1", "--seconds", "0.0001", "--filters", "bilinear"];
  await bench("kernels", ...few, ...pairs());
  const { measurements, missing } = resultsOf("kernels");
  const ways = measurements
    .filter(({ program, kernel }) => program === "pixtok" && kernel === "scalar")
    .map(({ operation, weights, from }) => `${operation}, ${weights}, ${from.length}`);
  assert.deepEqual([...new Set(ways)].sort(), [
    "resize+normalize, cached, 1",
    "resize+normalize, cached, 2",
    "resize, cached, 1",
    "resize, cached, 2",
    "resize, rebuilt, 1",
    "resize, rebuilt, 2",
  ]);
  assert.ok(missing.every(({ status }) => status === "unavailable"));
});

test("the page has a section for each suite that has results, and its plots", async () => {
  rmSync(join(folder, "RESULTS.md"));
  await bench("report");
  const page = readFileSync(join(folder, "RESULTS.md"), "utf8");
  assert.deepEqual(page.match(/^## .+$/gm), [
    "## Throughput",
    "## Latency",
    "## Memory of batches",
    "## Sources and the packed set",
    "## Data elsewhere",
    "## Slow storage",
    "## Augmentation",
    "## Images for a language model",
    "## Formats",
    "## Kernels",
  ]);
  assert.match(readFileSync(join(folder, "results/throughput.svg"), "utf8"), /^<svg/);
});
