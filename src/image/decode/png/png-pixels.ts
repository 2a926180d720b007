import { createInflate } from "node:zlib";
import type { DecodedPixels } from "../../../native/addon.js";
import { corrupt, truncated } from "../image-fault.js";
import { type PngHead, pngData, readPngTail } from "./png-chunks.js";

/** Rows and columns of a pass of an interlaced image, or of all of one that is not. */
interface Pass {
  left: number;
  top: number;
  stepX: number;
  stepY: number;
}

const whole: readonly Pass[] = [{ left: 0, top: 0, stepX: 1, stepY: 1 }];
const adam7: readonly Pass[] = [
  { left: 0, top: 0, stepX: 8, stepY: 8 },
  { left: 4, top: 0, stepX: 8, stepY: 8 },
  { left: 0, top: 4, stepX: 4, stepY: 8 },
  { left: 2, top: 0, stepX: 4, stepY: 4 },
  { left: 0, top: 2, stepX: 2, stepY: 4 },
  { left: 1, top: 0, stepX: 2, stepY: 2 },
  { left: 0, top: 1, stepX: 1, stepY: 2 },
];

/** Samples of a pixel, by colour type. */
const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const GREY = 0;
const PALETTE = 3;
const GREY_ALPHA = 4;

/** Filters of rows. */
const SUB = 1;
const UP = 2;
const AVERAGE = 3;
const PAETH = 4;

/** Pillow hands its decoder no more bytes at a time. */
const PIECE_BYTES = 1 << 16;
/** Deflate makes at most 1032 bytes of one. */
const DEFLATE_RATIO = 1032;

/** One row as it is packed. */
interface Row {
  y: number;
  pass: Pass;
  columns: number;
  /** Without the byte that names its filter. */
  bytes: number;
}

/**
 * Decodes the pixels of a damaged or unusual PNG file just as Pillow, which tells what it shows from what
 * it refuses. Others are decoded faster by sharp.
 *
 * @throws {ImageFault}
 */
export async function decodePng(file: Buffer, head: PngHead): Promise<DecodedPixels> {
  const data = pngData(file, head);
  const { chunks, end } = data;
  const rows = rowsOf(head);
  const expected = rows.reduce((sum, { bytes }) => sum + 1 + bytes, 0);
  const pieces = chunks.flatMap(({ start, length }, chunk) =>
    piecesOf(file.subarray(start, start + length), chunk),
  );
  const inflated = await inflate(pieces, expected);
  const pixels = unfilter(inflated.bytes, rows, head);
  if (inflated.bytes.length < expected && !endsWithRow(inflated, rows)) {
    throw end > file.length
      ? truncated("it ends within its pixels")
      : truncated("it has fewer pixels than it declares");
  }
  const last = chunks[inflated.bytes.length < expected ? chunks.length - 1 : inflated.chunk];
  const sequence = last === undefined ? data.sequence : last.sequence;
  const tail = last === undefined ? end : last.start + last.length + 4;
  readPngTail(file, { ...head, sequence }, tail);
  return pixels;
}

function rowsOf({ frame, depth, colour, interlaced }: PngHead): Row[] {
  const bits = depth * (samplesOf[colour] as number);
  return (interlaced ? adam7 : whole).flatMap((pass) => {
    const columns = Math.ceil((frame.width - pass.left) / pass.stepX);
    if (columns <= 0) return [];
    const bytes = Math.ceil((columns * bits) / 8);
    const count = Math.max(0, Math.ceil((frame.height - pass.top) / pass.stepY));
    return Array.from({ length: count }, (_, i) => ({
      y: pass.top + i * pass.stepY,
      pass,
      columns,
      bytes,
    }));
  });
}

interface Piece {
  bytes: Buffer;
  /** The chunk that it is of. */
  chunk: number;
}

function piecesOf(contents: Buffer, chunk: number): Piece[] {
  return Array.from({ length: Math.ceil(contents.length / PIECE_BYTES) }, (_, i) => ({
    bytes: contents.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES),
    chunk,
  }));
}

interface Inflated {
  bytes: Buffer;
  /** Whether the compressed data say that they end here. */
  ended: boolean;
  /** The chunk in which enough was found. */
  chunk: number;
}

/** Node's zlib makes no less at a time, and gives nothing of it where it then finds an error. */
const LEAST_CHUNK_BYTES = 64;
const WRONG_CHECKSUM = "incorrect data check";

/**
 * Inflates piece by piece until there are `expected` bytes: what is wrong behind them is not seen, but
 * a wrong checksum in the same piece is.
 */
async function inflate(pieces: readonly Piece[], expected: number): Promise<Inflated> {
  try {
    return await inflatePieces(pieces, expected, expected);
  } catch (fault) {
    if (expected >= LEAST_CHUNK_BYTES) throw fault;
    // where there is more than expected, the checksum behind it is not seen
    return inflatePieces(pieces.slice(0, 1).flatMap(bytewise), expected, expected + 1);
  }
}

/** More are not needed for the few bytes of a small image. */
function bytewise({ bytes, chunk }: Piece): Piece[] {
  return Array.from({ length: Math.min(1024, bytes.length) }, (_, i) => ({
    bytes: bytes.subarray(i, i + 1),
    chunk,
  }));
}

/** Stops where there are `enough` bytes. */
function inflatePieces(
  pieces: readonly Piece[],
  expected: number,
  enough: number,
): Promise<Inflated> {
  const available = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const chunkSize = Math.max(LEAST_CHUNK_BYTES, Math.min(expected, DEFLATE_RATIO * available));
  return new Promise((resolve, reject) => {
    const stream = createInflate({ chunkSize });
    const outputs: Buffer[] = [];
    let length = 0;
    let next = 0;
    const finish = (ended: boolean) => {
      stream.destroy();
      const bytes = Buffer.concat(outputs).subarray(0, expected);
      resolve({ bytes, ended, chunk: pieces[Math.max(0, next - 1)]?.chunk ?? 0 });
    };
    const write = () => {
      if (length >= enough) return finish(false);
      const piece = pieces[next];
      next += 1;
      if (piece === undefined) stream.end();
      else stream.write(piece.bytes, () => setImmediate(write));
    };
    stream.on("data", (output: Buffer) => {
      outputs.push(output);
      length += output.length;
      if (length >= enough) finish(false);
    });
    stream.on("end", () => finish(true));
    stream.on("error", (cause: NodeJS.ErrnoException) => {
      const isSeen = length < expected || cause.message === WRONG_CHECKSUM;
      if (!isSeen || cause.code === "Z_BUF_ERROR") finish(false);
      else reject(corrupt("its pixels cannot be unpacked", cause));
    });
    write();
  });
}

/** Pillow minds no rows that are missing behind the declared end of the compressed data. */
function endsWithRow({ bytes, ended }: Inflated, rows: readonly Row[]): boolean {
  if (!ended) return false;
  let length = 0;
  for (const row of rows) {
    if (length >= bytes.length) break;
    length += 1 + row.bytes;
  }
  return length === bytes.length && length > 0;
}

/** Undoes the filters (PNG specification, section 9) and places the pixels; those that are missing are 0. */
function unfilter(packed: Buffer, rows: readonly Row[], head: PngHead): DecodedPixels {
  const { width, height, depth, colour } = head;
  const isGrey16 = colour === GREY && depth === 16;
  const data = Buffer.alloc(width * height * (isGrey16 ? 2 : 3), firstColour(head));
  const step = Math.max(1, (depth * (samplesOf[colour] as number)) >> 3);
  const write = pixelWriter(data, head);
  let previous: Buffer | null = null;
  let pass: Pass | null = null;
  let at = 0;
  for (const row of rows) {
    const filter = packed[at];
    const samples = packed.subarray(at + 1, at + 1 + row.bytes);
    if (filter === undefined || samples.length < row.bytes) break;
    if (filter > PAETH) throw corrupt(`a row of its pixels has the unknown filter ${filter}`);
    if (row.pass !== pass) previous = null;
    pass = row.pass;
    undoFilter(filter, samples, previous, step);
    for (let i = 0; i < row.columns; i += 1) write(samples, i, pass.left + i * pass.stepX, row.y);
    previous = samples;
    at += 1 + row.bytes;
  }
  return { data, width, height, format: isGrey16 ? "grey16" : "rgb" };
}

/** What a pixel of 0 is shown as. */
function firstColour({ colour, palette }: PngHead): Buffer {
  const isShown = colour === PALETTE && palette !== null && palette.length >= 3;
  return isShown ? palette.subarray(0, 3) : Buffer.alloc(3);
}

function undoFilter(filter: number, row: Buffer, above: Buffer | null, step: number): void {
  const up = above ?? Buffer.alloc(row.length);
  if (filter === SUB) {
    for (let i = step; i < row.length; i += 1)
      row[i] = (row[i] as number) + (row[i - step] as number);
  } else if (filter === UP) {
    for (let i = 0; i < row.length; i += 1) row[i] = (row[i] as number) + (up[i] as number);
  } else if (filter === AVERAGE) {
    for (let i = 0; i < row.length; i += 1) {
      const left = i < step ? 0 : (row[i - step] as number);
      row[i] = (row[i] as number) + ((left + (up[i] as number)) >> 1);
    }
  } else if (filter === PAETH) {
    for (let i = 0; i < row.length; i += 1) {
      const left = i < step ? 0 : (row[i - step] as number);
      const corner = i < step ? 0 : (up[i - step] as number);
      row[i] = (row[i] as number) + paeth(left, up[i] as number, corner);
    }
  }
}

function paeth(left: number, up: number, corner: number): number {
  const [fromLeft, fromUp] = [Math.abs(up - corner), Math.abs(left - corner)];
  const fromCorner = Math.abs(left + up - 2 * corner);
  if (fromLeft <= fromUp && fromLeft <= fromCorner) return left;
  return fromUp <= fromCorner ? up : corner;
}

/** What puts pixel `i` of a row to its place in the image. */
function pixelWriter(data: Buffer, { width, frame, depth, colour, palette }: PngHead) {
  const place = (x: number, y: number) => (frame.top + y) * width + frame.left + x;
  const bytes = depth >> 3;
  const scale = colour === PALETTE ? 1 : 255 / (2 ** depth - 1);
  const colours = Buffer.alloc(3 * 256);
  // an entry that is cut is none
  palette?.copy(colours, 0, 0, palette.length - (palette.length % 3));
  const levels = (row: Buffer, i: number): number =>
    depth >= 8
      ? (row[i] as number)
      : ((row[(i * depth) >> 3] as number) >> (8 - depth - ((i * depth) & 7))) & (2 ** depth - 1);
  if (colour === GREY && depth === 16) {
    const grey = new Uint16Array(data.buffer, data.byteOffset, data.length >> 1);
    return (row: Buffer, i: number, x: number, y: number) => {
      grey[place(x, y)] = row.readUInt16BE(2 * i);
    };
  }
  if (colour === GREY || colour === PALETTE) {
    return (row: Buffer, i: number, x: number, y: number) => {
      const level = levels(row, i) * (depth < 8 ? scale : 1);
      const at = 3 * place(x, y);
      for (let channel = 0; channel < 3; channel += 1) {
        data[at + channel] = colour === GREY ? level : (colours[3 * level + channel] as number);
      }
    };
  }
  const samples = samplesOf[colour] as number;
  return (row: Buffer, i: number, x: number, y: number) => {
    const from = i * samples * bytes;
    const at = 3 * place(x, y);
    for (let channel = 0; channel < 3; channel += 1) {
      const sample = colour === GREY_ALPHA ? 0 : channel * bytes;
      data[at + channel] = row[from + sample] as number;
    }
  };
}
