import { neverAborted } from "../shared/abort.js";
import { PixtokError } from "../shared/errors.js";
import { limitAtOnce } from "../shared/limit-at-once.js";
import { copyCache } from "./copy-cache.js";
import { copyKey } from "./copy-place.js";
import { asFetchedImage } from "./fetched-images.js";
import { readSmallFile } from "./read-small-file.js";
import type { RemoteFile } from "./remote-file.js";
import { shownUrl } from "./remote-location.js";
import type { RemoteSettings } from "./remote-options.js";

/** Reads images that have URLs of their own. */
export interface RemoteImages {
  /**
   * Bytes of an image; those of its copy where there is one. Nobody asks whether it has been changed.
   *
   * @throws {PixtokError} IMAGE_NOT_AVAILABLE, FILE_TOO_LARGE where it is the image's fault; else a fault of the
   *   machine, such as REMOTE_UNREACHABLE.
   */
  read(url: string, index: number, signal: AbortSignal | undefined): Promise<Uint8Array>;
  /**
   * As read(), of an image that has been listed: of the version that the list has.
   *
   * @throws {PixtokError} SOURCE_CHANGED, too.
   */
  readListed(file: RemoteFile, index: number, signal: AbortSignal | undefined): Promise<Uint8Array>;
}

/** Images that are fetched at the same time: each is small, and most of the time is waiting. */
const AT_ONCE = 32;
/** No image that is read has more. */
const MOST_IMAGE_BYTES = 2 ** 28;

/** What is wrong with the image, whoever asks for it. */
const ofImage = ["REMOTE_NOT_FOUND", "REMOTE_REFUSED"];
const unreached = ["REMOTE_UNREACHABLE", "REMOTE_CORRUPT_FILE"];

/** What the copy of an image is called, beside the file that it is of. */
const NOTE = "image";

const atOnce = limitAtOnce(AT_ONCE);

export function remoteImages(settings: RemoteSettings): RemoteImages {
  const { cacheDir, cacheBytes, endpoint, unreachableImages } = settings;
  const isBad = ({ code }: PixtokError) =>
    ofImage.includes(code) || (unreachableImages === "bad" && unreached.includes(code));
  const failure = (error: unknown, source: string, index: number): unknown => {
    if (!(error instanceof PixtokError)) return error;
    const { code, reason, cause } = error;
    if (!isBad(error)) return new PixtokError(code, reason, { index, source, cause });
    return new PixtokError("IMAGE_NOT_AVAILABLE", reason, { index, source, cause });
  };
  return {
    async read(url, index, signal = neverAborted) {
      const cache = await copyCache(cacheDir);
      const key = copyKey("image", url, endpoint);
      const copy = await cache.read(key);
      if (copy !== undefined) return asFetchedImage(copy);
      try {
        const bytes = await atOnce(async () => {
          signal.throwIfAborted();
          return readSmallFile(url, MOST_IMAGE_BYTES, settings, signal);
        });
        await cache.write(key, bytes, cacheBytes, signal);
        return asFetchedImage(bytes);
      } catch (error) {
        throw failure(error, shownUrl(url), index);
      }
    },
    async readListed(file, index, signal = neverAborted) {
      const copy = await file.readNote(NOTE);
      if (copy !== undefined) return asFetchedImage(copy);
      const { size = MOST_IMAGE_BYTES, name } = file;
      if (size > MOST_IMAGE_BYTES) {
        const what = `the file has ${size} bytes; at most ${MOST_IMAGE_BYTES} are read`;
        throw new PixtokError("FILE_TOO_LARGE", what, { index, source: name });
      }
      try {
        const bytes = size === 0 ? Buffer.alloc(0) : await file.read(0, size, signal);
        await file.writeNote(NOTE, bytes, signal);
        return asFetchedImage(bytes);
      } catch (error) {
        throw failure(error, name, index);
      }
    },
  };
}
