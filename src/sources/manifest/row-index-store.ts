import type { RemoteSettings } from "../../remote/remote-options.js";
import { pathOfIndex } from "../../shared/written-beside.js";
import type { ReadableFile } from "../copied-file.js";
import { headPage, openPages } from "../index-pages.js";
import { type KeptBytes, keptIndex } from "../kept-index.js";
import type { TextBytes } from "../text-bytes.js";
import type { RowFormat } from "./row-format.js";
import { type MadeIndex, type RowPages, rowIndexOf } from "./row-index.js";

/**
 * The line of an index:
 *
 *     pixtok rows 1 <bytes of the file> <its time of change, ns> <rows> <how they are told apart>
 */
const MAGIC = "pixtok rows ";
const LINE = /^pixtok rows 1 \d+ \d+ (\d+) \S+$/;

/** What is smaller is gone through in some milliseconds, and gets no file beside it. */
const LEAST_BYTES = 2 ** 22;

/** Keeps the index of a text's rows. */
export interface RowIndexStore {
  /** Pages that hold for the file, but for what is found out where they are used; undefined where there are none. */
  find(): Promise<RowPages | undefined>;
  /** @returns the pages, where they are kept; undefined where they cannot be. */
  keep(made: MadeIndex, isDamaged?: boolean): Promise<RowPages | undefined>;
}

/** @returns undefined of a text that is small, or that is not in its file as it is read. */
export function rowIndexStore(
  file: ReadableFile,
  { length, version }: TextBytes,
  { name }: RowFormat,
  settings: RemoteSettings,
): RowIndexStore | undefined {
  if (version === undefined || length < LEAST_BYTES) return undefined;
  const lineOf = (rows: number) => `${MAGIC}1 ${version.size} ${version.modified} ${rows} ${name}`;
  const parse = async (file: KeptBytes): Promise<RowPages | undefined> => {
    const pages = await openPages(file);
    const rows = Number(LINE.exec(pages?.line ?? "")?.[1]);
    if (pages === undefined || pages.line !== lineOf(rows) || !(rows > 0)) return undefined;
    const found = { rows, count: pages.count, page: (place: number) => pages.read(place, 1) };
    const index = rowIndexOf(found, length);
    const ends = [await index.groupOf(0), await index.groupOf(rows - 1)];
    return ends.includes(undefined) ? undefined : found;
  };
  const kept = keptIndex(
    file,
    {
      magic: MAGIC,
      beside: pathOfIndex,
      key: ["rows", name, version.size, version.modified],
      parse,
    },
    settings,
  );
  return {
    find: kept.find,
    async keep({ pages, rows }, isDamaged) {
      if (rows === 0) return undefined;
      return kept.keep(Buffer.concat([headPage(lineOf(rows)), pages]), isDamaged);
    },
  };
}
