import type { YccSampling } from "./jpeg-sampling.js";
import { TAG } from "./tiff-format.js";

interface JpegStrips {
  width: number;
  height: number;
  rows: number;
  photometric: number;
  /** Of 8 bits. */
  samples: number;
  /** Of YCbCr. */
  sampling: YccSampling | null;
  tables: Uint8Array;
  strips: readonly Buffer[];
}

interface Entry {
  type: number;
  count: number;
  data: Buffer;
}

const LONG = 4;
const UNDEFINED = 7;
const JPEG = 7;
const HEADER_BYTES = 8;
const ENTRY_BYTES = 12;

/** A TIFF file of JPEG strips, with those tags alone that its decoder needs. */
export function jpegStripsTiff({ strips, ...image }: JpegStrips): Buffer {
  let end = HEADER_BYTES;
  const offsets = strips.map(({ length }) => {
    end += length;
    return end - length;
  });
  const entries: [number, Entry][] = [
    [TAG.width, longs([image.width])],
    [TAG.height, longs([image.height])],
    [TAG.bitsPerSample, longs(Array<number>(image.samples).fill(8))],
    [TAG.compression, longs([JPEG])],
    [TAG.photometric, longs([image.photometric])],
    [TAG.stripOffsets, longs(offsets)],
    [TAG.samplesPerPixel, longs([image.samples])],
    [TAG.rowsPerStrip, longs([image.rows])],
    [TAG.stripByteCounts, longs(strips.map(({ length }) => length))],
    [
      TAG.jpegTables,
      { type: UNDEFINED, count: image.tables.length, data: Buffer.from(image.tables) },
    ],
  ];
  if (image.sampling !== null) {
    entries.push([TAG.yccSubsampling, longs([image.sampling.across, image.sampling.down])]);
  }
  const padding = end % 2;
  const directoryAt = end + padding;
  let valuesAt = directoryAt + 2 + entries.length * ENTRY_BYTES + 4;
  const values: Buffer[] = [];
  const written = entries.map(([tag, { type, count, data }]) => {
    const isInline = data.length <= 4;
    const value = isInline
      ? Buffer.concat([data, Buffer.alloc(4 - data.length)])
      : number(valuesAt);
    if (!isInline) {
      values.push(data);
      valuesAt += data.length;
    }
    return Buffer.concat([number(tag, 2), number(type, 2), number(count), value]);
  });
  return Buffer.concat([
    Buffer.from("II", "latin1"),
    number(42, 2),
    number(directoryAt),
    ...strips,
    Buffer.alloc(padding),
    number(entries.length, 2),
    ...written,
    number(0),
    ...values,
  ]);
}

function number(value: number, bytes = 4): Buffer {
  const written = Buffer.alloc(bytes);
  written.writeUIntLE(value, 0, bytes);
  return written;
}

function longs(values: readonly number[]): Entry {
  return {
    type: LONG,
    count: values.length,
    data: Buffer.concat(values.map((value) => number(value))),
  };
}
