import { isObject, outOfRange, wrongType } from "../shared/validation.js";
import { makeFingerprint, type PairSource } from "../sources/pair-source.js";

/** Rows that a fingerprint is of. */
const FINGERPRINTED_ROWS = 64;

/** Bytes of an image that a fingerprint is of. */
const FINGERPRINTED_BYTES = 32;

/** Of bytes their number, and some from their middle: files begin alike. */
function shownBytes(value: unknown): unknown {
  if (!ArrayBuffer.isView(value)) return value;
  const { buffer, byteOffset, byteLength } = value;
  const length = Math.min(byteLength, FINGERPRINTED_BYTES);
  const start = byteOffset + Math.floor((byteLength - length) / 2);
  return `${byteLength} bytes, ${Buffer.from(buffer, start, length).toString("base64")}`;
}

/** Bytes are taken out of what they are in: JSON.stringify has written a Buffer out before it shows it. */
function shownValue(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map(shownBytes);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shownBytes(one)]));
}

/** JSON of a row, with little of its images. What cannot be written is told when the row is read, if it matters then. */
function shownRow(row: unknown): string {
  try {
    return JSON.stringify([row], shownValue);
  } catch {
    return "a row that cannot be written";
  }
}

const usersArrays = new WeakSet<PairSource>();

/** Whether rows are of an array of the user's own, which may name any file. */
export const isUsersArray = (source: PairSource): boolean => usersArrays.has(source);

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
  const source: PairSource = {
    length: given.length,
    fingerprint: makeFingerprint(some),
    description: `array, ${given.length} conversations`,
    get: (index) => ({ image: [], text: "", columns: given[index] as Record<string, unknown> }),
    blockLengths: () => [given.length],
  };
  usersArrays.add(source);
  return source;
}
