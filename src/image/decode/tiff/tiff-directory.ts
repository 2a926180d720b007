import { corrupt } from "../image-fault.js";

/** A tag's value as it is stored. */
interface TiffTag {
  type: number;
  data: Buffer;
}

/** The first directory of a TIFF or BigTIFF file. */
export interface TiffDirectory {
  littleEndian: boolean;
  tags: ReadonlyMap<number, TiffTag>;
}

const BYTE = 1;
const SHORT = 3;
const LONG = 4;
const SIGNED_BYTE = 6;
const SIGNED_SHORT = 8;
const SIGNED_LONG = 9;
const DIRECTORY = 13;
const LONG8 = 16;
const signedNumbers: readonly number[] = [SIGNED_BYTE, SIGNED_SHORT, SIGNED_LONG];
const wholeNumbers: readonly number[] = [SHORT, LONG, DIRECTORY, LONG8, ...signedNumbers];

/** Bytes of one value, by type; tags of types that are not here are passed over. */
export const valueBytes: Readonly<Record<number, number>> = {
  [BYTE]: 1,
  2: 1,
  [SHORT]: 2,
  [LONG]: 4,
  5: 8,
  [SIGNED_BYTE]: 1,
  7: 1,
  [SIGNED_SHORT]: 2,
  [SIGNED_LONG]: 4,
  10: 8,
  11: 4,
  12: 8,
  [DIRECTORY]: 4,
  [LONG8]: 8,
};

/** Beyond it there is no place in a file. */
const MOST_OFFSET = 2 ** 63;

/** A number of 2, 4 or 8 bytes. @throws {RangeError} behind the end of the file. */
function numberAt(file: Buffer, littleEndian: boolean, at: number, bytes: number): number {
  if (bytes === 8)
    return Number(littleEndian ? file.readBigUInt64LE(at) : file.readBigUInt64BE(at));
  return littleEndian ? file.readUIntLE(at, bytes) : file.readUIntBE(at, bytes);
}

/**
 * Reads it as Pillow 13 does: of two tags with one number the first counts that has a value; a value that makes all of
 * them more than the file is left out; and where one is not in the file, that tag and those behind it are left out.
 * (Pillow does not know big-endian BigTIFF.)
 *
 * @throws {RangeError} where the file ends before its directory.
 */
export function readTiffDirectory(file: Buffer): TiffDirectory {
  const littleEndian = file.readUInt8(0) === 0x49;
  const isBig = file.readUInt8(2) === 43;
  const number = (at: number, bytes: number) => numberAt(file, littleEndian, at, bytes);
  const [offsetBytes, countBytes] = isBig ? [8, 8] : [4, 2];
  const directory = number(isBig ? 8 : 4, offsetBytes);
  const tags = new Map<number, TiffTag>();
  const entryBytes = 4 + 2 * offsetBytes;
  const entries = number(directory, countBytes);
  let bytesElsewhere = 0;
  for (let entry = 0; entry < entries; entry += 1) {
    const at = directory + countBytes + entry * entryBytes;
    if (at + entryBytes > file.length) break;
    const tag = number(at, 2);
    const type = number(at + 2, 2);
    const unit = valueBytes[type];
    if (unit === undefined || tags.has(tag)) continue;
    const bytes = unit * number(at + 4, offsetBytes);
    const value = at + 4 + offsetBytes;
    const isElsewhere = bytes > offsetBytes;
    const start = isElsewhere ? number(value, offsetBytes) : value;
    if (isElsewhere) {
      if (start >= MOST_OFFSET) continue;
      bytesElsewhere += bytes;
      if (bytesElsewhere > file.length) continue;
    }
    if (start + bytes > file.length) break;
    if (bytes > 0) tags.set(tag, { type, data: file.subarray(start, start + bytes) });
  }
  return { littleEndian, tags };
}

/**
 * A tag's whole numbers; undefined where there is no such tag.
 *
 * @throws {ImageFault} where it holds something else.
 */
export function tagNumbers(
  { littleEndian, tags }: TiffDirectory,
  tag: number,
): number[] | undefined {
  const stored = tags.get(tag);
  if (stored === undefined) return undefined;
  const { type, data } = stored;
  const bytes = valueBytes[type] as number;
  if (!wholeNumbers.includes(type)) throw corrupt(`its tag ${tag} holds no numbers`);
  return Array.from({ length: data.length / bytes }, (_, i) => {
    const value = numberAt(data, littleEndian, i * bytes, bytes);
    return signedNumbers.includes(type) && value >= 2 ** (8 * bytes - 1)
      ? value - 2 ** (8 * bytes)
      : value;
  });
}

/** As tagNumbers(), of a list that may be of bytes: Python goes through those as numbers. */
export function tagList(directory: TiffDirectory, tag: number): number[] | undefined {
  const stored = directory.tags.get(tag);
  return stored?.type === BYTE ? [...stored.data] : tagNumbers(directory, tag);
}

/** Whether a tag holds one of the numbers that tagNumbers() reads. */
export function holdsNumbers({ tags }: TiffDirectory, tag: number): boolean {
  const stored = tags.get(tag);
  return stored !== undefined && wholeNumbers.includes(stored.type);
}

/** A tag's first whole number, or `otherwise` where there is no such tag. @throws as tagNumbers() */
export function tagNumber(directory: TiffDirectory, tag: number, otherwise: number): number {
  return tagNumbers(directory, tag)?.[0] ?? otherwise;
}
