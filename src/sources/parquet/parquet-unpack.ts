import * as zlib from "node:zlib";
import { unpackLz4Block } from "./lz4-block.js";

/** Unpacks bytes to just so many; what gives more or less is damaged. */
type Unpack = (input: Uint8Array, length: number) => Uint8Array | Promise<Uint8Array>;

/** Node's own know a limit. One of 0 they do not take. */
const limit = (length: number) => ({ maxOutputLength: Math.max(1, length) });

/** Snappy data begin with their length. */
function snappyLength(input: Uint8Array): number {
  let length = 0;
  for (let i = 0, scale = 1; i < 5; i += 1, scale *= 128) {
    const byte = input[i] ?? 0;
    length += (byte & 127) * scale;
    if (byte < 128) return length;
  }
  return -1;
}

let snappy: Promise<Unpack> | undefined;
const unpackSnappy: Unpack = async (input, length) => {
  // its own length is all that the library's memory is bounded by
  if (snappyLength(input) !== length) throw new RangeError("Snappy data are damaged");
  snappy ??= import("hysnappy").then(({ snappyUncompressor }) => snappyUncompressor());
  return (await snappy)(input, length);
};

/** Node 22.15 and newer. */
interface WithZstd {
  zstdDecompressSync?(input: Uint8Array, options: { maxOutputLength: number }): Buffer;
}
const { zstdDecompressSync } = zlib as WithZstd;

let zstd: Promise<Unpack> | undefined;
async function loadZstd(): Promise<Unpack> {
  const { ZSTDDecoder } = await import("zstddec");
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return (input, length) => decoder.decode(input, length);
}
const unpackZstd: Unpack = async (input, length) => {
  if (zstdDecompressSync !== undefined) return zstdDecompressSync(input, limit(length));
  zstd ??= loadZstd();
  return (await zstd)(input, length);
};

const unpackLz4: Unpack = (input, length) => {
  const output = Buffer.alloc(length);
  unpackLz4Block(input, output);
  return output;
};

/** Hadoop's framing: blocks, each after its two lengths; older writers leave it out. */
const HADOOP_HEADER = 8;

const unpackOldLz4: Unpack = (input, length) => {
  const view = Buffer.from(input.buffer, input.byteOffset, input.length);
  const output = Buffer.alloc(length);
  let at = 0;
  let done = 0;
  while (at + HADOOP_HEADER <= view.length) {
    const unpacked = view.readUInt32BE(at);
    const packed = view.readUInt32BE(at + 4);
    const start = at + HADOOP_HEADER;
    if (packed > view.length - start || unpacked > length - done) break;
    try {
      unpackLz4Block(view.subarray(start, start + packed), output.subarray(done, done + unpacked));
    } catch {
      break;
    }
    at = start + packed;
    done += unpacked;
  }
  return at === view.length && done === length ? output : unpackLz4(input, length);
};

/** By their numbers in the format. */
const codecs: Readonly<Record<number, { name: string; unpack: Unpack } | undefined>> = {
  1: { name: "Snappy", unpack: unpackSnappy },
  2: { name: "gzip", unpack: (input, length) => zlib.gunzipSync(input, limit(length)) },
  4: { name: "Brotli", unpack: (input, length) => zlib.brotliDecompressSync(input, limit(length)) },
  5: { name: "LZ4", unpack: unpackOldLz4 },
  6: { name: "Zstandard", unpack: unpackZstd },
  7: { name: "LZ4", unpack: unpackLz4 },
};

/**
 * The `length` bytes that a page has without compression.
 *
 * @throws {Error} where it is damaged.
 */
export async function unpackPage(codec: number, input: Buffer, length: number): Promise<Buffer> {
  const found = codecs[codec];
  if (found === undefined) throw new RangeError(`compression ${codec} is not read`);
  if (length === 0) return Buffer.alloc(0);
  const unpacked = await found.unpack(input, length);
  if (unpacked.length !== length) {
    throw new RangeError(
      `${found.name} data became ${unpacked.length} bytes in place of ${length}`,
    );
  }
  return Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.length);
}
