import { createHash } from "node:crypto";
import { relative } from "node:path";
import type { RemoteSettings } from "../../remote/remote-options.js";
import type { PixtokError, SampleOrigin } from "../../shared/errors.js";
import { pathOfHiddenIndex } from "../../shared/written-beside.js";
import {
  contentOf,
  headPage,
  openPages,
  PAGE_CONTENT_BYTES,
  pagesOfContent,
} from "../index-pages.js";
import { type KeptBytes, keptIndex, wrongIndex } from "../kept-index.js";
import type { ParquetFile } from "./parquet-file.js";
import {
  digestOfTables,
  type MadeParquetIndex,
  mostTableBytes,
  openParquetIndex,
  type ParquetIndex,
} from "./parquet-index.js";

/**
 * The line of an index, whose content is tables and places:
 *
 *     pixtok parquet 2 <files> <bytes of the tables> <bytes of the places> <digest of the files> <digest of the tables>
 *
 * By the last one who has read tables knows whether places that are put there later are of the same footers. It is not
 * compared with the tables, whose pages have checksums.
 */
const MAGIC = "pixtok parquet ";
const LINE = /^pixtok parquet 2 \d+ (\d+) (\d+) [0-9a-f]{64} ([0-9a-f]{64})$/;

/** Pages that are kept in memory. */
const MOST_PAGE_BYTES = 2 ** 23;

/** Footers that are read in some milliseconds get no file beside them. */
const LEAST_FILES = 32;
const LEAST_GROUPS = 1024;

/** Keeps what the footers of a set's files say. */
export interface ParquetIndexStore {
  /** What holds for the files, but for what is found out where it is used; undefined where there is none. */
  find(): Promise<ParquetIndex | undefined>;
  /**
   * @param isDamaged whether one that seems to hold is replaced. Default false.
   * @returns what is kept; undefined where it cannot be, or is not worth it.
   */
  keep(made: MadeParquetIndex, isDamaged?: boolean): Promise<ParquetIndex | undefined>;
}

/** As wrongIndex(), of the set whose first file this is; the error is about another file of it, and a row. */
export function wrongParquetIndex(
  path: string,
  isReplaced: boolean,
  about: SampleOrigin,
): Promise<PixtokError> {
  return wrongIndex(path, isReplaced, about, pathOfHiddenIndex(path));
}

/** Changes when any of the files does, but not where all of them are moved together. */
function digestOf(files: readonly ParquetFile[]): string {
  const { folder } = files[0] as ParquetFile;
  const hash = createHash("sha256");
  for (const { path, version, remote } of files) {
    if (remote === undefined) hash.update(`${relative(folder, path)}\0`);
    hash.update(`${version}\0`);
  }
  return hash.digest("hex");
}

/** @returns undefined where one of the files may change without anybody knowing it. */
export function parquetIndexStore(
  files: readonly ParquetFile[],
  settings: RemoteSettings,
): ParquetIndexStore | undefined {
  if (files.some(({ version }) => version === undefined)) return undefined;
  const digest = digestOf(files);
  const fileSizes = files.map(({ size }) => size);
  const lineOf = (tables: number, places: number, digestOfThese: string) =>
    `${MAGIC}2 ${files.length} ${tables} ${places} ${digest} ${digestOfThese}`;
  const parse = async (file: KeptBytes): Promise<ParquetIndex | undefined> => {
    const pages = await openPages(file);
    const found = LINE.exec(pages?.line ?? "");
    if (pages === undefined || found === null) return undefined;
    const [tables, places] = [Number(found[1]), Number(found[2])];
    if (pages.line !== lineOf(tables, places, found[3] as string)) return undefined;
    if (Math.ceil((tables + places) / PAGE_CONTENT_BYTES) !== pages.count) return undefined;
    if (tables > mostTableBytes(fileSizes)) return undefined;
    const read = contentOf(pages, MOST_PAGE_BYTES);
    const content = await read(0, tables);
    return (
      content &&
      openParquetIndex(content, fileSizes, {
        bytes: places,
        read: (offset, length) => read(tables + offset, length),
      })
    );
  };
  const [{ path, version, remote }] = files as [ParquetFile];
  const name = remote === undefined ? path : (version as string);
  const isHere = files.every(({ remote }) => remote === undefined);
  const kept = keptIndex(
    { path: isHere ? path : undefined, name },
    { magic: MAGIC, beside: pathOfHiddenIndex, key: ["parquet", digest], parse },
    settings,
  );
  return {
    find: kept.find,
    async keep({ tables, places, groups }, isDamaged = false) {
      // one that is damaged goes, however few the files are: it would be found so at each opening
      const isSmall = files.length < LEAST_FILES && groups < LEAST_GROUPS;
      if (isSmall && !isDamaged) return undefined;
      const head = headPage(lineOf(tables.length, places.length, digestOfTables(tables)));
      return kept.keep(
        Buffer.concat([head, pagesOfContent(Buffer.concat([tables, places]))]),
        isDamaged,
      );
    },
  };
}
