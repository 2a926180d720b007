/** Gives bytes of a file; fewer at its end. They may change at the next call. */
export type ReadBytes = (position: number, length: number) => Promise<Buffer>;

/**
 * Reads few bytes at a time through a window of `size` bytes, which moves as needed. Best at rising
 * positions.
 *
 * @param end of what may be read ahead.
 */
export function byteWindow(
  read: ReadBytes,
  { size, end }: { size: number; end: number },
): ReadBytes {
  let bytes: Buffer = Buffer.alloc(0);
  let start = 0;
  return async (position, length) => {
    if (position < start || position + length > start + bytes.length) {
      bytes = await read(position, Math.max(length, Math.min(size, end - position)));
      start = position;
    }
    return bytes.subarray(position - start, position - start + length);
  };
}
