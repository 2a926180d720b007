import { extname } from "node:path";

/** Extensions of images that are read. */
export const imageExtensions: readonly string[] = [
  ..."jpg jpeg png webp gif avif tiff tif jfif jpe mpo apng jif avifs bmp pbm pgm pfm".split(" "),
  ..."pnm ppm qoi tga icb vda vst".split(" "),
];

/** Extensions of images that are not read: a sample that has no others has a bad image, not none. */
export const unreadImageExtensions: readonly string[] = [
  ..."dib heic heif hif j2c j2k jp2 jpc jpf jpx jxl ico icns dds eps pcx".split(" "),
  ..."psd sgi svg xbm xpm".split(" "),
];

const extensions = new Set(
  [...imageExtensions, ...unreadImageExtensions].map((extension) => `.${extension}`),
);

/** A file is taken for an image by its name. Which format it has, its first bytes say. */
export function isImageName(name: string): boolean {
  return extensions.has(extname(name).toLowerCase());
}
