import { isGitLfsPointer } from "../../shared/git-lfs-pointer.js";

/** What no library that is here reads to Pillow's pixels. */
const image = (kind: string) => `${kind}: convert it to PNG`;

/** Formats that are not read: what their files begin with, at which byte, and what they are. */
const signatures: readonly (readonly [string, number, string])[] = [
  ["8BPS", 0, image("a Photoshop file")],
  ["\0\0\x01\0", 0, image("an icon file")],
  ["\0\0\x02\0", 0, image("a cursor file")],
  ["\0\0\0\x0cjP  ", 0, image("a JPEG 2000 file")],
  ["\xff\x4f\xff\x51", 0, image("a JPEG 2000 file")],
  ["\0\0\0\x0cJXL ", 0, image("a JPEG XL file")],
  ["\xff\x0a", 0, image("a JPEG XL file")],
  ["ftyphe", 4, image("a HEIC or HEIF file")],
  ["ftypmif1", 4, image("a HEIC or HEIF file")],
  ["ftypmsf1", 4, image("a HEIC or HEIF file")],
  ["ftyp", 4, "a video or another file of MPEG-4's kind"],
  ["\x76\x2f\x31\x01", 0, image("an OpenEXR file")],
  ["#?RADIANCE", 0, image("a Radiance HDR file")],
  ["II\xbc\x01", 0, image("a JPEG XR file")],
  ["SIMPLE  =", 0, image("a FITS file")],
  ["\x0a\0\x01", 0, image("a PCX file")],
  ["\x0a\x02\x01", 0, image("a PCX file")],
  ["\x0a\x03\x01", 0, image("a PCX file")],
  ["\x0a\x05\x01", 0, image("a PCX file")],
  ["\x01\xda", 0, image("an SGI file")],
  ["\x59\xa6\x6a\x95", 0, image("a Sun raster file")],
  ["icns", 0, image("an icon file")],
  ["DDS ", 0, image("a DirectDraw surface")],
  ["%PDF", 0, "a PDF file"],
  ["%!PS", 0, "a PostScript file"],
  ["PK\x03\x04", 0, "a ZIP archive"],
  ["\x1f\x8b", 0, "a gzip archive"],
  ["\x28\xb5\x2f\xfd", 0, "a Zstandard archive"],
  ["ustar", 257, "a tar archive"],
  ["PAR1", 0, "a Parquet file"],
  ["\x89HDF", 0, "an HDF5 file"],
  ["\x93NUMPY", 0, "a NumPy array"],
  ["RIFF", 0, "a RIFF file that is no WebP"],
];

const markup: readonly (readonly [RegExp, string])[] = [
  [/^P[7F]\s/, image("a PAM or PF file")],
  [/^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE svg|<svg)/is, "an SVG file"],
  [/^\s*(<!DOCTYPE html|<html)/i, "a web page, not an image"],
  [/^\s*<\?xml/, "an XML file"],
];

/** How many bytes of a file foreignFormat() looks at. */
const START_BYTES = 512;
const BYTE_ORDER_MARK = "\xef\xbb\xbf";

/** What a file is that is no image of a format that is read. */
export function foreignFormat(file: Buffer): string {
  if (isGitLfsPointer(file)) return "a Git LFS pointer, not the image itself: run git lfs pull";
  const start = file.toString("latin1", 0, START_BYTES);
  const signed = signatures.find(([text, at]) => start.startsWith(text, at));
  if (signed !== undefined) return signed[2];
  const text = start.startsWith(BYTE_ORDER_MARK) ? start.slice(BYTE_ORDER_MARK.length) : start;
  const marked = markup.find(([pattern]) => pattern.test(text));
  return marked?.[1] ?? "not an image of a format that can be read";
}
