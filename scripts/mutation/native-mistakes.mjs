// The mistakes that can be made in a file of the C++ core, by clang's syntax tree.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

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

/** Statements that do something and are left out: calls and assignments. */
const LEFT_OUT = /^(CallExpr|CXXMemberCallExpr|CXXOperatorCallExpr|CompoundAssignOperator)$/;

/** clang's trees of what stands in our namespace, without those of the headers of the system. */
function treesOf(source) {
  const { status, stdout, stderr } = spawnSync(
    "clang++",
    ["-std=c++17", "-Inative", "-fsyntax-only"].concat(
      ["-ast-dump=json", "-ast-dump-filter=pixtok"].flatMap((option) => ["-Xclang", option]),
      source,
    ),
    { encoding: "utf8", maxBuffer: 2 ** 31 - 1 },
  );
  if (status !== 0) throw new Error(`${source} does not compile here: ${stderr.slice(0, 500)}`);
  // one document after the other; only their own braces stand at the start of a line
  return stdout
    .split(/^(?=\{$)/m)
    .filter((document) => document.startsWith("{"))
    .map((document) => JSON.parse(document));
}

/** The offset of a location; undefined for what a macro made. A file is named only where it changes. */
function createPlaces() {
  let file;
  const at = (location) => {
    for (const written of [location?.spellingLoc, location?.expansionLoc, location]) {
      if (written?.file !== undefined) file = written.file;
    }
    return location?.offset === undefined ? undefined : { file, ...location };
  };
  return ({ loc, range }) => {
    at(loc);
    const begin = at(range?.begin);
    const end = at(range?.end);
    if (!begin || !end || begin.file !== end.file) return undefined;
    return { file: begin.file, begin: begin.offset, end: end.offset + end.tokLen };
  };
}

/** Those of a source file and of the headers that it includes: { file, line, begin, end, replacement }. */
export function mistakesIn(source) {
  const texts = new Map();
  const textOf = (file) => {
    if (!texts.has(file)) texts.set(file, readFileSync(file, "utf8"));
    return texts.get(file);
  };
  const found = new Map();
  const add = (file, begin, end, replacement) => {
    const line = textOf(file).slice(0, begin).split("\n").length;
    found.set(`${file} ${begin} ${replacement}`, { file, line, begin, end, replacement });
  };

  const mistake = (node, place, children, parent) => {
    const { file, begin, end } = place;
    if (!file.startsWith("native/")) return;
    const text = textOf(file);
    const written = text.slice(begin, end);
    const [left, right] = children;
    const isOperator = /^(BinaryOperator|CompoundAssignOperator)$/.test(node.kind);
    if (isOperator && left?.file === file && right?.file === file) {
      const at = text.indexOf(node.opcode, left.end);
      if (MISTAKEN[node.opcode] !== undefined && at >= 0 && at < right.begin) {
        add(file, at, at + node.opcode.length, MISTAKEN[node.opcode]);
      }
    }
    if (node.kind === "IntegerLiteral" && /^\d+$/.test(written)) {
      add(file, begin, end, String(Number(written) + 1));
    }
    if (node.kind === "CXXBoolLiteralExpr" && /^(true|false)$/.test(written)) {
      add(file, begin, end, String(written === "false"));
    }
    if (node.kind === "UnaryOperator" && node.opcode === "!" && text[begin] === "!") {
      add(file, begin, begin + 1, "");
    }
    const isStatement = /^(CompoundStmt|IfStmt)$/.test(parent) && text[end] === ";";
    if (isStatement && (LEFT_OUT.test(node.kind) || node.opcode === "=")) {
      add(file, begin, end, "");
    }
  };
  for (const tree of treesOf(source)) {
    const placeOf = createPlaces();
    const visit = (node, parent) => {
      const place = placeOf(node);
      // cleanups are written around the statement and have its place
      const kind = node.kind === "ExprWithCleanups" ? parent : node.kind;
      const children = (node.inner ?? []).map((inner) => visit(inner, kind));
      if (place) mistake(node, place, children, parent);
      return place;
    };
    visit(tree);
  }
  return [...found.values()];
}
