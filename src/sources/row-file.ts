import { type FileHandle, open } from "node:fs/promises";
import { PixtokError } from "../errors.js";
import { unreadableFile } from "../unreadable-file.js";
import { growingNumbers } from "./growing-numbers.js";

/** A text file whose rows are found by an index of their offsets and read when they are asked for. */
export interface RowFile {
  readonly length: number;
  /** Bytes of a row, without its line end. */
  read(row: number): Promise<Buffer>;
}

/** Finds the offsets at which rows begin, and after the last one the end, in a stream of chunks. */
export type RowScanner = (chunks: AsyncIterable<Buffer>) => AsyncIterable<number>;

const BLOCK_BYTES = 1 << 16;
const KEPT_BLOCKS = 64;

async function* chunksOf(file: FileHandle): AsyncGenerator<Buffer> {
  const chunk = Buffer.allocUnsafe(1 << 20);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

/** Blocks of a file, those asked for last kept. The file is opened for each: nobody has to close it. */
function blockCache(path: string) {
  const blocks = new Map<number, Promise<Buffer>>();
  const load = async (block: number): Promise<Buffer> => {
    const file = await open(path);
    try {
      const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
      const { bytesRead } = await file.read(buffer, 0, BLOCK_BYTES, block * BLOCK_BYTES);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  };
  return (block: number): Promise<Buffer> => {
    const kept = blocks.get(block) ?? load(block);
    blocks.delete(block); // to the end, as the one used last
    blocks.set(block, kept);
    const [oldest] = blocks.keys();
    if (blocks.size > KEPT_BLOCKS && oldest !== undefined) blocks.delete(oldest);
    return kept;
  };
}

/**
 * Reads the file once to find its rows.
 *
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE, and what the scanner finds wrong.
 */
export async function openRowFile(path: string, scan: RowScanner): Promise<RowFile> {
  const found = growingNumbers();
  try {
    const file = await open(path);
    try {
      for await (const offset of scan(chunksOf(file))) found.push(offset);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw cause instanceof PixtokError ? cause : unreadableFile(path, cause);
  }
  const offsets = found.finished();
  const blockAt = blockCache(path);
  return {
    length: Math.max(0, offsets.length - 1),
    async read(row) {
      const start = offsets[row] as number;
      const end = offsets[row + 1] as number;
      const parts: Buffer[] = [];
      for (let at = start; at < end; ) {
        const block = Math.floor(at / BLOCK_BYTES);
        const bytes = await blockAt(block);
        const part = bytes.subarray(at - block * BLOCK_BYTES, end - block * BLOCK_BYTES);
        if (part.length === 0) break; // the file has become shorter; whoever parses the row will say so
        parts.push(part);
        at += part.length;
      }
      return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    },
  };
}
