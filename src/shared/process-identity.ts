import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A process of any machine. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Where `pid` means the same process: a machine since it was started, and a container in it. */
  readonly processes: string;
  /** When the process was started, as the system counts it; "" where that is not known. */
  readonly started: string;
}

function textOr(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return "";
  }
}

/** Fields 3 and 22 of Linux's /proc/pid/stat, behind the name, which may have spaces in it; "" elsewhere. */
function statusOf(pid: number): { state: string; started: string } {
  const line = textOr(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", started: fields[19] ?? "" };
}

function processesHere(): string {
  return [
    hostname(),
    textOr(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1")),
    textOr(() => readlinkSync("/proc/self/ns/pid")),
  ].join(" ");
}

export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, processes: processesHere(), started: statusOf(process.pid).started };
}

/** Whether it is a process of this machine that has not ended. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identity.processes === processesHere() && !hasEnded(identity);
}

/** Whether it is a process of this machine that has ended. */
export function hasEnded({ pid, processes, started }: ProcessIdentity): boolean {
  if (processes !== processesHere()) return false; // nothing is known of processes elsewhere
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  const now = statusOf(pid);
  // a zombie has ended, and its parent has not asked; or another process has its number now
  return now.state === "Z" || started !== now.started;
}
