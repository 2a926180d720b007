import { endianness } from "node:os";
import type { DecodedPixels } from "../../../native/addon.js";
import { corrupt } from "../image-fault.js";
import { type TiffDirectory, tagList } from "./tiff-directory.js";
import { TAG, type TiffFormat } from "./tiff-format.js";

/** Rows of pixels as they lie in a strip or tile. */
export interface TiffRows {
  samples: Buffer;
  littleEndian: boolean;
  /** Bytes from one row to the next. */
  stride: number;
  left: number;
  top: number;
  width: number;
  height: number;
  /** The plane that they are of; null: all samples of a pixel lie together. */
  plane: number | null;
}

/** An image that rows are put into; what none is put into stays black. */
export interface TiffCanvas extends DecodedPixels {
  place(rows: TiffRows): void;
}

const channelsOf = { grey: 1, grey16: 2, rgb: 3, cmyk: 4 } as const;
const SHOWN: Readonly<Record<TiffFormat["kind"], keyof typeof channelsOf>> = {
  grey: "grey",
  grey16: "grey16",
  integer: "grey",
  float: "grey",
  rgb: "rgb",
  palette: "rgb",
  cmyk: "cmyk",
  ycc: "rgb",
  alpha: "grey",
};

export const machineIsLittle = endianness() === "LE";

/** Bytes of a row of `width` pixels, of all planes or of one. */
export function rowBytes({ bits, samples }: TiffFormat, width: number, isPlane: boolean): number {
  return Math.ceil((width * bits * (isPlane ? 1 : samples)) / 8);
}

interface ShownImage {
  directory: TiffDirectory;
  format: TiffFormat;
  width: number;
  height: number;
}

/** Whether samples, those of a pixel together, are what is shown. */
export function isShownAsStored({ kind, bits, samples, reversed, inverted }: TiffFormat): boolean {
  const isPlain = kind === "rgb" || kind === "cmyk" || kind === "grey";
  return isPlain && bits === 8 && samples === channelsOf[kind] && !reversed && !inverted;
}

/** With the palette of the file. @throws {ImageFault} */
export function canvasOf({ directory, format, width, height }: ShownImage): TiffCanvas {
  const palette = format.kind === "palette" ? tagList(directory, TAG.colourMap) : [];
  if (palette === undefined) throw corrupt("it has no palette");
  if (palette.length >= 3 * 257) throw corrupt("its palette has more than 256 colours");
  return tiffCanvas(format, width, height, palette);
}

/** `palette`: of 16 bits, all reds before all greens before all blues. */
export function tiffCanvas(
  format: TiffFormat,
  width: number,
  height: number,
  palette: readonly number[],
): TiffCanvas {
  const shown = SHOWN[format.kind];
  const channels = channelsOf[shown];
  const data = Buffer.alloc(width * height * channels);
  const copiesRows = isShownAsStored(format);
  const place = (rows: TiffRows): void => {
    for (let y = 0; y < rows.height; y += 1) {
      const from = y * rows.stride;
      const to = ((rows.top + y) * width + rows.left) * channels;
      if (copiesRows && (rows.plane === null || channels === 1)) {
        rows.samples.copy(data, to, from, from + rows.width * channels);
      } else {
        placeRow(rows, from, to);
      }
    }
  };
  const placeRow = rowPlacer(format, data, channels, palette);
  return { data, width, height, format: shown, place };
}

type RowPlacer = (rows: TiffRows, from: number, to: number) => void;

function rowPlacer(
  format: TiffFormat,
  data: Buffer,
  channels: number,
  palette: readonly number[],
): RowPlacer {
  const { kind, bits, samples } = format;
  if (kind === "rgb" || kind === "cmyk") return colourPlacer(format, data, channels);
  if (kind === "ycc") return yccPlacer(data);
  if (kind === "alpha") return alphaPlacer(format, data);
  const level = levelReader(format);
  if (kind === "palette") {
    const colours = coloursOf(palette);
    const isByte = bits === 8 && !format.reversed;
    return (rows, from, to) => {
      const source = rows.samples;
      for (let x = 0, pixel = to; x < rows.width; x += 1, pixel += 3) {
        const index = isByte
          ? (source[from + x * samples] as number)
          : level(rows, from, x * samples);
        data[pixel] = colours[3 * index] as number;
        data[pixel + 1] = colours[3 * index + 1] as number;
        data[pixel + 2] = colours[3 * index + 2] as number;
      }
    };
  }
  if (kind === "grey16") {
    return (rows, from, to) => {
      for (let x = 0; x < rows.width; x += 1) {
        const value = level(rows, from, x);
        if (machineIsLittle) data.writeUInt16LE(value, to + 2 * x);
        else data.writeUInt16BE(value, to + 2 * x);
      }
    };
  }
  const scale = bits < 8 ? 255 / (2 ** bits - 1) : 1;
  return (rows, from, to) => {
    for (let x = 0; x < rows.width; x += 1) {
      const value = level(rows, from, rows.plane === null ? x * samples : x) * scale;
      const shown = value > 0 ? Math.min(255, Math.trunc(value)) : 0;
      data[to + x] = format.inverted ? 255 - shown : shown;
    }
  };
}

function colourPlacer(format: TiffFormat, data: Buffer, channels: number): RowPlacer {
  const { bits, samples, reversed, premultiplied } = format;
  const bytes = bits >> 3;
  return ({ samples: source, littleEndian, width, plane }, from, to) => {
    const high = bits === 16 && littleEndian ? 1 : 0;
    const step = plane === null ? samples * bytes : bytes;
    for (let channel = 0; channel < channels; channel += 1) {
      if (plane !== null && plane !== channel) continue;
      let at = from + high + (plane === null ? channel * bytes : 0);
      const end = to + width * channels;
      for (let pixel = to + channel; pixel < end; pixel += channels, at += step) {
        const stored = source[at] as number;
        data[pixel] = reversed ? mirror(stored) : stored;
      }
    }
    if (!premultiplied) return;
    for (let x = 0; x < width; x += 1) {
      const alpha = source[from + x * step + 3 * bytes + high] as number;
      if (alpha === 255) continue;
      for (let at = to + x * channels; at < to + (x + 1) * channels; at += 1) {
        const value = Math.trunc(((data[at] as number) * 255) / alpha);
        data[at] = alpha === 0 ? 0 : Math.min(255, value);
      }
    }
  };
}

/** Of 16 bits, the upper byte. */
function alphaPlacer({ bits, samples, alpha }: TiffFormat, data: Buffer): RowPlacer {
  const bytes = bits >> 3;
  const sample = alpha ?? 0;
  return ({ samples: source, littleEndian, width, plane }, from, to) => {
    if (plane !== null && plane !== sample) return;
    const step = plane === null ? samples * bytes : bytes;
    let at = from + (plane === null ? sample * bytes : 0);
    if (bits === 16 && littleEndian) at += 1;
    for (let x = 0; x < width; x += 1, at += step) data[to + x] = source[at] as number;
  };
}

/** By the tables that Pillow converts its YCbCr images by: of 6 fraction bits. */
function yccPlacer(data: Buffer): RowPlacer {
  const scaled = (factor: number) =>
    Int16Array.from({ length: 256 }, (_, i) => Math.trunc(64 * factor * (i - 128) + 0.5));
  const [redOfCr, greenOfCb] = [scaled(1.402), scaled(-0.34414)];
  const [greenOfCr, blueOfCb] = [scaled(-0.71414), scaled(1.772)];
  const clipped = (value: number): number => Math.max(0, Math.min(255, value));
  return ({ samples, width }, from, to) => {
    for (let at = 0; at < 3 * width; at += 3) {
      const y = samples[from + at] as number;
      const cb = samples[from + at + 1] as number;
      const cr = samples[from + at + 2] as number;
      const green = (greenOfCb[cb] as number) + (greenOfCr[cr] as number);
      data[to + at] = clipped(y + ((redOfCr[cr] as number) >> 6));
      data[to + at + 1] = clipped(y + (green >> 6));
      data[to + at + 2] = clipped(y + ((blueOfCb[cb] as number) >> 6));
    }
  };
}

/** Red, green and blue of each index; what the palette does not have is black. */
function coloursOf(palette: readonly number[]): Buffer {
  const entries = Math.floor(palette.length / 3);
  const colours = Buffer.alloc(3 * 256);
  for (let i = 0; i < 3 * Math.min(256, entries); i += 1) {
    colours[i] = (palette[(i % 3) * entries + Math.floor(i / 3)] as number) >> 8;
  }
  return colours;
}

/** What reads sample `i` of a row. */
function levelReader({ kind, bits, reversed }: TiffFormat) {
  if (kind === "float") {
    return ({ samples, littleEndian }: TiffRows, from: number, i: number): number => {
      const at = from + 4 * i;
      return littleEndian ? samples.readFloatLE(at) : samples.readFloatBE(at);
    };
  }
  if (bits === 32) {
    return ({ samples, littleEndian }: TiffRows, from: number, i: number): number =>
      littleEndian ? samples.readInt32LE(from + 4 * i) : samples.readInt32BE(from + 4 * i);
  }
  if (bits === 16) {
    return ({ samples, littleEndian }: TiffRows, from: number, i: number): number => {
      const [first, second] = [
        samples[from + 2 * i] as number,
        samples[from + 2 * i + 1] as number,
      ];
      const [low, high] = littleEndian ? [first, second] : [second, first];
      const value = reversed ? (mirror(high) << 8) | mirror(low) : (high << 8) | low;
      return kind === "integer" && value >= 0x8000 ? value - 0x1_0000 : value;
    };
  }
  if (bits === 12) {
    return ({ samples }: TiffRows, from: number, i: number): number => {
      const at = from + ((3 * i) >> 1);
      const [first, second = 0] = [samples[at] as number, samples[at + 1]];
      return (i & 1) === 0 ? (first << 4) | (second >> 4) : ((first & 15) << 8) | second;
    };
  }
  return ({ samples }: TiffRows, from: number, i: number): number => {
    const bit = i * bits;
    const stored = samples[from + (bit >> 3)] as number;
    const byte = reversed ? mirror(stored) : stored;
    return (byte >> (8 - bits - (bit & 7))) & (2 ** bits - 1);
  };
}

/** A byte with its bits in the other order. */
export function mirror(byte: number): number {
  let mirrored = 0;
  for (let bit = 0; bit < 8; bit += 1) mirrored |= ((byte >> bit) & 1) << (7 - bit);
  return mirrored;
}
