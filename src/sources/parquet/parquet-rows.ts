import type { RemoteSettings } from "../../remote/remote-options.js";
import { allDone } from "../../shared/all-done.js";
import { isMachineFault } from "../../shared/machine-fault.js";
import { blockCache } from "../block-cache.js";
import type { RowGroup } from "./parquet-chunks.js";
import type { ParquetFile } from "./parquet-file.js";
import {
  type MadeParquetIndex,
  openParquetIndex,
  type ParquetIndex,
  parquetIndexMaker,
  type RowInFiles,
} from "./parquet-index.js";
import { parquetIndexStore, wrongParquetIndex } from "./parquet-index-store.js";

/** Where a row is. */
export interface Place {
  readonly file: ParquetFile;
  /** What the file's columns are, of those of the index. */
  readonly columns: number;
  readonly groupNumber: number;
  readonly group: RowGroup;
  /** In the group. */
  readonly row: number;
  /** In the file, from 1. */
  readonly number: number;
}

/** Rows of all files of a set in their order. */
export interface ParquetRows {
  readonly index: Omit<ParquetIndex, "at" | "groupAt">;
  /** @throws {PixtokError} SOURCE_CHANGED where an index that was kept proves to be of other files. */
  at(index: number): Promise<Place>;
}

/** Footers that are read at the same time. */
const READ_AT_ONCE = 16;

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

/**
 * Finds the rows of files: by an index that has been kept of them, or else by their footers. A damaged index is made anew.
 *
 * @throws {PixtokError} as metadata() of the files.
 */
export async function openParquetRows(
  files: readonly ParquetFile[],
  settings: RemoteSettings,
): Promise<ParquetRows> {
  const store = parquetIndexStore(files, settings);
  const make = async (): Promise<MadeParquetIndex> => {
    const maker = parquetIndexMaker();
    for (let first = 0; first < files.length; first += READ_AT_ONCE) {
      const some = files.slice(first, first + READ_AT_ONCE);
      for (const one of await allDone(some.map((file) => file.metadata()))) maker.add(one);
    }
    return maker.finished();
  };
  const kept = await store?.find();
  const openMade = async () => {
    const made = await make();
    return (await store?.keep(made)) ?? indexInMemory(made, files);
  };
  let index = kept ?? (await openMade());
  const opened = index;
  const [{ path }] = files as [ParquetFile];

  const makeAnew = async (): Promise<void> => {
    const made = await make().catch(async (cause) => {
      throw isMachineFault(cause) ? cause : await wrongParquetIndex(path, true, cause);
    });
    const replaced = await store?.keep(made, true);
    const right = indexInMemory(made, files);
    if (right.tables !== opened.tables) throw await wrongParquetIndex(path, replaced !== undefined);
    index = right;
  };
  let making: Promise<void> | undefined;
  const makeAnewOnce = () => {
    making ??= makeAnew().finally(() => {
      making = undefined;
    });
    return making;
  };
  /**
   * A file may have been replaced by another of its size and time since the index was made: each is held to its end when it is
   * first read.
   */
  const endsAsKept = blockCache(files.length, (file) =>
    (files[file] as ParquetFile).endsAs(opened.endingOf(file)),
  );
  const groupAt = async ({ file, group, rowsOfGroup }: RowInFiles): Promise<RowGroup> => {
    const used = index;
    // a file that cannot be read says so where its row is read
    const isRight = used !== kept || (await endsAsKept(file).catch(() => true));
    const found = isRight ? await used.groupAt(file, group, rowsOfGroup) : undefined;
    if (found !== undefined) return found;
    if (index === used) await makeAnewOnce();
    const again = await index.groupAt(file, group, rowsOfGroup);
    if (again === undefined) throw await wrongParquetIndex(path, true);
    return again;
  };
  return {
    index: opened,
    async at(row) {
      const place = opened.at(row);
      const { file, group: groupNumber } = place;
      return {
        file: files[file] as ParquetFile,
        columns: opened.columnsOf(file),
        groupNumber,
        group: await groupAt(place),
        row: place.row,
        number: place.number,
      };
    },
  };
}
