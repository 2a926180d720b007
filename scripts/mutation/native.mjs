// Puts small mistakes into the C++ core, one at a time, and sees whether its test program fails for each.
// Mistakes are made where clang's syntax tree has an operator, a number, a truth value or a call. What the compiler
// refuses, or makes the same program of, is no mistake.
//
//   npm run mutate:native -- --since main                        # lines changed since a revision
//   npm run mutate:native -- --room transform --count 40 --seed 7
//
// Needs clang++. A mistake that is not noticed is printed with its line: it wants a test, or a reason.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { changedSince } from "./changed-lines.mjs";
import { buildCopy, createRebuild, testsPass } from "./native-build.mjs";
import { mistakesIn } from "./native-mistakes.mjs";
import { drawn, percent } from "./sample.mjs";

process.chdir(fileURLToPath(new URL("../..", import.meta.url)));

const { values: given } = parseArgs({
  options: {
    since: { type: "string" },
    room: { type: "string" },
    count: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
  },
});

/** What this machine does not run, whatever it is: other systems and CPUs, and AVX-512. */
const NOT_RUN = /_windows\.cpp$|neon|avx512/;

/** The mistakes in a room's files, and in the headers that they include from it. */
function mistakesOfRoom(room) {
  const files = readdirSync(`native/${room}`, { recursive: true })
    .map((name) => `native/${room}/${name}`)
    .filter((name) => name.endsWith(".cpp") && !NOT_RUN.test(name));
  const found = new Map();
  for (const mistake of files.flatMap((file) => mistakesIn(file))) {
    const { file, begin, replacement } = mistake;
    const isOfRoom = file.startsWith(`native/${room}/`) && !NOT_RUN.test(file);
    if (isOfRoom) found.set(`${file} ${begin} ${replacement}`, mistake);
  }
  return [...found.values()];
}

buildCopy();
const rebuild = createRebuild();
const unchanged = "native/core/regular_file.cpp";
if (rebuild(unchanged, readFileSync(unchanged, "utf8")) !== "same" || !testsPass())
  throw new Error("the test program fails without any mistake");

const rooms = given.room === undefined ? ["core", "decode", "kernels", "transform"] : [given.room];
const changed = given.since === undefined ? undefined : changedSince(given.since, "native");
const isWanted = ({ file, line }) =>
  changed?.some((range) => range.file === file && range.first <= line && line <= range.last) ??
  true;

for (const room of rooms) {
  const all = mistakesOfRoom(room).filter(isWanted);
  const chosen = drawn(all, Number(given.count), Number(given.seed));
  const score = { mistakes: 0, noticed: 0 };
  for (const { file, line, begin, end, replacement } of chosen) {
    const text = readFileSync(file, "utf8");
    const mistaken = text.slice(0, begin) + replacement + text.slice(end);
    if (rebuild(file, mistaken) !== "another") continue;
    score.mistakes += 1;
    if (testsPass())
      console.log(
        `not noticed: ${file}:${line} ${text.slice(begin, end)} -> ${replacement || "nothing"}`,
      );
    else score.noticed += 1;
  }
  if (chosen.length > 0)
    console.log(
      `${room}: ${score.noticed} of ${score.mistakes} noticed, ${percent(score)} (${all.length} could be made)`,
    );
}
