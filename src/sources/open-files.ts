import { type FileHandle, open } from "node:fs/promises";

const MOST_OPEN = 16;
const IDLE_MILLISECONDS = 1000;

interface OpenFile {
  readonly handle: Promise<FileHandle>;
  /** Reads under way. */
  readers: number;
  lastUse: number;
}

/**
 * Files that are read at random, the last ones kept open: opening one costs more than reading a few
 * bytes. They are closed when nobody has read for a second, so nobody has to close them.
 */
const files = new Map<string, OpenFile>();
let timer: NodeJS.Timeout | undefined;

function close(path: string, { handle }: OpenFile): void {
  files.delete(path);
  handle.then((file) => file.close()).catch(() => {});
}

function closeIdle(): void {
  const now = performance.now();
  for (const [path, file] of files) {
    if (file.readers === 0 && now - file.lastUse >= IDLE_MILLISECONDS) close(path, file);
  }
  if (files.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

function acquire(path: string): OpenFile {
  const kept = files.get(path);
  const file = kept ?? { handle: open(path), readers: 0, lastUse: 0 };
  files.delete(path); // to the end, as the one used last
  files.set(path, file);
  file.readers += 1;
  for (const [other, candidate] of files) {
    if (files.size <= MOST_OPEN) break;
    if (candidate.readers === 0) close(other, candidate);
  }
  timer ??= setInterval(closeIdle, IDLE_MILLISECONDS).unref();
  return file;
}

/** Bytes of a file; fewer where it ends before. Rejects as fs does. */
export async function readRange(path: string, offset: number, length: number): Promise<Buffer> {
  const file = acquire(path);
  try {
    const handle = await file.handle;
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    files.delete(path);
    throw error;
  } finally {
    file.readers -= 1;
    file.lastUse = performance.now();
  }
}
