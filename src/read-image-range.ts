import { open } from "node:fs/promises";
import type { ImageRange } from "./image-range.js";

/**
 * The bytes of a range, for a decoder that does not read ranges itself.
 *
 * @throws {RangeError} where the file ends before it does.
 */
export async function readImageRange({ path, offset, length }: ImageRange): Promise<Buffer> {
  const file = await open(path);
  try {
    // a length that is not true must not become memory
    const available = Math.max(0, (await file.stat()).size - offset);
    if (length > available) {
      throw new RangeError("the file ends before the picture that should be in it");
    }
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
