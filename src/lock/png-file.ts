import { crc32, deflateSync } from "node:zlib";

/** Colour types of PNG, by what a pixel has. */
const colorTypes = { grey: 0, rgb: 2, palette: 3, "grey-alpha": 4, rgba: 6 } as const;

export type ColorType = keyof typeof colorTypes;

const bytesAPixel: Readonly<Record<ColorType, number>> = {
  grey: 1,
  rgb: 3,
  palette: 1,
  "grey-alpha": 2,
  rgba: 4,
};

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A row by the filter "Sub": each byte less that of the pixel before it. */
function subRow(row: Buffer, pixel: number): Buffer {
  const filtered = Buffer.alloc(row.length + 1, 1);
  for (let i = 0; i < row.length; i += 1) {
    filtered[i + 1] = (row[i] as number) - (row[i - pixel] ?? 0);
  }
  return filtered;
}

/**
 * A PNG file of 8 bits a sample.
 *
 * @param pixels rows without gaps between them.
 * @param extra chunks before the pixels, in their order: PLTE, tRNS, eXIf.
 */
export function pngFile(
  pixels: Buffer,
  { width, height, color }: { width: number; height: number; color: ColorType },
  extra: readonly (readonly [type: string, content: Buffer])[] = [],
): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, colorTypes[color]], 8);
  const stride = width * bytesAPixel[color];
  const rows = Array.from({ length: height }, (_, row) =>
    subRow(pixels.subarray(row * stride, (row + 1) * stride), bytesAPixel[color]),
  );
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", head),
    ...extra.map(([type, content]) => chunk(type, content)),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
