import { PixtokError, type SampleOrigin } from "../../shared/errors.js";
import { changedFile, goneFile, sameVersion, versionOf } from "../../shared/file-version.js";
import { readFully } from "../../shared/read-fully.js";
import { openRegularFile } from "../../shared/regular-file.js";
import { unreadableFile } from "../../shared/unreadable-file.js";
import type { ImageRange } from "../image-range.js";
import { truncated } from "./image-fault.js";

/**
 * The bytes of a range, for a decoder that does not read ranges itself.
 *
 * @throws {ImageFault} where the file ends before the range does.
 * @throws {PixtokError} as openRegularFile(); FILE_TOO_LARGE above `mostBytes`; SOURCE_CHANGED.
 */
export async function readImageRange(
  { path, offset, length, version }: ImageRange,
  mostBytes: number,
  origin: Pick<SampleOrigin, "index"> = {},
): Promise<Buffer> {
  const { file, size } = await openRegularFile(path, origin).catch((error) => {
    const isGone = version !== undefined && error instanceof PixtokError;
    throw isGone ? goneFile(path, error) : error;
  });
  try {
    if (version !== undefined) {
      const found = versionOf(await file.stat({ bigint: true }));
      if (!sameVersion(found, version)) throw changedFile(path);
    }
    // a length that is not true must not become memory
    if (length > Math.max(0, size - offset)) {
      throw truncated("it ends before the image that should be in it");
    }
    if (length > mostBytes) {
      const what = `the image has ${length} bytes; at most ${mostBytes} are read`;
      throw new PixtokError("FILE_TOO_LARGE", what, { ...origin, source: path });
    }
    const bytes = Buffer.allocUnsafe(length);
    const filled = await readFully((...at) => file.read(...at), bytes, offset).catch((cause) => {
      throw unreadableFile(path, cause, origin);
    });
    if (filled < length) throw truncated("it ends before the image that should be in it");
    return bytes;
  } finally {
    await file.close();
  }
}
