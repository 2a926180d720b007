// Puts small mistakes into the C++ core, one at a time, and sees whether its test program fails for each.
// Mistakes are made where clang's syntax tree has an operator, a number or a truth value.
//
//   npm run mutate:native -- --since main                        # lines changed since a revision
//   npm run mutate:native -- --room transform --count 40 --seed 7
//
// Needs clang++. A mistake that is not noticed is printed with its line: it wants a test, or a reason.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { changedSince } from "./changed-lines.mjs";
import { drawn, percent } from "./drawn.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
process.chdir(root);

const { values: given } = parseArgs({
  options: {
    since: { type: "string" },
    room: { type: "string" },
    count: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
  },
});

/** The mistakes that an operator can be taken for. */
const MISTAKEN = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "==": "!=",
  "!=": "==",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "/",
  "&&": "||",
  "||": "&&",
  "&": "|",
  "|": "&",
  "<<": ">>",
  ">>": "<<",
  "+=": "-=",
  "-=": "+=",
};

/** Where a node is written; undefined for what a macro made and for other files. */
function placeOf({ range }) {
  const { begin, end } = range ?? {};
  if (begin?.offset === undefined || end?.offset === undefined) return undefined;
  return { begin: begin.offset, end: end.offset + end.tokLen };
}

/** Mistakes that can be made in one file: { file, line, begin, end, replacement }. */
function mistakesIn(file) {
  const text = readFileSync(file, "utf8");
  const { status, stdout, stderr } = spawnSync(
    "clang++",
    ["-std=c++17", "-Inative", "-fsyntax-only", "-Xclang", "-ast-dump=json", file],
    { encoding: "utf8", maxBuffer: 2 ** 31 - 1 },
  );
  if (status !== 0) throw new Error(`${file} does not compile here: ${stderr.slice(0, 500)}`);
  const found = [];
  const add = (begin, end, replacement) => {
    const line = text.slice(0, begin).split("\n").length;
    found.push({ file, line, begin, end, replacement });
  };
  const visit = (node) => {
    const place = placeOf(node);
    const [left, right] = (node.inner ?? []).map(placeOf);
    if (/^(BinaryOperator|CompoundAssignOperator)$/.test(node.kind) && left && right) {
      const at = text.indexOf(node.opcode, left.end);
      if (MISTAKEN[node.opcode] !== undefined && at >= 0 && at < right.begin) {
        add(at, at + node.opcode.length, MISTAKEN[node.opcode]);
      }
    } else if (place && node.kind === "IntegerLiteral") {
      const written = text.slice(place.begin, place.end);
      if (/^\d+$/.test(written)) add(place.begin, place.end, String(Number(written) + 1));
    } else if (place && node.kind === "CXXBoolLiteralExpr") {
      const written = text.slice(place.begin, place.end);
      if (/^(true|false)$/.test(written)) add(place.begin, place.end, String(written === "false"));
    } else if (place && node.kind === "UnaryOperator" && node.opcode === "!") {
      if (text[place.begin] === "!") add(place.begin, place.begin + 1, "");
    }
    for (const inner of node.inner ?? []) visit(inner);
  };
  // the top level has every header's declarations too; a location says its file where that changes
  let current;
  for (const node of JSON.parse(stdout).inner) {
    const { loc } = node;
    current = loc?.file ?? loc?.expansionLoc?.file ?? current;
    if (current === file) visit(node);
  }
  const unique = new Map(
    found.map((mistake) => [`${mistake.begin} ${mistake.replacement}`, mistake]),
  );
  return [...unique.values()];
}

const copy = "build/mutation-native";
rmSync(`${copy}/native`, { recursive: true, force: true });
mkdirSync(copy, { recursive: true });
for (const entry of ["native", "cmake", "CMakeLists.txt"])
  cpSync(entry, `${copy}/${entry}`, { recursive: true });
mkdirSync(`${copy}/test`, { recursive: true });
cpSync("test/data", `${copy}/test/data`, { recursive: true });

const build = () =>
  spawnSync("cmake", ["--build", `${copy}/build`, "--target", "pixtok_test", "--parallel", "2"], {
    stdio: "ignore",
  }).status === 0;

const passes = () =>
  spawnSync("build/Release/pixtok_test", ["--cases", "20", "--seed", "1"], {
    cwd: copy,
    stdio: "ignore",
    timeout: 120_000,
  }).status === 0;

execFileSync("cmake", ["-S", copy, "-B", `${copy}/build`, "-DBUILD_TESTING=ON"], {
  stdio: "ignore",
});
if (!build() || !passes()) throw new Error("the test program fails without any mistake");

const rooms = given.room === undefined ? ["core", "decode", "kernels", "transform"] : [given.room];
const changed = given.since === undefined ? undefined : changedSince(given.since, "native");
const isWanted = ({ file, line }) =>
  changed?.some((range) => range.file === file && range.first <= line && line <= range.last) ??
  true;

for (const room of rooms) {
  const files = readdirSync(`native/${room}`, { recursive: true })
    .map((name) => `native/${room}/${name}`)
    .filter((name) => name.endsWith(".cpp") && !/_windows\.cpp$|neon|avx512/.test(name));
  const all = files.flatMap((file) => mistakesIn(file)).filter(isWanted);
  const chosen = drawn(all, Number(given.count), Number(given.seed));
  const score = { mistakes: 0, noticed: 0 };
  for (const { file, line, begin, end, replacement } of chosen) {
    const text = readFileSync(file, "utf8");
    writeFileSync(`${copy}/${file}`, text.slice(0, begin) + replacement + text.slice(end));
    if (build()) {
      score.mistakes += 1;
      if (passes())
        console.log(
          `not noticed: ${file}:${line} ${text.slice(begin, end)} -> ${replacement || "nothing"}`,
        );
      else score.noticed += 1;
    }
    writeFileSync(`${copy}/${file}`, text);
  }
  if (chosen.length > 0)
    console.log(`${room}: ${score.noticed} of ${score.mistakes} noticed, ${percent(score)}`);
}
