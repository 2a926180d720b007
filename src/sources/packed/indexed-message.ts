import { crc32 } from "node:zlib";
import type { NativeRefusal } from "../../native/addon.js";
import { PixtokError, type PixtokErrorCode } from "../../shared/errors.js";
import { headBytes, MOST_SCHEMA_BYTES } from "./message-list.js";
import { INDEX_NAME, invalidPack } from "./pack-format.js";
import type { MessagePlace } from "./pack-index.js";

/** Messages that are found by an index. What it says of a file is believed when the file agrees. */

const OTHER_SCHEMA = "it is not what the index says";

/** The error for a file that is not there any more. */
export function goneFile(path: string): PixtokError {
  const message = `it is not there, and ${INDEX_NAME} names it; pixtok verify --missing says which parts to pack again`;
  return new PixtokError("INCOMPLETE_PACK", message, { source: path });
}

/** The error for a file that is another one than when the index was written. */
export function notIndexed(path: string, reason: string): PixtokError {
  return invalidPack(path, `${reason}: one of both is damaged, or the file has been replaced`);
}

/** What the addon says of a file that it has not read. */
export function unreadMessage(
  path: string,
  { fileBytes }: MessagePlace,
  answer: NativeRefusal | { fileBytes: number },
): PixtokError {
  if ("fileBytes" in answer) {
    const said = `it has ${answer.fileBytes} bytes, and ${INDEX_NAME} says ${fileBytes}`;
    return notIndexed(path, said);
  }
  return answer.code === "FILE_NOT_FOUND"
    ? goneFile(path)
    : new PixtokError(answer.code as PixtokErrorCode, answer.message, { source: path });
}

/** @throws {PixtokError} INVALID_PACK where no message can be as the index says. */
export function requirePlace(path: string, { bytes, schemaBytes }: MessagePlace): void {
  if (bytes === 0) throw invalidPack(path, `${INDEX_NAME} has a message of no bytes`);
  if (schemaBytes > MOST_SCHEMA_BYTES) throw notIndexed(path, OTHER_SCHEMA);
}

/**
 * What `read` makes of a message, once its file's schema and its head are those of the index. The schema has the checksums of all that is
 * in the file: another one may have messages of the same lengths.
 *
 * @throws {PixtokError} INVALID_PACK
 */
export function readIndexed<T>(
  path: string,
  { bytes, headBytes: ownHead, headCrc, schemaCrc }: MessagePlace,
  schema: Buffer,
  head: Buffer,
  read: () => T,
): T {
  try {
    if (crc32(schema) !== schemaCrc) throw notIndexed(path, OTHER_SCHEMA);
    if (ownHead > bytes || headBytes(head) !== ownHead || crc32(head) !== headCrc) {
      throw notIndexed(path, `it has not the rows that ${INDEX_NAME} says`);
    }
    return read();
  } catch (cause) {
    if (cause instanceof PixtokError) throw cause;
    throw invalidPack(path, `it cannot be read: ${(cause as Error).message}`, cause);
  }
}
