// attest.py in Python, for tests of what it says of locks.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Lock, saveLock } from "pixtok";
import { python } from "./python.js";

const scripts = fileURLToPath(new URL("../../python", import.meta.url));
export const folder = mkdtempSync(join(tmpdir(), "pixtok-attest-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

export interface AttestRun {
  code: number;
  lines: string[];
}

/** Runs attest.py with each of these arguments, in one process: packages take seconds to import. */
export function attestAll(calls: readonly (readonly string[])[]): AttestRun[] {
  const code = [
    "import contextlib, io, json, sys",
    "import attest",
    "for given in json.loads(sys.argv[1]):",
    "    sys.argv = ['attest.py', *given]",
    "    out = io.StringIO()",
    "    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):",
    "        code = attest.main()",
    "    print(json.dumps({'code': code, 'lines': out.getvalue().splitlines()}))",
  ].join("\n");
  const { status, stdout, stderr } = spawnSync(python, ["-c", code, JSON.stringify(calls)], {
    encoding: "utf8",
    env: { ...process.env, PYTHONPATH: scripts, HF_HUB_OFFLINE: "1", PYTHONDONTWRITEBYTECODE: "1" },
  });
  assert.equal(status, 0, stderr);
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as AttestRun);
}

let files = 0;

export async function saved(lock: Lock): Promise<string> {
  files += 1;
  const path = join(folder, `${files}.json`);
  await saveLock(lock, path);
  return path;
}

export async function modelFolder(keys: object): Promise<string> {
  files += 1;
  const path = join(folder, `model-${files}`);
  await mkdir(path);
  await writeFile(join(path, "preprocessor_config.json"), JSON.stringify(keys));
  return path;
}

export const assertSame = (runs: readonly AttestRun[], names: readonly string[]) => {
  const others = runs.map(({ code, lines }, i) => `${names[i]}: ${code} ${lines.join(" ")}`);
  assert.equal(runs.length, names.length);
  assert.deepEqual(
    others.filter((_, i) => runs[i]?.code !== 0),
    [],
  );
};
