import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { fixture } from "./support/fixtures.js";

test("out-of-memory.ts halves its batches twice and trains on every pair", async () => {
  const program = fileURLToPath(new URL("../examples/out-of-memory.ts", import.meta.url));
  const pictures = readdirSync(fixture("pictures")).filter((file) =>
    /\.(jpg|png|webp)$/.test(file),
  );
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...["--import", "tsx", program, fixture("pictures"), fixture("wordpiece")],
  ]);
  // 10 MB hold 16 pictures of 224 x 224 x 3 floats
  assert.deepEqual(stdout.trim().split("\n"), [
    "64 pairs are too many, going on with 32",
    "32 pairs are too many, going on with 16",
    `trained on ${pictures.length} of ${pictures.length} pairs`,
  ]);
});
