// Files that are no image of a format that can be read, and say so; the others are in
// conformance.test.ts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { ImageProcessor, PixtokError } from "pixtok";
import { fixture } from "../support/fixtures.js";

const processor = ImageProcessor.standard();

async function errorOf(file: Uint8Array): Promise<PixtokError> {
  try {
    await processor.process(file);
  } catch (error) {
    if (error instanceof PixtokError) return error;
    throw error;
  }
  return assert.fail("it was read");
}

/** Files of 1 x 1 pixels, and of none. */
function compressedBmp(compression: number): Buffer {
  const file = Buffer.alloc(60);
  file.write("BM");
  file.writeUInt32LE(40, 14);
  file.writeUInt32LE(1, 18);
  file.writeUInt32LE(1, 22);
  file.writeUInt16LE(24, 28);
  file.writeUInt32LE(compression, 30);
  return file;
}

const text = (content: string) => Buffer.from(content, "latin1");

describe("a format that is not read is UNSUPPORTED_FORMAT, and those that are are listed", () => {
  const files: [string, Buffer][] = [
    ["PAM", text("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nENDHDR\nabc")],
    ["a cursor", Buffer.concat([text("\0\0\x02\0\x01\0"), Buffer.alloc(40)])],
    ["BMP with a JPEG in it", compressedBmp(4)],
    ["SVG", text('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>')],
    ["PSD", Buffer.concat([text("8BPS\0\x01"), Buffer.alloc(40)])],
    ["ICO", Buffer.concat([text("\0\0\x01\0\x01\0"), Buffer.alloc(40)])],
    ["JPEG 2000", text("\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 ")],
    ["HEIC", text("\0\0\0\x18ftypheic\0\0\0\0mif1heic")],
    ["RIFF that is no WebP", text("RIFF\x24\0\0\0WAVEfmt ")],
    ["a text", text("This is a line of text, not an image.\n")],
  ];
  for (const [name, file] of files) {
    test(name, async () => {
      const error = await errorOf(file);
      assert.equal(error.code, "UNSUPPORTED_FORMAT");
      assert.match(error.message, /JPEG, PNG, WebP, GIF, AVIF, TIFF, BMP, PPM, TGA and QOI/);
    });
  }
});

describe("an error names what a file is that is no image", () => {
  const files: [string, Buffer, RegExp][] = [
    ["BMP with a JPEG in it", compressedBmp(4), /a BMP file of compression 4/],
    ["PCX", Buffer.concat([text("\n\x05\x01\x08"), Buffer.alloc(80)]), /a PCX file/],
    ["JPEG XL", text("\0\0\0\x0cJXL \r\n\x87\n"), /a JPEG XL file: convert it to PNG/],
    ["JPEG XL without a container", text("\xff\x0a\xfa\x7f"), /a JPEG XL file: convert/],
    ["JPEG 2000", text("\0\0\0\x0cjP  \r\n\x87\n"), /a JPEG 2000 file: convert it to PNG/],
    ["JPEG 2000 without a container", text("\xff\x4f\xff\x51\0"), /a JPEG 2000 file: convert/],
    [
      "an icon",
      Buffer.concat([text("\0\0\x01\0\x01\0"), Buffer.alloc(40)]),
      /an icon file: convert/,
    ],
    ["HEIF", text("\0\0\0\x18ftypmif1\0\0\0\0mif1heic"), /a HEIC or HEIF file: convert/],
    ["HEIC", text("\0\0\0\x18ftypheic\0\0\0\0mif1heic"), /a HEIC or HEIF file/],
    ["PSD", Buffer.concat([text("8BPS\0\x01"), Buffer.alloc(40)]), /a Photoshop file/],
    ["OpenEXR", text("\x76\x2f\x31\x01\x02\0\0\0"), /an OpenEXR file: convert/],
    [
      "Radiance HDR",
      text("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n"),
      /a Radiance HDR file: convert/,
    ],
    ["JPEG XR", text("II\xbc\x01\x08\0\0\0"), /a JPEG XR file: convert/],
    ["FITS", text("SIMPLE  =                    T"), /a FITS file: convert/],
    ["SGI", Buffer.concat([text("\x01\xda\x01\x01"), Buffer.alloc(40)]), /an SGI file: convert/],
    ["Sun raster", text("\x59\xa6\x6a\x95\0\0\0\x01"), /a Sun raster file: convert/],
    ["icns", text("icns\0\0\0\x10"), /an icon file: convert/],
    ["DDS", text("DDS \x7c\0\0\0"), /a DirectDraw surface: convert/],
    ["a video", text("\0\0\0\x18ftypisom\0\0\x02\0isomavc1"), /a video or another file of MPEG-4/],
    ["PDF", text("%PDF-1.7\n"), /a PDF file/],
    ["PostScript", text("%!PS-Adobe-3.0\n"), /a PostScript file/],
    ["ZIP", text("PK\x03\x04\x14\0"), /a ZIP archive/],
    ["gzip", text("\x1f\x8b\x08\0"), /a gzip archive/],
    ["Zstandard", text("\x28\xb5\x2f\xfd\x24\0"), /a Zstandard archive/],
    ["tar", Buffer.concat([text("a".repeat(257)), text("ustar\x0000")]), /a tar archive/],
    ["Parquet", text("PAR1\x15\0"), /a Parquet file/],
    ["HDF5", text("\x89HDF\r\n\x1a\n"), /an HDF5 file/],
    ["NumPy", text("\x93NUMPY\x01\0"), /a NumPy array/],
    ["RIFF", text("RIFF\x24\0\0\0WAVEfmt "), /a RIFF file that is no WebP/],
    ["PAM", text("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nENDHDR\nabc"), /a PAM or PF file/],
    ["XML", text('<?xml version="1.0"?>\n<rss/>'), /an XML file/],
    [
      "a Git LFS pointer",
      text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"),
      /a Git LFS pointer, not the image itself: run git lfs pull/,
    ],
    ["a web page", text("<!DOCTYPE html><html><body>Not found</body></html>"), /a web page/],
    [
      "SVG",
      text('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'),
      /an SVG file/,
    ],
  ];
  for (const [name, file, expected] of files) {
    test(name, async () => {
      assert.match((await errorOf(file)).message, expected);
    });
  }
});

describe("a whole TIFF file of a compression that is not read is UNSUPPORTED_FORMAT", () => {
  const COMPRESSION = 259;
  /** The same file, declared to be compressed in another way. */
  function recompressed(compression: number): Buffer {
    const file = readFileSync(fixture("images/tiff-rgb.tiff"));
    const directory = file.readUInt32LE(4);
    for (let entry = 0; entry < file.readUInt16LE(directory); entry += 1) {
      const at = directory + 2 + 12 * entry;
      if (file.readUInt16LE(at) === COMPRESSION) file.writeUInt16LE(compression, at + 8);
    }
    return file;
  }

  for (const [name, number] of [
    ["LZMA", 34925],
    ["WebP", 50001],
    ["old JPEG", 6],
  ] as const) {
    test(name, async () => {
      const error = await errorOf(recompressed(number));
      assert.equal(error.code, "UNSUPPORTED_FORMAT");
      assert.match(error.message, new RegExp(`compression ${number} .*convert it`));
    });
  }

  test("the file itself is read", async () => {
    await processor.process(recompressed(1));
  });
});
