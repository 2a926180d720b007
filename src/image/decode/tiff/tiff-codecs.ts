import { createInflate } from "node:zlib";
import { corrupt } from "../image-fault.js";

/**
 * What undoes one of TIFF's compressions: `packed` to the whole of `bytes`.
 *
 * @throws {ImageFault} where libtiff says that it cannot: where there is too little or a code that is
 * none. What is too much is not looked at.
 */
export type TiffCodec = (packed: Buffer, bytes: number) => Buffer | Promise<Buffer>;

/** Those that are undone here, by their numbers. */
export const tiffCodecs: ReadonlyMap<number, TiffCodec> = new Map<number, TiffCodec>([
  [5, unpackLzw],
  [8, inflate],
  [32773, unpackBits],
  [32946, inflate],
]);

function tooLittle(): Error {
  return corrupt("its pixels end early");
}

/** A number of bytes says how many follow as they are, or how often one is repeated. */
function unpackBits(packed: Buffer, bytes: number): Buffer {
  const unpacked = Buffer.alloc(bytes);
  let at = 0;
  let to = 0;
  while (to < bytes) {
    const count = packed[at];
    if (count === undefined) throw tooLittle();
    at += 1;
    if (count === 128) continue;
    if (count > 128) {
      const value = packed[at];
      if (value === undefined) throw tooLittle();
      const end = Math.min(bytes, to + 257 - count);
      unpacked.fill(value, to, end);
      to = end;
      at += 1;
    } else {
      const length = Math.min(bytes - to, count + 1);
      if (at + length > packed.length) throw tooLittle();
      packed.copy(unpacked, to, at, at + length);
      to += length;
      at += count + 1;
    }
  }
  return unpacked;
}

/** All in one call to zlib, which then checks the sum behind the last byte as libtiff's does. */
function inflate(packed: Buffer, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stream = createInflate({ chunkSize: Math.max(64, bytes) });
    const parts: Buffer[] = [];
    let length = 0;
    stream.on("data", (part: Buffer) => {
      parts.push(part);
      length += part.length;
      if (length < bytes) return;
      stream.destroy();
      resolve((parts.length === 1 ? part : Buffer.concat(parts)).subarray(0, bytes));
    });
    stream.on("end", () => reject(tooLittle()));
    stream.on("error", (cause) => reject(corrupt("its pixels cannot be unpacked", cause)));
    stream.end(packed);
  });
}

const FIRST_BITS = 9;
const MOST_BITS = 12;
const CLEAR = 256;
const END = 257;
const FIRST_CODE = 258;
/** Longer than codes can name: some encoders clear the table late. */
const TABLE = 4095 + 1024;

/** Codes start at nine bits, the highest first, and grow one code early (TIFF 6.0, section 13). */
function unpackLzw(packed: Buffer, bytes: number): Buffer {
  const unpacked = Buffer.alloc(bytes);
  const end = packed.length;
  // An entry is a string of the output that ends with the byte behind an earlier one.
  const start = new Int32Array(TABLE);
  const length = new Int32Array(TABLE);
  let next = -1; // before the first code that clears the table
  let codeBits = FIRST_BITS;
  let held = 0;
  let heldBits = 0;
  let at = 0;
  let to = 0;
  let lastStart = 0;
  let lastLength = 0;
  while (to < bytes) {
    if (heldBits < codeBits) {
      // two bytes at a time, and the last ones by themselves
      if (at + 1 < end) {
        held = (held << 16) | ((packed[at] as number) << 8) | (packed[at + 1] as number);
        heldBits += 16;
        at += 2;
      } else {
        if (at >= end || heldBits + 8 < codeBits) throw tooLittle();
        held = (held << 8) | (packed[at] as number);
        heldBits += 8;
        at += 1;
      }
    }
    heldBits -= codeBits;
    const code = (held >>> heldBits) & ((1 << codeBits) - 1);
    if (code < next && code >= FIRST_CODE) {
      const source = start[code] as number;
      const count = Math.min(bytes - to, length[code] as number);
      start[next] = lastStart;
      length[next] = lastLength + 1;
      lastStart = to;
      lastLength = count;
      for (let i = source; i < source + count; i += 1, to += 1) {
        unpacked[to] = unpacked[i] as number;
      }
    } else if (code < CLEAR && next >= FIRST_CODE - 1) {
      if (next >= FIRST_CODE) {
        start[next] = lastStart;
        length[next] = lastLength + 1;
      }
      lastStart = to;
      lastLength = 1;
      unpacked[to] = code;
      to += 1;
    } else if (code === CLEAR) {
      next = FIRST_CODE - 1; // the code behind it makes no entry
      codeBits = FIRST_BITS;
      continue;
    } else if (code === END) {
      throw tooLittle();
    } else if (code === next && next >= FIRST_CODE) {
      const source = lastStart;
      const count = Math.min(bytes - to, lastLength + 1);
      start[next] = lastStart;
      length[next] = lastLength + 1;
      lastStart = to;
      lastLength = count;
      for (let i = source; i < source + count; i += 1, to += 1) {
        unpacked[to] = unpacked[i] as number;
      }
    } else {
      throw corrupt("its pixels have a code that is none");
    }
    next += 1;
    if (next > (1 << codeBits) - 2 && codeBits < MOST_BITS) codeBits += 1;
    if (next >= TABLE) next = -1;
  }
  return unpacked;
}
