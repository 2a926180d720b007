import { type TiffDirectory, tagNumber } from "./tiff-directory.js";
import { TAG } from "./tiff-format.js";

interface Strips {
  width: number;
  height: number;
  rowsPerStrip: number;
  strips: readonly Buffer[];
  /** Each sample's. */
  bits: number;
  samples: number;
  compression: number;
  fillOrder: number;
}

/** Tags that say how samples are packed and what they mean, beside those that Strips has. */
const kept: readonly number[] = [TAG.jpegTables];
const LONG = 4;
const HEADER_BYTES = 8;
const ENTRY_BYTES = 12;

/**
 * A TIFF file of strips, and of a directory's tags those alone that its decoder needs: numbers as they are
 * understood here, whatever the type and count that they are stored with.
 */
export function plainTiff(directory: TiffDirectory, { strips, ...size }: Strips): Buffer {
  const { littleEndian, tags } = directory;
  const number = (value: number, bytes = 4): Buffer => {
    const written = Buffer.alloc(bytes);
    if (littleEndian) written.writeUIntLE(value, 0, bytes);
    else written.writeUIntBE(value, 0, bytes);
    return written;
  };
  const longs = (values: readonly number[]) => ({
    type: LONG,
    count: values.length,
    data: Buffer.concat(values.map((value) => number(value))),
  });
  let end = HEADER_BYTES;
  const offsets = strips.map(({ length }) => {
    end += length;
    return end - length;
  });
  const entries = new Map<number, { type: number; count: number; data: Buffer }>();
  for (const tag of kept) {
    const stored = tags.get(tag);
    if (stored === undefined) continue;
    const unit = stored.type === LONG ? 4 : stored.type === 3 ? 2 : 1;
    entries.set(tag, { ...stored, count: stored.data.length / unit });
  }
  entries.set(TAG.bitsPerSample, longs(Array<number>(size.samples).fill(size.bits)));
  entries.set(TAG.samplesPerPixel, longs([size.samples]));
  entries.set(TAG.compression, longs([size.compression]));
  entries.set(TAG.photometric, longs([tagNumber(directory, TAG.photometric, 0)]));
  entries.set(TAG.fillOrder, longs([size.fillOrder]));
  entries.set(TAG.width, longs([size.width]));
  entries.set(TAG.height, longs([size.height]));
  entries.set(TAG.rowsPerStrip, longs([size.rowsPerStrip]));
  entries.set(TAG.stripOffsets, longs(offsets));
  entries.set(TAG.stripByteCounts, longs(strips.map(({ length }) => length)));

  const padding = end % 2;
  const directoryAt = end + padding;
  let valuesAt = directoryAt + 2 + entries.size * ENTRY_BYTES + 4;
  const values: Buffer[] = [];
  const written = [...entries]
    .sort(([a], [b]) => a - b)
    .map(([tag, { type, count, data }]) => {
      const inline = data.length <= 4;
      const value = inline
        ? Buffer.concat([data, Buffer.alloc(4 - data.length)])
        : number(valuesAt);
      if (!inline) {
        values.push(data);
        valuesAt += data.length;
      }
      return Buffer.concat([number(tag, 2), number(type, 2), number(count), value]);
    });
  return Buffer.concat([
    Buffer.from(littleEndian ? "II" : "MM", "latin1"),
    number(42, 2),
    number(directoryAt),
    ...strips,
    Buffer.alloc(padding),
    number(entries.size, 2),
    ...written,
    number(0),
    ...values,
  ]);
}
