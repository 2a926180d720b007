import { type FileHandle, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { ServerSettings } from "../remote/remote-options.js";
import type { S3Place } from "../remote/s3-client.js";
import { s3Upload, type UploadedFile } from "../remote/s3-upload.js";
import { temporaryName } from "../shared/atomic-file.js";
import { PixtokError } from "../shared/errors.js";
import { readFully } from "../shared/read-fully.js";
import { temporaryAdvice } from "../shared/temporary-advice.js";
import { unwritableFile } from "../shared/unwritable-file.js";
import { headBytes } from "../sources/packed/message-list.js";
import type { PackPlace } from "../sources/packed/pack-place.js";
import type { NewFile } from "./new-file.js";
import { takenOver } from "./pack-in-use.js";

/** A file that is being made here, as it is uploaded. */
export async function uploadOf(handle: FileHandle): Promise<UploadedFile> {
  const { size } = await handle.stat();
  return {
    bytes: size,
    async read(offset, length) {
      const bytes = Buffer.allocUnsafe(length);
      if ((await readFully(handle.read.bind(handle), bytes, offset)) < length) {
        const message = `a file that is made here is shorter than the ${size} bytes that it had`;
        throw new PixtokError("STORAGE_FAILED", message, { source: tmpdir() });
      }
      return bytes;
    },
  };
}

/** CRC-32 of the schema that a packed file begins with, which has the checksums of all else in it. */
async function schemaCrcOf({ read, bytes }: UploadedFile): Promise<number> {
  const length = headBytes(await read(0, 8));
  return crc32(await read(0, Math.min(length, bytes)));
}

/**
 * A packed file of a bucket. It is made here, in a file without a name, which is gone when this process is, however it ends; and is
 * uploaded when it is whole. One that is there stays.
 */
export function bucketFile(
  pack: PackPlace,
  name: string,
  place: S3Place,
  settings: ServerSettings,
  signal: AbortSignal,
): NewFile {
  return {
    async begin() {
      const path = temporaryName(join(tmpdir(), "pixtok-pack"));
      const handle = await open(path, "wx+");
      // some systems remove it when it is closed
      await rm(path).catch(() => {});
      const discard = async () => {
        await handle.close().catch(() => {});
        await rm(path, { force: true });
      };
      return {
        handle,
        async finish() {
          const file = await uploadOf(handle);
          const source = pack.pathOf(name);
          if (!(await s3Upload(source, place, file, settings, signal))) {
            const there = await pack.ends({ name }).catch(() => undefined);
            if (there?.schemaCrc !== (await schemaCrcOf(file))) throw takenOver(pack.name);
          }
          await discard();
        },
        discard,
      };
    },
    unwritable(cause) {
      const error = unwritableFile(tmpdir(), cause);
      if (error.code !== "FILE_UNWRITABLE") return error;
      const { code, reason, source } = error;
      return new PixtokError(code, reason, { source, cause, advice: temporaryAdvice() });
    },
  };
}
