import { constants, crc32, inflateSync } from "node:zlib";
import { corrupt, truncated } from "../image-fault.js";

/** A part of a PNG file. */
interface PngChunk {
  name: string;
  /** Where its contents start. */
  start: number;
  length: number;
}

/** What a PNG file says before its pixels. */
export interface PngHead {
  width: number;
  height: number;
  depth: number;
  colour: number;
  interlaced: boolean;
  /** Red, green and blue of each entry. */
  palette: Buffer | null;
  /** What the pixels fill: the whole image, but in some animations. */
  frame: { left: number; top: number; width: number; height: number };
  /** The first chunk of pixels. */
  data: PngChunk;
  /** Frames of an animation, 0 where the file is none. */
  frames: number;
  /** Number of the animation's last chunk; undefined before the first. */
  sequence: number | undefined;
  /** Whether the first pixels are those of a frame. */
  hasFrame: boolean;
}

/** What the chunks of a file mean to its reader. */
interface PngState extends Omit<PngHead, "data"> {
  onText: TextListener;
}

type Sequence = Pick<PngHead, "sequence">;

/** Gets key and value of each chunk that may carry metadata. */
type TextListener = (key: string, value: Buffer) => void;

const SIGNATURE_BYTES = 8;
const CHECKSUM_BYTES = 4;
const MOST_TEXT = 1 << 20;
/** Deflate makes at most 1032 bytes of one. */
const DEFLATE_RATIO = 1032;

const GREY = 0;
const RGB = 2;
const PALETTE = 3;
const depthsOf: Readonly<Record<number, readonly number[]>> = {
  [GREY]: [1, 2, 4, 8, 16],
  [RGB]: [8, 16],
  [PALETTE]: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

const SINGLE: readonly string[] = ["IHDR", "PLTE"];
/** Chunks of pixels, as Pillow takes them. */
const dataNames: readonly string[] = ["IDAT", "DDAT", "fdAT"];

/** The chunk at an offset, or null where none begins. */
function chunkAt(file: Buffer, at: number): PngChunk | null {
  if (at + 8 > file.length) return null;
  const name = file.toString("latin1", at + 4, at + 8);
  return /^\w{4}$/.test(name) ? { name, start: at + 8, length: file.readUInt32BE(at) } : null;
}

function afterChunk({ start, length }: PngChunk): number {
  return start + length + CHECKSUM_BYTES;
}

function hasRightChecksum(file: Buffer, { start, length }: PngChunk): boolean {
  const end = start + length;
  return (
    end + CHECKSUM_BYTES <= file.length &&
    crc32(file.subarray(start - 4, end)) === file.readUInt32BE(end)
  );
}

function contentsOf(file: Buffer, { name, start, length }: PngChunk): Buffer {
  if (start + length > file.length) throw truncated(`its chunk ${name} ends early`);
  return file.subarray(start, start + length);
}

/**
 * Reads up to the first pixels, and refuses what Pillow's `Image.open` refuses.
 *
 * @throws {ImageFault}
 */
export function readPngHead(file: Buffer, onText: TextListener = () => {}): PngHead {
  const state: PngState = {
    width: 0,
    height: 0,
    depth: 0,
    colour: 0,
    interlaced: false,
    palette: null,
    frame: { left: 0, top: 0, width: 0, height: 0 },
    frames: 0,
    sequence: undefined,
    hasFrame: false,
    onText,
  };
  for (let at = SIGNATURE_BYTES; ; ) {
    const chunk = chunkAt(file, at);
    if (chunk === null) throw brokenChunk(file, at);
    const isData = chunk.name === "IDAT" || chunk.name === "fdAT";
    // Pillow passes over pixels that it has no mode for
    if (isData && state.depth > 0) return headOf(file, state, chunk);
    if (chunk.name === "fdAT") throw corrupt("a frame of its animation is in front of its header");
    if (chunk.name === "IEND") throw corrupt("it has no pixels");
    if (chunk.name === "IDAT") contentsOf(file, chunk);
    else accept(file, chunk, state);
    if (!hasRightChecksum(file, chunk)) {
      if (afterChunk(chunk) > file.length) throw truncated(`its chunk ${chunk.name} ends early`);
      throw corrupt(`the checksum of its chunk ${chunk.name} is wrong`);
    }
    at = afterChunk(chunk);
  }
}

function brokenChunk(file: Buffer, at: number): Error {
  return at + 8 > file.length
    ? truncated("it ends before its pixels")
    : corrupt(`there is no chunk at byte ${at}`);
}

function headOf(file: Buffer, state: PngState, chunk: PngChunk): PngHead {
  const { width, height, hasFrame } = state;
  if (width === 0 || height === 0) throw corrupt(`its header declares ${width} x ${height} pixels`);
  let data = chunk;
  if (chunk.name === "fdAT") {
    acceptFrameData(file, chunk, state);
    data = { ...chunk, start: chunk.start + 4, length: chunk.length - 4 };
  }
  const frame = hasFrame ? state.frame : { left: 0, top: 0, width, height };
  return { ...state, frame, data };
}

/** Pillow's `chunk_…` methods, as far as they refuse a file or say something of its pixels. */
function accept(file: Buffer, chunk: PngChunk, state: PngState): void {
  const contents = contentsOf(file, chunk);
  if (contents.length < leastLength(chunk.name, state)) {
    throw corrupt(`its chunk ${chunk.name} has ${contents.length} bytes`);
  }
  switch (chunk.name) {
    case "IHDR":
      state.width = contents.readUInt32BE(0);
      state.height = contents.readUInt32BE(4);
      acceptMode(contents.readUInt8(8), contents.readUInt8(9), state);
      if (contents.readUInt8(11) !== 0) throw corrupt("its filter method is unknown");
      state.interlaced ||= contents.readUInt8(12) !== 0;
      break;
    case "PLTE":
      if (state.colour === PALETTE) state.palette = contents;
      break;
    case "iCCP":
      acceptProfile(contents);
      break;
    case "tEXt":
    case "zTXt":
    case "iTXt":
      acceptText(chunk.name, contents, state.onText);
      break;
    case "eXIf":
      state.onText("eXIf", contents);
      break;
    case "acTL":
      state.frames = state.frames > 0 ? 0 : frameCount(contents.readUInt32BE(0));
      break;
    case "fcTL":
      acceptFrame(contents, state);
      break;
    case "fdAT":
      acceptFrameData(file, chunk, state);
      break;
  }
}

/** A mode that there is not leaves the one before. */
function acceptMode(depth: number, colour: number, state: PngState): void {
  if (depthsOf[colour]?.includes(depth) !== true) return;
  state.depth = depth;
  state.colour = colour;
}

function leastLength(name: string, { colour, depth }: PngState): number {
  switch (name) {
    case "IHDR":
      return 13;
    case "tRNS":
      return depth === 0 ? 0 : colour === RGB ? 6 : colour === GREY ? 2 : 0;
    case "gAMA":
      return 4;
    case "sRGB":
      return 1;
    case "pHYs":
      return 9;
    case "cHRM":
      return 32;
    case "acTL":
      return 8;
    case "fcTL":
      return 26;
    case "fdAT":
      return 4;
    default:
      return 0;
  }
}

function frameCount(declared: number): number {
  return declared <= 0x8000_0000 ? declared : 0;
}

function acceptFrame(contents: Buffer, state: PngState): void {
  requireSequence(contents.readUInt32BE(0), state);
  const [width, height, left, top] = [4, 8, 12, 16].map((at) => contents.readUInt32BE(at)) as [
    number,
    number,
    number,
    number,
  ];
  if (left + width > state.width || top + height > state.height || width === 0 || height === 0) {
    throw corrupt("a frame of its animation is larger than the image");
  }
  state.frame = { left, top, width, height };
  state.hasFrame = true;
}

function acceptFrameData(file: Buffer, chunk: PngChunk, state: Sequence): void {
  if (chunk.length < 4) throw corrupt("a frame of its animation has no number");
  if (chunk.start + 4 > file.length) throw truncated("it ends before its pixels");
  if (state.sequence === undefined) throw corrupt("its animation has no first frame");
  requireSequence(file.readUInt32BE(chunk.start), state);
}

function requireSequence(sequence: number, state: Sequence): void {
  if (sequence !== (state.sequence ?? -1) + 1) throw corrupt("its animation is out of sequence");
  state.sequence = sequence;
}

function acceptProfile(contents: Buffer): void {
  const method = contents.indexOf(0) + 1;
  if (contents[method] !== 0) throw corrupt("its colour profile is packed in an unknown way");
  inflateText(contents.subarray(method + 1));
}

function acceptText(name: string, contents: Buffer, onText: TextListener): void {
  const zero = contents.indexOf(0);
  const key = contents.toString("latin1", 0, zero < 0 ? contents.length : zero);
  let value = zero < 0 ? Buffer.alloc(0) : contents.subarray(zero + 1);
  if (name === "zTXt") {
    if (value.length > 0 && value[0] !== 0) throw corrupt("a text in it is packed in no known way");
    value = inflateText(value.subarray(1)) ?? Buffer.alloc(0);
  }
  if (name === "iTXt") {
    const language = value.indexOf(0, 2);
    const translation = language < 0 ? -1 : value.indexOf(0, language + 1);
    if (zero < 0 || value.length < 2 || translation < 0) return;
    const packed = value[0] !== 0;
    if (packed && value[1] !== 0) return;
    const text = value.subarray(translation + 1);
    const unpacked = packed ? inflateText(text) : text;
    if (unpacked === null) return;
    value = unpacked;
  }
  onText(key, value);
}

/** Null where it cannot be unpacked, which Pillow does not mind, but for one that is too long. */
function inflateText(packed: Buffer): Buffer | null {
  const maxOutputLength = Math.min(MOST_TEXT, DEFLATE_RATIO * packed.length + 1);
  try {
    return inflateSync(packed, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw corrupt("a text in it has more than a megabyte", cause);
    }
    return null;
  }
}

/**
 * The chunks of pixels that follow each other, whole or not, and where they end. `sequence` is the number of the
 * animation's last chunk, up to each of them and in all.
 *
 * @throws {ImageFault} for chunks of an animation that are out of sequence.
 */
export function pngData(
  file: Buffer,
  head: PngHead,
): { chunks: (PngChunk & Sequence)[]; end: number } & Sequence {
  const state: Sequence = { sequence: head.sequence };
  const chunks = [{ ...head.data, ...state }];
  let end = afterChunk(head.data);
  for (;;) {
    const next = chunkAt(file, end);
    if (next === null || !dataNames.includes(next.name)) return { chunks, end, ...state };
    if (next.name === "fdAT") acceptFrameData(file, next, state);
    const skipped = next.name === "fdAT" ? 4 : 0;
    const { start, length } = next;
    chunks.push({ ...next, ...state, start: start + skipped, length: length - skipped });
    end = afterChunk(next);
  }
}

/**
 * Whether other decoders show what Pillow shows: every checksum is right, there is an end, of the header and
 * the palette there is one, with as many colours as there are levels, and no pixels are a frame's.
 */
export function isOrdinaryPng(
  file: Buffer,
  { depth, colour, palette, hasFrame }: PngHead,
): boolean {
  if (hasFrame || (colour === PALETTE && palette?.length !== 3 * 2 ** depth)) return false;
  const seen = new Set<string>();
  for (let at = SIGNATURE_BYTES; ; ) {
    const chunk = chunkAt(file, at);
    if (chunk === null || !hasRightChecksum(file, chunk)) return false;
    if (SINGLE.includes(chunk.name) && seen.has(chunk.name)) return false;
    seen.add(chunk.name);
    if (chunk.name === "IEND") return true;
    at = afterChunk(chunk);
  }
}

/**
 * Reads what follows the pixels, from `at` on, and refuses what Pillow's `load` refuses there: it does
 * not ask for checksums any more, nor for an end.
 *
 * @throws {ImageFault}
 */
export function readPngTail(
  file: Buffer,
  head: PngHead,
  at: number,
  onText: TextListener = () => {},
): void {
  const isDefaultFrame = head.frames > 0 && head.data.name === "IDAT" && !head.hasFrame;
  const isAnimated = head.frames + (isDefaultFrame ? 1 : 0) > 1;
  const state: PngState = { ...head, onText };
  for (let chunk = chunkAt(file, at); chunk !== null; chunk = chunkAt(file, afterChunk(chunk))) {
    if (chunk.name === "IEND" || (chunk.name === "fcTL" && isAnimated)) return;
    if (chunk.name === "IDAT") contentsOf(file, chunk);
    else accept(file, chunk, state);
  }
}
