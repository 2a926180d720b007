/** What a GIF file says about its first frame. */
export interface GifFirstFrame {
  /** The file, with the frame's transparency switched off, so that its colours are all shown. */
  opaque: Buffer;
  /** Colour of the canvas where the frame does not reach: Pillow's choice. */
  background: readonly [number, number, number];
  /** Place of the frame on the canvas. */
  frame: { left: number; top: number; width: number; height: number };
}

const EXTENSION = 0x21;
const GRAPHIC_CONTROL = 0xf9;
const IMAGE_DESCRIPTOR = 0x2c;

interface ColorTable {
  start: number;
  bytes: number;
}

/** The table that follows a descriptor whose flags byte is `flags`; none: zero bytes. */
function colorTable(flags: number, start: number): ColorTable {
  return { start, bytes: (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1) };
}

/** Where the sub-blocks that start at `at` end. */
function afterSubBlocks(file: Buffer, at: number): number {
  let next = at;
  while (file.readUInt8(next) !== 0) next += file.readUInt8(next) + 1;
  return next + 1;
}

/**
 * Finds the first frame of a GIF file (GIF89a specification, sections 18 to 23). In "P" mode Pillow
 * fills the canvas with the transparent index, or else with index 0, and convert("RGB") shows the
 * colours of both.
 *
 * @throws {RangeError} where the file ends before its first frame.
 */
export function gifFirstFrame(file: Buffer): GifFirstFrame {
  const opaque = Buffer.from(file);
  const globalTable = colorTable(file.readUInt8(10), 13);
  let at = globalTable.start + globalTable.bytes;
  let transparentIndex = 0;
  while (file.readUInt8(at) !== IMAGE_DESCRIPTOR) {
    if (file.readUInt8(at) !== EXTENSION) {
      at += 1; // Pillow passes over what it does not know
      continue;
    }
    if (file.readUInt8(at + 1) === GRAPHIC_CONTROL && file.readUInt8(at + 2) >= 4) {
      const flags = file.readUInt8(at + 3);
      if ((flags & 1) !== 0) transparentIndex = file.readUInt8(at + 6);
      opaque.writeUInt8(flags & ~1, at + 3);
    }
    at = afterSubBlocks(file, at + 2);
  }
  const frame = {
    left: file.readUInt16LE(at + 1),
    top: file.readUInt16LE(at + 3),
    width: file.readUInt16LE(at + 5),
    height: file.readUInt16LE(at + 7),
  };
  const localTable = colorTable(file.readUInt8(at + 9), at + 10);
  const table = localTable.bytes > 0 ? localTable : globalTable;
  const color = table.start + 3 * transparentIndex;
  const known = 3 * transparentIndex < table.bytes;
  const background = known
    ? ([file.readUInt8(color), file.readUInt8(color + 1), file.readUInt8(color + 2)] as const)
    : ([0, 0, 0] as const);
  return { opaque, background, frame };
}

/** Fills the canvas around the frame. `rgb` has width * height pixels. */
export function fillAroundFrame(
  rgb: Uint8Array,
  width: number,
  height: number,
  { background, frame }: GifFirstFrame,
): void {
  const right = frame.left + frame.width;
  const bottom = frame.top + frame.height;
  if (frame.left === 0 && frame.top === 0 && right >= width && bottom >= height) return;
  for (let y = 0; y < height; y += 1) {
    const inside = y >= frame.top && y < bottom;
    for (let x = 0; x < width; x += 1) {
      if (inside && x === frame.left) x = right;
      if (x < width) rgb.set(background, 3 * (y * width + x));
    }
  }
}
