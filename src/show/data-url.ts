import { sharp } from "../native/sharp.js";
import type { RgbImage } from "./image-bytes.js";

const opened = ({ data, width, height }: RgbImage) =>
  sharp(data, { raw: { width, height, channels: 3 } });

/** An image's pixels as a PNG file. */
export function pngOf(image: RgbImage): Promise<Buffer> {
  return opened(image).png().toBuffer();
}

/** An image within a page, exact. */
export async function exactDataUrl(image: RgbImage): Promise<string> {
  return `data:image/png;base64,${(await pngOf(image)).toString("base64")}`;
}

/** An image within a page, in a fraction of the bytes. */
export async function smallDataUrl(image: RgbImage): Promise<string> {
  const file = await opened(image).webp({ quality: 85, effort: 2 }).toBuffer();
  return `data:image/webp;base64,${file.toString("base64")}`;
}
