import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { numberedPairs } from "../support/pairs.js";
import { programFile, typescript } from "../support/programs.js";

test("a loader that resumes goes on after it was killed in the middle of an epoch", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pixtok-state-"));
  try {
    const program = programFile("test/support/killed-trainer.mjs");
    const seen: number[] = [];
    for (let run = 0; run < 50; run += 1) {
      const child = spawn(process.execPath, [...typescript, program, folder]);
      const ended = new Promise((resolve) => child.on("close", resolve));
      child.stdout.on("data", (data: Buffer) => {
        if (run < 3 && data.includes("batch")) child.kill("SIGKILL");
      });
      const code = await ended;
      if (code === 0) break;
    }
    const log = readFileSync(join(folder, "state.json"), "utf8");
    seen.push(...(JSON.parse(log) as { seen: number[] }).seen);
    assert.deepEqual(
      [...seen].sort((a, b) => a - b),
      [...Array(numberedPairs(200).length).keys()],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
