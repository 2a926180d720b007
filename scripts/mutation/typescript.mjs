// Puts small mistakes into the TypeScript, one at a time, and sees whether a test fails for each.
//
//   npm run build:native
//   npm run mutate -- --since main                      # the lines of src changed since a revision
//   npm run mutate -- --room order                      # all of a room; or a file of it: --room order/sampler.ts
//   npm run mutate -- --room order --lines 40 --seed 7  # some lines of it, drawn by a seed
//   npm run mutate -- --every-room --lines 40           # each room, and a table of them
//   npm run mutate -- --all --lines 80                  # lines of all of src alike
//
// One mistake is made on each line, drawn by the seed from those that the compiler takes. A mistake that no test
// notices is printed with its line: it wants a test, or a reason.
//
// The tests are those of `npm test` that reach the line: the mistaken room's first, then others, up to --seconds of
// the processor for each mistake (default 30); with --own those of the room alone. So a score is a lower bound. The
// first time each test file is run once to see what it reaches, which takes some ten minutes.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { commonTests } from "../test-files.mjs";
import { changedSince } from "./changed-lines.mjs";
import { openCompiler } from "./compiler.mjs";
import { isNoticed } from "./is-noticed.mjs";
import { mistakesIn } from "./mistakes.mjs";
import { drawn, percent } from "./sample.mjs";
import { makeCopy, sources } from "./source-build.mjs";
import { createTestsByLine, roomOf } from "./tests-by-line.mjs";

process.chdir(fileURLToPath(new URL("../..", import.meta.url)));

const { values: given } = parseArgs({
  options: {
    since: { type: "string" },
    room: { type: "string" },
    "every-room": { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    own: { type: "boolean", default: false },
    lines: { type: "string", default: "Infinity" },
    seed: { type: "string", default: "1" },
    seconds: { type: "string", default: "30" },
  },
});
const seed = Number(given.seed);

/** The lines that mistakes are drawn from, by the name that a score is printed with. */
function jobs() {
  const inFolder = (folder) => (file) => `${file}/`.startsWith(`src/${folder}/`);
  const every = () => true;
  if (given["every-room"]) {
    const rooms = new Set(
      sources()
        .map(roomOf)
        .filter((room) => !room.endsWith(".ts")),
    );
    return [...rooms].map((room) => ({ name: room, isFile: inFolder(room), isLine: every }));
  }
  if (given.all) return [{ name: "all of src", isFile: every, isLine: every }];
  if (given.room !== undefined)
    return [{ name: given.room, isFile: inFolder(given.room), isLine: every }];
  if (given.since === undefined)
    throw new TypeError("expected --since REV, --room NAME, --every-room or --all");
  const changed = changedSince(given.since, "src");
  return [
    {
      name: `since ${given.since}`,
      isFile: (path) => changed.some(({ file }) => file === path),
      isLine: (path, line) =>
        changed.some(({ file, first, last }) => file === path && first <= line && line <= last),
    },
  ];
}

/** The mistakes by the line that they are on. */
function linesWithMistakes({ isFile, isLine }) {
  const lines = new Map();
  for (const file of sources().filter(isFile)) {
    const tree = compiler.treeOf(file);
    for (const mistake of mistakesIn(tree)) {
      const line = tree.text.slice(0, mistake.begin).split("\n").length;
      if (!isLine(file, line)) continue;
      const place = `${file}:${line}`;
      lines.set(place, [...(lines.get(place) ?? []), { file, line, ...mistake }]);
    }
  }
  return [...lines.values()];
}

const isTaken = ({ file, begin, end, replacement }) => {
  const text = readFileSync(file, "utf8");
  return compiler.takes(file, text.slice(0, begin) + replacement + text.slice(end));
};

const inOneLine = (text) => text.replaceAll(/\s+/g, " ") || "nothing";

function describe({ file, line, begin, end, replacement }) {
  const written = readFileSync(file, "utf8").slice(begin, end);
  return `${file}:${line} ${inOneLine(written)} -> ${inOneLine(replacement)}`;
}

async function scoreOf(job) {
  const score = { mistakes: 0, noticed: 0 };
  const lines = linesWithMistakes(job);
  for (const [i, mistakes] of drawn(lines, lines.length, seed).entries()) {
    if (score.mistakes === Number(given.lines)) break;
    const mistake = drawn(mistakes, mistakes.length, seed * 1000 + i).find(isTaken);
    if (mistake === undefined) continue;
    score.mistakes += 1;
    const { noticed, why } = await isNoticed(mistake, {
      testsOf,
      own: given.own,
      seconds: Number(given.seconds),
    });
    if (noticed) score.noticed += 1;
    else console.log(`not noticed: ${describe(mistake)} (${why})`);
  }
  return score;
}

await makeCopy();
const compiler = openCompiler("tsconfig.json");
const testsOf = createTestsByLine(commonTests);
try {
  const rows = [];
  for (const job of jobs()) {
    const score = await scoreOf(job);
    if (score.mistakes === 0) continue;
    rows.push(`| ${job.name} | ${score.mistakes} | ${score.noticed} | ${percent(score)} |`);
    console.log(`${job.name}: ${score.noticed} of ${score.mistakes} noticed, ${percent(score)}`);
  }
  if (given["every-room"]) {
    const head = "| room | mistakes | noticed | |\n|---|---:|---:|---:|";
    writeFileSync("build/mutation/scores.md", `${[head, ...rows].join("\n")}\n`);
  }
} finally {
  compiler.close();
}
