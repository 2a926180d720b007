import { randomBytes } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Ends the names of files that are being made. */
const INCOMPLETE = ".incomplete";

/** The name of a file while it is being made. */
export function temporaryName(path: string, token = randomToken()): string {
  return `${path}.${token}${INCOMPLETE}`;
}

const TEMPORARY_END = /\.[0-9a-f]{12}\.incomplete$/;

/** Whether a name is a temporary one of a file whose own name ends so. */
export function isTemporaryName(name: string, ending: string): boolean {
  return name.replace(TEMPORARY_END, "").endsWith(ending) && TEMPORARY_END.test(name);
}

/** Tells files and claims of one process from those of others. */
export function randomToken(): string {
  return randomBytes(6).toString("hex");
}

/**
 * Makes a file or link under a temporary name in the same folder, then renames it: no reader ever sees
 * half of it.
 */
export async function writeAtomically<T>(
  path: string,
  make: (temporary: string) => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryName(path);
  try {
    const made = await make(temporary);
    await rename(temporary, path);
    return made;
  } finally {
    await rm(temporary, { force: true });
  }
}
