import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import { corrupt, unsupported } from "../image-fault.js";
import { endsEarly, firstUnpacked } from "./unpacking-stream.js";

const MAGIC = 0xfd2fb528;
const MOST_IN_BLOCK = 1 << 17;
const BLOCK_HEADER = 3;
/** A block may be one byte, and how often it is repeated. */
export const MOST_ZSTD_RATIO = MOST_IN_BLOCK / (BLOCK_HEADER + 1);

/** What the decoder of zstddec is given at once: its memory grows with it, and never shrinks. */
const MOST_AT_ONCE = 1 << 28;

/** Node 22.15 and newer. */
interface WithZstd {
  createZstdDecompress?(options: { chunkSize: number }): Transform;
}
const { createZstdDecompress } = zlib as WithZstd;

type Decode = (packed: Uint8Array, most: number) => Uint8Array;
let decoder: Promise<Decode> | undefined;

async function loadDecoder(): Promise<Decode> {
  const { ZSTDDecoder } = await import("zstddec");
  const loaded = new ZSTDDecoder();
  await loaded.init();
  return (packed, most) => loaded.decode(packed, most);
}

/**
 * The first `bytes` of the first frame; what is behind them is not looked at. `most` is what a frame perhaps
 * holds.
 *
 * @throws {ImageFault}
 */
export async function unpackZstd(packed: Buffer, bytes: number, most: number): Promise<Buffer> {
  if (packed.length < 6 || packed.readUInt32LE(0) !== MAGIC) {
    throw corrupt("its pixels cannot be unpacked");
  }
  const frame = packed.subarray(0, frameBytes(packed));
  if (createZstdDecompress !== undefined) {
    return firstUnpacked(createZstdDecompress({ chunkSize: Math.max(64, bytes) }), frame, bytes);
  }
  if (frame.length + most > MOST_AT_ONCE) {
    throw unsupported(
      `this is a TIFF file with ZSTD strips or tiles of ${most} bytes; this version of Node reads no ` +
        `more than ${MOST_AT_ONCE}: take Node 22.15 or newer, or convert it`,
    );
  }
  decoder ??= loadDecoder();
  const decode = await decoder;
  const unpacked = decode(frame, Math.max(bytes, most)); // nothing where it cannot be decoded
  if (unpacked.length < bytes) throw endsEarly();
  return Buffer.from(unpacked.buffer, unpacked.byteOffset, bytes);
}

/** How long the first frame is (RFC 8878, 3.1.1). */
function frameBytes(packed: Buffer): number {
  const descriptor = packed[4] as number;
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number;
  const checksumBytes = (descriptor & 4) !== 0 ? 4 : 0;
  let at = 5 + (isSingle ? 0 : 1) + dictionaryBytes + sizeBytes;
  for (let isLast = false; !isLast; ) {
    if (at + BLOCK_HEADER > packed.length) return packed.length;
    const header = packed.readUIntLE(at, BLOCK_HEADER);
    isLast = (header & 1) === 1;
    const isRepeated = ((header >> 1) & 3) === 1;
    at += BLOCK_HEADER + (isRepeated ? 1 : header >> 3);
  }
  return Math.min(at + checksumBytes, packed.length);
}
