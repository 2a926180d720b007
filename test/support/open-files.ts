// Which files this process has open.

import { readdirSync, readlinkSync } from "node:fs";

/** Why it cannot be said; false where it can. */
export const cannotList = process.platform !== "linux" && "needs /proc";

/** Descriptors of files below a folder. */
export function openBelow(folder: string): string[] {
  return readdirSync("/proc/self/fd").filter((number) => {
    try {
      return readlinkSync(`/proc/self/fd/${number}`).startsWith(folder);
    } catch {
      return false; // that of the list itself
    }
  });
}
