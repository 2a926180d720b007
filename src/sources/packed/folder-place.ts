import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { MAX_MODEL_FILE_BYTES } from "../../shared/limits.js";
import { readRegularFile } from "../../shared/regular-file.js";
import { unreadableFile } from "../../shared/unreadable-file.js";
import { parsePackedFileName } from "./pack-format.js";
import { headOfIndex, readPackIndex } from "./pack-index.js";
import type { NamedFile, PackPlace } from "./pack-place.js";
import { readPackedEnds } from "./packed-ends.js";
import { closePackedFile, openPackedFile, type PackedHead, withPackedFile } from "./packed-file.js";
import { packedFilesIn } from "./packed-folder.js";

/** The packed files in a folder, in no order, without a list of them. */
async function* filesIn(folder: string): AsyncGenerator<NamedFile> {
  try {
    for await (const { name } of await opendir(folder)) {
      const place = parsePackedFileName(name);
      if (place !== undefined) yield { name, ...place };
    }
  } catch (cause) {
    throw unreadableFile(folder, cause);
  }
}

/** What a file says of itself, all of whose heads are looked at. */
function headsOf(path: string): PackedHead {
  const file = openPackedFile(path);
  closePackedFile(file);
  return file;
}

/** A folder of this machine that has a packed set, or is to have one. */
export function folderPlace(folder: string): PackPlace {
  const pathOf = (file: string) => join(folder, file);
  return {
    name: folder,
    pathOf,
    packedFiles: () => packedFilesIn(folder),
    eachFile: () => filesIn(folder),
    ends: ({ name }) => readPackedEnds(pathOf(name)),
    index: () => readPackIndex(folder),
    indexHead: () => headOfIndex(folder),
    text: async (file) => {
      const bytes = await readRegularFile(pathOf(file), MAX_MODEL_FILE_BYTES);
      return bytes.toString("utf8");
    },
    heads: async ({ name }) => headsOf(pathOf(name)),
    opened: ({ name }, work) => withPackedFile(pathOf(name), work),
  };
}
