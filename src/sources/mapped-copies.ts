import { fetchFilesAhead } from "../remote/fetch-ahead.js";
import type { RemoteFile } from "../remote/remote-file.js";
import type { RemoteSettings } from "../remote/remote-options.js";
import type { SourceContext } from "../shared/sample-context.js";
import { renamed } from "./copied-file.js";

/** For whom a file is read. */
type FileUse = Pick<SourceContext, "keep" | "signal">;

/** Files that are elsewhere, and are mapped into memory while they are read. */
export interface MappedCopies<T> {
  /** What has been made of the file at a place; its copy is fetched where it is not open. */
  at(place: number, context?: FileUse): T | Promise<T>;
  /** Fetches the copies of the files at some places before they are read. */
  expect(places: readonly number[]): void;
}

/** Share of the cache that files that are open may have. */
const OPEN_SHARE = 0.5;

/** A file that is open. */
interface OpenFile<T> {
  readonly value: T;
  /** Bytes of its copy that is held; 0 where it is not held any more, and may be removed while it is in memory. */
  held: number;
  readonly release: () => void;
}

/**
 * Opens files from their copies, and closes those that were used longest ago where they are too many.
 *
 * @param open maps a copy; what it gives keeps the mapping. Its errors are of the file itself.
 */
export function mappedCopies<T extends object>(
  files: readonly RemoteFile[],
  { cacheBytes }: RemoteSettings,
  open: (path: string, place: number) => T,
): MappedCopies<T> {
  const ahead = fetchFilesAhead(files, cacheBytes);
  /** Used last at the end. */
  const opened = new Map<number, OpenFile<T>>();
  let heldBytes = 0;
  const openCopy = (path: string, place: number): T => {
    try {
      return open(path, place);
    } catch (error) {
      throw renamed(error, path, (files[place] as RemoteFile).name);
    }
  };
  /**
   * Holds no more than some bytes. What somebody still has stays in memory. The newest file stays open, but may have
   * no right to its room.
   */
  const letGo = (most: number, newest?: number) => {
    for (const [place, file] of opened) {
      if (file.held > 0 && heldBytes > most) {
        heldBytes -= file.held;
        file.held = 0;
        file.release();
      }
      if (file.held === 0 && place !== newest) opened.delete(place);
    }
  };
  const fetchAndOpen = async (place: number, context: FileUse | undefined): Promise<T> => {
    const file = files[place] as RemoteFile;
    letGo(cacheBytes - (file.size ?? 0));
    const { path, bytes, release } = await file.hold(context?.signal);
    const other = opened.get(place);
    if (other !== undefined) {
      release();
      return other.value;
    }
    try {
      const value = openCopy(path, place);
      opened.set(place, { value, held: bytes, release });
      heldBytes += bytes;
      letGo(OPEN_SHARE * cacheBytes, place);
      return value;
    } catch (error) {
      release();
      throw error;
    }
  };
  return {
    expect: ahead.expect,
    at(place, context) {
      ahead.note(place);
      const found = opened.get(place);
      if (found === undefined) return fetchAndOpen(place, context);
      opened.delete(place);
      opened.set(place, found);
      return found.value;
    },
  };
}
