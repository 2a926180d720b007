/** Reads into a buffer, as FileHandle.read() does. */
export type ReadAt = (
  buffer: Buffer,
  offset: number,
  length: number,
  position: number,
) => Promise<{ bytesRead: number }>;

/**
 * Fills a buffer from a position of a file on: one read may give less than was asked for.
 *
 * @returns how many bytes there are: fewer than the buffer has where the file ends before.
 */
export async function readFully(read: ReadAt, buffer: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const left = buffer.length - filled;
    const { bytesRead } = await read(buffer, filled, left, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
