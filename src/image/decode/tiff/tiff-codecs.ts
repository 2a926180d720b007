import { createInflate } from "node:zlib";
import { type NativeRefusal, nativeAddon, type TiffFaxCoding } from "../../../native/addon.js";
import { corrupt, type FaultCode, ImageFault } from "../image-fault.js";
import type { TiffLayout } from "./tiff-layout.js";

/**
 * What undoes one of TIFF's compressions: each of `packed` to as many bytes as `sizes` says.
 *
 * @throws {ImageFault} where libtiff says that it cannot: where there is too little or a code that is
 * none. What is too much is not looked at.
 */
export type TiffCodec = (
  packed: readonly Buffer[],
  sizes: readonly number[],
) => Promise<readonly Buffer[]>;

/** Those that are undone here, by their numbers. */
export const tiffCodecs: ReadonlyMap<number, TiffCodec> = new Map<number, TiffCodec>([
  [5, natively((packed, unpacked) => nativeAddon().unpackTiffLzw(packed, unpacked))],
  [8, oneByOne(inflate)],
  [32773, oneByOne(unpackBits)],
  [32946, oneByOne(inflate)],
]);

function oneByOne(codec: (packed: Buffer, bytes: number) => Buffer | Promise<Buffer>): TiffCodec {
  return async (packed, sizes) => {
    const unpacked: Buffer[] = [];
    for (const [i, bytes] of sizes.entries())
      unpacked.push(await codec(packed[i] as Buffer, bytes));
    return unpacked;
  };
}

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

/** One for all strips or tiles of an image, which is to get them together. */
export function faxCodec({ compression, t4Options, columns }: TiffLayout): TiffCodec {
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
): TiffCodec {
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
