// Runs test files in this process, one after another, each as a suite that has the file's name. node:test
// finds the suite of a test by the promise that was awaited before it, so a file must not await at its top
// level a promise that another file has made: those tests would fail, since their suite has ended. Nor may the function of a
// suite await: what it says afterwards is of no suite.

import { rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { translationOf } from "./test-files.mjs";
import { followPromises, leavePromises } from "./test-hooks.mjs";

const { after, describe } = await import("node:test");

/** Milliseconds for what tests leave behind, such as many files that are removed. */
const MOST_AFTERWARDS = 300_000;

/**
 * @param {string[]} files
 * @param {string} running holds the name of the file that runs; a process that ends before its time leaves it
 */
export async function runRoom(files, running) {
  const folder = process.cwd();
  const environment = { ...process.env };
  for (const file of files) {
    writeFileSync(running, file);
    await new Promise((ended) => {
      followPromises();
      describe(file, async () => {
        after(() => ended());
        await import(pathToFileURL(resolve(translationOf(file))).href);
        leavePromises();
      });
    });
    process.chdir(folder);
    restoreEnvironment(environment);
  }
  rmSync(running);
  endLater(files, running);
}

/** A process that goes on when its tests are done fails: from Node 24 on, node --test waits for it for ever. */
function endLater(files, running) {
  const end = () => {
    writeFileSync(running, files.join(", "));
    console.error(`goes on after its tests, by ${process.getActiveResourcesInfo().join(", ")}`);
    process.exit(1);
  };
  // where one long call has taken all of the time, the process ends by itself now
  setTimeout(() => setTimeout(end, 10_000).unref(), MOST_AFTERWARDS).unref();
}

/** A file may change the variables for itself, also when it is imported. */
function restoreEnvironment(before) {
  for (const name of Object.keys(process.env)) {
    if (!(name in before)) delete process.env[name];
  }
  Object.assign(process.env, before);
}
