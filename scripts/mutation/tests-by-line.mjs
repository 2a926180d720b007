// Which tests reach a line of src, and what each takes: each test file is run once by itself, and again only where
// it or what it reaches has changed.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { linesOfTranslation, reachedLines } from "./reached-lines.mjs";
import { copy, translated } from "./source-build.mjs";
import { runTestFiles } from "./test-process.mjs";

const kept = "build/mutation/reached";

export const roomOf = (file) => file.split("/")[1];

const hashOf = (file) =>
  createHash("sha1")
    .update(readFileSync(`${copy}/${file}`))
    .digest("hex")
    .slice(0, 12);

/** The source of a module of the copy, by its URL. */
function createModules() {
  const start = pathToFileURL(`${copy}/dist/`).href;
  const found = new Map();
  return (url) => {
    if (!url.startsWith(start) || !url.endsWith(".js")) return undefined;
    const file = `src/${url.slice(start.length, -".js".length)}.ts`;
    if (!found.has(file)) {
      const lines = linesOfTranslation(translated(readFileSync(file, "utf8")));
      found.set(file, { file, lines });
    }
    return found.get(file);
  };
}

/**
 * @param {string[]} tests
 * @returns a function that says which of these reach a line, and runs those of which it is not known: of the
 *   file's room those that have not run with the file as it is, of the others only those that reached it before
 */
export function createTestsByLine(tests) {
  const moduleOf = createModules();
  const known = new Map();
  mkdirSync(kept, { recursive: true });

  const recordOf = (test) => `${kept}/${test.replaceAll("/", "~")}.json`;

  async function measured(test) {
    const folder = "build/mutation/v8";
    rmSync(folder, { recursive: true, force: true });
    const { passes, why, seconds } = await runTestFiles([test], {
      cwd: copy,
      env: { NODE_V8_COVERAGE: `${process.cwd()}/${folder}` },
      processorSeconds: 300,
      clockSeconds: 900,
    });
    if (!passes) console.log(`left out, it fails without any mistake: ${test}: ${why}`);
    const reached = passes && existsSync(folder) ? reachedLines(folder, moduleOf) : [];
    const files = [...reached].map(([file, lines]) => [
      file,
      { hash: hashOf(file), lines: [...lines] },
    ]);
    const record = { hash: hashOf(test), passes, seconds, files: Object.fromEntries(files) };
    writeFileSync(recordOf(test), JSON.stringify(record));
    known.set(test, { ...record, isNew: true });
  }

  function isOutdated(test, file) {
    if (!known.has(test) && existsSync(recordOf(test)))
      known.set(test, JSON.parse(readFileSync(recordOf(test), "utf8")));
    const record = known.get(test);
    if (record === undefined || (!record.isNew && record.hash !== hashOf(test))) return true;
    const { hash, lines = [] } = record.files[file] ?? {};
    const concerns = lines.length > 0 || roomOf(test) === roomOf(file);
    return !record.isNew && concerns && hash !== hashOf(file);
  }

  /** @returns {Promise<{ test: string, seconds: number, lines: number }[]>} with how many lines it reaches in all */
  return async (file, line, isWanted) => {
    const found = [];
    for (const test of tests.filter(isWanted)) {
      if (isOutdated(test, file)) await measured(test);
      const { passes, seconds, files } = known.get(test);
      if (!passes || !files[file]?.lines.includes(line)) continue;
      const lines = Object.values(files).reduce((sum, one) => sum + one.lines.length, 0);
      found.push({ test, seconds, lines });
    }
    return found;
  };
}
