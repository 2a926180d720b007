import { runCommandLine } from "../../src/cli/command-line.js";

export interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command of pixtok in this process, one at a time. A process of its own for each needs longer to start
 * than most commands need to run.
 */
export async function runCommand(...parameters: string[]): Promise<Run> {
  const { log, error } = console;
  const { write } = process.stderr;
  const codeBefore = process.exitCode;
  let stdout = "";
  let stderr = "";
  console.log = (line: string) => {
    stdout += `${line}\n`;
  };
  console.error = (line: string) => {
    stderr += `${line}\n`;
  };
  // where commander prints what is wrong with a parameter
  process.stderr.write = (text: string | Uint8Array) => {
    stderr += text;
    return true;
  };
  process.exitCode = undefined;
  try {
    await runCommandLine(parameters);
    return { code: Number(process.exitCode ?? 0), stdout, stderr };
  } finally {
    process.exitCode = codeBefore;
    process.stderr.write = write;
    console.log = log;
    console.error = error;
  }
}
