// Which files this process has open.

import { readdirSync, readlinkSync } from "node:fs";

/** Why it cannot be said; false where it can. */
export const cannotList = process.platform !== "linux" && "needs /proc";

/** Paths of files below a folder, one for each descriptor; behind that of a file that is deleted the system says so. */
export function openBelow(folder: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((number) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${number}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return []; // that of the list itself
    }
  });
}
