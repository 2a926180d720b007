import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { WorkerReply } from "./protocol.js";
import { superviseWorker, type WorkerProcess } from "./worker-process.js";

const workerFile = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** Starts a Node process for one contender. It ends with this one, at the latest. */
export function startNodeWorker(environment: NodeJS.ProcessEnv): WorkerProcess {
  const child = fork(workerFile, {
    env: environment,
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  return superviseWorker({
    child,
    send(request) {
      if (child.connected) child.send(request);
    },
    onReply(listener) {
      child.on("message", (reply: WorkerReply) => listener(reply));
    },
  });
}
