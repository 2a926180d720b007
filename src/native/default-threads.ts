import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, posix } from "node:path";
import { type Environment, numberIn } from "../shared/environment.js";
import { MAX_THREADS } from "../shared/limits.js";
import { outOfRange } from "../shared/validation.js";

/** What a machine says of its cores. */
export interface Machine {
  readonly environment: Environment;
  /** Cores that the system lets this process run on. */
  readonly cores: number;
  /** Where the files of Linux are. */
  readonly root: string;
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, "latin1").trim().split("\n");
  } catch {
    return []; // there is no such file
  }
}

/** Cores' worth of time in a period; undefined where that has no bound. */
function quota(time: string | undefined, period: string | undefined): number | undefined {
  const share = Number(time) / Number(period);
  return share > 0 ? share : undefined;
}

/** How the two versions of control groups say how much time a group may have. */
const versions = [
  {
    mount: "sys/fs/cgroup",
    isOf: (controllers: string) => controllers === "",
    quotaIn: (folder: string) => {
      const [time, period] = linesOf(join(folder, "cpu.max"))[0]?.split(" ") ?? [];
      return quota(time, period);
    },
  },
  {
    mount: "sys/fs/cgroup/cpu",
    isOf: (controllers: string) => controllers.split(",").includes("cpu"),
    quotaIn: (folder: string) => {
      const [time] = linesOf(join(folder, "cpu.cfs_quota_us"));
      const [period] = linesOf(join(folder, "cpu.cfs_period_us"));
      return quota(time, period);
    },
  },
] as const;

/** The path of a group, and of those that it is in. A container may only have the outermost, as its own. */
function* groupsOf(path: string): Generator<string> {
  for (let one = posix.normalize(`/${path}`); ; one = posix.dirname(one)) {
    yield one;
    if (one === "/") return;
  }
}

/** The least time that the groups of this process may have, in cores; infinity where there is no bound. */
function groupQuota(root: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (const line of linesOf(join(root, "proc/self/cgroup"))) {
    const [, controllers = "", path = "/"] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const version = versions.find(({ isOf }) => isOf(controllers));
    if (version === undefined) continue;
    for (const group of groupsOf(path)) {
      least = Math.min(least, version.quotaIn(join(root, version.mount, group)) ?? least);
    }
  }
  return least;
}

/** CPUs that Slurm gives each task, else those of the job on this node. */
const slurmVariables = ["SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE"] as const;

/**
 * Threads that prepare images, where their number is not given: PIXTOK_THREADS, else as many as cores that the system,
 * Slurm and the control groups of a container leave to this process. A part of a core is one.
 *
 * @throws {RangeError} for a variable that is no such number.
 */
export function threadsByDefault(machine: Partial<Machine> = {}): number {
  const { environment = process.env, cores = availableParallelism(), root = "/" } = machine;
  const text = environment.PIXTOK_THREADS;
  if (text !== undefined && text !== "") {
    const threads = Number(text);
    if (Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS) return threads;
    throw outOfRange("PIXTOK_THREADS", `an integer from 1 to ${MAX_THREADS}`, text);
  }
  const variable = slurmVariables.find((name) => (environment[name] ?? "") !== "");
  const ofTask = variable && numberIn(environment, variable, 1);
  return Math.min(cores, ofTask ?? cores, Math.ceil(groupQuota(root)), MAX_THREADS);
}
