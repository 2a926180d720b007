import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { evenlySpread } from "../../measuring/spread.js";
import { FORMATS, type Format } from "../../programs/decoders.js";

/** Files of one format that are decoded in turn. */
export interface DecodeCase {
  readonly format: Format;
  readonly label: string;
  /** A file with a path a line. */
  readonly list: string;
  /** Mean size of an image. */
  readonly megapixels: number;
}

interface Encoding {
  readonly format: Format;
  readonly label: string;
  encode(image: Sharp): Sharp;
}

const QUALITIES = [50, 75, 95];
const SUBSAMPLINGS = ["4:2:0", "4:4:4"];

const png: Encoding = {
  format: "png",
  label: "PNG",
  encode: (image) => image.png({ compressionLevel: 6, adaptiveFiltering: true }),
};
const webp: Encoding = {
  format: "webp",
  label: "WebP, quality 80",
  encode: (image) => image.webp({ quality: 80 }),
};
const webpLossless: Encoding = {
  format: "webp",
  label: "WebP, lossless",
  encode: (image) => image.webp({ lossless: true }),
};

function jpeg(quality: number, chromaSubsampling: string): Encoding {
  return {
    format: "jpeg",
    label: `quality ${quality}, ${chromaSubsampling}`,
    encode: (image) => image.jpeg({ quality, chromaSubsampling }),
  };
}

/** Encodings of the whole sets and of the loader's. */
export const setEncodings: readonly Encoding[] = [png, webp, webpLossless];

const photoEncodings: readonly Encoding[] = [
  ...QUALITIES.flatMap((quality) => SUBSAMPLINGS.map((subsampling) => jpeg(quality, subsampling))),
  ...setEncodings,
];

const sizeEncodings: readonly Encoding[] = [jpeg(90, "4:2:0"), png, webp];

/** Images of each encoding in a folder, in the order of `images`. */
export async function encodeImages(
  images: readonly string[],
  { label, format, encode }: Encoding,
  folder: string,
): Promise<string[]> {
  const target = join(folder, label.replace(/\W+/g, "-"));
  await mkdir(target, { recursive: true });
  const paths: string[] = [];
  for (const [i, image] of images.entries()) {
    const path = join(target, `${i}.${format}`);
    await encode(sharp(image, { ignoreIcc: true })).toFile(path);
    paths.push(path);
  }
  return paths;
}

async function writeCase(
  folder: string,
  format: Format,
  label: string,
  paths: readonly string[],
): Promise<DecodeCase> {
  const list = join(folder, `${format}-${label.replace(/\W+/g, "-")}.txt`);
  await writeFile(list, `${paths.join("\n")}\n`);
  let pixels = 0;
  for (const path of paths) {
    const { width, height } = await sharp(path).metadata();
    pixels += width * height;
  }
  return { format, label, list, megapixels: pixels / paths.length / 1e6 };
}

/** An image of 4 to 3 that the photos cover like tiles: as much detail a pixel as they have. */
async function drawMosaic(photos: readonly string[], megapixels: number): Promise<Buffer> {
  const width = Math.round(Math.sqrt((megapixels * 1e6 * 4) / 3));
  const height = Math.round((width * 3) / 4);
  const tiles = await Promise.all(
    photos.map(async (photo) => {
      const { data, info } = await sharp(photo, { ignoreIcc: true })
        .toColourspace("srgb")
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      return { data, width: info.width, height: info.height };
    }),
  );
  const pixels = Buffer.alloc(3 * width * height);
  const side = Math.min(...tiles.flatMap((tile) => [tile.width, tile.height]));
  const columns = Math.ceil(width / side);
  for (let y = 0; y < height; y += 1) {
    for (let column = 0; column < columns; column += 1) {
      const place = Math.floor(y / side) * columns + column;
      const tile = tiles[place % tiles.length] as (typeof tiles)[number];
      const from = 3 * (y % side) * tile.width;
      const run = 3 * Math.min(side, width - column * side);
      tile.data.copy(pixels, 3 * (y * width + column * side), from, from + run);
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/**
 * Photos as they are and encoded anew, then one image of each size. Files are written below `folder`.
 */
export async function decodeCases(
  photos: readonly string[],
  count: number,
  megapixels: readonly number[],
  folder: string,
): Promise<DecodeCase[]> {
  const some = evenlySpread(photos, count);
  const cases = [await writeCase(folder, "jpeg", "as they are", some)];
  for (const encoding of photoEncodings) {
    const { format, label } = encoding;
    const paths = await encodeImages(some, encoding, folder);
    cases.push(await writeCase(folder, format, label, paths));
  }
  for (const size of megapixels) {
    const mosaic = await drawMosaic(some, size);
    for (const encoding of sizeEncodings) {
      const { format, label } = encoding;
      const path = join(folder, `${size}.${format}`);
      await encoding.encode(sharp(mosaic, { limitInputPixels: false })).toFile(path);
      cases.push(await writeCase(folder, format, `${label}, ${size} megapixels`, [path]));
    }
  }
  return FORMATS.flatMap((format) => cases.filter((one) => one.format === format));
}
