// What programs read of the commands, and the line that people see while these work.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { runtimeInfo } from "pixtok";
import { progressWords } from "../../src/cli/progress.js";
import { runCommand } from "../support/command-line.js";
import { fixture } from "../support/fixtures.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-json-"));
after(() => rmSync(folder, { recursive: true }));

async function jsonOf(...parameters: string[]): Promise<unknown> {
  const { code, stdout } = await runCommand(...parameters, "--json");
  assert.equal(code, 0);
  return JSON.parse(stdout);
}

describe("--json", () => {
  test("of info has what runtimeInfo gives, and Node", async () => {
    const expected = { ...runtimeInfo(), node: process.version };
    assert.deepEqual(await jsonOf("info"), JSON.parse(JSON.stringify(expected)));
  });

  test("of pack has what packDataset gives, with what was left out", async () => {
    const manifest = join(folder, "pairs.jsonl");
    const rows = ["png-rgb.png", "none.png"].map((image) => JSON.stringify({ image, text: "a" }));
    writeFileSync(manifest, rows.join("\n"));
    const of = [manifest, "--root", fixture("images"), "--tokenizer", fixture("wordpiece")];
    const packing = ["pack", ...of, "--out", join(folder, "packed"), "--size", "8", "--skip-bad"];
    const { errors, ...counts } = (await jsonOf(...packing)) as {
      errors: { count: number; list: { index: number; code: string }[] };
    };
    assert.deepEqual(counts, { files: 1, version: 1, written: 1, kept: 0, pairs: 1 });
    assert.deepEqual(
      [errors.count, errors.list.map(({ index, code }) => [index, code])],
      [1, [[1, "FILE_NOT_FOUND"]]],
    );
  });

  test("of lock says where it is and what it has", async () => {
    const file = join(folder, "pixtok.lock.json");
    assert.deepEqual(await jsonOf("lock", "--out", file), {
      file,
      script: join(folder, "attest.py"),
      images: 14,
      texts: 0,
    });
  });
});

describe("the line that is shown of work", () => {
  test("has its rate, how long threads wait, and errors", () => {
    assert.equal(progressWords(980.4), "980 a second");
    assert.equal(progressWords(undefined, { errors: 0 }), "– a second");
    assert.equal(
      progressWords(12, { errors: 1, waiting: 0.126 }),
      "12 a second, threads wait 13 %, 1 error",
    );
    assert.equal(progressWords(12, { errors: 30 }), "12 a second, 30 errors");
  });
});
