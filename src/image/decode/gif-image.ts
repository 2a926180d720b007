import type { DecodedPixels } from "../../native/addon.js";
import { corrupt, requireSize, truncated } from "./image-fault.js";

/** The first frame of a GIF file, before its pixels are unpacked. */
interface GifFrame {
  /** Size of the canvas. */
  width: number;
  height: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
  /** The colours, red, green and blue; null: an index is a level of grey. */
  palette: Buffer | null;
  /** Index that the canvas is filled with. */
  background: number;
  /** Whether the background is transparent. */
  hasTransparency: boolean;
  interlaced: boolean;
  /** Bits of the smallest code. */
  bits: number;
  /** Where the packed pixels begin. */
  start: number;
}

const EXTENSION = 0x21;
const IMAGE_DESCRIPTOR = 0x2c;
const TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9;
const COMMENT = 0xfe;
const APPLICATION = 0xff;

/**
 * The first frame as Pillow shows it: by its colours alone, transparent ones too, on a canvas of the
 * transparent index or of index 0.
 *
 * @throws {ImageFault}
 * @throws {RangeError} where the file ends early.
 */
export function decodeGif(file: Buffer, maxPixels: number): DecodedPixels {
  const frame = readFrame(file);
  const { width, height, palette, background } = frame;
  requireSize(width, height, maxPixels);
  const indices = new Uint8Array(width * height).fill(background);
  unpack(file, frame, indices);
  if (palette === null) return { data: indices, width, height, format: "grey" };
  const data = Buffer.allocUnsafe(3 * width * height);
  const colours = Buffer.alloc(3 * 256);
  palette.copy(colours);
  for (let i = 0, at = 0; i < indices.length; i += 1, at += 3) {
    const colour = 3 * (indices[i] as number);
    data[at] = colours[colour] as number;
    data[at + 1] = colours[colour + 1] as number;
    data[at + 2] = colours[colour + 2] as number;
  }
  return { data, width, height, format: "rgb" };
}

/** 0 for each transparent pixel of the first frame, 255 for others; null where no index is transparent. */
export function gifAlpha(file: Buffer): Uint8Array | null {
  const frame = readFrame(file);
  if (!frame.hasTransparency) return null;
  const indices = new Uint8Array(frame.width * frame.height).fill(frame.background);
  unpack(file, frame, indices);
  return indices.map((index) => (index === frame.background ? 0 : 255));
}

/** The size that Pillow gives the image. @throws as decodeGif() */
export function gifSize(file: Buffer): { width: number; height: number } {
  return readFrame(file);
}

/** GIF89a specification, sections 18 to 26. */
function readFrame(file: Buffer): GifFrame {
  const globalPalette = readPalette(file, file.readUInt8(10), 13);
  let at = 13 + globalPalette.bytes;
  let transparent = 0;
  let hasTransparency = false;
  for (;;) {
    const introducer = file.readUInt8(at);
    if (introducer === TRAILER) throw corrupt("it has no image");
    if (introducer === IMAGE_DESCRIPTOR) break;
    at += 1; // what is not known is passed over
    if (introducer === EXTENSION) {
      const label = file.readUInt8(at);
      const block = readBlock(file, at + 1);
      if (label === GRAPHIC_CONTROL && block.length > 0) {
        block.readUInt16LE(1);
        if ((block.readUInt8(0) & 1) !== 0) {
          transparent = block.readUInt8(3);
          hasTransparency = true;
        }
      }
      at = afterExtension(file, label, at + 1);
    }
  }
  const [left, top] = [file.readUInt16LE(at + 1), file.readUInt16LE(at + 3)];
  const [right, bottom] = [left + file.readUInt16LE(at + 5), top + file.readUInt16LE(at + 7)];
  if (right === left || bottom === top) throw corrupt("its image has no pixels");
  const flags = file.readUInt8(at + 9);
  const ownPalette = readPalette(file, flags, at + 10);
  const start = at + 10 + ownPalette.bytes + 1;
  return {
    width: Math.max(file.readUInt16LE(6), right),
    height: Math.max(file.readUInt16LE(8), bottom),
    left,
    top,
    right,
    bottom,
    palette: ownPalette.colours ?? globalPalette.colours,
    background: transparent,
    hasTransparency,
    interlaced: (flags & 0x40) !== 0,
    bits: file.readUInt8(start - 1),
    start,
  };
}

/** The palette that follows flags; its colours are null where there is none, or levels of grey. */
function readPalette(
  file: Buffer,
  flags: number,
  start: number,
): { colours: Buffer | null; bytes: number } {
  if ((flags & 0x80) === 0) return { colours: null, bytes: 0 };
  const bytes = 3 * 2 ** ((flags & 7) + 1);
  const colours = file.subarray(start, start + bytes);
  const isGrey = colours.every((value, i) => value === Math.floor(i / 3));
  return { colours: isGrey ? null : colours, bytes };
}

/** The contents of a sub-block: empty for the one that ends them, and behind the end of the file. */
function readBlock(file: Buffer, at: number): Buffer {
  return file.subarray(at + 1, at + 1 + (file[at] ?? 0));
}

/** Where the file goes on behind an extension, whose first sub-block is at `at`. */
function afterExtension(file: Buffer, label: number, at: number): number {
  let next = at;
  const skip = (): Buffer => {
    const block = readBlock(file, next);
    next += 1 + block.length;
    return block;
  };
  const first = skip();
  if (label === COMMENT && first.length === 0) return next;
  if (label === APPLICATION && first.toString("latin1").startsWith("NETSCAPE2.0")) skip();
  // Pillow looks for the end of the sub-blocks even where the first was it
  while (skip().length > 0);
  return next;
}

const MOST_BITS = 12;
const TABLE = 1 << MOST_BITS;

/** Undoes the LZW compression (GIF89a specification, appendix F), as Pillow's GifDecode.c. */
function unpack(file: Buffer, frame: GifFrame, indices: Uint8Array): void {
  const { bits, start, width } = frame;
  if (bits > MOST_BITS) throw corrupt(`its codes have ${bits} bits`);
  const rows = rowOrder(frame.bottom - frame.top, frame.interlaced);
  const clear = 1 << bits;
  const link = new Uint16Array(TABLE);
  const value = new Uint8Array(TABLE);
  const string = new Uint8Array(TABLE + 1);
  let next = clear + 2;
  let codeBits = bits + 1;
  let isFirst = true;
  let lastCode = 0;
  let lastValue = 0;
  let held = 0;
  let heldBits = 0;
  let block = 0;
  let at = start;
  let row = 0;
  let x = frame.left;
  let out = (frame.top + (rows[0] as number)) * width;

  for (;;) {
    while (heldBits < codeBits) {
      if (block === 0) {
        block = file[at] ?? 0;
        if (at + block >= file.length) throw truncated("it ends within its pixels");
        at += 1;
        continue;
      }
      held |= (file[at] as number) << heldBits;
      heldBits += 8;
      at += 1;
      block -= 1;
    }
    let code = held & ((1 << codeBits) - 1);
    held >>>= codeBits;
    heldBits -= codeBits;
    if (code === clear) {
      next = clear + 2;
      codeBits = bits + 1;
      isFirst = true;
      continue;
    }
    if (code === clear + 1) {
      if (endsReading(file, start, at + block)) throw truncated("its pixels end early");
      continue;
    }
    let from = TABLE + 1;
    if (isFirst) {
      if (code > clear) throw corrupt("its pixels cannot be unpacked");
      lastValue = code;
      lastCode = code;
      isFirst = false;
    } else {
      const thisCode = code;
      if (code > next) throw corrupt("its pixels cannot be unpacked");
      if (code === next) {
        from -= 1;
        string[from] = lastValue;
        code = lastCode;
      }
      while (code >= clear) {
        if (from <= 1 || code >= TABLE) throw corrupt("its pixels cannot be unpacked");
        from -= 1;
        string[from] = value[code] as number;
        code = link[code] as number;
      }
      lastValue = code;
      if (next < TABLE) {
        value[next] = code;
        link[next] = lastCode;
        if (next === (1 << codeBits) - 1 && codeBits < MOST_BITS) codeBits += 1;
        next += 1;
      }
      lastCode = thisCode;
    }
    // the string's first value, and the others
    from -= 1;
    string[from] = lastValue;
    for (;;) {
      const count = Math.min(TABLE + 1 - from, frame.right - x);
      for (const end = from + count; from < end; from += 1, x += 1) {
        indices[out + x] = string[from] as number;
      }
      if (x < frame.right) break;
      x = frame.left;
      row += 1;
      if (row === rows.length) return;
      out = (frame.top + (rows[row] as number)) * width;
    }
  }
}

/** The rows of a frame in the order in which they are packed. */
function rowOrder(height: number, interlaced: boolean): number[] {
  const passes: [number, number][] = interlaced
    ? [
        [0, 8],
        [4, 8],
        [2, 4],
        [1, 2],
      ]
    : [[0, 1]];
  return passes.flatMap(([first, step]) =>
    Array.from(
      { length: Math.max(0, Math.ceil((height - first) / step)) },
      (_, i) => first + i * step,
    ),
  );
}

/** Pillow goes on behind the code that ends the pixels where it has not read all of the file. */
function endsReading(file: Buffer, start: number, at: number): boolean {
  const PIECE_BYTES = 1 << 16;
  return start + PIECE_BYTES * Math.ceil((at - start) / PIECE_BYTES) >= file.length;
}
