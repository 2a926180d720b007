// One process for each choice of kernel and decoder: they are made once for a process.

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runtimeInfo } from "pixtok";
import type { CaseResult } from "./case-result.js";
import { families } from "./families.js";
import type { Suite } from "./suite.js";

/** Undefined: the result does not depend on it, and it is left to pixtok. */
export interface Setting {
  kernel?: string;
  decoder?: string;
}

/** Every choice of kernel and decoder that this machine has and the suite is run with. */
export function settingsOf({ family }: Suite): Setting[] {
  const { on } = families[family];
  if (on === "nothing") return [{}];
  const kernels = runtimeInfo().kernels.map((kernel) => ({ kernel }));
  if (on === "kernels") return kernels;
  return ["native", "sharp"].flatMap((decoder) => kernels.map((each) => ({ ...each, decoder })));
}

/** Judges every case of a suite in a process of its own. */
export async function runSuite(suite: Suite, { kernel, decoder }: Setting): Promise<CaseResult[]> {
  const child = fork(fileURLToPath(new URL("./suite-worker.ts", import.meta.url)), {
    execArgv: ["--import", "tsx"],
    env: {
      ...process.env,
      ...(kernel === undefined ? {} : { PIXTOK_KERNEL: kernel }),
      ...(decoder === undefined ? {} : { PIXTOK_DECODER: decoder }),
    },
  });
  return new Promise((resolve, reject) => {
    let results: CaseResult[] | undefined;
    child.on("message", (message) => {
      results = message as CaseResult[];
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (results !== undefined && code === 0) resolve(results);
      else reject(new Error(`${suite.source} ${suite.family}: the process ended with ${code}`));
    });
    child.send(suite);
  });
}
