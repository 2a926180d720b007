import { UnsupportedPicture } from "./unsupported-picture.js";

const COMPRESSION = 259;

/** The compressions that the libtiff in sharp can undo. */
const readable = new Map([
  [1, "none"],
  [2, "CCITT RLE"],
  [3, "CCITT group 3"],
  [4, "CCITT group 4"],
  [5, "LZW"],
  [7, "JPEG"],
  [8, "deflate"],
  [32773, "PackBits"],
  [32946, "deflate"],
]);

/**
 * libtiff says of other compressions only in a warning that it cannot undo them, and the picture is
 * then whatever was in memory.
 *
 * @throws {UnsupportedPicture} for such a file.
 * @throws {RangeError} where the file ends early.
 */
export function requireReadableTiff(file: Buffer): void {
  const compression = firstValue(file, COMPRESSION) ?? 1;
  if (!readable.has(compression)) {
    const names = [...new Set(readable.values())].join(", ");
    throw new UnsupportedPicture(
      `this is a TIFF file of compression ${compression}; ${names} can be read`,
    );
  }
}

/** A tag of 16 bits in the first directory of a TIFF or BigTIFF file. */
function firstValue(file: Buffer, wanted: number): number | undefined {
  const little = file.readUInt8(0) === 0x49;
  const short = (at: number) => (little ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const long = (at: number) => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const longLong = (at: number) =>
    Number(little ? file.readBigUInt64LE(at) : file.readBigUInt64BE(at));
  const big = short(2) === 43;
  const directory = big ? longLong(8) : long(4);
  const entries = big ? longLong(directory) : short(directory);
  const start = directory + (big ? 8 : 2);
  const entryBytes = big ? 20 : 12;
  for (let entry = 0; entry < entries; entry += 1) {
    const at = start + entry * entryBytes;
    if (short(at) === wanted) return short(at + (big ? 12 : 8));
  }
  return undefined;
}
