import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { PixtokError } from "../shared/errors.js";
import { temporaryAdvice } from "../shared/temporary-advice.js";
import { writing } from "../shared/unwritable-file.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** With advice where it is about writing to the folder for temporary files. */
function advised(error: unknown, folder: string): unknown {
  if (!(error instanceof PixtokError) || error.code !== "FILE_UNWRITABLE") return error;
  const { code, reason, source, cause } = error;
  if (!source?.startsWith(folder)) return error;
  return new PixtokError(code, reason, { source, cause, advice: temporaryAdvice() });
}

/** Makes a folder in the system's folder for temporary files. It is gone when the process is, be it by a signal. */
export async function makeTemporaryFolder(
  prefix: string,
): Promise<{ folder: string; remove(): void }> {
  const folder = await writing(tmpdir(), () => mkdtemp(join(tmpdir(), prefix)));
  const take = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const end = (signal: (typeof SIGNALS)[number]) => process.exit(128 + constants.signals[signal]);
  process.on("exit", take);
  for (const signal of SIGNALS) process.on(signal, end);
  return {
    folder,
    remove() {
      process.off("exit", take);
      for (const signal of SIGNALS) process.off(signal, end);
      take();
    },
  };
}

/**
 * Does work with a folder of its own in the system's folder for temporary files, which is taken away afterwards, and where
 * a signal ends the process.
 *
 * @throws {PixtokError} FILE_UNWRITABLE where it cannot be written to; a fault of the machine.
 */
export async function withTemporaryFolder<T>(
  prefix: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  try {
    const { folder, remove } = await makeTemporaryFolder(prefix);
    try {
      return await work(folder);
    } finally {
      remove();
    }
  } catch (error) {
    throw advised(error, tmpdir());
  }
}
