import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  checkDataset,
  computeStats,
  DataLoader,
  type MultimodalDataset,
  packDataset,
} from "pixtok";
import { fixture, onWindows } from "../support/fixtures.js";
import { programFile, typescript } from "../support/programs.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-faults-"));
after(() => rmSync(root, { recursive: true }));

let folders = 0;
/** Everything that goes through a dataset's pairs. */
const walks: Record<string, (dataset: MultimodalDataset) => Promise<unknown>> = {};
for (const onError of ["throw", "skip", "replace"] as const) {
  walks[`a loader with onError "${onError}"`] = async (dataset) => {
    for await (const _ of new DataLoader(dataset, { batchSize: 4, onError }));
  };
}
walks.computeStats = (dataset) => computeStats(dataset);
walks.checkDataset = (dataset) => checkDataset(dataset, { batchSize: 4 });
for (const onError of ["throw", "skip"] as const) {
  walks[`packDataset with onError "${onError}"`] = (dataset) =>
    packDataset(dataset, join(root, `pack-${folders++}`), { onError, retries: 0 });
}
walks["a loader in buckets of length"] = async (dataset) => {
  const lengthBuckets = { window: 12, size: 4 };
  for await (const _ of new DataLoader(dataset, { onError: "skip", lengthBuckets }));
};

describe("a process without file descriptors left", {
  skip: onWindows("there is no ulimit"),
}, () => {
  const program = programFile("test/support/few-descriptors.mjs");
  const run = (walk: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const command = 'ulimit -n 256; exec "$0" "$@"';
      const args = ["-c", command, process.execPath, ...typescript, program, walk, root];
      execFile("bash", args, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${error.message}\n${stderr}`));
      });
    });

  for (const walk of ["throw", "skip", "replace", "stats", "check"]) {
    test(`is reported by ${walk}`, { timeout: 60_000 }, async () => {
      assert.match(await run(walk), /^OUT_OF_FILE_DESCRIPTORS .*ulimit -n/);
    });
  }

  test("packs every pair or none", { timeout: 60_000 }, async () => {
    const output = await run("pack");
    const names = readdirSync(join(root, "few-descriptors"));
    const files = names.filter((name) => name.endsWith(".arrow"));
    if (files.length > 0) assert.match(output, /pairs: 24,\n {2}errors: \{ count: 0/);
    else assert.match(output, /^OUT_OF_FILE_DESCRIPTORS .*ulimit -n/);
  });
});

test("a processor that reads sizes first has few of many files open", {
  skip: onWindows("there is no ulimit"),
  timeout: 60_000,
}, async () => {
  const folder = join(root, "processor");
  const keys = { image_processor_type: "Sam2ImageProcessor", size: { height: 4, width: 4 } };
  mkdirSync(folder);
  writeFileSync(join(folder, "preprocessor_config.json"), JSON.stringify(keys));
  const code = `
    const { ImageProcessor } = await import("pixtok");
    const [folder, path] = process.argv.slice(1);
    const processor = await ImageProcessor.fromPretrained(folder);
    await processor.process(path);
    const { pixel_values } = await processor.process(Array(1500).fill(path));
    console.log(processor.takesApart, pixel_values.dims[0]);
  `;
  const command = 'ulimit -n 512; exec "$0" "$@"';
  const module = ["--input-type=module", "-e", code];
  const given = [process.execPath, ...module, folder, fixture("images/jpeg-17x33.jpg")];
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const { stdout } = await promisify(execFile)("bash", ["-c", command, ...given], { cwd });
  assert.equal(stdout, "false 1500\n");
});
