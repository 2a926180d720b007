import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CaseFiles } from "./target.js";

/**
 * Where the files of one case after another are. Each has a folder of its own: a file that a process
 * still has in memory must not change.
 */
export function caseFolders(root: string): { next(files: CaseFiles): string; clear(): void } {
  rmSync(root, { recursive: true, force: true });
  let number = 0;
  const folder = () => join(root, String(number));
  return {
    next(files) {
      rmSync(folder(), { recursive: true, force: true });
      number += 1;
      for (const [path, bytes] of files) {
        const file = join(folder(), path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, bytes);
      }
      return folder();
    },
    clear: () => rmSync(root, { recursive: true, force: true }),
  };
}
