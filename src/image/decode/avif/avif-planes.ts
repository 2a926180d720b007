import { corrupt } from "../image-fault.js";
import { type Av1Colour, type Av1Samples, av1Sequence } from "./av1-sequence.js";
import { type Box, box, boxes, FULL_BOX } from "./avif-boxes.js";
import { itemData, readId, readItems, tilesOf, writeItems } from "./avif-items.js";

/**
 * An AVIF file changed so that its decoder hands out Y, Cb and Cr as they are, and what they mean.
 *
 * libheif, which is in sharp, repeats chroma samples; libavif, which is in Pillow, interpolates
 * between them, and the two differ by up to 60 of 255. Where the file says that the three planes are
 * green, blue and red, libheif gives what was decoded, and the colours are made here. It also turns and crops
 * images as the file asks, which Pillow does not: those properties are left out.
 */
export interface AvifPlanes {
  file: Buffer;
  bits: 8 | 10 | 12;
  /** ITU-T H.273's number of the matrix. */
  matrix: number;
  fullRange: boolean;
  grey: boolean;
  halfWidth: boolean;
  halfHeight: boolean;
  /** The colours are multiplied by an alpha, which is then a fourth channel. */
  premultiplied: boolean;
  /** How the file asks for the image to be turned, as EXIF numbers it, 1 to 8. */
  orientation: number;
}

const BT709 = 1;
const BT601 = 5;
const YCGCO = 8;
const BT2020 = 9;
const DERIVED_FROM_PRIMARIES = 12;
const knownMatrices: readonly number[] = [0, BT709, 2, 4, BT601, 6, 7, BT2020];
const MOST_CHANNELS = 4;
const notForPillow: readonly string[] = ["irot", "imir", "clap"];

/** How many bytes of a file isAvif() looks at: the brands come first. */
export const BRAND_BYTES = 64;

/** Of a brand of AVIF's, or of one that it shares with HEIC and AVIF's among the compatible ones. */
export function isAvif(start: Buffer): boolean {
  const text = start.toString("latin1", 0, BRAND_BYTES);
  const compatible = start.length < 16 ? "" : text.slice(16, start.readUInt32BE(0));
  return (
    /^....ftypavi[fs]/s.test(text) ||
    (/^....ftypm(if1|sf1|iaf)/s.test(text) && /^(....)*?avi[fs]/s.test(compatible))
  );
}

/**
 * Null for a file that this does not understand: a colour matrix or structure beyond those in use.
 *
 * @throws {ImageFault} where it declares what libavif refuses, or differently in two places.
 * @throws {RangeError} where the file ends early.
 */
export function avifPlanes(file: Buffer): AvifPlanes | null {
  const outer = boxes(file, 0, file.length);
  const meta = outer.find((box) => box.type === "meta");
  if (meta === undefined) return null;
  const children = boxes(file, meta.body + FULL_BOX, meta.end);
  const child = (type: string) => children.find((box) => box.type === type);
  const [pitm, iprp, iloc, iref] = [child("pitm"), child("iprp"), child("iloc"), child("iref")];
  if (pitm === undefined || iprp === undefined || iloc === undefined) return null;
  const [ipco, ipma] = ["ipco", "ipma"].map((type) =>
    boxes(file, iprp.body, iprp.end).find((box) => box.type === type),
  );
  if (ipco === undefined || ipma === undefined) return null;

  const properties = boxes(file, ipco.body, ipco.end);
  const items = readItems(file, ipma);
  const primary = readId(file, pitm, pitm.body + FULL_BOX);
  const tiles = iref === undefined ? [] : tilesOf(file, iref, primary);
  const images = [...new Set([primary, ...tiles])];
  const propertyOf = (id: number, type: string, kind = ""): Box | undefined =>
    items
      .get(id)
      ?.map(({ index }) => properties[index - 1])
      .find(
        (box) =>
          box?.type === type && file.toString("latin1", box.body, box.body + kind.length) === kind,
      );

  const coded = images.find((id) => propertyOf(id, "av1C") !== undefined);
  const configuration = coded === undefined ? undefined : propertyOf(coded, "av1C");
  if (coded === undefined || configuration === undefined) return null;
  requireHandler(file, child("hdlr"));
  const samples = samplesOf(file, configuration);
  const header = av1Sequence(itemData(file, iloc, coded));
  if (header !== null && !areSame(header, samples)) {
    throw corrupt("it declares two kinds of samples");
  }
  const depths = propertyOf(coded, "pixi");
  if (depths !== undefined) {
    const bits = depthsOf(file, depths);
    const isSame = bits.length > 0 && bits.every((each) => each === samples.bits);
    if (!isSame) throw corrupt("it declares two depths");
  }
  // libavif does not heed what tiles have
  const nclx = propertyOf(primary, "colr", "nclx");
  const colour =
    nclx !== undefined
      ? readNclx(file, nclx)
      : (av1Sequence(file.subarray(configuration.body + 4, configuration.end)) ?? header);
  const matrix = colour === null ? undefined : matrixOf(colour);
  if (colour === null || matrix === undefined) return null;

  const { bits, grey, halfWidth, halfHeight } = samples;
  const orientation = orientationOf(file, propertyOf(primary, "irot"), propertyOf(primary, "imir"));
  const premultiplied =
    iref !== undefined &&
    boxes(file, iref.body + FULL_BOX, iref.end).some(({ type }) => type === "prem");
  const gbr = properties.length + 1;
  for (const id of images) {
    const kept = (items.get(id) ?? []).filter(({ index }) => {
      const property = properties[index - 1];
      return property !== undefined && property !== nclx && !notForPillow.includes(property.type);
    });
    items.set(id, [...kept, { index: gbr, essential: false }]);
  }
  const newIprp = box("iprp", [
    box("ipco", [file.subarray(ipco.body, ipco.end), gbrColour()]),
    writeItems(items),
  ]);
  const newMeta = box("meta", [
    file.subarray(meta.body, meta.body + FULL_BOX),
    ...children.map((each) => {
      if (each === iprp) return newIprp;
      return each === iref && !premultiplied
        ? withoutAlpha(file, iref)
        : file.subarray(each.start, each.end);
    }),
  ]);
  return {
    file: Buffer.concat([withoutMeta(file, meta, outer.at(-1) as Box), newMeta]),
    bits,
    matrix,
    fullRange: colour.fullRange,
    grey,
    halfWidth: !grey && halfWidth,
    halfHeight: !grey && halfHeight,
    premultiplied,
    orientation,
  };
}

/** libavif needs a handler of images, with no other one before it. */
function requireHandler(file: Buffer, hdlr: Box | undefined): void {
  const at = (hdlr?.body ?? 0) + FULL_BOX;
  const isOfImages =
    hdlr !== undefined &&
    file.readUInt32BE(at) === 0 &&
    file.toString("latin1", at + 4, at + 8) === "pict";
  if (!isOfImages) throw corrupt("it has no handler of images");
}

/** Of the configuration (AV1-ISOBMFF, section 2.3). */
function samplesOf(file: Buffer, { body }: Box): Av1Samples {
  const flags = file.readUInt8(body + 2);
  return {
    bits: (flags & 0x40) === 0 ? 8 : (flags & 0x20) === 0 ? 10 : 12,
    grey: (flags & 0x10) !== 0,
    halfWidth: (flags & 0x08) !== 0,
    halfHeight: (flags & 0x04) !== 0,
  };
}

function areSame(one: Av1Samples, other: Av1Samples): boolean {
  const { bits, grey, halfWidth, halfHeight } = other;
  if (one.bits !== bits || one.grey !== grey) return false;
  return grey || (one.halfWidth === halfWidth && one.halfHeight === halfHeight);
}

/** Bits of each channel that a pixi box declares; none where libavif reads none of them. */
function depthsOf(file: Buffer, { body, end }: Box): Buffer {
  const start = body + FULL_BOX + 1;
  const channels = file.readUInt8(start - 1);
  const isRead = channels <= MOST_CHANNELS && start + channels <= end;
  return file.subarray(start, isRead ? start + channels : start);
}

/** Turned by quarters anticlockwise, then mirrored top to bottom or left to right. */
function orientationOf(file: Buffer, irot: Box | undefined, imir: Box | undefined): number {
  const quarters = irot === undefined ? 0 : file.readUInt8(irot.body) & 3;
  const turned = [1, 8, 3, 6];
  const upsideDown = [4, 5, 2, 7];
  const mirrored = [2, 7, 4, 5];
  const leftRight = imir !== undefined && (file.readUInt8(imir.body) & 1) === 1;
  const column = imir === undefined ? turned : leftRight ? mirrored : upsideDown;
  return column[quarters] as number;
}

function matrixOf({ matrix, primaries }: Av1Colour): number | undefined {
  if (matrix !== DERIVED_FROM_PRIMARIES) {
    if (knownMatrices.includes(matrix)) return matrix;
    if (matrix === YCGCO) return undefined; // left to libheif
    throw corrupt(`its colour matrix ${matrix} is unknown`);
  }
  return new Map([
    [1, BT709],
    [2, BT709],
    [5, BT601],
    [6, BT601],
    [9, BT2020],
  ]).get(primaries);
}

function withoutAlpha(file: Buffer, iref: Box): Buffer {
  const kept = boxes(file, iref.body + FULL_BOX, iref.end).filter(({ type }) => type !== "auxl");
  return box("iref", [
    file.subarray(iref.body, iref.body + FULL_BOX),
    ...kept.map(({ start, end }) => file.subarray(start, end)),
  ]);
}

function readNclx(file: Buffer, { body }: Box): Av1Colour {
  return {
    primaries: file.readUInt16BE(body + 4),
    matrix: file.readUInt16BE(body + 8),
    fullRange: (file.readUInt8(body + 10) & 0x80) !== 0,
  };
}

/** sRGB whose planes are green, blue and red in full range. */
function gbrColour(): Buffer {
  return box("colr", [Buffer.from("nclx"), Buffer.from([0, 1, 0, 13, 0, 0, 0x80])]);
}

/** The file with its description passed over, as a still image that ends where `last` ends. */
function withoutMeta(file: Buffer, meta: Box, last: Box): Buffer {
  const copy = Buffer.from(file.subarray(0, last.end));
  copy.write("free", meta.start + 4, "latin1");
  copy.write("avif", 8, "latin1");
  if (copy.readUInt32BE(last.start) === 0) copy.writeUInt32BE(last.end - last.start, last.start);
  return copy;
}
