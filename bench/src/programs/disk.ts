import { nativeProgram } from "../setup/paths.js";
import { runForJson } from "./native-program.js";

const program = nativeProgram("disk_benchmark");

/** Takes files out of the system's page cache. What a process has mapped stays. */
export async function forgetFiles(files: readonly string[]): Promise<void> {
  await runForJson(program, { do: "evict" }, files);
}

/** Bytes a second that the disk gives, past the page cache: the best of several numbers of threads. */
export async function diskRate(files: readonly string[], seconds: number): Promise<number> {
  const tries = await runForJson<{ threads: number; bytes: number; seconds: number }[]>(
    program,
    { do: "read", seconds },
    files,
  );
  return Math.max(...tries.map((one) => one.bytes / one.seconds));
}
