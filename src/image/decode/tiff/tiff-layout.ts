import { corrupt, truncated } from "../image-fault.js";
import type { YccSampling } from "./jpeg-sampling.js";
import { valueBytes } from "./tiff-directory.js";
import { TAG } from "./tiff-format.js";

/** How a compressed TIFF image is laid out, as libtiff reads its directory. */
export interface TiffLayout {
  width: number;
  height: number;
  isTiled: boolean;
  /** Of a strip or tile. */
  columns: number;
  rows: number;
  isPlanar: boolean;
  /** Samples of a pixel, and of planes that are stored. */
  planes: number;
  /** Of a pixel: of all samples, or of a plane's. */
  pixelBits: number;
  compression: number;
  fillOrder: number;
  predictor: number;
  /** Of CCITT group 3. */
  t4Options: number;
  /** Of each strip or tile; 0: unknown. */
  offsets: readonly number[];
  byteCounts: readonly number[];
  /** Of JPEG data; undefined: its strips have their own. */
  jpegTables: Buffer | undefined;
  /** Of YCbCr: what the file declares. */
  subsampling: YccSampling | undefined;
  /** What libtiff takes for the length of a strip that is the only one, where it is unknown. */
  unknownBytes: number;
}

interface Entry {
  type: number;
  count: number;
  /** Where the values are. */
  at: number;
}

/** A place in the file, which libtiff takes for a number of 32 bits, and of no fewer. */
const PLACE = 13;
/** Bytes of the types that libtiff takes whole numbers of. */
const numberBytes: Readonly<Record<number, number>> = {
  1: 1,
  3: 2,
  4: 4,
  6: 1,
  8: 2,
  9: 4,
  [PLACE]: 4,
  16: 8,
  17: 8,
};
const typeBytes: Readonly<Record<number, number>> = {
  ...valueBytes,
  0: 1,
  17: 8,
  18: 8,
};
const signedTypes: readonly number[] = [6, 8, 9, 17];
/** Unspecified, and alpha of three kinds. */
const extraKinds: readonly number[] = [0, 1, 2, 999];
const MOST_ENTRIES = 4096;
const PALETTE = 3;
const YCC = 6;
const ASCII = 2;
const UNDEFINED = 7;
const MOST_SHORT = 2 ** 16 - 1;
const MOST_LONG = 2 ** 32 - 1;
const NO_ROWS_PER_STRIP = MOST_LONG;

/**
 * Unlike Pillow, libtiff takes the first of two tags with one number, needs the whole of its list, and
 * refuses values of a wrong type or count of the tags that say where pixels are.
 *
 * @throws {ImageFault}
 */
export function readTiffLayout(file: Buffer, planes: number): TiffLayout {
  const reader = directoryReader(file);
  const width = reader.single(TAG.width, 0);
  const height = reader.single(TAG.height, 0);
  const planar = reader.short(TAG.planarConfiguration, 1);
  if (planar !== 1 && planar !== 2) throw corrupt(`its planar configuration is ${planar}`);
  const isTiled = reader.has(TAG.tileWidth) || reader.has(TAG.tileLength);
  const rowsPerStrip = reader.single(TAG.rowsPerStrip, NO_ROWS_PER_STRIP);
  const columns = isTiled ? reader.single(TAG.tileWidth, 0) : width;
  const rows = isTiled ? reader.single(TAG.tileLength, 0) : Math.min(height, rowsPerStrip);
  if (columns < 1 || rows < 1) throw corrupt("its strips or tiles have no pixels");
  const samples = reader.short(TAG.samplesPerPixel, 1);
  const bits = reader.perSample(TAG.bitsPerSample, samples) ?? 1;
  const compression = reader.perSample(TAG.compression, samples) ?? 1;
  reader.perSample(TAG.sampleFormat, samples);
  const extra = reader.several(TAG.extraSamples, MOST_SHORT) ?? [];
  if (extra.length > samples || !extra.every((kind) => extraKinds.includes(kind))) {
    throw corrupt("its extra samples are of no kind");
  }
  const isPalette = reader.optional(TAG.photometric, 0) === PALETTE;
  if (isPalette && bits < 8 && reader.count(TAG.colourMap) !== 3 * 2 ** bits) {
    throw corrupt("its palette does not have the colours of its bits");
  }
  const isPlanar = planar === 2 && planes > 1;
  const blocks = Math.ceil(width / columns) * Math.ceil(height / rows) * (isPlanar ? planes : 1);
  if (blocks > file.length) throw truncated("it has fewer strips or tiles than it declares");
  const starts = reader.later(TAG.stripOffsets, TAG.tileOffsets);
  const offsets = reader.several(starts, blocks);
  if (offsets === undefined) throw corrupt("it says nowhere where its pixels are");
  const lengths = reader.later(TAG.stripByteCounts, TAG.tileByteCounts);
  const byteCounts = reader.several(lengths, blocks);
  if (byteCounts === undefined && blocks > 1) throw corrupt("its strips or tiles have no lengths");
  const counts = [starts, lengths].map(reader.count);
  if (byteCounts !== undefined && counts[0] !== counts[1]) {
    const isLarge = [starts, lengths].some((tag) => reader.bytesOf(tag) > file.length);
    if (isLarge) throw corrupt("its strips or tiles have more places than lengths, or fewer");
  }
  return {
    width,
    height,
    isTiled,
    columns,
    rows,
    isPlanar,
    planes,
    pixelBits: planar === 2 ? bits : bits * samples,
    compression,
    fillOrder: reader.optional(TAG.fillOrder, 1),
    predictor: reader.optional(TAG.predictor, 1),
    t4Options: reader.optional(TAG.t4Options, 0),
    offsets,
    byteCounts: byteCounts ?? [],
    jpegTables: reader.bytes(TAG.jpegTables),
    subsampling: subsamplingOf(reader),
    unknownBytes: reader.bytesOfPixels,
  };
}

/** @throws {ImageFault} for YCbCr of a sampling that TIFF does not have. */
function subsamplingOf(reader: ReturnType<typeof directoryReader>): YccSampling | undefined {
  const [across = 0, down = 0] = reader.optionalPair(TAG.yccSubsampling) ?? [2, 2];
  const isOfTiff = [across, down].every((factor) => [1, 2, 4].includes(factor));
  if (reader.optional(TAG.photometric, 0) === YCC && !isOfTiff) {
    throw corrupt(`its samples of chroma are ${across} x ${down} times fewer than of luma`);
  }
  return reader.optionalPair(TAG.yccSubsampling) && { across, down };
}

function requireAtMost(tag: number, most: number, value: number): number {
  if (value > most) throw corrupt(`its tag ${tag} holds a number that is too large`);
  return value;
}

function unlessFault<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function directoryReader(file: Buffer) {
  const littleEndian = file.readUInt8(0) === 0x49;
  const isBig = file.readUInt8(littleEndian ? 2 : 3) === 43;
  const number = (at: number, bytes: number): number => {
    if (bytes < 8) return littleEndian ? file.readUIntLE(at, bytes) : file.readUIntBE(at, bytes);
    return Number(littleEndian ? file.readBigUInt64LE(at) : file.readBigUInt64BE(at));
  };
  const [offsetBytes, countBytes] = isBig ? [8, 8] : [4, 2];
  const directory = number(isBig ? 8 : 4, offsetBytes);
  const count = number(directory, countBytes);
  const entryBytes = 4 + 2 * offsetBytes;
  const start = directory + countBytes;
  // the header, the directory and the values that are not in it
  let bytesOfOthers = 2 * offsetBytes + countBytes + count * entryBytes + offsetBytes;
  if (count === 0 || count > MOST_ENTRIES) throw corrupt(`its directory has ${count} entries`);
  if (start + count * entryBytes > file.length) throw truncated("it ends within its directory");
  const entries = new Map<number, Entry>();
  for (let at = start; at < start + count * entryBytes; at += entryBytes) {
    const tag = number(at, 2);
    const entry = { type: number(at + 2, 2), count: number(at + 4, offsetBytes) };
    const bytes = (typeBytes[entry.type] ?? Number.NaN) * entry.count;
    if (!(bytes <= offsetBytes)) bytesOfOthers += bytes;
    if (entries.has(tag)) continue;
    const unit = numberBytes[entry.type] ?? 1;
    const value = at + 4 + offsetBytes;
    const isInline = unit * entry.count <= offsetBytes;
    entries.set(tag, { ...entry, at: isInline ? value : number(value, offsetBytes) });
  }

  /** The first `most` values. */
  const several = (tag: number, most: number): number[] | undefined => {
    const entry = entries.get(tag);
    if (entry === undefined) return undefined;
    const unit = numberBytes[entry.type];
    if (unit === undefined) throw corrupt(`its tag ${tag} holds no numbers`);
    const length = Math.min(most, entry.count);
    if (entry.at + unit * length > file.length)
      throw truncated(`the values of its tag ${tag} are cut`);
    return Array.from({ length }, (_, i) => {
      const value = number(entry.at + i * unit, unit);
      if (signedTypes.includes(entry.type) && value >= 2 ** (8 * unit - 1)) {
        throw corrupt(`its tag ${tag} holds a negative number`);
      }
      return value;
    });
  };
  const single = (tag: number, otherwise: number): number => {
    const entry = entries.get(tag);
    if (entry === undefined) return otherwise;
    if (entry.count !== 1) throw corrupt(`its tag ${tag} has ${entry.count} values`);
    return requireAtMost(tag, MOST_LONG, several(tag, 1)?.[0] ?? otherwise);
  };
  const requireShorts = (tag: number): void => {
    if (entries.get(tag)?.type === PLACE) throw corrupt(`its tag ${tag} holds no numbers`);
  };
  const tags = [...entries.keys()];
  return {
    /** As far as libtiff can tell; not a number where a tag has a type that it does not know. */
    bytesOfPixels: file.length < bytesOfOthers ? file.length : file.length - bytesOfOthers,
    /** Of two tags with one meaning the one that comes later, and so counts. */
    later: (one: number, other: number): number =>
      tags.indexOf(one) > tags.indexOf(other) ? one : other,
    has: (tag: number): boolean => entries.has(tag),
    /** A tag's bytes, or its numbers as bytes; nothing where they are none or cannot be read. */
    bytes(tag: number): Buffer | undefined {
      const { type = 0, count = 0, at = 0 } = entries.get(tag) ?? {};
      if (count === 0) return undefined;
      if (type === UNDEFINED || type === ASCII) {
        return at + count > file.length ? undefined : file.subarray(at, at + count);
      }
      const values = unlessFault(() => several(tag, MOST_LONG));
      return values?.every((value) => value < 256) ? Buffer.from(values) : undefined;
    },
    /** Two numbers of no more than 16 bits, which libtiff does without where they cannot be read. */
    optionalPair(tag: number): readonly number[] | undefined {
      if (entries.get(tag)?.count !== 2) return undefined;
      const values = unlessFault(() => several(tag, 2));
      return values?.every((value) => value <= MOST_SHORT) ? values : undefined;
    },
    count: (tag: number): number => entries.get(tag)?.count ?? 0,
    /** What all of its values would take. */
    bytesOf(tag: number): number {
      const { count = 0, type = 0 } = entries.get(tag) ?? {};
      return count * (numberBytes[type] ?? 0);
    },
    several,
    /** One number of no more than 32 bits. */
    single,
    short(tag: number, otherwise: number): number {
      requireShorts(tag);
      return requireAtMost(tag, MOST_SHORT, single(tag, otherwise));
    },
    /** A number that libtiff does without where it cannot be read. */
    optional(tag: number, otherwise: number): number {
      const value = unlessFault(() => {
        requireShorts(tag);
        return single(tag, otherwise);
      });
      return value ?? otherwise;
    },
    /** One number for all samples, or the same for each. */
    perSample(tag: number, samples: number): number | undefined {
      requireShorts(tag);
      const values = several(tag, MOST_SHORT);
      if (values === undefined) return undefined;
      const ofSamples = values.length === 1 ? values : values.slice(0, samples);
      const isOne = ofSamples.length === samples || values.length === 1;
      if (!isOne || ofSamples.some((value) => value !== values[0])) {
        throw corrupt(`its samples differ in tag ${tag}`);
      }
      return requireAtMost(tag, MOST_SHORT, values[0] ?? 0);
    },
  };
}
