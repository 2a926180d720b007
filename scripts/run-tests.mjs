// Runs test files by node --test, translated, one process more at once than there are cores, since tests wait for the
// programs that they start.

import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { translationOf } from "./test-files.mjs";
import { translateTests } from "./translate-tests.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const ROOM = new URL("test-room.mjs", import.meta.url).href;

/**
 * For Node from 22 on, which may wait for ever for a thread that compiles when it ends (nodejs/node#54918), as one in a hundred
 * processes did under load.
 */
export const toEndSafely = ["--no-concurrent-recompilation"];

const IN_MEMORY = "/dev/shm";

/** Several times what the files of all tests that run at once take. */
const ROOM_BYTES = 2 ** 30;

/**
 * Where there may be a folder in memory: TMPDIR, or else memory, if it has room. On a disk tests wait for each file that
 * they pack, which is synced, and for files to be removed.
 */
function placeOfFolders() {
  if (process.env.TMPDIR !== undefined) return tmpdir();
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    if (bavail * bsize >= ROOM_BYTES) return IN_MEMORY;
  } catch {
    // a system without it
  }
  return tmpdir();
}

/** A program that runs test files, as suites of their names unless one is run by itself. */
function entryOf(files, running, byItself) {
  if (byItself) {
    const file = pathToFileURL(join(root, translationOf(files[0]))).href;
    return `await import(${JSON.stringify(file)});\n`;
  }
  const parameters = [files, running].map((value) => JSON.stringify(value)).join(", ");
  return `import { runRoom } from ${JSON.stringify(ROOM)};\nawait runRoom(${parameters});\n`;
}

/** Ends the processes of these programs that the end of node --test has left; gives the names of the programs. */
function endProcesses(entries) {
  if (process.platform !== "linux") return [];
  const names = [];
  for (const number of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${number}/cmdline`, "utf8").split("\0");
      const entry = words.find((word) => entries.includes(word));
      if (entry === undefined) continue;
      process.kill(Number(number), "SIGKILL");
      names.push(basename(entry));
    } catch {
      // it has ended, or is another user's
    }
  }
  return names;
}

/**
 * @param {{ name: string, files: string[], byItself?: boolean }[]} processes the files of each process, and
 *   whether the only one is run as node --test would
 * @param {string[]} flags parameters of Node
 * @param {{ program?: string, inMemory?: boolean, options?: import("node:child_process").SpawnSyncOptions }} [run] the
 *   Node that runs them, this one by default; and whether their folders may be in memory, which they are not by default
 * @returns a promise of what spawnSync returns, and the files whose process ended while they ran, or did not end
 */
export async function runTests(
  processes,
  flags,
  { program = process.execPath, inMemory = false, options = {} } = {},
) {
  await translateTests();
  const folder = mkdtempSync(join(inMemory ? placeOfFolders() : tmpdir(), "pixtok-tests-"));
  const temporary = join(folder, "temporary");
  try {
    mkdirSync(temporary);
    const entries = processes.map(({ name, files, byItself = false }, place) => {
      // Node begins them in the order of their names
      const number = String(place).padStart(3, "0");
      const entry = join(folder, `${number}-${name.replaceAll("/", "-")}.mjs`);
      writeFileSync(entry, entryOf(files, `${entry}.running`, byItself));
      return entry.replaceAll("\\", "/");
    });
    const ran = spawnSync(
      program,
      [
        ...["--enable-source-maps", "--expose-gc", "--test"],
        `--test-concurrency=${availableParallelism() + 1}`,
        ...flags,
        ...entries,
      ],
      {
        cwd: root,
        stdio: "inherit",
        // else it ends its processes, and nobody knows which went on
        ...(process.platform === "linux" && { killSignal: "SIGKILL" }),
        ...options,
        env: { ...process.env, ...options.env, TMPDIR: temporary },
      },
    );
    const left = endProcesses(entries);
    const unfinished = readdirSync(folder)
      .filter((name) => name.endsWith(".running"))
      .map((name) => readFileSync(join(folder, name), "utf8"));
    const status = left.length > 0 && ran.status === 0 ? 1 : ran.status;
    return { ...ran, status, unfinished: [...unfinished, ...left] };
  } finally {
    // what has just been ended may still write
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}
