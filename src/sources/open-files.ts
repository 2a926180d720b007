import { stat } from "node:fs/promises";
import type { NativeFile, NativeRefusal } from "../native/addon.js";
import { runtime } from "../native/runtime.js";
import { FileRefusal } from "../shared/file-refusal.js";
import { type FileVersion, versionOf } from "../shared/file-version.js";

const IDLE_MILLISECONDS = 1000;

/**
 * Files that are read a few bytes at a time, by threads of the addon: those of Node are four, which slow storage keeps
 * waiting. Nobody has to close them.
 */
export interface OpenFiles {
  /**
   * The bytes that are there; `version` is that of the file when it was opened.
   *
   * @throws {FileRefusal} and what the file system says.
   */
  read(
    path: string,
    offset: number,
    length: number,
  ): Promise<{ bytes: Buffer; version: FileVersion }>;
}

interface OpenFile {
  opened: Promise<{ file: NativeFile; version: FileVersion }>;
  readers: number;
  dropped: boolean;
}

function granted<T>(answer: T | NativeRefusal): T {
  if (isRefusal(answer)) throw new FileRefusal(answer);
  return answer;
}

const isRefusal = (answer: unknown): answer is NativeRefusal =>
  typeof answer === "object" && answer !== null && "code" in answer;

async function openWithVersion(path: string) {
  const { addon } = runtime();
  const file = granted(await addon.openFile(path));
  try {
    // after it was opened: a file that has been put in its place meanwhile is none that anybody expects
    return { file, version: versionOf(await stat(path, { bigint: true })) };
  } catch (error) {
    addon.closeFile(file);
    throw error;
  }
}

function closeFile({ opened }: OpenFile): void {
  opened.then(
    ({ file }) => runtime().addon.closeFile(file),
    () => {}, // it was never open, and who wanted to read it knows
  );
}

/** Keeps the `most` files open that were read last, for about a second. */
export function openFiles(most: number): OpenFiles {
  const files = new Map<string, OpenFile>();
  let idle: NodeJS.Timeout | undefined;

  const drop = (path: string, file: OpenFile): void => {
    if (files.get(path) === file) files.delete(path);
    if (!file.dropped && file.readers === 0) closeFile(file);
    file.dropped = true;
  };
  const dropAll = (): void => {
    for (const [path, file] of files) drop(path, file);
  };
  const acquire = (path: string): OpenFile => {
    const file = files.get(path) ?? { opened: openWithVersion(path), readers: 0, dropped: false };
    file.readers += 1;
    files.delete(path); // to the end, as the one used last
    files.set(path, file);
    const [oldest] = files;
    if (files.size > most && oldest !== undefined) drop(...oldest);
    return file;
  };
  const release = (file: OpenFile): void => {
    file.readers -= 1;
    if (file.dropped && file.readers === 0) closeFile(file);
    // a timer that keeps no process alive, and is started again with every read
    idle = idle?.refresh() ?? setTimeout(dropAll, IDLE_MILLISECONDS).unref();
  };

  return {
    async read(path, offset, length) {
      const file = acquire(path);
      try {
        const opened = await file.opened;
        const bytes = Buffer.allocUnsafe(length);
        const done = granted(await runtime().addon.readFile(opened.file, offset, bytes));
        return { bytes: bytes.subarray(0, done), version: opened.version };
      } catch (error) {
        drop(path, file);
        throw error;
      } finally {
        release(file);
      }
    },
  };
}
