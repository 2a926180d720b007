import type { ChildProcess } from "node:child_process";
import type { ContenderBatch } from "../contenders/contender.js";
import type { WorkerReply, WorkerRequest } from "./protocol.js";

const ANSWER_TIMEOUT_MS = 10 * 60_000;
const EXIT_TIMEOUT_MS = 10_000;

/** A child process that runs one contender, and how to talk to it. */
export interface WorkerChannel {
  readonly child: ChildProcess;
  send(request: WorkerRequest): void;
  onReply(listener: (reply: WorkerReply) => void): void;
}

export interface WorkerProcess {
  readonly pid: number | undefined;
  /** The last reply to the request; batches on the way to it go to `onBatch`. */
  ask(request: WorkerRequest, onBatch?: (batch: ContenderBatch) => void): Promise<WorkerReply>;
  close(): Promise<void>;
}

function hasEnded({ exitCode, signalCode, pid }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}

async function waitForExit(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  await new Promise<void>((resolve) => {
    const timeout = setTimeout(() => child.kill("SIGKILL"), EXIT_TIMEOUT_MS);
    child.once("exit", () => {
      clearTimeout(timeout);
      resolve();
    });
  });
}

export function superviseWorker({ child, send, onReply }: WorkerChannel): WorkerProcess {
  let settle: ((reply: WorkerReply) => void) | undefined;
  let takeBatch: ((batch: ContenderBatch) => void) | undefined;

  onReply((reply) => {
    if (reply.type === "batch") takeBatch?.(reply.batch);
    else settle?.(reply);
  });
  child.on("error", (error) => settle?.({ type: "failed", reason: error.message }));
  child.on("exit", (code, signal) => {
    const how = signal === null ? `exit code ${code}` : signal;
    settle?.({ type: "failed", reason: `its process ended with ${how}` });
  });

  const ask: WorkerProcess["ask"] = async (request, onBatch) => {
    if (hasEnded(child)) return { type: "failed", reason: "its process has ended" };
    takeBatch = onBatch;
    let timeout: NodeJS.Timeout | undefined;
    const reply = await new Promise<WorkerReply>((resolve) => {
      settle = resolve;
      timeout = setTimeout(() => {
        child.kill("SIGKILL");
        const minutes = ANSWER_TIMEOUT_MS / 60_000;
        resolve({ type: "failed", reason: `no answer within ${minutes} minutes` });
      }, ANSWER_TIMEOUT_MS);
      send(request);
    });
    clearTimeout(timeout);
    settle = undefined;
    takeBatch = undefined;
    return reply;
  };

  return {
    pid: child.pid,
    ask,
    async close() {
      await ask({ type: "close" });
      await waitForExit(child);
    },
  };
}
