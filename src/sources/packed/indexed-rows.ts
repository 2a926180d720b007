import { findSpan } from "../../shared/find-span.js";
import { endsOf, type FoundRow } from "./file-rows.js";
import { type LoneRow, loneRows } from "./lone-rows.js";
import { messageWindows, type WindowLimits } from "./message-windows.js";
import { messageOfRow, type PackIndex, pathInIndex } from "./pack-index.js";
import type { PackedFiles } from "./packed-source.js";

/**
 * Rows of a set of very many files, by its index. A message that several rows are read of, at once or within a while, is mapped; of
 * others a row is read.
 */

/** Messages whose lone rows are counted: fewer than may be mapped, which those of random rows would push out. */
const MOST_COUNTED = 512;
/** Lone rows that are read of a message before it is mapped: of random ones of many files some are of one message by chance. */
const MOST_LONE_ROWS = 2;

/** Whether nobody waits for the row any more, who is told so. */
function isGivenUp({ context, reject }: LoneRow): boolean {
  const isAborted = context?.signal?.aborted === true;
  if (isAborted) reject(context?.signal?.reason);
  return isAborted;
}

/** Reads rows of a set. Those that are asked for at once are read at once. */
export function indexedRows(
  folder: string,
  index: PackIndex,
  limits: WindowLimits,
): PackedFiles["readRow"] {
  const ends = endsOf(index.rows);
  const windows = messageWindows(index.config, limits);
  const lone = loneRows(index.config);
  /** How many lone rows were read of messages; the last one at the end. */
  const loneRowsOf = new Map<number, number>();
  let waiting: LoneRow[] = [];

  const count = (message: number) => {
    const before = loneRowsOf.get(message) ?? 0;
    loneRowsOf.delete(message);
    loneRowsOf.set(message, before + 1);
    if (loneRowsOf.size <= MOST_COUNTED) return;
    const [oldest] = loneRowsOf.keys();
    loneRowsOf.delete(oldest as number);
  };
  const isOften = (message: number) => (loneRowsOf.get(message) ?? 0) >= MOST_LONE_ROWS;
  const readWaiting = () => {
    const rows = waiting.filter((row) => !isGivenUp(row));
    waiting = [];
    const counts = new Map<number, number>();
    for (const { place } of rows) counts.set(place.message, (counts.get(place.message) ?? 0) + 1);
    const isAlone = ({ place }: LoneRow) => counts.get(place.message) === 1;
    const alone = rows.filter(isAlone);
    for (const { place } of alone) count(place.message);
    lone?.read(alone); // which threads do meanwhile
    for (const row of rows) if (!isAlone(row)) row.found(undefined);
  };

  return (row, context, read) => {
    const { span: file, indexInSpan } = findSpan(ends, row);
    const place = messageOfRow(folder, index, file, indexInSpan);
    const there = windows.find(place, context);
    if (there !== undefined) return read(there);
    const path = pathInIndex(folder, index, file);
    if (!lone?.isRead(place) || isOften(place.message)) {
      return read(windows.open(path, place, context));
    }
    return new Promise((resolve, reject) => {
      if (waiting.length === 0) queueMicrotask(readWaiting);
      const found = (one: FoundRow | undefined) => {
        try {
          context?.signal?.throwIfAborted(); // its memory may be gone
          const mapped = () => windows.find(place, context) ?? windows.open(path, place, context);
          resolve(read(one ?? mapped()));
        } catch (error) {
          reject(error);
        }
      };
      waiting.push({ path, place, context, found, reject });
    });
  };
}
