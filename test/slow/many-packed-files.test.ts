// A set of more files than a process may map: 280 000, sparse, which are 1.4 TB of images.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { promisify } from "node:util";
import { missingParts } from "pixtok";
import { folderPlace } from "../../src/sources/packed/folder-place.js";
import { indexOfFiles } from "../../src/sources/packed/index-of-files.js";
import { FEW_FILES, packedFileName } from "../../src/sources/packed/pack-format.js";
import { writeManyFiles } from "../support/many-packed-files.js";
import { programFile, typescript } from "../support/programs.js";
import { savePackIndex } from "../support/save-index.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-many-files-"));
after(() => rmSync(root, { recursive: true }));
const FILES = 280_000;
const images = { rows: 32, side: 224 };
const middle = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number;

describe("a packed set of 280 000 files", { timeout: 40 * 60_000 }, () => {
  // most of it goes by while files are made
  const timeout = 20 * 60_000;
  test("opens at once, and reads random rows as a small one does", { timeout }, async (t) => {
    const large = join(root, "large");
    const index = await writeManyFiles(large, { files: FILES, ...images });
    await savePackIndex(large, index);
    const files = 4 * FEW_FILES;
    const small = join(root, "small");
    await savePackIndex(small, await writeManyFiles(small, { files, ...images }));
    const found = Array.from({ length: files }, (_, file) => ({
      name: packedFileName(file, files),
    }));
    const made = await indexOfFiles(folderPlace(small), found);
    assert.equal(made.rows.length, files);

    const program = programFile("test/support/read-many-files.mjs");
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [...typescript, program, large, small]);
    const { rows, openMs, openCpuMs, openBytes, times } = JSON.parse(stdout);
    t.diagnostic(stdout);
    assert.equal(rows, FILES * images.rows);
    // half a second of a quiet machine; it takes 0.05 s of the processor
    assert.ok(openCpuMs < 500 && openMs < 5000, `${openCpuMs} ms of processor, ${openMs} ms`);
    assert.ok(openBytes < 100 * 2 ** 20, `${openBytes} bytes`);
    // for each row of the large set a file is opened, and its schema read
    const ratio = middle(
      times.map(([ofLarge, ofSmall]: number[][]) => cpu(ofLarge) / cpu(ofSmall)),
    );
    assert.ok(ratio < 4, `a row takes ${ratio} times as long`);

    assert.deepEqual(await missingParts(large, 100), []);
    for (const file of [5, 150_000]) rmSync(join(large, packedFileName(file, FILES)));
    assert.deepEqual(await missingParts(large, 100), [0, 53]);
  });
});

const cpu = (microseconds: number[] | undefined) => microseconds?.[1] as number;
