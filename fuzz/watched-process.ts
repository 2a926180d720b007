import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { programFile, typescript } from "../test/support/programs.js";
import type { CaseReply, CaseRequest, Outcome } from "./outcome.js";

/** What a case did to its process. */
export type Failure =
  | { readonly kind: "crash"; readonly what: string; readonly detail: string }
  | { readonly kind: "hang"; readonly what: string; readonly detail: string }
  | { readonly kind: "memory"; readonly what: string; readonly detail: string };

export type CaseResult = Outcome | Failure;

export interface Limits {
  /** Processor time of a case: a busy machine does not change this clock. */
  readonly cpuSeconds: number;
  /** Time of a case that waits for what never comes. */
  readonly wallSeconds: number;
  readonly residentBytes: number;
  /** Growth of what is kept, from the first cases to the last. */
  readonly growthBytes: number;
}

const ownEntry = programFile("fuzz/child.ts");
const POLL_MS = 50;
const STDERR_KEPT = 20_000;
const WARM_UP_CASES = 300;
const TICKS_A_SECOND = 100; // USER_HZ is 100 on every Linux
const PAGE_BYTES = 4096;

/** Processor seconds and resident bytes of a process; undefined where the system does not say. */
function usageOf(pid: number): { cpuSeconds: number; residentBytes: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    return {
      cpuSeconds: ticks / TICKS_A_SECOND,
      residentBytes: Number(fields[21]) * PAGE_BYTES,
    };
  } catch {
    return undefined;
  }
}

const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;

/** The line of what a process printed that says best why it ended. */
function reasonOf(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  const telling = lines.find((line) =>
    /^(\w*Error|FATAL|thread '|terminate|.*panicked|.*Assertion|.*what\(\))/.test(line),
  );
  return (telling ?? lines.find((line) => line !== "") ?? "").slice(0, 200);
}

/** A process that runs cases one at a time, and is replaced when one of them ends it. */
export interface WatchedProcess {
  run(request: Omit<CaseRequest, "id">): Promise<CaseResult>;
  /** What is kept from case to case, in excess of the limit. */
  growth(): Failure | undefined;
  close(): void;
}

/** @param entry a script that answers requests, one reply each. */
export function watchProcess(
  environment: Readonly<Record<string, string>>,
  limits: Limits,
  entry = ownEntry,
): WatchedProcess {
  let child: ChildProcess | undefined;
  let stderr = "";
  let id = 0;
  let casesOfChild = 0;
  let residentAtFirst = 0;
  let residentNow = 0;

  const start = (): ChildProcess => {
    const started = fork(entry, {
      env: { ...process.env, ...environment },
      execArgv: [...typescript, "--expose-gc", "--max-old-space-size=400"],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    stderr = "";
    casesOfChild = 0;
    started.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-STDERR_KEPT);
    });
    return started;
  };

  const run = (request: Omit<CaseRequest, "id">): Promise<CaseResult> =>
    new Promise((resolve) => {
      child ??= start();
      const running = child;
      id += 1;
      const own = id;
      const begun = performance.now();
      const before = usageOf(running.pid ?? 0)?.cpuSeconds ?? 0;
      // A process that has just been started loads its modules first.
      const isNew = casesOfChild === 0;
      const mostCpu = limits.cpuSeconds + (isNew ? 10 : 0);
      const mostWall = limits.wallSeconds + (isNew ? 60 : 0);
      let failure: Failure | undefined;

      const settle = (result: CaseResult) => {
        clearInterval(timer);
        running.off("message", onMessage);
        running.off("exit", onExit);
        resolve(result);
      };
      const end = (kind: Failure["kind"], what: string) => {
        failure = { kind, what, detail: stderr };
        running.kill("SIGKILL");
      };
      const onMessage = (reply: CaseReply) => {
        if (reply.id !== own) return;
        casesOfChild += 1;
        residentNow = reply.residentBytes;
        if (casesOfChild === WARM_UP_CASES) residentAtFirst = residentNow;
        settle(reply.outcome);
      };
      const onExit = (code: number | null, signal: string | null) => {
        child = undefined;
        const what = `${signal ?? `exit code ${code}`}: ${reasonOf(stderr)}`;
        settle(failure ?? { kind: "crash", what, detail: stderr });
      };
      const timer = setInterval(() => {
        const usage = usageOf(running.pid ?? 0);
        const wall = (performance.now() - begun) / 1000;
        if (usage !== undefined && usage.cpuSeconds - before > mostCpu) {
          end("hang", `more than ${limits.cpuSeconds} s of processor time`);
        } else if (wall > mostWall) {
          end("hang", `no end within ${limits.wallSeconds} s`);
        } else if (usage !== undefined && usage.residentBytes > limits.residentBytes) {
          end("memory", `more than ${mebibytes(limits.residentBytes)} in use`);
        }
      }, POLL_MS);
      running.on("message", onMessage);
      running.on("exit", onExit);
      running.send({ ...request, id: own } satisfies CaseRequest, (error) => {
        // It has ended between two cases: what the one before left behind ended it.
        if (error !== null && running.exitCode !== null)
          onExit(running.exitCode, running.signalCode);
      });
    });

  return {
    run,
    growth() {
      const grown = residentNow - residentAtFirst;
      if (casesOfChild <= WARM_UP_CASES || grown <= limits.growthBytes) return undefined;
      const what = `${mebibytes(grown)} more after ${casesOfChild} cases than after ${WARM_UP_CASES}`;
      return { kind: "memory", what, detail: "" };
    },
    close() {
      child?.removeAllListeners();
      child?.kill("SIGKILL");
      child = undefined;
    },
  };
}
