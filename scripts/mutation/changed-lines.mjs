import { execFileSync } from "node:child_process";

/** Ranges of lines that were added or changed since a revision: { file, first, last }, lines from 1. */
export function changedSince(revision, folder) {
  const diff = execFileSync("git", ["diff", "-U0", revision, "--", folder], { encoding: "utf8" });
  const ranges = [];
  let file;
  for (const line of diff.split("\n")) {
    if (line.startsWith("+++ ")) file = line.startsWith("+++ b/") ? line.slice(6) : undefined;
    const [, start, count = "1"] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (file === undefined || start === undefined || count === "0") continue;
    ranges.push({ file, first: Number(start), last: Number(start) + Number(count) - 1 });
  }
  return ranges;
}
