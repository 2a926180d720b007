import type { RawPixels } from "pixtok";

/** The image of `drawn` in test/goldens/make_vision.py. */
export function drawnImage(width: number, height: number): RawPixels {
  const data = new Uint8Array(3 * width * height);
  for (let at = 0; at < data.length; at += 1) {
    const channel = at % 3;
    const x = Math.floor(at / 3) % width;
    const y = Math.floor(at / 3 / width);
    const value = x * x * (3 + channel) + y * y * (5 - channel) + x * y * 2 + (x ^ y) * 16;
    data[at] = Math.floor(value / 4) % 256;
  }
  return { data, width, height, channels: 3 };
}
