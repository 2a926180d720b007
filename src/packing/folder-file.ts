import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { temporaryName } from "../shared/atomic-file.js";
import { unwritableFile } from "../shared/unwritable-file.js";
import type { NewFile } from "./new-file.js";

/** The names in a folder outlive a power cut once the folder itself is on the disk. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  await folder?.sync().catch(() => {}); // some file systems cannot
  await folder?.close();
}

/**
 * A file of a folder, which has another name until it is whole.
 *
 * @param token of the claim on it, which is part of that other name.
 */
export function folderFile(path: string, token: string): NewFile {
  const temporary = temporaryName(path, token);
  return {
    async begin() {
      const handle = await open(temporary, "wx");
      return {
        handle,
        async finish() {
          await handle.datasync();
          await handle.close();
          await rename(temporary, path);
          await syncFolder(dirname(path));
        },
        async discard() {
          await handle.close().catch(() => {});
          await rm(temporary, { force: true });
        },
      };
    },
    unwritable: (cause) => unwritableFile(path, cause),
  };
}
