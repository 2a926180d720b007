import type { RemoteSettings } from "../../remote/remote-options.js";
import type { ReadableFile } from "../copied-file.js";
import { sameVersion } from "../file-version.js";
import { type KeptBytes, keptIndex } from "../kept-index.js";
import type { TextBytes } from "../text-bytes.js";
import type { RowFormat } from "./row-format.js";
import {
  isWholePage,
  type MadeIndex,
  PAGE_BYTES,
  type RowPages,
  rowIndexOf,
  sealPage,
} from "./row-index.js";

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
  const lineOf = (rows: number) =>
    `${MAGIC}1 ${version.size} ${version.modified} ${rows} ${name}\n`;
  const parse = async (file: KeptBytes): Promise<RowPages | undefined> => {
    const count = file.size / PAGE_BYTES - 1;
    if (!Number.isInteger(count) || count < 1) return undefined;
    const head = await file.read(0, PAGE_BYTES);
    if (!isWholePage(head.bytes)) return undefined;
    const text = head.bytes.toString("latin1", 0, TEXT_BYTES);
    const rows = Number(HEAD.exec(text)?.[3]);
    if (!text.startsWith(lineOf(rows)) || !(rows > 0)) return undefined;
    let known = head.version;
    const page = async (place: number) => {
      const { bytes, version: its } = await file.read(PAGE_BYTES * (place + 1), PAGE_BYTES);
      if (sameVersion(its, known)) return bytes;
      // another process has put one in its place: the same again, or that of another file
      const now = await file.read(0, PAGE_BYTES);
      if (!now.bytes.equals(head.bytes) || !sameVersion(now.version, its)) return undefined;
      known = its;
      return bytes;
    };
    const found = { rows, count, page };
    const index = rowIndexOf(found, length);
    const ends = [await index.groupOf(0), await index.groupOf(rows - 1)];
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
