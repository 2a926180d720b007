import { readBits, readHybrid } from "./parquet-levels.js";
import { type Budget, PLAIN, RLE } from "./parquet-pages.js";
import type { ParquetLeaf } from "./parquet-schema.js";

/** Converts the values in a file. */
export interface Maker<T> {
  bytes(page: Buffer, start: number, end: number): T;
  integer(value: number | bigint): T;
  /** Of columns that are asked for as numbers alone. */
  float?(value: number): T;
  boolean?(value: boolean): T;
}

const DELTA_BINARY_PACKED = 5;
const DELTA_LENGTH_BYTE_ARRAY = 6;
const DELTA_BYTE_ARRAY = 7;

const endsEarly = () => new RangeError("a page ends before its values do");

/**
 * Values that stand in a page from its start on, in an encoding that needs no dictionary.
 *
 * @throws {RangeError}
 */
export function readValues<T>(
  page: Buffer,
  encoding: number,
  count: number,
  { kind, width }: ParquetLeaf,
  make: Maker<T>,
  budget: Budget,
): T[] {
  if (count === 0) return [];
  if (kind === "float") return readFloats(page, encoding, count, width, make);
  if (kind === "boolean") return readBooleans(page, encoding, count, make);
  const isNumber = kind === "integer" || kind === "unsigned";
  if (isNumber && encoding === PLAIN) {
    return readNumbers(page, count, width, kind === "unsigned", make);
  }
  if (isNumber && encoding === DELTA_BINARY_PACKED) {
    const { values } = readDeltas(page, 0, count, 8 * width);
    const bits = 8 * width;
    return values.map((value) =>
      make.integer(asNumber(kind === "unsigned" ? BigInt.asUintN(bits, value) : value)),
    );
  }
  if (!isNumber && encoding === PLAIN) return readPlain(page, count, make);
  if (!isNumber && encoding === DELTA_LENGTH_BYTE_ARRAY) {
    const { values: lengths, end } = readDeltas(page, 0, count, 32);
    const places = placesOf(lengths, end, page.length);
    return lengths.map((_, i) => make.bytes(page, places[i] as number, places[i + 1] as number));
  }
  if (!isNumber && encoding === DELTA_BYTE_ARRAY) return readFronts(page, count, make, budget);
  throw notRead(encoding);
}

const notRead = (encoding: number) =>
  new RangeError(`a page has encoding ${encoding}, which is not read`);

const BYTE_STREAM_SPLIT = 9;

function readFloats<T>(
  page: Buffer,
  encoding: number,
  count: number,
  width: 4 | 8,
  { float }: Maker<T>,
): T[] {
  if (encoding !== PLAIN && encoding !== BYTE_STREAM_SPLIT) throw notRead(encoding);
  if (count * width > page.length) throw endsEarly();
  let values = page;
  if (encoding === BYTE_STREAM_SPLIT) {
    // first bytes of all values, then second bytes, …
    values = Buffer.alloc(count * width);
    for (let byte = 0; byte < width; byte += 1) {
      for (let i = 0; i < count; i += 1) {
        values[i * width + byte] = page[byte * count + i] as number;
      }
    }
  }
  return Array.from({ length: count }, (_, i) => {
    const value = width === 4 ? values.readFloatLE(4 * i) : values.readDoubleLE(8 * i);
    return float?.(value) as T;
  });
}

function readBooleans<T>(
  page: Buffer,
  encoding: number,
  count: number,
  { boolean }: Maker<T>,
): T[] {
  let bits: (place: number) => number;
  if (encoding === PLAIN) {
    if (count > 8 * page.length) throw endsEarly();
    bits = (place) => readBits(page, 0, place, 1);
  } else if (encoding === RLE) {
    // runs begin behind their length
    if (page.length < 4 || page.readUInt32LE(0) > page.length - 4) throw endsEarly();
    const values = readHybrid(page.subarray(4, 4 + page.readUInt32LE(0)), 1, count, 1);
    bits = (place) => values[place] as number;
  } else throw notRead(encoding);
  return Array.from({ length: count }, (_, place) => boolean?.(bits(place) === 1) as T);
}

const asNumber = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;

function readNumbers<T>(
  page: Buffer,
  count: number,
  width: 4 | 8,
  unsigned: boolean,
  make: Maker<T>,
): T[] {
  if (count * width > page.length) throw endsEarly();
  const read = (at: number): number | bigint => {
    if (width === 4) return unsigned ? page.readUInt32LE(at) : page.readInt32LE(at);
    return asNumber(unsigned ? page.readBigUInt64LE(at) : page.readBigInt64LE(at));
  };
  const values: T[] = [];
  for (let i = 0; i < count; i += 1) values.push(make.integer(read(i * width)));
  return values;
}

function readPlain<T>(page: Buffer, count: number, make: Maker<T>): T[] {
  const values: T[] = [];
  for (let i = 0, at = 0; i < count; i += 1) {
    if (at + 4 > page.length) throw endsEarly();
    const length = page.readUInt32LE(at);
    const start = at + 4;
    at = start + length;
    if (at > page.length) throw new RangeError("a value reaches beyond its page");
    values.push(make.bytes(page, start, at));
  }
  return values;
}

/** Where values begin that follow each other, and where the last one ends. */
function placesOf(lengths: readonly bigint[], start: number, end: number): Float64Array {
  const places = new Float64Array(lengths.length + 1);
  let at = start;
  for (const [i, length] of lengths.entries()) {
    places[i] = at;
    at += Number(length);
    if (length < 0n || at > end) throw new RangeError("a value reaches beyond its page");
  }
  places[lengths.length] = at;
  return places;
}

/** Values that begin as the one before them does. */
function readFronts<T>(page: Buffer, count: number, make: Maker<T>, budget: Budget): T[] {
  const fronts = readDeltas(page, 0, count, 32);
  const rests = readDeltas(page, fronts.end, count, 32);
  const places = placesOf(rests.values, rests.end, page.length);
  let before: Buffer = Buffer.alloc(0);
  const values: T[] = [];
  for (let i = 0; i < count; i += 1) {
    const front = Number(fronts.values[i]);
    if (!(front >= 0 && front <= before.length)) {
      throw new RangeError("a value begins with more than there is of the one before it");
    }
    const rest = page.subarray(places[i], places[i + 1]);
    if (front === 0) before = rest;
    else if (front < before.length || rest.length > 0) {
      budget(front + rest.length);
      before = Buffer.concat([before.subarray(0, front), rest]);
    }
    values.push(make.bytes(before, 0, before.length));
  }
  return values;
}

/** Blocks are of multiples of 128 values, in Arrow's and parquet-mr's writers of just so many. */
const MOST_BLOCK = 1 << 20;

/** Exactly `count` integers of `bits` bits as differences from one to the next. */
function readDeltas(
  page: Buffer,
  start: number,
  count: number,
  bits: number,
): { values: bigint[]; end: number } {
  let at = start;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = page[at];
      if (byte === undefined) throw endsEarly();
      at += 1;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new RangeError("a number is too long");
  };
  const zigzag = (): bigint => {
    const value = varint();
    return BigInt.asIntN(bits, (value >> 1n) ^ -(value & 1n));
  };
  const block = Number(varint());
  const miniblocks = Number(varint());
  const total = Number(varint());
  const perMiniblock = block / miniblocks;
  if (!(block % 128 === 0 && block > 0 && block <= MOST_BLOCK && perMiniblock % 32 === 0)) {
    throw new RangeError("the differences between values are in blocks of a wrong size");
  }
  if (total !== count) throw new RangeError(`there are ${total} values and should be ${count}`);
  const values: bigint[] = [];
  let value = zigzag();
  values.push(value);
  while (values.length < count) {
    const least = zigzag();
    const widths = page.subarray(at, at + miniblocks);
    if (widths.length < miniblocks) throw endsEarly();
    at += miniblocks;
    for (const width of widths) {
      if (values.length >= count) break;
      if (width > bits) throw new RangeError(`differences have ${width} bits`);
      const bytes = (perMiniblock / 8) * width;
      const wanted = Math.min(perMiniblock, count - values.length);
      if (at + Math.ceil((wanted * width) / 8) > page.length) throw endsEarly();
      for (let i = 0; i < wanted; i += 1) {
        const low = readBits(page, at, i * width, Math.min(width, 32));
        const high = width > 32 ? readBits(page, at, i * width + 32, width - 32) : 0;
        const difference = BigInt(low) + (BigInt(high) << 32n);
        value = BigInt.asIntN(bits, value + least + difference);
        values.push(value);
      }
      at += bytes;
    }
  }
  return { values, end: at };
}
