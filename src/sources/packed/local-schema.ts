import { openRegularFile } from "../../shared/regular-file.js";
import { unreadableFile } from "../../shared/unreadable-file.js";
import { headBytes, isPackedFile, MOST_SCHEMA_BYTES } from "./message-list.js";

/** As much of a file as tells how long its schema is. */
const FIRST_BYTES = 8;

/**
 * Tells a packed file here from one that `Dataset.save_to_disk()` has called as these are called.
 *
 * @throws {PixtokError} as openRegularFile().
 */
export async function isLocalPack(path: string): Promise<boolean> {
  const { file, size } = await openRegularFile(path);
  const read = async (length: number): Promise<Buffer> => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  };
  try {
    const length = headBytes(await read(FIRST_BYTES));
    return isPackedFile(await read(Math.min(length, size, MOST_SCHEMA_BYTES)));
  } catch (cause) {
    throw unreadableFile(path, cause);
  } finally {
    await file.close();
  }
}
