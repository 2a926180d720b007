import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CaseFiles } from "./target.js";

/** Something that is not as it should be, with what makes it happen again. */
export interface Finding {
  readonly target: string;
  readonly kind: "crash" | "hang" | "memory" | "unexpected" | "verdict" | "pixels" | "native";
  /** What tells it from others, in a line. */
  readonly what: string;
  readonly detail: string;
  readonly files: CaseFiles;
  /** Seed, number of the case and what was done to it. */
  readonly origin: unknown;
}

/** How many findings of one sort are kept: the same line may stand for several causes. */
const KEPT_OF_A_SORT = 3;

/** Findings of a run, some of each sort, in a folder each. */
export interface Findings {
  /** Whether there are enough of this sort; counts one more. */
  hasEnough(target: string, what: string): boolean;
  add(finding: Finding): void;
  readonly list: readonly (Omit<Finding, "files"> & { folder: string; times: number })[];
}

export function keepFindings(folder: string): Findings {
  rmSync(folder, { recursive: true, force: true });
  const list: (Omit<Finding, "files"> & { folder: string; times: number })[] = [];
  return {
    list,
    hasEnough(target, what) {
      const same = list.filter((one) => one.target === target && one.what === what);
      const [first] = same;
      if (first !== undefined) first.times += 1;
      return same.length >= KEPT_OF_A_SORT;
    },
    add({ files, ...finding }) {
      const number = String(list.length + 1).padStart(3, "0");
      const own = join(folder, `${number}-${finding.target}-${finding.kind}`);
      for (const [path, bytes] of files) {
        mkdirSync(dirname(join(own, "files", path)), { recursive: true });
        writeFileSync(join(own, "files", path), bytes);
      }
      mkdirSync(own, { recursive: true });
      writeFileSync(join(own, "finding.json"), `${JSON.stringify(finding, null, 2)}\n`);
      list.push({ ...finding, folder: own, times: 1 });
      console.log(`FOUND ${finding.target} ${finding.kind}: ${finding.what}\n      ${own}`);
    },
  };
}
