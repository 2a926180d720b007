import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Kilobytes of a line of /proc/self/status. */
function kilobytesOf(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0);
}

/**
 * Bytes of memory that are this process's own. Files that are mapped are not counted where the system tells of them, as
 * Linux does: they are let go of when memory is short.
 */
export function ownMemory(): number {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return 1024 * (kilobytesOf(status, "RssAnon") + kilobytesOf(status, "RssShmem"));
  } catch {
    return process.memoryUsage.rss();
  }
}

/** Bytes of JavaScript's memory that are in use, when all that is garbage is gone. */
export function keptMemory(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
