import { close, fstat, open, read } from "node:fs";
import { promisify } from "node:util";
import { readFully } from "../shared/read-fully.js";
import { OPEN_FOR_READING } from "../shared/regular-file.js";
import { type FileVersion, versionOf } from "./file-version.js";

const openAt = promisify(open);
const statOf = promisify(fstat);
const readBytes = promisify(read);

const IDLE_MILLISECONDS = 1000;

/** Files that are read a few bytes at a time. Nobody has to close them. */
export interface OpenFiles {
  /** The bytes that are there; `version` is that of the file when it was opened. */
  read(
    path: string,
    offset: number,
    length: number,
  ): Promise<{ bytes: Buffer; version: FileVersion }>;
}

interface OpenFile {
  opened: Promise<{ descriptor: number; version: FileVersion }>;
  readers: number;
  dropped: boolean;
}

async function openWithVersion(path: string) {
  const descriptor = await openAt(path, OPEN_FOR_READING);
  try {
    return { descriptor, version: versionOf(await statOf(descriptor, { bigint: true })) };
  } catch (error) {
    close(descriptor, () => {});
    throw error;
  }
}

function closeFile({ opened }: OpenFile): void {
  opened.then(
    ({ descriptor }) => close(descriptor, () => {}),
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
        const { descriptor, version } = await file.opened;
        const bytes = Buffer.allocUnsafe(length);
        const done = await readFully((...at) => readBytes(descriptor, ...at), bytes, offset);
        return { bytes: bytes.subarray(0, done), version };
      } catch (error) {
        drop(path, file);
        throw error;
      } finally {
        release(file);
      }
    },
  };
}
