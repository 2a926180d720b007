import { fork } from "node:child_process";
import type { WorkerReply } from "./protocol.js";
import { superviseWorker, type WorkerProcess } from "./worker-process.js";
import { workerProgram } from "./worker-program.js";

const { file } = workerProgram("worker");

/** Starts a Node process for one contender. It ends with this one, at the latest. */
export function startNodeWorker(environment: NodeJS.ProcessEnv): WorkerProcess {
  const child = fork(file, {
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
