import type { DecodedPixels } from "../../native/addon.js";

/** The image turned and mirrored as an EXIF orientation says, 1 to 8. */
export function turnPixels(pixels: DecodedPixels, orientation: number): DecodedPixels {
  if (orientation < 2 || orientation > 8) return pixels;
  const { data, width, height } = pixels;
  const isTransposed = orientation >= 5;
  const [wide, high] = isTransposed ? [height, width] : [width, height];
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  const bytes = data.length / (width * height);
  const turned = Buffer.allocUnsafe(data.length);
  for (let y = 0, to = 0; y < high; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      const [across, down] = isTransposed ? [y, x] : [x, y];
      const left = fromRight ? width - 1 - across : across;
      const top = fromBottom ? height - 1 - down : down;
      const from = (top * width + left) * bytes;
      for (let i = 0; i < bytes; i += 1, to += 1) turned[to] = data[from + i] as number;
    }
  }
  return { ...pixels, data: turned, width: wide, height: high };
}
