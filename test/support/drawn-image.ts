import type { RawPixels } from "pixtok";

const drawn = new Map<string, RawPixels>();

/** The image of `drawn` in test/goldens/make_vision.py: one for each size, not to be written to. */
export function drawnImage(width: number, height: number): RawPixels {
  const size = `${width}x${height}`;
  const image = drawn.get(size) ?? draw(width, height);
  drawn.set(size, image);
  return image;
}

function draw(width: number, height: number): RawPixels {
  const data = new Uint8Array(3 * width * height);
  let at = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let channel = 0; channel < 3; channel += 1, at += 1) {
        const value = x * x * (3 + channel) + y * y * (5 - channel) + x * y * 2 + (x ^ y) * 16;
        data[at] = value >> 2;
      }
    }
  }
  return { data, width, height, channels: 3 };
}
