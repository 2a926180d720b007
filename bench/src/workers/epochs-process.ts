import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fromRoot } from "../setup/paths.js";
import type { EpochsReport, EpochsRequest } from "./epochs-protocol.js";
import { workerProgram } from "./worker-program.js";

/** Epochs in a process of their own: nothing is in its memory yet, and another Node may run it. */
export async function runEpochs(
  request: EpochsRequest,
  node = process.execPath,
): Promise<EpochsReport> {
  const { file, execArgv } = workerProgram("epochs");
  const parameters = [...execArgv, file, JSON.stringify(request)];
  const { stdout } = await promisify(execFile)(node, parameters, { cwd: fromRoot("") });
  return JSON.parse(stdout) as EpochsReport;
}
