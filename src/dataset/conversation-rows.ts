import { imageLabel } from "../image/image-input.js";
import { outOfRange, wrongType } from "../shared/validation.js";
import { makeFingerprint, type PairSource } from "../sources/pair-source.js";

/** Rows that a fingerprint is of. */
const FINGERPRINTED_ROWS = 64;

/** JSON of a row, in which images are names. */
function shownRow(row: unknown): string {
  return JSON.stringify(row, (_, value: unknown) => {
    if (ArrayBuffer.isView(value)) return imageLabel(value);
    return typeof value === "bigint" ? String(value) : value;
  });
}

/**
 * Rows of an array, as pairs whose columns they are.
 *
 * @throws {TypeError | RangeError}
 */
export function conversationsOfArray(rows: unknown): PairSource {
  if (!Array.isArray(rows)) throw wrongType("conversations", "an array of rows", rows);
  if (rows.length === 0) throw outOfRange("conversations", "at least one row", rows);
  const given = rows as readonly Record<string, unknown>[];
  const step = Math.max(1, given.length / FINGERPRINTED_ROWS);
  const some: string[] = [];
  for (let at = 0; at < given.length; at += step) some.push(shownRow(given[Math.floor(at)]));
  return {
    length: given.length,
    fingerprint: makeFingerprint(some),
    description: `array, ${given.length} conversations`,
    get: (index) => ({ image: [], text: "", columns: given[index] as Record<string, unknown> }),
    blockLengths: () => [given.length],
  };
}
