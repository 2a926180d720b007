import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What Linux says of the process; undefined: this is another system. */
function statusOfProcess(): string | undefined {
  try {
    return readFileSync("/proc/self/status", "utf8");
  } catch {
    return undefined;
  }
}

/**
 * Bytes of memory that are this process's own. Files that are mapped are not counted where the system tells of them, as
 * Linux does: they are let go of when memory is short.
 *
 * @param status text of /proc/self/status.
 */
export function ownMemory(status = statusOfProcess()): number {
  // RssShmem has mapped files of a tmpfs
  const found = /^RssAnon:\s+(\d+) kB$/m.exec(status ?? "");
  return found === null ? process.memoryUsage.rss() : 1024 * Number(found[1]);
}

/** Bytes of JavaScript's memory that are in use, when all that is garbage is gone, without files that are mapped. */
export async function keptMemory(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  // what is freed by callbacks, such as memory outside JavaScript's, is gone after them
  await setImmediate();
  collect();
  // `external` has mapped files
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
