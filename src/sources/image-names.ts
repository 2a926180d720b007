import { extname } from "node:path";

/** Endings of images: a file has to have one to be a row, whether it can be read or not. */
const readable = "jpg jpeg jpe jfif jif mpo png apng webp gif avif avifs tif tiff";
const others =
  "bmp dib heic heif hif j2c j2k jp2 jpc jpf jpx jxl ico icns dds eps pcx pbm pgm pnm ppm psd qoi sgi svg tga xbm xpm";
const endings = new Set(`${readable} ${others}`.split(" ").map((ending) => `.${ending}`));

/** A file is taken for an image by its name. Which format it has, its first bytes say. */
export function isImageName(name: string): boolean {
  return endings.has(extname(name).toLowerCase());
}
