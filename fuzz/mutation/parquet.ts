import type { Random } from "../random.js";
import type { Mutators } from "./mutator.js";

const TAIL_BYTES = 8; // the footer's length and the mark

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

/** Numbers as Thrift writes them: i32 and i64 in zigzag, lengths and counts as they are. */
const numbers = [0, 1, 2, 3, 5, 127, 128, 255, 65535, 2 ** 20, 2 ** 31 - 1, 2 ** 32 - 1]
  .map((number) => varint(BigInt(number)))
  .concat([varint(2n ** 63n - 1n), varint(2n ** 64n - 1n), Buffer.alloc(12, 0xff)]);

function footerStart(bytes: Buffer): number | undefined {
  if (bytes.length < TAIL_BYTES + 4) return undefined;
  const start = bytes.length - TAIL_BYTES - bytes.readUInt32LE(bytes.length - TAIL_BYTES);
  return start >= 4 ? start : undefined;
}

/** The end of the varint that a byte begins. */
function varintEnd(bytes: Buffer, start: number): number {
  let end = start;
  while (end < bytes.length - 1 && (bytes[end] as number) > 127) end += 1;
  return end + 1;
}

function replaceInFooter(bytes: Buffer, at: number, until: number, by: Buffer): Buffer {
  const start = footerStart(bytes) as number;
  const copy = Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(until)]);
  copy.writeUInt32LE(copy.length - TAIL_BYTES - start, copy.length - TAIL_BYTES);
  return copy;
}

/** Where pages may begin: Thrift's first field of a page header is an i32, its kind. */
function pageHeaders(bytes: Buffer): number[] {
  const starts: number[] = [];
  for (let at = 4; at + 4 < (footerStart(bytes) ?? 0); at += 1) {
    const kind = bytes[at + 1] as number;
    if (bytes[at] === 0x15 && kind <= 6 && kind % 2 === 0 && bytes[at + 2] === 0x15)
      starts.push(at);
  }
  return starts;
}

function somewhereInFooter(bytes: Buffer, random: Random): number | undefined {
  const start = footerStart(bytes);
  return start === undefined ? undefined : start + random.below(bytes.length - TAIL_BYTES - start);
}

export const parquetMutators: Mutators = {
  changeFooterNumber(bytes, random) {
    const at = somewhereInFooter(bytes, random);
    if (at === undefined) return undefined;
    return replaceInFooter(bytes, at, varintEnd(bytes, at), random.pick(numbers));
  },
  changeFooterByte(bytes, random) {
    const at = somewhereInFooter(bytes, random);
    if (at === undefined) return undefined;
    const copy = Buffer.from(bytes);
    copy[at] = random.chance(0.5)
      ? random.below(256)
      : (copy[at] as number) ^ (1 << random.below(8));
    return copy;
  },
  repeatFooterPart(bytes, random) {
    const at = somewhereInFooter(bytes, random);
    if (at === undefined) return undefined;
    const until = Math.min(bytes.length - TAIL_BYTES, at + 1 + random.below(40));
    return replaceInFooter(bytes, at, at, bytes.subarray(at, until));
  },
  changePageHeader(bytes, random) {
    const starts = pageHeaders(bytes);
    if (starts.length === 0) return undefined;
    const copy = Buffer.from(bytes);
    const at = random.pick(starts) + random.below(20);
    const number = random.pick(numbers);
    if (random.chance(0.5)) copy[at] = random.below(256);
    else number.copy(copy, at);
    return copy;
  },
  /** Levels and lengths stand just behind the header. */
  changePageStart(bytes, random) {
    const starts = pageHeaders(bytes);
    if (starts.length === 0) return undefined;
    const copy = Buffer.from(bytes);
    const at = random.pick(starts) + 16 + random.below(40);
    random.pick(numbers).copy(copy, Math.min(at, copy.length - 1));
    return copy;
  },
};
