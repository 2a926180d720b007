import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ContenderBatch } from "../contenders/contender.js";
import { fromBench } from "../setup/paths.js";
import type { WorkerReply } from "./protocol.js";
import { superviseWorker, type WorkerProcess } from "./worker-process.js";

const workerFile = fromBench("python/worker.py");

/** The same replies as a Node worker's, but batches come in files: rows in the order of `indices`. */
type PythonReply =
  | Exclude<WorkerReply, { type: "batch" } | { type: "delivered" }>
  | { type: "delivered"; indices: readonly number[] };

function parseReply(line: string): PythonReply {
  try {
    return JSON.parse(line) as PythonReply;
  } catch {
    return { type: "failed", reason: `it answered ${line}` };
  }
}

function readDelivery(folder: string, indices: readonly number[]): ContenderBatch {
  // A copy, for typed arrays must begin at a multiple of their elements' size.
  const read = (name: string) => new Uint8Array(readFileSync(join(folder, name))).buffer;
  return {
    image: new Float32Array(read("image")),
    input_ids: new BigInt64Array(read("input_ids")),
    attention_mask: new BigInt64Array(read("attention_mask")),
    indices,
  };
}

/** Starts a Python process for one contender. It ends with this one, or after the round it is in. */
export function startPythonWorker(
  interpreter: string,
  environment: NodeJS.ProcessEnv,
): WorkerProcess {
  const child = spawn(interpreter, ["-u", workerFile], {
    env: environment,
    stdio: ["pipe", "pipe", "inherit"],
  });
  // A process that ended early is reported by its exit.
  child.stdin.on("error", () => {});
  let folder: string | undefined;
  const forgetFolder = () => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    folder = undefined;
  };
  child.on("exit", forgetFolder);

  return superviseWorker({
    child,
    send(request) {
      if (request.type === "deliver") folder = mkdtempSync(join(tmpdir(), "pixtok-bench-rows-"));
      const message = request.type === "deliver" ? { ...request, folder } : request;
      child.stdin.write(`${JSON.stringify(message)}\n`);
      if (request.type === "close") child.stdin.end();
    },
    onReply(listener) {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const reply = parseReply(line);
        if (reply.type === "delivered" && folder !== undefined) {
          listener({ type: "batch", batch: readDelivery(folder, reply.indices) });
          forgetFolder();
        }
        listener(reply);
      });
    },
  });
}
