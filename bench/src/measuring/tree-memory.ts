import { readdirSync, readFileSync } from "node:fs";

const SAMPLE_EVERY_MS = 100;
const KIBIBYTE = 1024;

function kibibytes(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0);
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean),
    )
    .map(Number);
}

function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Each page of a process and those it forked is counted once, also where several of them have it. */
function residentBytes(pids: readonly number[]): number {
  let privateAndShared = 0;
  let files = 0;
  for (const pid of pids) {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    privateAndShared += kibibytes(rollup, "Pss_Anon") + kibibytes(rollup, "Pss_Shmem");
    // Not their proportional size: the other contenders' processes map the same files.
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    files = Math.max(files, kibibytes(status, "RssFile"));
  }
  return (privateAndShared + files) * KIBIBYTE;
}

/**
 * Watches the memory of a process together with its children's, which no process can measure itself
 * afterwards. Looking costs the watched time: not for a round that counts.
 */
export function watchTreeMemory(pid: number | undefined): { stop(): number | undefined } {
  let peak: number | undefined;
  const sample = () => {
    try {
      const descendants = pid === undefined ? [] : descendantsOf(pid);
      if (pid === undefined || descendants.length === 0) return;
      peak = Math.max(peak ?? 0, residentBytes([pid, ...descendants]));
    } catch {
      // Not Linux, or a process that ended meanwhile.
    }
  };
  const timer = setInterval(sample, SAMPLE_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      sample();
      return peak;
    },
  };
}
