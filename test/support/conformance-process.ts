// One process for each choice of kernel and decoder: they are made once for a process.

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface ConformanceTask {
  family: "imagenet224" | "resample" | "broken";
  golden: string;
  pictures: string;
}

export interface ConformanceResult {
  cases: number;
  /** A line for every case that is not identical. */
  differences: string[];
}

export async function runConformance(
  task: ConformanceTask,
  environment: { kernel: string; decoder: string },
): Promise<ConformanceResult> {
  const child = fork(fileURLToPath(new URL("./conformance-worker.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
    env: {
      ...process.env,
      PIXTOK_KERNEL: environment.kernel,
      PIXTOK_DECODER: environment.decoder,
    },
  });
  return new Promise((resolve, reject) => {
    let result: ConformanceResult | undefined;
    child.on("message", (message) => {
      result = message as ConformanceResult;
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (result !== undefined && code === 0) resolve(result);
      else reject(new Error(`the worker ended with code ${code}`));
    });
    child.send(task);
  });
}
