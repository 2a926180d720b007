import { isMachineFault } from "../../shared/machine-fault.js";
import { wrongIndex } from "../kept-index.js";
import type { TextBytes } from "../text-bytes.js";
import { NotText } from "../text-encoding.js";
import type { RowFormat } from "./row-format.js";
import {
  type MadeIndex,
  pagesInMemory,
  type RowGroup,
  type RowIndex,
  type RowPages,
  rowIndexMaker,
  rowIndexOf,
} from "./row-index.js";
import type { RowIndexStore } from "./row-index-store.js";

/** A text whose rows are found by an index of where they begin and read when they are asked for. */
export interface RowFile {
  readonly length: number;
  /**
   * Bytes of a row, and of its line end.
   *
   * @throws {NotText} where they are too many.
   */
  read(row: number): Promise<Buffer>;
}

/** A longer row is none, but a quote or a line that does not end. */
const MOST_ROW_BYTES = 2 ** 26;

/**
 * Rows of a text. What an index says that was kept is held against the text where it is used; a damaged one is made anew.
 *
 * @param store keeps the index for the next time that the file is opened. Default: it is made each time.
 * @throws {PixtokError} as chunks() of the bytes.
 */
export async function openRowFile(
  path: string,
  bytes: TextBytes,
  format: RowFormat,
  store?: RowIndexStore,
): Promise<RowFile> {
  const makePages = async (): Promise<MadeIndex> => {
    const maker = rowIndexMaker();
    const scan = format.scanner();
    for await (const chunk of bytes.chunks()) scan(chunk, maker.add);
    return maker.finished(bytes.length);
  };
  /** The text of a group, and where its rows begin in it; undefined where there are others than the index says. */
  const readGroup = async ({ rows, start, end }: RowGroup) => {
    // the byte before the first row ends another one
    const before = Math.min(start, 1);
    const text = await bytes.read(start - before, end);
    const starts: number[] = [];
    format.scanner()(text, (at) => starts.push(at));
    if (starts.length !== rows || starts[0] !== before) return undefined;
    starts.push(text.length);
    return { text, starts };
  };
  /** Whether there are as many rows as pages that were kept say. */
  const haveTheirRows = async (pages: RowPages): Promise<boolean> => {
    const group = await rowIndexOf(pages, bytes.length).groupOf(pages.rows - 1);
    if (group === undefined) return false;
    return group.rows === 1 || (await readGroup(group)) !== undefined;
  };
  const openPages = async (): Promise<RowPages> => {
    const found = await store?.find();
    if (found !== undefined && (await haveTheirRows(found))) return found;
    const made = await makePages();
    return (await store?.keep(made, found !== undefined)) ?? pagesInMemory(made);
  };
  let index = rowIndexOf(await openPages(), bytes.length);
  const { rows: length } = index;

  /** Rows are often read in their order. */
  let last: { start: number; group: ReturnType<typeof readGroup> } | undefined;
  const groupAt = (group: RowGroup): ReturnType<typeof readGroup> => {
    if (last?.start === group.start) return last.group;
    const own = { start: group.start, group: readGroup(group) };
    last = own;
    own.group.catch(() => {
      if (last === own) last = undefined;
    });
    return own.group;
  };

  /** Bytes of a row; undefined where the index is damaged. */
  const find = async (used: RowIndex, row: number): Promise<Buffer | undefined> => {
    const group = await used.groupOf(row);
    if (group === undefined) return undefined;
    const size = group.end - group.start;
    if (size > MOST_ROW_BYTES) {
      throw new NotText(`it has ${size} bytes; at most ${MOST_ROW_BYTES} are read`);
    }
    const found = await groupAt(group);
    if (found === undefined) return undefined;
    const place = row - group.firstRow;
    return found.text.subarray(found.starts[place], found.starts[place + 1]);
  };
  const makeAnew = async (): Promise<void> => {
    const made = await makePages().catch(async (cause) => {
      throw isMachineFault(cause) ? cause : await wrongIndex(path, true, { cause });
    });
    const kept = await store?.keep(made, true);
    if (made.rows !== length) throw await wrongIndex(path, kept !== undefined);
    index = rowIndexOf(pagesInMemory(made), bytes.length);
    last = undefined;
  };
  let making: Promise<void> | undefined;
  return {
    length,
    async read(row) {
      const used = index;
      const found = await find(used, row);
      if (found !== undefined) return found;
      if (index === used) {
        making ??= makeAnew().finally(() => {
          making = undefined;
        });
        await making;
      }
      const again = await find(index, row);
      if (again === undefined) throw await wrongIndex(path, true);
      return again;
    },
  };
}
