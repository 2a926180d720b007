import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  checkDataset,
  computeStats,
  DataLoader,
  type MultimodalDataset,
  packDataset,
} from "pixtok";
import { onWindows } from "../support/fixtures.js";
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
