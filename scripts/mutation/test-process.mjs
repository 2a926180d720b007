// Runs test files in one process, within limits, until the first test fails.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { translationOf } from "../test-files.mjs";

const ROOM = new URL("../test-room.mjs", import.meta.url).href;

/** What a process is given to run: one file by itself, several as a room. */
function entryOf(files, folder) {
  if (files.length === 1) return translationOf(files[0]);
  const entry = join(folder, "room.mjs");
  const given = [files, `${entry}.running`].map((value) => JSON.stringify(value)).join(", ");
  writeFileSync(
    entry,
    `import { runRoom } from ${JSON.stringify(ROOM)};\nawait runRoom(${given});\n`,
  );
  return entry;
}

/**
 * Runs a program of Node. It is killed with all that it has started as soon as a line says that a test failed,
 * and at either limit.
 *
 * @param {string} entry
 * @param {{ cwd?: string, env?: object, processorSeconds: number, clockSeconds: number }} options
 * @returns {Promise<{ passes: boolean, why: string, seconds: number }>} with what it took of the processor, where
 *   it ended by itself
 */
export function runWithin(entry, { cwd, env, processorSeconds, clockSeconds }) {
  const limited = 'ulimit -t "$1"; shift; "$@"; status=$?; times >&3; exit $status';
  const limit = String(Math.ceil(processorSeconds));
  const command = ["-c", limited, "sh", limit, process.execPath, "--expose-gc", entry];
  const child = spawn("sh", command, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "ignore", "pipe"],
    detached: true,
  });
  return new Promise((resolve) => {
    let times = "";
    let output = "";
    const end = (passes, why) => {
      clearTimeout(timer);
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // it has ended
      }
      resolve({ passes, why, seconds: secondsIn(times) });
    };
    const timer = setTimeout(() => end(false, "took too long"), clockSeconds * 1000);
    child.stdio[3].setEncoding("utf8").on("data", (text) => {
      times += text;
    });
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
      const failed = /^\s*(?:not ok|✖) .*/m.exec(output)?.[0];
      if (failed !== undefined) end(false, failed.trim());
      output = output.slice(output.lastIndexOf("\n") + 1);
    });
    child.on("close", (status) => end(status === 0, `ended with ${status}`));
  });
}

/** The second line of what `times` prints: seconds of the processes that have ended, by user and by system. */
function secondsIn(times) {
  const [, ended = ""] = times.split("\n");
  return [...ended.matchAll(/(\d+)m([\d.]+)s/g)]
    .map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds))
    .reduce((sum, seconds) => sum + seconds, 0);
}

/** Runs test files of a built project, in one process. */
export async function runTestFiles(files, options) {
  const folder = mkdtempSync(join(tmpdir(), "pixtok-mutation-"));
  try {
    return await runWithin(entryOf(files, folder), options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
