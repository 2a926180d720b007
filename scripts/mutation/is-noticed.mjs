// Whether a test notices a mistake: those of its room are tried first, then others, the nearest and shortest of
// each first, up to some seconds of the processor.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { processesOf } from "../test-files.mjs";
import { copy, withText } from "./source-build.mjs";
import { runTestFiles } from "./test-process.mjs";
import { roomOf } from "./tests-by-line.mjs";

/** What Node needs to start, and to load the build. */
const START = 0.7;

/** A test is near that has the file's name; then one that reaches few lines in little time. */
function nearestFirst(found, file) {
  const name = basename(file, ".ts");
  const isNamed = ({ test }) => basename(test).startsWith(`${name}.`);
  return found.toSorted(
    (a, b) => isNamed(b) - isNamed(a) || a.lines * a.seconds - b.lines * b.seconds,
  );
}

/** As many as the seconds allow. */
function within(seconds, found) {
  let left = seconds;
  return found.filter((one) => {
    const cost = Math.max(0.1, one.seconds - START);
    if (cost > left) return false;
    left -= cost;
    return true;
  });
}

const secondsOf = (found) => found.reduce((sum, { seconds }) => sum + seconds, 0);

/**
 * @param {{ file: string, line: number, begin: number, end: number, replacement: string }} mistake
 * @param {{ testsOf: ReturnType<typeof import("./tests-by-line.mjs").createTestsByLine>, own: boolean,
 *   seconds: number }} options
 * @returns {Promise<{ noticed: boolean, why: string }>} with the test that failed, or how many were tried
 */
export async function isNoticed(mistake, { testsOf, own, seconds }) {
  const { file, line, begin, end, replacement } = mistake;
  const text = readFileSync(file, "utf8");
  const mistaken = text.slice(0, begin) + replacement + text.slice(end);
  const isOwn = (test) => roomOf(test) === roomOf(file);
  let left = seconds;
  let reaching = 0;
  let tried = 0;
  for (const isWanted of own ? [isOwn] : [isOwn, (test) => !isOwn(test)]) {
    const found = await testsOf(file, line, isWanted);
    const chosen = within(left, nearestFirst(found, file));
    left -= secondsOf(chosen);
    reaching += found.length;
    tried += chosen.length;
    const secondsByTest = new Map(chosen.map((one) => [one.test, one.seconds]));
    for (const { files } of processesOf(chosen.map(({ test }) => test))) {
      const usual = files.reduce((sum, test) => sum + secondsByTest.get(test), 0);
      const limits = { processorSeconds: 10 + 5 * usual, clockSeconds: 20 + 10 * usual };
      const { passes, why } = await withText(file, mistaken, () =>
        runTestFiles(files, { cwd: copy, ...limits }),
      );
      if (!passes) return { noticed: true, why };
    }
  }
  return {
    noticed: false,
    why: reaching === 0 ? "no test reaches it" : `${tried} of ${reaching} test files tried`,
  };
}
