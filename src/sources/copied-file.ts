import { dirname } from "node:path";
import type { RemoteFile } from "../remote/remote-file.js";
import { folderOfUrl } from "../remote/remote-location.js";
import { PixtokError } from "../shared/errors.js";
import type { DataFile } from "./data-files.js";
import type { PairSource } from "./pair-source.js";

/** A file that is read from a path, and where it and what is beside it are. */
export interface ReadableFile {
  /** Of the file, or of its copy. */
  readonly path: string;
  /** What it is called. */
  readonly name: string;
  /** The folder that it is in: a path or a URL. */
  readonly folder: string;
}

/** The same error, about the file that a copy is of. */
export function renamed(error: unknown, copy: string, name: string): unknown {
  if (!(error instanceof PixtokError) || !error.source?.startsWith(copy)) return error;
  const { code, reason, index, cause } = error;
  const source = name + error.source.slice(copy.length);
  return new PixtokError(code, reason, { index, source, cause });
}

/** Opens a source of one file. Of one that is elsewhere the copy stays, and errors name the file itself. */
export async function openOfFile(
  file: DataFile,
  open: (file: ReadableFile) => Promise<PairSource>,
): Promise<PairSource> {
  if (typeof file === "string") return open({ path: file, name: file, folder: dirname(file) });
  return openOfCopy(file, open);
}

async function openOfCopy(
  file: RemoteFile,
  open: (file: ReadableFile) => Promise<PairSource>,
): Promise<PairSource> {
  const { name, url } = file;
  const { path } = await file.hold();
  const naming = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw renamed(error, path, name);
    }
  };
  const source = await naming(() => open({ path, name, folder: folderOfUrl(url) }));
  const { texts } = source;
  return {
    ...source,
    get: (index, context) => naming(() => source.get(index, context)),
    ...(texts && { texts: (index, context) => naming(() => texts(index, context)) }),
  };
}
