import type { ColumnChunk } from "./parquet-chunks.js";
import type { ParquetFile } from "./parquet-file.js";

type Part = Pick<ColumnChunk, "start" | "bytes">;

/** What lies between parts is read with them where it is less. */
const MOST_GAP = 1 << 16;
/** What is read at once. */
const MOST_AT_ONCE = 1 << 22;

/** Parts in their order, those together that are read at once. */
function together(parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const part of parts.toSorted((a, b) => a.start - b.start)) {
    const { start, bytes } = part;
    const last = joined.at(-1);
    const joinedBytes = last && Math.max(last.bytes, start + bytes - last.start);
    const isNear = last !== undefined && start - (last.start + last.bytes) <= MOST_GAP;
    if (last !== undefined && isNear && joinedBytes !== undefined && joinedBytes <= MOST_AT_ONCE) {
      joined[joined.length - 1] = { start: last.start, bytes: joinedBytes };
    } else joined.push(part);
  }
  return joined;
}

/**
 * A file with some of its parts in memory: those that lie close together are read at once. All else is read as ever.
 * Precondition: the parts lie in the file.
 */
export async function withParts(file: ParquetFile, parts: readonly Part[]): Promise<ParquetFile> {
  const held: { start: number; content: Buffer }[] = [];
  for (const { start, bytes } of together(parts)) {
    held.push({ start, content: await file.read(start, bytes) });
  }
  return {
    ...file,
    async read(offset, length) {
      for (const { start, content } of held) {
        const from = offset - start;
        if (from >= 0 && from + length <= content.length) {
          return content.subarray(from, from + length);
        }
      }
      return file.read(offset, length);
    },
  };
}
