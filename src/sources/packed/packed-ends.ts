import { PixtokError } from "../../shared/errors.js";
import { readFully } from "../../shared/read-fully.js";
import { openRegularFile } from "../../shared/regular-file.js";
import { unreadableFile } from "../../shared/unreadable-file.js";
import { headBytes, MOST_SCHEMA_BYTES } from "./message-list.js";
import { invalidPack } from "./pack-format.js";
import { type PackedHead, readPackedHead } from "./packed-file.js";
import { END_OF_STREAM } from "./record-batch.js";

/** As much of a file as tells how long its schema is. */
const FIRST_BYTES = 8;

/** Reads as many bytes of a file as there are. */
type ReadAt = (position: number, length: number) => Promise<Buffer>;

/**
 * What a packed file says of itself. Its beginning and its end are read, and its size must be that of what it lists; what
 * is between is not looked at.
 *
 * @throws {PixtokError} NOT_A_PACK, INVALID_PACK, and those of reading.
 */
export async function packedEnds(path: string, size: number, readAt: ReadAt): Promise<PackedHead> {
  const schemaBytes = headBytes(await readAt(0, FIRST_BYTES));
  const schema = await readAt(0, Math.min(schemaBytes, size, MOST_SCHEMA_BYTES));
  const head = readPackedHead(path, schema);
  const end = head.messages.reduce((sum, { bytes }) => sum + bytes, 0);
  const expected = end + END_OF_STREAM.length;
  if (size !== expected) {
    throw invalidPack(path, `it has ${size} bytes, and should have ${expected}`);
  }
  if (!(await readAt(end, END_OF_STREAM.length)).equals(END_OF_STREAM)) {
    throw invalidPack(path, "the end of the file is not what it should be");
  }
  return head;
}

/**
 * As packedEnds(), of a file of this machine.
 *
 * @throws {PixtokError} as openRegularFile(); NOT_A_PACK, INVALID_PACK
 */
export async function readPackedEnds(path: string): Promise<PackedHead> {
  const { file, size } = await openRegularFile(path);
  try {
    return await packedEnds(path, size, async (position, length) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, await readFully(file.read.bind(file), bytes, position));
    });
  } catch (cause) {
    throw cause instanceof PixtokError ? cause : unreadableFile(path, cause);
  } finally {
    await file.close();
  }
}
