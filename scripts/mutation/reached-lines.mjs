// The lines of src that a program has run, by what V8 writes into the folder NODE_V8_COVERAGE.

import { readdirSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";

/** For each character of a translation, the line that it is from, counted from 1; 0 where it is from none. */
export function linesOfTranslation({ code, map }) {
  const entries = new SourceMap(JSON.parse(map));
  const lines = new Uint32Array(code.length);
  let start = 0;
  for (const [i, line] of code.split("\n").entries()) {
    for (const { index, 0: token } of line.matchAll(/\w+|\S/g)) {
      const { originalLine = -1 } = entries.findEntry(i, index);
      lines.fill(originalLine + 1, start + index, start + index + token.length);
    }
    start += line.length + 1;
  }
  return lines;
}

/** The lines that ran, of one module's functions; what stands outside of functions runs with every import. */
function linesThatRan(functions, lines) {
  const [, ...inner] = functions;
  const isCalled = inner.length === 0 || inner.some(({ ranges }) => ranges[0].count > 0);
  if (!isCalled) return [];
  const ranges = functions.flatMap((one) => one.ranges);
  // a range within another one comes after it, and says more
  ranges.sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  const ran = new Uint8Array(lines.length);
  for (const { startOffset, endOffset, count } of ranges)
    ran.fill(count > 0, startOffset, endOffset);
  return lines.filter((line, offset) => line > 0 && ran[offset] === 1);
}

/**
 * The lines that ran in any of the processes that wrote into a folder, by module: none where a module was loaded
 * and none of its functions called.
 *
 * @param {string} folder
 * @param {(url: string) => { file: string, lines: Uint32Array } | undefined} moduleOf the source of a module, and
 *   the lines of its translation
 * @returns {Map<string, Set<number>>}
 */
export function reachedLines(folder, moduleOf) {
  const reached = new Map();
  for (const name of readdirSync(folder)) {
    for (const { url, functions } of JSON.parse(readFileSync(`${folder}/${name}`, "utf8")).result) {
      const source = moduleOf(url);
      if (source === undefined) continue;
      const before = reached.get(source.file) ?? [];
      reached.set(source.file, new Set([...before, ...linesThatRan(functions, source.lines)]));
    }
  }
  return reached;
}
