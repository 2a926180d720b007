import type { RemoteSettings } from "../../remote/remote-options.js";
import { allDone } from "../../shared/all-done.js";
import { PixtokError } from "../../shared/errors.js";
import { goneFile } from "../../shared/file-version.js";
import { isMachineFault, machineFault } from "../../shared/machine-fault.js";
import { isOfFileSystem, unreadableFile } from "../../shared/unreadable-file.js";
import { blockCache } from "../block-cache.js";
import type { RowGroup } from "./parquet-chunks.js";
import type { ParquetFile } from "./parquet-file.js";
import {
  type MadeParquetIndex,
  openParquetIndex,
  type ParquetIndex,
  parquetIndexMaker,
} from "./parquet-index.js";
import { parquetIndexStore, wrongParquetIndex } from "./parquet-index-store.js";

/** Where a row is. */
export interface Place {
  readonly file: ParquetFile;
  /** Of the file, in the set. */
  readonly fileNumber: number;
  /** What the file's columns are, of those of the index. */
  readonly columns: number;
  readonly groupNumber: number;
  readonly group: RowGroup;
  /** In the group. */
  readonly row: number;
  /** In the file, from 1. */
  readonly number: number;
  /** Whether it is what an index says that was kept: no footer has been read since. */
  readonly isOfKept: boolean;
}

/** What an index says of all files. */
export type FilesInIndex = Omit<ParquetIndex, "at" | "groupAt" | "holds">;

/** Rows of all files of a set in their order. */
export interface ParquetRows<T> {
  readonly index: FilesInIndex;
  /** What `read` made of the index. */
  readonly found: T;
  /**
   * @throws {PixtokError} SOURCE_CHANGED where an index that was kept proves to be of other files, or a file cannot be read
   *   any more; INVALID_PARQUET where a file's footer is damaged; a fault of the machine.
   */
  at(index: number): Promise<Place>;
  /**
   * Holds the file of a place at which there is damage to its footer, once.
   *
   * @throws {PixtokError} as at().
   */
  hold(place: Place, index: number): Promise<void>;
}

/** Footers that are read at the same time. */
const READ_AT_ONCE = 16;
/** An index that another set takes is replaced once, and then had in memory. */
const MOST_TRIES = 3;

function indexInMemory(made: MadeParquetIndex, files: readonly ParquetFile[]): ParquetIndex {
  return openParquetIndex(
    made.tables,
    files.map(({ size }) => size),
    {
      bytes: made.places.length,
      read: async (offset, length) => made.places.subarray(offset, offset + length),
    },
  );
}

/** The error where the file system does not read a file of a set that has been opened; undefined where it is another one. */
export function goneParquet(path: string, cause: unknown, index: number): PixtokError | undefined {
  const isOfFile = isOfFileSystem(cause) || machineFault(cause) !== null;
  return isOfFile ? goneFile(path, unreadableFile(path, cause, { index })) : undefined;
}

/** What metadata() of a file threw, for a row. */
function footerOfRow(cause: unknown, index: number): unknown {
  if (!(cause instanceof PixtokError) || isMachineFault(cause)) return cause;
  const { code, reason, source = "" } = cause;
  const own = new PixtokError(code, reason, { source, index, cause });
  return code === "INVALID_PARQUET" ? own : goneFile(source, own);
}

/**
 * Finds the rows of files: by an index that has been kept of them, or else by their footers. A damaged index is made anew.
 *
 * @param read looks at the index. Where it throws by one that was kept, that may be of other files, and is made anew.
 * @throws {PixtokError} as metadata() of the files, and as `read`.
 */
export async function openParquetRows<T>(
  files: readonly ParquetFile[],
  settings: RemoteSettings,
  read: (index: FilesInIndex) => T,
): Promise<ParquetRows<T>> {
  const store = parquetIndexStore(files, settings);
  const make = async (): Promise<MadeParquetIndex> => {
    const maker = parquetIndexMaker();
    for (let first = 0; first < files.length; first += READ_AT_ONCE) {
      const some = files.slice(first, first + READ_AT_ONCE);
      for (const one of await allDone(some.map((file) => file.metadata()))) maker.add(one);
    }
    return maker.finished();
  };
  const open = async () => {
    const kept = await store?.find();
    if (kept !== undefined) {
      try {
        return { kept, opened: kept, found: read(kept) };
      } catch {
        // what the footers say decides
      }
    }
    const made = await make();
    const opened = (await store?.keep(made, kept !== undefined)) ?? indexInMemory(made, files);
    return { kept: undefined, opened, found: read(opened) };
  };
  const { kept, opened, found } = await open();
  let index = opened;
  const [{ path: first }] = files as [ParquetFile];

  let isTaken = false;
  const makeAnew = async () => {
    const made = await make();
    const right = indexInMemory(made, files);
    const isSame = right.tables === opened.tables;
    // who has replaced ours meanwhile needs theirs
    const replaced = isTaken && isSame ? undefined : await store?.keep(made, true);
    if (isSame) {
      isTaken = replaced !== undefined;
      index = replaced?.tables === right.tables ? replaced : right;
    }
    return { isSame, isReplaced: replaced !== undefined };
  };
  let making: ReturnType<typeof makeAnew> | undefined;
  /** Makes the index anew because of a row of a file, once for all rows that ask for it. */
  const makeAnewFor = async (file: number, row: number) => {
    try {
      await files[file]?.metadata(); // where it is that file that is bad, the others need not be read
      making ??= makeAnew().finally(() => {
        making = undefined;
      });
      return await making;
    } catch (cause) {
      throw footerOfRow(cause, row);
    }
  };
  const wrongFor = (file: number, row: number, isReplaced: boolean) =>
    wrongParquetIndex(first, isReplaced, { source: files[file]?.path, index: row });
  /**
   * A file may have been replaced by another of its size and time since the index was made: each is held to its end when it is
   * first read.
   */
  const endsAsKept = blockCache(files.length, (file) =>
    (files[file] as ParquetFile).endsAs(opened.endingOf(file)),
  );
  const hasItsEnd = async (file: number, row: number): Promise<boolean> => {
    try {
      return await endsAsKept(file);
    } catch (cause) {
      const gone = goneParquet(files[file]?.path ?? "", cause, row);
      if (gone !== undefined) throw gone;
      return true; // the row says what it is
    }
  };
  const groupAt = async (
    { file, group, rowsOfGroup }: ReturnType<ParquetIndex["at"]>,
    row: number,
  ): Promise<Pick<Place, "group" | "isOfKept">> => {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const used = index;
      const isOfKept = used === kept;
      const isRight = !isOfKept || (await hasItsEnd(file, row));
      const own = isRight ? await used.groupAt(file, group, rowsOfGroup) : undefined;
      if (own !== undefined) return { group: own, isOfKept };
      if (index !== used) continue;
      const { isSame, isReplaced } = await makeAnewFor(file, row);
      if (!isSame) throw await wrongFor(file, row, isReplaced);
    }
    throw await wrongFor(file, row, true);
  };
  const isAsItsFooter = blockCache(files.length, async (file) =>
    (kept as ParquetIndex).holds(file, await (files[file] as ParquetFile).metadata()),
  );
  return {
    index: opened,
    found,
    async at(row) {
      const place = opened.at(row);
      const { file, group: groupNumber } = place;
      return {
        file: files[file] as ParquetFile,
        fileNumber: file,
        columns: opened.columnsOf(file),
        groupNumber,
        ...(await groupAt(place, row)),
        row: place.row,
        number: place.number,
      };
    },
    async hold({ fileNumber: file, isOfKept }, row) {
      if (!isOfKept) return;
      const isRight = await isAsItsFooter(file).catch((cause) => {
        throw footerOfRow(cause, row);
      });
      if (isRight) return;
      const { isReplaced } = await makeAnewFor(file, row);
      throw await wrongFor(file, row, isReplaced);
    },
  };
}
