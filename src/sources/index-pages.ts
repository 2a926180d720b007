import { crc32 } from "node:zlib";
import { sameVersion } from "../shared/file-version.js";
import { machineFault } from "../shared/machine-fault.js";
import { blockCache } from "./block-cache.js";
import type { KeptBytes } from "./kept-index.js";

/**
 * An index is pages of 4 KiB. The last four bytes of each are the CRC-32 of the others. The first has a line, which says
 * what the index is of, and zeros.
 */
export const PAGE_BYTES = 4096;
export const PAGE_CONTENT_BYTES = PAGE_BYTES - 4;

/** Writes the checksum of a page to its end. */
export function sealPage(page: Buffer): void {
  page.writeUInt32LE(crc32(page.subarray(0, PAGE_CONTENT_BYTES)), PAGE_CONTENT_BYTES);
}

export function isWholePage(page: Buffer): boolean {
  return (
    page.length === PAGE_BYTES &&
    page.readUInt32LE(PAGE_CONTENT_BYTES) === crc32(page.subarray(0, PAGE_CONTENT_BYTES))
  );
}

/** The first page. Precondition: the line fits. */
export function headPage(line: string): Buffer {
  const page = Buffer.alloc(PAGE_BYTES);
  page.write(`${line}\n`, "latin1");
  sealPage(page);
  return page;
}

/** Pages behind the first one, of an index that others may replace, cut short or remove while it is read. */
export interface KeptPages {
  /** The line of the first page. */
  readonly line: string;
  /** Number of the others. */
  readonly count: number;
  /** Some that follow each other, as they are stored; undefined, or an error, where they are no longer there. */
  read(place: number, count: number): Promise<Buffer | undefined>;
}

/** @returns undefined where the first page is damaged, or there is no other. */
export async function openPages(file: KeptBytes): Promise<KeptPages | undefined> {
  const count = file.size / PAGE_BYTES - 1;
  if (!Number.isInteger(count) || count < 1) return undefined;
  const head = await file.read(0, PAGE_BYTES);
  if (!isWholePage(head.bytes)) return undefined;
  const line = /^([^\n]*)\n\0*$/.exec(head.bytes.toString("latin1", 0, PAGE_CONTENT_BYTES))?.[1];
  if (line === undefined) return undefined;
  let known = head.version;
  return {
    line,
    count,
    async read(place, count) {
      const { bytes, version } = await file.read(PAGE_BYTES * (place + 1), PAGE_BYTES * count);
      if (sameVersion(version, known)) return bytes;
      // another process has put one in its place: the same again, or that of another file
      const now = await file.read(0, PAGE_BYTES);
      if (!now.bytes.equals(head.bytes) || !sameVersion(now.version, version)) return undefined;
      known = version;
      return bytes;
    },
  };
}

/** Content, spread over pages one after another. */
export function pagesOfContent(content: Buffer): Buffer {
  const pages = Buffer.alloc(PAGE_BYTES * Math.ceil(content.length / PAGE_CONTENT_BYTES));
  for (let place = 0; place * PAGE_BYTES < pages.length; place += 1) {
    const from = place * PAGE_CONTENT_BYTES;
    const page = pages.subarray(place * PAGE_BYTES, (place + 1) * PAGE_BYTES);
    content.copy(page, 0, from, from + PAGE_CONTENT_BYTES);
    sealPage(page);
  }
  return pages;
}

/** Reads content by where it is in the whole; undefined where a page that it is on is damaged, or no longer there. */
export type ReadContent = (offset: number, length: number) => Promise<Buffer | undefined>;

/** Pages that are read at once: storage that answers late makes them wait once. */
const PAGES_AT_ONCE = 16;

/**
 * Pages are read in their order as far as all are whole: a file may have any number that is damaged.
 *
 * @param mostBytes of pages that are kept in memory: those that were used last.
 * @throws {PixtokError} a fault of the machine, later.
 */
export function contentOf(pages: KeptPages, mostBytes: number): ReadContent {
  const most = Math.floor(mostBytes / (PAGES_AT_ONCE * PAGE_BYTES));
  const keptPages = blockCache(most, async (block) => {
    const first = block * PAGES_AT_ONCE;
    const stored = await pages.read(first, Math.min(PAGES_AT_ONCE, pages.count - first));
    if (stored === undefined) throw new Error("these pages are gone"); // and are not kept
    return stored;
  });
  const contentOfPage = async (place: number): Promise<Buffer | undefined> => {
    const stored = await keptPages(Math.floor(place / PAGES_AT_ONCE)).catch((cause) => {
      const fault = machineFault(cause);
      if (fault !== null) throw fault;
      return undefined;
    });
    const start = (place % PAGES_AT_ONCE) * PAGE_BYTES;
    const page = stored?.subarray(start, start + PAGE_BYTES);
    return page && isWholePage(page) ? page.subarray(0, PAGE_CONTENT_BYTES) : undefined;
  };
  return async (offset, length) => {
    const first = Math.floor(offset / PAGE_CONTENT_BYTES);
    const content: Buffer[] = [];
    for (let place = first; place * PAGE_CONTENT_BYTES < offset + length; place += 1) {
      const page = await contentOfPage(place);
      if (page === undefined) return undefined;
      content.push(page);
    }
    const start = offset - first * PAGE_CONTENT_BYTES;
    return Buffer.concat(content).subarray(start, start + length);
  };
}
