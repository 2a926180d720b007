import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { WorkerReply, WorkerRequest } from "./worker.js";

const workerFile = fileURLToPath(new URL("./worker.ts", import.meta.url));
const ANSWER_TIMEOUT_MS = 10 * 60_000;
const EXIT_TIMEOUT_MS = 10_000;

export interface WorkerProcess {
  /** The last reply to the request; batches on the way to it go to `onBatch`. */
  ask(request: WorkerRequest, onBatch?: OnBatchReply): Promise<WorkerReply>;
  close(): Promise<void>;
}

type OnBatchReply = (batch: Extract<WorkerReply, { type: "batch" }>["batch"]) => void;

function waitForReply(child: ChildProcess, onBatch?: OnBatchReply): Promise<WorkerReply> {
  return new Promise((resolve) => {
    const settle = (reply: WorkerReply) => {
      clearTimeout(timeout);
      child.off("message", onMessage);
      child.off("exit", onExit);
      resolve(reply);
    };
    const onMessage = (reply: WorkerReply) => {
      if (reply.type === "batch") onBatch?.(reply.batch);
      else settle(reply);
    };
    const onExit = (code: number | null, signal: NodeJS.Signals | null) => {
      const how = signal === null ? `exit code ${code}` : signal;
      settle({ type: "failed", reason: `its process ended with ${how}` });
    };
    const timeout = setTimeout(() => {
      child.kill("SIGKILL");
      const minutes = ANSWER_TIMEOUT_MS / 60_000;
      settle({ type: "failed", reason: `no answer within ${minutes} minutes` });
    }, ANSWER_TIMEOUT_MS);
    child.on("message", onMessage);
    child.on("exit", onExit);
  });
}

async function waitForExit(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    const timeout = setTimeout(() => child.kill("SIGKILL"), EXIT_TIMEOUT_MS);
    child.once("exit", () => {
      clearTimeout(timeout);
      resolve();
    });
  });
}

/** Starts a process for one contender. It ends with this one, at the latest. */
export function startWorker(): WorkerProcess {
  const child = fork(workerFile, {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });

  const ask: WorkerProcess["ask"] = async (request, onBatch) => {
    if (!child.connected) return { type: "failed", reason: "its process has ended" };
    const reply = waitForReply(child, onBatch);
    child.send(request);
    return reply;
  };

  return {
    ask,
    async close() {
      await ask({ type: "close" });
      await waitForExit(child);
    },
  };
}
