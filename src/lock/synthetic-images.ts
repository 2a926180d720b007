import { sharp } from "../native/sharp.js";
import { type ColorType, pngFile } from "./png-file.js";

/** An image of a lock, as a file. */
export interface DrawnImage {
  readonly name: string;
  readonly file: Buffer;
}

interface Drawing {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly color: ColorType;
  /** What EXIF data say, 1 to 8. */
  readonly orientation?: number;
}

/**
 * No side is 1 or 3, which NumPy's side of transformers takes for channels. Sides are odd where a crop's
 * middle is rounded; the tall one is what Pillow 13 resizes otherwise than Pillow 12.
 */
const drawings: readonly Drawing[] = [
  { name: "landscape", width: 300, height: 225, color: "rgb" },
  { name: "portrait", width: 201, height: 322, color: "rgb" },
  { name: "large", width: 420, height: 311, color: "rgb" },
  { name: "tall", width: 150, height: 520, color: "rgb" },
  { name: "wide", width: 301, height: 67, color: "rgb" },
  { name: "small", width: 17, height: 23, color: "rgb" },
  { name: "square-odd", width: 257, height: 257, color: "rgb" },
  { name: "grey", width: 150, height: 113, color: "grey" },
  { name: "grey-alpha", width: 64, height: 80, color: "grey-alpha" },
  { name: "alpha", width: 121, height: 90, color: "rgba" },
  { name: "palette-alpha", width: 75, height: 75, color: "palette" },
  { name: "turned-right", width: 160, height: 99, color: "rgb", orientation: 6 },
  { name: "mirrored", width: 90, height: 141, color: "rgb", orientation: 5 },
];

const byte = (value: number) => Math.min(255, Math.max(0, value));

/** Up and down between 0 and 255. */
function triangle(value: number): number {
  const phase = value & 511;
  return phase < 256 ? phase : 511 - phase;
}

/** Slopes, edges from black to white, and in a corner lines that get ever finer. */
function level(x: number, y: number, channel: number): number {
  const slope = triangle(2 * x + 3 * y + 90 * channel);
  const block = ((Math.floor(x / 13) + Math.floor(y / 11) + channel) & 1) * 150 - 75;
  const lines = x < 80 && y < 80 ? triangle((x * x + 2 * y * y) >> 5) >> 2 : 30;
  return byte(slope + block + lines - 30);
}

function alphaAt(x: number, y: number): number {
  return byte(triangle(5 * x + y) * 2 - 120);
}

type Sample = (x: number, y: number) => number;

const red: Sample = (x, y) => level(x, y, 0);
const green: Sample = (x, y) => level(x, y, 1);
const blue: Sample = (x, y) => level(x, y, 2);

/** The samples of a pixel. */
const samplesOf: Readonly<Record<ColorType, readonly Sample[]>> = {
  grey: [red],
  "grey-alpha": [green, alphaAt],
  rgb: [red, green, blue],
  rgba: [red, green, blue, alphaAt],
  palette: [(x, y) => red(x, y) >> 2],
};

function pixelsOf({ width, height, color }: Omit<Drawing, "name">): Buffer {
  const samples = samplesOf[color];
  const pixels = Buffer.alloc(width * height * samples.length);
  let at = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (const sample of samples) {
        pixels[at] = sample(x, y);
        at += 1;
      }
    }
  }
  return pixels;
}

/** 64 colours, a third of them transparent. */
function palette(): (readonly [string, Buffer])[] {
  const entries = Array.from({ length: 64 }, (_, i) => [4 * i, 255 - 4 * i, (37 * i) & 255]);
  const opacities = entries.map((_, i) => (i % 3 === 0 ? byte(9 * i - 90) : 255));
  return [
    ["PLTE", Buffer.from(entries.flat())],
    ["tRNS", Buffer.from(opacities)],
  ];
}

/** The EXIF data that have an orientation and nothing else. */
function exif(orientation: number): Buffer {
  const number = orientation.toString(16).padStart(4, "0");
  return Buffer.from(`4d4d002a0000000800010112000300000001${number}000000000000`, "hex");
}

function drawnPng(drawing: Drawing): DrawnImage {
  const { name, color, orientation } = drawing;
  const extra = [
    ...(color === "palette" ? palette() : []),
    ...(orientation === undefined ? [] : [["eXIf", exif(orientation)] as const]),
  ];
  return { name, file: pngFile(pixelsOf(drawing), drawing, extra) };
}

/** Where it alone differs, the decoder of JPEG does. */
async function drawnJpeg(): Promise<DrawnImage> {
  const size = { width: 131, height: 97 };
  const data = await sharp(pixelsOf({ ...size, color: "rgb" }), { raw: { ...size, channels: 3 } })
    .jpeg({ quality: 90, chromaSubsampling: "4:2:0" })
    .toBuffer();
  const content = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), exif(8)]);
  const head = Buffer.from("ffe10000", "hex");
  head.writeUInt16BE(content.length + 2, 2);
  const file = Buffer.concat([data.subarray(0, 2), head, content, data.subarray(2)]);
  return { name: "jpeg", file };
}

let drawn: readonly DrawnImage[] | undefined;

/**
 * The images whose results a lock keeps: the same everywhere, but for the bytes that compress them. They are
 * drawn once.
 */
export async function drawnImages(): Promise<readonly DrawnImage[]> {
  drawn ??= [...drawings.map(drawnPng), await drawnJpeg()];
  return drawn;
}
