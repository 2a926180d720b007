import type { FileHandle } from "node:fs/promises";
import type { Pax } from "tar";

/** Where a tar is damaged or ends early; what comes before is good. */
export interface TarFault {
  /** Byte of the header that is damaged, or from which bytes are missing. */
  at: number;
  message: string;
  /** The entry whose bytes are not all there; undefined where it is a header that is damaged. */
  entry?: string;
}

export type AddEntry = (name: string, offset: number, size: number) => void;

export const BLOCK_BYTES = 512;

const WINDOW_BYTES = 1 << 15;
/** Names and the like, which come from the file: a size that is not true must not become memory. */
const MOST_EXTENSION_BYTES = 1 << 20;

/** Types whose size is not that of bytes behind the header: links, devices, folders, pipes. */
const withoutBody = new Set(["1", "2", "3", "4", "5", "6"]);

export function paddedSize(size: number): number {
  return Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
}

/** Reads any few bytes of a file by way of a window, which is moved where it has to be. */
function windowOn(file: FileHandle) {
  const window = Buffer.allocUnsafe(WINDOW_BYTES);
  let start = 0;
  let end = 0;
  /** The bytes that are there, until the next call. */
  return async (position: number, length: number): Promise<Buffer> => {
    if (length > WINDOW_BYTES) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    }
    if (position < start || position + length > end) {
      const { bytesRead } = await file.read(window, 0, WINDOW_BYTES, position);
      start = position;
      end = position + bytesRead;
    }
    return window.subarray(position - start, Math.min(position + length, end) - start);
  };
}

/**
 * Walks the headers of a tar of `fileSize` bytes: ustar, GNU and pax. Calls `add` with every plain file,
 * in order, the last one also where its bytes are cut short; bytes of files are not read.
 *
 * @returns undefined where the tar is whole.
 */
export async function scanTar(
  file: FileHandle,
  fileSize: number,
  add: AddEntry,
): Promise<TarFault | undefined> {
  const { Header, Pax: PaxRecords } = await import("tar");
  const read = windowOn(file);

  const headerOf = (block: Buffer, own?: Pax, all?: Pax) => {
    try {
      return new Header(block, 0, own, all);
    } catch {
      return undefined; // a number that cannot be one
    }
  };

  let longName: string | undefined;
  let own: Pax | undefined;
  let all: Pax | undefined;
  for (let at = 0; at < fileSize; ) {
    const block = await read(at, BLOCK_BYTES);
    if (block.every((byte) => byte === 0)) return undefined;
    if (block.length < BLOCK_BYTES) {
      return { at, message: `the tar ends within the header at byte ${at}` };
    }
    const header = headerOf(block, own, all);
    const { size } = header ?? {};
    if (!header?.cksumValid || size === undefined || !Number.isSafeInteger(size)) {
      return { at, message: `the header at byte ${at} is damaged` };
    }
    const type = header.typeKey;
    const offset = at + BLOCK_BYTES;
    at = withoutBody.has(type) ? offset : offset + paddedSize(size);

    if (type === "L" || type === "x" || type === "g") {
      if (size > MOST_EXTENSION_BYTES || offset + size > fileSize) {
        const message = `the extended header at byte ${offset - BLOCK_BYTES} is damaged or cut short`;
        return { at: offset - BLOCK_BYTES, message };
      }
      const text = (await read(offset, size)).toString("utf8");
      if (type === "L") longName = text.split("\0", 1)[0];
      else if (type === "x") own = PaxRecords.parse(text, own);
      else all = PaxRecords.parse(text, all, true);
      continue;
    }
    if (type === "K") continue;
    // node-tar would put a ustar prefix before a name that pax has in full
    const name = own?.path ?? longName ?? header.path ?? "";
    if (type === "0" || type === "7") add(name, offset, size);
    const end = offset + size;
    if (!withoutBody.has(type) && end > fileSize) {
      const message = `${name} ends at byte ${end}, but the tar at byte ${fileSize}`;
      return { at: offset, message, entry: name };
    }
    longName = undefined;
    own = undefined;
  }
  return undefined;
}
