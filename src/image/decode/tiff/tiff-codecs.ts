import { createInflate } from "node:zlib";
import type { NativeRefusal, TiffFaxCoding } from "../../../native/addon.js";
import { nativeAddon } from "../../../native/load-addon.js";
import { type FaultCode, ImageFault } from "../image-fault.js";
import type { TiffLayout } from "./tiff-layout.js";
import { MOST_ZSTD_RATIO, unpackZstd } from "./tiff-zstd.js";
import { endsEarly, firstUnpacked } from "./unpacking-stream.js";

/**
 * What undoes one of TIFF's compressions: each of `packed` to as many bytes as `sizes` says. `most` is what a strip or
 * tile is unpacked to that has all its rows.
 *
 * @throws {ImageFault} where libtiff says that it cannot: where there is too little or a code that is
 * none. What is too much is not looked at.
 */
export type TiffUnpack = (
  packed: readonly Buffer[],
  sizes: readonly number[],
  most: number,
) => Promise<readonly Buffer[]>;

export interface TiffCodec {
  /** No byte is unpacked to more of them. */
  mostRatio: number;
  unpack: TiffUnpack;
}

const lzw: TiffCodec = {
  mostRatio: 4096, // with the longest of strings, some 3500
  unpack: natively((packed, unpacked) => nativeAddon().unpackTiffLzw(packed, unpacked)),
};
const deflate: TiffCodec = { mostRatio: 1032, unpack: oneByOne(inflate) };
const packBits: TiffCodec = { mostRatio: 64, unpack: oneByOne(unpackBits) };
const zstd: TiffCodec = { mostRatio: MOST_ZSTD_RATIO, unpack: oneByOne(unpackZstd) };

/** Those that are undone here, by their numbers. */
export const tiffCodecs: ReadonlyMap<number, TiffCodec> = new Map([
  [5, lzw],
  [8, deflate],
  [32773, packBits],
  [32946, deflate],
  [50000, zstd],
]);

function oneByOne(
  codec: (packed: Buffer, bytes: number, most: number) => Buffer | Promise<Buffer>,
): TiffUnpack {
  return async (packed, sizes, most) => {
    const unpacked: Buffer[] = [];
    for (const [i, bytes] of sizes.entries())
      unpacked.push(await codec(packed[i] as Buffer, bytes, most));
    return unpacked;
  };
}

/** A number of bytes says how many follow as they are, or how often one is repeated. */
function unpackBits(packed: Buffer, bytes: number): Buffer {
  const unpacked = Buffer.alloc(bytes);
  let at = 0;
  let to = 0;
  while (to < bytes) {
    const count = packed[at];
    if (count === undefined) throw endsEarly();
    at += 1;
    if (count === 128) continue;
    if (count > 128) {
      const value = packed[at];
      if (value === undefined) throw endsEarly();
      const end = Math.min(bytes, to + 257 - count);
      unpacked.fill(value, to, end);
      to = end;
      at += 1;
    } else {
      const length = Math.min(bytes - to, count + 1);
      if (at + length > packed.length) throw endsEarly();
      packed.copy(unpacked, to, at, at + length);
      to += length;
      at += count + 1;
    }
  }
  return unpacked;
}

/** All in one call to zlib, which then checks the sum behind the last byte as libtiff's does. */
function inflate(packed: Buffer, bytes: number): Promise<Buffer> {
  return firstUnpacked(createInflate({ chunkSize: Math.max(64, bytes) }), packed, bytes);
}

/** One for all strips or tiles of an image, which is to get them together. */
export function faxCodec({ compression, t4Options, columns }: TiffLayout): TiffUnpack {
  const codings: Readonly<Record<number, TiffFaxCoding>> = {
    2: "rows",
    3: (t4Options & 1) === 0 ? "group3" : "group3Mixed",
    4: "group4",
  };
  const coding = codings[compression] as TiffFaxCoding;
  return natively((packed, unpacked) =>
    nativeAddon().unpackTiffFax(packed, unpacked, coding, columns),
  );
}

/** On libuv's threads. */
function natively(
  unpack: (packed: readonly Buffer[], unpacked: readonly Buffer[]) => Promise<NativeRefusal | null>,
): TiffUnpack {
  return async (packed, sizes) => {
    // one piece of memory: many small ones keep V8's garbage collector busy
    const memory = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + size, 0));
    let end = 0;
    const unpacked = sizes.map((size) => {
      end += size;
      return memory.subarray(end - size, end);
    });
    const refusal = await unpack(packed, unpacked);
    if (refusal !== null) throw new ImageFault(refusal.code as FaultCode, refusal.message);
    return unpacked;
  };
}
