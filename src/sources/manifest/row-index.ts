import { blockCache } from "../block-cache.js";
import { isWholePage, PAGE_BYTES, PAGE_CONTENT_BYTES, sealPage } from "../index-pages.js";

/**
 * Where rows of a text begin, in pages, little end first:
 *
 *     0     float64  the page's first row
 *     8     float64  where it begins
 *     16    uint32   how many groups follow
 *     20    uint32, uint32 for each group: its first row and where that begins, less those of the page
 *
 * A group is rows of 4 KiB together, or a longer one alone: where a row begins in its group is found in the text, which
 * is read anyway.
 */
const COUNT_AT = 16;
const GROUPS_AT = 20;
const GROUP_BYTES = 8;
const MOST_GROUPS = Math.floor((PAGE_CONTENT_BYTES - GROUPS_AT) / GROUP_BYTES);

const MOST_TEXT_BYTES = 4096;
/** Where a group begins is stored less where its page does. */
const MOST_PAGE_TEXT_BYTES = 2 ** 32;

/** Pages of an index that are kept in memory. */
const KEPT_PAGES = 64;

/** Rows that stand together in a text. */
export interface RowGroup {
  readonly firstRow: number;
  readonly rows: number;
  /** Where they are in the text. */
  readonly start: number;
  readonly end: number;
}

export interface RowIndex {
  readonly rows: number;
  /** The group that a row is in; undefined where that part of the index is damaged. */
  groupOf(row: number): Promise<RowGroup | undefined>;
}

/** Pages of an index, and how many rows they are of. */
export interface RowPages {
  readonly rows: number;
  readonly count: number;
  /** A page as it is stored; undefined, or an error, where there is none. */
  page(place: number): Promise<Buffer | undefined>;
}

/** An index that has been made: its pages, one after another, and how many rows they are of. */
export interface MadeIndex {
  readonly pages: Buffer;
  readonly rows: number;
}

export function pagesInMemory({ pages, rows }: MadeIndex): RowPages {
  return {
    rows,
    count: pages.length / PAGE_BYTES,
    page: async (place) => pages.subarray(PAGE_BYTES * place, PAGE_BYTES * (place + 1)),
  };
}

/** Makes an index while a text is gone through. */
export function rowIndexMaker() {
  const pages: Buffer[] = [];
  const page = { bytes: Buffer.alloc(0), groups: MOST_GROUPS, row: 0, start: 0 };
  const group = { row: 0, start: 0 };
  let rows = 0;
  let lastStart = 0;
  const open = (row: number, start: number) => {
    if (page.groups === MOST_GROUPS || start - page.start >= MOST_PAGE_TEXT_BYTES) {
      const bytes = Buffer.alloc(PAGE_BYTES);
      bytes.writeDoubleLE(row, 0);
      bytes.writeDoubleLE(start, 8);
      pages.push(bytes);
      Object.assign(page, { bytes, groups: 0, row, start });
    }
    const at = GROUPS_AT + GROUP_BYTES * page.groups;
    page.bytes.writeUInt32LE(row - page.row, at);
    page.bytes.writeUInt32LE(start - page.start, at + 4);
    page.groups += 1;
    page.bytes.writeUInt32LE(page.groups, COUNT_AT);
    group.row = row;
    group.start = start;
  };
  /** Says where the last row ends, by which it is known whether it fits into its group. */
  const end = (at: number) => {
    if (at - group.start > MOST_TEXT_BYTES && rows - 1 > group.row) open(rows - 1, lastStart);
  };
  return {
    /** Adds the next row. */
    add(start: number): void {
      if (rows === 0) open(0, start);
      else end(start);
      rows += 1;
      lastStart = start;
    },
    /** @param textBytes where the last row ends. */
    finished(textBytes: number): MadeIndex {
      end(textBytes);
      for (const one of pages) sealPage(one);
      return { pages: Buffer.concat(pages), rows };
    },
  };
}

/** What a page says; undefined where it is damaged. */
function openPage(bytes: Buffer) {
  if (!isWholePage(bytes)) return undefined;
  const groups = bytes.readUInt32LE(COUNT_AT);
  if (groups < 1 || groups > MOST_GROUPS) return undefined;
  const row = bytes.readDoubleLE(0);
  const start = bytes.readDoubleLE(8);
  const groupAt = (number: number) => {
    const at = GROUPS_AT + GROUP_BYTES * number;
    return { row: row + bytes.readUInt32LE(at), start: start + bytes.readUInt32LE(at + 4) };
  };
  return { groups, groupAt };
}

/**
 * Finds rows by pages that may be damaged, or forged, or can no longer be read.
 *
 * @param textBytes length of the text.
 */
export function rowIndexOf({ rows, count, page: load }: RowPages, textBytes: number): RowIndex {
  const end = { row: rows, start: textBytes };
  const keptPage = blockCache(KEPT_PAGES, async (place) => {
    const bytes = await load(place);
    const page = bytes && openPage(bytes);
    if (page === undefined) throw new Error("this page is damaged"); // and is not kept
    return page;
  });
  const pageAt = (place: number) => keptPage(place).catch(() => undefined);
  /** Where pages begin that have been read: pages are looked for among all of them. */
  const starts = new Map<number, { row: number; start: number }>();
  const startOf = async (place: number) => {
    const found = (await pageAt(place))?.groupAt(0);
    if (found !== undefined) starts.set(place, found);
    return found;
  };
  /** The page that a row is in. */
  const placeOf = async (row: number) => {
    let [first, behind] = [0, count];
    while (behind - first > 1) {
      const middle = Math.floor((first + behind) / 2);
      const start = starts.get(middle) ?? (await startOf(middle));
      if (start === undefined) return undefined;
      if (start.row <= row) first = middle;
      else behind = middle;
    }
    return first;
  };
  return {
    rows,
    async groupOf(row) {
      const place = await placeOf(row);
      const page = place === undefined ? undefined : await pageAt(place);
      if (place === undefined || page === undefined) return undefined;
      let [low, high] = [0, page.groups];
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if (page.groupAt(middle).row <= row) low = middle;
        else high = middle;
      }
      const isLastOfPage = low + 1 === page.groups;
      const startOfNext = async () =>
        place + 1 === count ? end : (starts.get(place + 1) ?? (await startOf(place + 1)));
      const group = page.groupAt(low);
      const next = isLastOfPage ? await startOfNext() : page.groupAt(high);
      if (next === undefined) return undefined;
      const found = {
        firstRow: group.row,
        rows: next.row - group.row,
        start: group.start,
        end: next.start,
      };
      const fits =
        group.row <= row &&
        row < next.row &&
        group.start >= 0 &&
        group.start < next.start &&
        next.start <= textBytes &&
        (found.rows === 1 || next.start - group.start <= MOST_TEXT_BYTES);
      return fits ? found : undefined;
    },
  };
}
