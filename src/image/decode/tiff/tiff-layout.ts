import { corrupt, truncated } from "../image-fault.js";
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
  /** Samples of a pixel. */
  planes: number;
  fillOrder: number;
  predictor: number;
  /** Of each strip or tile; 0: unknown. */
  offsets: readonly number[];
  byteCounts: readonly number[];
}

interface Entry {
  type: number;
  count: number;
  /** Where the values are. */
  at: number;
}

/** Bytes of the types that libtiff takes whole numbers of. */
const numberBytes: Readonly<Record<number, number>> = {
  1: 1,
  3: 2,
  4: 4,
  6: 1,
  8: 2,
  9: 4,
  16: 8,
  17: 8,
};
const UNDEFINED = 7;
const signedTypes: readonly number[] = [6, 8, 9, 17];
const MOST_ENTRIES = 4096;
const NO_ROWS_PER_STRIP = 2 ** 32 - 1;

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
  const planar = reader.single(TAG.planarConfiguration, 1);
  if (planar !== 1 && planar !== 2) throw corrupt(`its planar configuration is ${planar}`);
  const isTiled = reader.has(TAG.tileWidth) || reader.has(TAG.tileLength);
  const rowsPerStrip = reader.single(TAG.rowsPerStrip, NO_ROWS_PER_STRIP);
  const columns = isTiled ? reader.single(TAG.tileWidth, 0) : width;
  const rows = isTiled ? reader.single(TAG.tileLength, 0) : Math.min(height, rowsPerStrip);
  if (columns < 1 || rows < 1) throw corrupt("its strips or tiles have no pixels");
  const samples = reader.single(TAG.samplesPerPixel, 1);
  if (samples > 1) reader.single(TAG.photometric, 0);
  reader.perSample(TAG.bitsPerSample);
  reader.perSample(TAG.sampleFormat);
  reader.several(TAG.extraSamples, 65535);
  const isPlanar = planar === 2 && planes > 1;
  const blocks = Math.ceil(width / columns) * Math.ceil(height / rows) * (isPlanar ? planes : 1);
  if (blocks > file.length) throw truncated("it has fewer strips or tiles than it declares");
  const offsets =
    reader.several(isTiled ? TAG.tileOffsets : TAG.stripOffsets, blocks) ??
    reader.several(isTiled ? TAG.stripOffsets : TAG.tileOffsets, blocks);
  if (offsets === undefined) throw corrupt("it says nowhere where its pixels are");
  const byteCounts =
    reader.several(isTiled ? TAG.tileByteCounts : TAG.stripByteCounts, blocks) ??
    reader.several(isTiled ? TAG.stripByteCounts : TAG.tileByteCounts, blocks);
  if (byteCounts === undefined && blocks > 1) throw corrupt("its strips or tiles have no lengths");
  return {
    width,
    height,
    isTiled,
    columns,
    rows,
    isPlanar,
    planes,
    fillOrder: reader.optional(TAG.fillOrder, 1),
    predictor: reader.optional(TAG.predictor, 1),
    offsets,
    byteCounts: byteCounts ?? [],
  };
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
  if (count === 0 || count > MOST_ENTRIES) throw corrupt(`its directory has ${count} entries`);
  if (start + count * entryBytes > file.length) throw truncated("it ends within its directory");
  const entries = new Map<number, Entry>();
  for (let at = start; at < start + count * entryBytes; at += entryBytes) {
    const tag = number(at, 2);
    if (entries.has(tag)) continue;
    const entry = { type: number(at + 2, 2), count: number(at + 4, offsetBytes) };
    const unit = numberBytes[entry.type] ?? 1;
    const value = at + 4 + offsetBytes;
    const isInline = unit * entry.count <= offsetBytes;
    entries.set(tag, { ...entry, at: isInline ? value : number(value, offsetBytes) });
  }

  /** The first `most` values. */
  const several = (tag: number, most: number): number[] | undefined => {
    const entry = entries.get(tag);
    if (entry === undefined) return undefined;
    const unit = entry.type === UNDEFINED && entry.count === 1 ? 1 : numberBytes[entry.type];
    if (unit === undefined || entry.count === 0) throw corrupt(`its tag ${tag} holds no numbers`);
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
    return several(tag, 1)?.[0] ?? otherwise;
  };
  return {
    has: (tag: number): boolean => entries.has(tag),
    several,
    single,
    /** A number that libtiff does without where it cannot be read. */
    optional(tag: number, otherwise: number): number {
      try {
        return single(tag, otherwise);
      } catch {
        return otherwise;
      }
    },
    /** One number for all samples. */
    perSample(tag: number): void {
      const values = several(tag, 65535);
      if (values?.some((value) => value !== values[0]) === true) {
        throw corrupt(`its samples differ in tag ${tag}`);
      }
    },
  };
}
