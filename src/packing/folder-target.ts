import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { PixtokError } from "../shared/errors.js";
import { fileExists } from "../shared/file-exists.js";
import { folderClaims } from "../shared/folder-claims.js";
import { saveFile } from "../shared/save-file.js";
import { isMissing, unreadableFile } from "../shared/unreadable-file.js";
import { writing } from "../shared/unwritable-file.js";
import { folderPlace } from "../sources/packed/folder-place.js";
import { folderFile } from "./folder-file.js";
import type { PackTarget } from "./pack-target.js";

/** What a stopped run may have left: unfinished files, with the token of their writer. */
const UNFINISHED =
  /^(?:data-\d+-of-\d+\.arrow|(?:tokenizer|tokenizer_config|processor_config|preprocessor_config|config)\.json|chat_template\.jinja|pixtok\.lock\.json|pixtok\.index|pack|time|files-\d+-to-\d+-of-\d+)(?:\.claim-\d+)?\.([0-9a-f]{12})\.incomplete$/;

/** Files that are looked at at the same time. */
const LOOKED_AT_ONCE = 16;

const GONE = { ino: -1, mtimeMs: -1, size: -1 };

/** A folder of this machine. */
export function folderTarget(folder: string): PackTarget {
  const place = folderPlace(folder);
  const { pathOf } = place;
  return {
    ...place,
    claims: folderClaims(folder),
    prepare: () => writing(folder, async () => void (await mkdir(folder, { recursive: true }))),
    has: (file) => fileExists(pathOf(file)),
    save: (file, content, flush = false) => saveFile(pathOf(file), content, { flush }),
    async saveNew(file, content) {
      await saveFile(pathOf(file), content);
      return true;
    },
    remove: (file) => rm(pathOf(file), { force: true }),
    newFile: (file, token) => folderFile(pathOf(file), token),
    async unfinished() {
      return (await readdir(folder)).flatMap((name) => {
        const token = UNFINISHED.exec(name)?.[1];
        return token === undefined ? [] : [{ name, token }];
      });
    },
    async stamps(found, signal) {
      const stamps = new Float64Array(3 * found.length);
      for (let first = 0; first < found.length; first += LOOKED_AT_ONCE) {
        signal?.throwIfAborted();
        const some = found.slice(first, first + LOOKED_AT_ONCE).map(({ name }) => pathOf(name));
        const looks = some.map((path) =>
          stat(path).catch((cause) => {
            if (isMissing(cause)) return GONE;
            throw unreadableFile(path, cause);
          }),
        );
        for (const [i, { ino, mtimeMs, size }] of (await Promise.all(looks)).entries()) {
          stamps.set([ino, mtimeMs, size], 3 * (first + i));
        }
      }
      return stamps;
    },
    isReadOnly: (error) => error instanceof PixtokError && error.code === "FILE_UNWRITABLE",
  };
}
