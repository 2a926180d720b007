// Puts small mistakes into the TypeScript, one at a time, and sees whether a test fails for each.
//
//   npm ci --prefix test/mutation && npm run build
//   npm run mutate -- --since main                      # the lines of src changed since a revision
//   npm run mutate -- --room order                      # all of a room
//   npm run mutate -- --room order --lines 40 --seed 7  # some lines of it, drawn by a seed
//   npm run mutate -- --every-room --lines 40           # each room, and a table of them
//
// --concurrency N tries N mistakes at once, 2 where it is not given.
//
// The tests are those of the rooms of src, the mistaken room's first; with --own, those of the mistaken room
// alone, which is quicker. So a score is a lower bound.
// A mistake that no test notices is printed with its line. It wants a test, or a reason.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { everyTest, fastTests, translationOf } from "../test-files.mjs";
import { changedSince } from "./changed-lines.mjs";
import { drawn, percent } from "./sample.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
process.chdir(root);

const { values: given } = parseArgs({
  options: {
    since: { type: "string" },
    room: { type: "string" },
    "every-room": { type: "boolean", default: false },
    own: { type: "boolean", default: false },
    lines: { type: "string" },
    seed: { type: "string", default: "1" },
    concurrency: { type: "string", default: "2" },
  },
});

const { Stryker } = await import(
  "../../test/mutation/node_modules/@stryker-mutator/core/dist/src/index.js"
);

const rooms = readdirSync("src", { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const sourcesOf = (folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name}`);

const roomOf = (file) => file.split("/")[1];

/** Lines that can hold a mistake: neither comments nor imports, types nor brackets alone. */
function codeLines(file) {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, i) =>
    /^\s*($|\/\/|\/?\*|import |export \* |interface |[\])}]*[;,]?$)/.test(line)
      ? []
      : [`${file}:${i + 1}-${i + 1}`],
  );
}

/** The tests of these rooms first: most mistakes end with them. */
function testsOf(mutated) {
  const own = new Set(mutated.map((range) => `test/${roomOf(range)}`));
  const isOwn = (file) => own.has(file.slice(0, file.lastIndexOf("/")));
  const first = everyTest.filter(isOwn);
  return given.own ? first : [...first, ...fastTests.filter((file) => !isOwn(file))];
}

async function scoreOf(mutated) {
  const results = await new Stryker({
    mutate: mutated,
    testRunner: "tap",
    plugins: ["@stryker-mutator/tap-runner"],
    tap: {
      testFiles: testsOf(mutated).map(translationOf),
      nodeArgs: ["-r", "{{hookFile}}", "--expose-gc", "{{testFile}}"],
    },
    coverageAnalysis: "perTest",
    buildCommand: "node scripts/mutation/build-copy.mjs",
    ignorePatterns: ["/build/*", "!/build/Release", "/docs", "/native", "/test/*/node_modules"],
    reporters: ["progress-append-only"],
    // it does not know translated tests, and warns of each
    logLevel: "error",
    allowConsoleColors: false,
    concurrency: Number(given.concurrency),
    timeoutMS: 60_000,
    dryRunTimeoutMinutes: 30,
    tempDirName: "build/mutation",
  }).runMutationTest();
  const counted = results.filter(
    ({ status }) => !["Ignored", "CompileError", "RuntimeError"].includes(status),
  );
  const unnoticed = counted.filter(
    ({ status }) => status === "Survived" || status === "NoCoverage",
  );
  for (const { fileName, location, mutatorName, replacement, status } of unnoticed) {
    const place = `${fileName.slice(fileName.indexOf("src/"))}:${location.start.line}`;
    console.log(
      `${status === "Survived" ? "not noticed" : "not reached"}: ${place} ${mutatorName}: ${replacement}`,
    );
  }
  return { mistakes: counted.length, noticed: counted.length - unnoticed.length };
}

const linesOf = (files) => {
  const all = files.flatMap(codeLines);
  return given.lines === undefined ? all : drawn(all, Number(given.lines), Number(given.seed));
};

const jobs = given["every-room"]
  ? rooms.map((room) => [room, linesOf(sourcesOf(`src/${room}`))])
  : given.room !== undefined
    ? [[given.room, linesOf(sourcesOf(`src/${given.room}`))]]
    : given.since !== undefined
      ? [
          [
            `since ${given.since}`,
            changedSince(given.since, "src").map(
              ({ file, first, last }) => `${file}:${first}-${last}`,
            ),
          ],
        ]
      : [];
if (jobs.length === 0) throw new TypeError("expected --since REV, --room NAME or --every-room");

const rows = [];
for (const [name, mutated] of jobs) {
  if (mutated.length === 0) continue;
  const score = await scoreOf(mutated);
  rows.push([name, score]);
  console.log(`${name}: ${score.noticed} of ${score.mistakes} noticed, ${percent(score)}`);
}
if (given["every-room"]) {
  const table = rows.map(
    ([name, score]) => `| ${name} | ${score.mistakes} | ${score.noticed} | ${percent(score)} |`,
  );
  writeFileSync(
    "build/mutation-scores.md",
    `| room | mistakes | noticed | |\n|---|---:|---:|---:|\n${table.join("\n")}\n`,
  );
}
