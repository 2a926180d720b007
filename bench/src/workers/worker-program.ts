import { extname, join } from "node:path";

/** Of this file and its programs: .ts, or .js where the tests have translated them. */
const extension = extname(import.meta.filename);

/** A program of this folder, and what Node needs to run it. */
export function workerProgram(name: string): { file: string; execArgv: string[] } {
  const file = join(import.meta.dirname, `${name}${extension}`);
  return { file, execArgv: extension === ".ts" ? ["--import", "tsx"] : [] };
}
