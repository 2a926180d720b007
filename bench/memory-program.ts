import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const program = fileURLToPath(new URL("../build/Release/memory_benchmark", import.meta.url));

/** Pictures a second that a plain loop makes float32 of bytes in memory. */
export async function memoryRate(flags: {
  threads: number;
  pictures: number;
  rows: number;
  batches: number;
  seconds: number;
}): Promise<number> {
  const commandLine = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  const { stdout } = await promisify(execFile)(program, commandLine);
  const { pictures, seconds } = JSON.parse(stdout) as { pictures: number; seconds: number };
  return pictures / seconds;
}
