import { unsupported } from "../image-fault.js";
import { holdsNumbers, type TiffDirectory, tagNumber, tagNumbers } from "./tiff-directory.js";

export const TAG = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  orientation: 274,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planarConfiguration: 284,
  t4Options: 292,
  predictor: 317,
  colourMap: 320,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  yccSubsampling: 530,
  xmp: 700,
} as const;

/** What the samples of a TIFF image mean. */
export interface TiffFormat {
  kind: "grey" | "grey16" | "integer" | "float" | "rgb" | "palette" | "cmyk" | "ycc" | "alpha";
  /** Bits of each sample. */
  bits: number;
  /** Samples of a pixel, those that are not shown too. */
  samples: number;
  /** White is zero. */
  inverted: boolean;
  /** The first pixel of a byte is in its lowest bits. */
  reversed: boolean;
  /** Colours are multiplied by the fourth sample. */
  premultiplied: boolean;
  /** The sample of a pixel that is its alpha. */
  alpha: number | null;
}

const BYTE_BITS: readonly number[] = [1, 2, 4, 8];
const RGB = 2;
const PALETTE = 3;
const CMYK = 5;
const YCC = 6;

/**
 * The kinds that Pillow opens (its TiffImagePlugin.OPEN_INFO).
 *
 * @throws {ImageFault} UNSUPPORTED_FORMAT
 */
export function tiffFormat(directory: TiffDirectory): TiffFormat {
  const meanings = tagNumbers(directory, TAG.photometric) ?? [];
  const photometric = meanings.length === 1 ? (meanings[0] as number) : 0;
  const compression = tagNumber(directory, TAG.compression, 1);
  const fillOrder = tagNumber(directory, TAG.fillOrder, 1);
  let bits = tagNumbers(directory, TAG.bitsPerSample) ?? [1];
  let extra = tagNumbers(directory, TAG.extraSamples) ?? [];
  let samples = tagNumber(directory, TAG.samplesPerPixel, 1);
  if (isPlanarTiff(directory) && extra.length > 0 && extra.every((kind) => kind === 0)) {
    bits = bits.slice(0, -extra.length);
    samples -= extra.length;
    extra = [];
  }
  const declared = [...new Set(tagNumbers(directory, TAG.sampleFormat) ?? [1])];
  const refusal = unsupported(
    `this is a TIFF file of ${samples} samples of ${bits.join(", ")} bits, photometric ` +
      `interpretation ${photometric}, extra samples ${extra.join(", ") || "none"} and sample ` +
      `format ${declared.join(", ")}: convert it to RGB, grey or a palette`,
  );
  if (bits.length > samples) bits = bits.slice(0, samples);
  else if (bits.length === 1 && samples <= 6) bits = Array<number>(samples).fill(bits[0] as number);
  const [depth = 0] = bits;
  const [sampleFormat = 1] = declared;
  if (
    bits.length !== samples ||
    declared.length !== 1 ||
    bits.some((each) => each !== depth) ||
    (fillOrder !== 1 && fillOrder !== 2)
  ) {
    throw refusal;
  }
  const key = {
    little: directory.littleEndian,
    photometric,
    sampleFormat,
    reversed: fillOrder === 2,
    depth,
    samples,
    extra: extra.join(),
  };
  // libtiff reverses the bits of compressed samples, but Pillow must know them as they are declared, too
  const reversed = key.reversed && compression === 1;
  const found = find(key) && find({ ...key, reversed });
  // Pillow has no reader for the one combination
  const isUnread = reversed && found?.inverted === true && depth === 8;
  if (found === null || isUnread) throw refusal;
  return {
    bits: depth,
    samples,
    inverted: false,
    reversed,
    premultiplied: false,
    alpha: null,
    ...found,
  };
}

/** Whether each plane of samples lies by itself; Pillow passes over a value that is no number. */
export function isPlanarTiff(directory: TiffDirectory): boolean {
  const tag = TAG.planarConfiguration;
  return holdsNumbers(directory, tag) && tagNumber(directory, tag, 1) === 2;
}

interface Key {
  little: boolean;
  photometric: number;
  sampleFormat: number;
  reversed: boolean;
  depth: number;
  samples: number;
  extra: string;
}

function find(key: Key): (Partial<TiffFormat> & Pick<TiffFormat, "kind">) | null {
  const { photometric, sampleFormat, reversed, depth, samples, extra } = key;
  if (photometric <= 1 && samples === 1 && extra === "") return findGrey(key);
  if (sampleFormat !== 1) return null;
  const isFilled = extra === "0" || extra === "2";
  if (photometric === 1 && samples === 2 && depth === 8 && isFilled && !reversed) {
    return { kind: "grey", alpha: extra === "2" ? 1 : null };
  }
  if (photometric === RGB) return findRgb(key);
  if (photometric === PALETTE) {
    if (samples === 1) {
      const isRead = BYTE_BITS.includes(depth) && extra === "" && (!reversed || depth === 8);
      return isRead ? { kind: "palette" } : null;
    }
    const isRead = samples === 2 && depth === 8 && isFilled && !reversed;
    return isRead ? { kind: "palette", alpha: extra === "2" ? 1 : null } : null;
  }
  if (reversed) return null;
  if (photometric === CMYK) {
    const isRead =
      (depth === 8 && ["4:", "5:0", "6:0,0"].includes(`${samples}:${extra}`)) ||
      (depth === 16 && samples === 4 && extra === "");
    return isRead ? { kind: "cmyk" } : null;
  }
  if (photometric !== YCC || depth !== 8 || extra !== "") return null;
  return samples === 1 ? { kind: "grey" } : samples === 3 ? { kind: "ycc" } : null;
}

function findGrey({ little, photometric, sampleFormat, reversed, depth }: Key) {
  const inverted = photometric === 0;
  if (BYTE_BITS.includes(depth) && sampleFormat === 1) {
    return { kind: "grey", inverted } as const;
  }
  if (sampleFormat === 3) {
    return depth === 32 && !reversed ? ({ kind: "float" } as const) : null;
  }
  if (inverted) {
    const isRead = little && depth === 16 && sampleFormat === 1 && !reversed;
    return isRead ? ({ kind: "grey16" } as const) : null;
  }
  if (depth === 8 && sampleFormat === 2 && !reversed) return { kind: "grey" } as const;
  if (depth === 12 && little && sampleFormat === 1 && !reversed) return { kind: "grey16" } as const;
  if (depth === 16 && sampleFormat === 1 && (little || !reversed)) {
    return { kind: "grey16" } as const;
  }
  if (reversed) return null;
  if (depth === 16 && sampleFormat === 2) return { kind: "integer" } as const;
  if (depth === 32 && (sampleFormat === 2 || (sampleFormat === 1 && little))) {
    return { kind: "integer" } as const;
  }
  return null;
}

function findRgb({ depth, samples, extra, reversed }: Key) {
  const kind = "rgb" as const;
  if (reversed) return depth === 8 && samples === 3 && extra === "" ? { kind } : null;
  if (samples === 3) return (depth === 8 || depth === 16) && extra === "" ? { kind } : null;
  const wanted = ["", ",0", ",0,0"][samples - 4];
  if (wanted === undefined) return null;
  const premultiplied = extra === `1${wanted}`;
  const isAlpha = premultiplied || extra === `2${wanted}` || extra === `0${wanted}`;
  const isFour = samples === 4 && (extra === "" || (extra === "999" && depth === 8));
  const isRead =
    depth === 8 ? isAlpha || isFour : depth === 16 && samples === 4 && (isAlpha || isFour);
  return isRead ? { kind, premultiplied, alpha: extra.startsWith("0") ? null : 3 } : null;
}
