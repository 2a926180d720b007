import type { RemoteSettings } from "../../remote/remote-options.js";
import type { ReadableFile } from "../copied-file.js";
import { keptIndex } from "../kept-index.js";
import type { TextBytes } from "../text-bytes.js";
import type { RowFormat } from "./row-format.js";
import { isWholePage, PAGE_BYTES, type RowPages, rowIndexOf, sealPage } from "./row-index.js";

/**
 * The first page of an index: a line, zeros, and the checksum that every page has.
 *
 *     pixtok rows 1 <bytes of the file> <its time of change, ns> <rows> <how they are told apart>
 */
const MAGIC = "pixtok rows ";
const HEAD = /^pixtok rows 1 (\d+) (\d+) (\d+) (\S+)\n\0*$/;
const TEXT_BYTES = PAGE_BYTES - 4;

/** What is smaller is gone through in some milliseconds, and gets no file beside it. */
const LEAST_BYTES = 2 ** 22;

/** Keeps the index of a text's rows. */
export interface RowIndexStore {
  /** Pages that hold for the file, but for what is found out where they are used; undefined where there are none. */
  find(): Promise<RowPages | undefined>;
  /** @returns the pages, mapped into memory; undefined where they cannot be kept. */
  keep(made: RowPages, isDamaged?: boolean): Promise<RowPages | undefined>;
}

/** @returns undefined of a text that is small, or that is not in its file as it is read. */
export function rowIndexStore(
  file: ReadableFile,
  { length, version }: TextBytes,
  { name }: RowFormat,
  settings: RemoteSettings,
): RowIndexStore | undefined {
  if (version === undefined || length < LEAST_BYTES) return undefined;
  const lineOf = (rows: number) =>
    `${MAGIC}1 ${version.size} ${version.modified} ${rows} ${name}\n`;
  const parse = (content: Buffer): RowPages | undefined => {
    const head = content.subarray(0, PAGE_BYTES);
    if (content.length < 2 * PAGE_BYTES || content.length % PAGE_BYTES !== 0) return undefined;
    if (!isWholePage(head)) return undefined;
    const text = head.toString("latin1", 0, TEXT_BYTES);
    const rows = Number(HEAD.exec(text)?.[3]);
    if (!text.startsWith(lineOf(rows)) || !(rows > 0)) return undefined;
    const found = { pages: content.subarray(PAGE_BYTES), rows };
    const index = rowIndexOf(found, length);
    const ends = [index.groupOf(0), index.groupOf(rows - 1)];
    return ends.includes(undefined) ? undefined : found;
  };
  const kept = keptIndex(
    file,
    { magic: MAGIC, key: ["rows", name, version.size, version.modified], parse },
    settings,
  );
  return {
    find: kept.find,
    async keep({ pages, rows }, isDamaged) {
      if (rows === 0) return undefined;
      const head = Buffer.alloc(PAGE_BYTES);
      head.write(lineOf(rows), "latin1");
      sealPage(head);
      return kept.keep(Buffer.concat([head, pages]), isDamaged);
    },
  };
}
