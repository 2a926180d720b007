/** The standard preset's numbers, for the contenders that are not pixtok. */
export const IMAGE_SIZE = 224;
export const CHANNELS = 3;
export const IMAGE_VALUES = CHANNELS * IMAGE_SIZE * IMAGE_SIZE;

export const MEAN = [0.485, 0.456, 0.406];
export const STD = [0.229, 0.224, 0.225];

// Every float operation is rounded to float32, in torchvision's order, so that a table holds its
// exact results for all 256 bytes.
const normalizedValues = MEAN.map((mean, channel) =>
  Float32Array.from({ length: 256 }, (_, byte) => {
    const scaled = Math.fround(byte / 255);
    const centred = Math.fround(scaled - Math.fround(mean));
    return Math.fround(centred / Math.fround(STD[channel] as number));
  }),
);

/** Interleaved RGB bytes to normalized planes, written from `offset` on. */
export function normalizeInto(
  target: Float32Array,
  offset: number,
  pixels: Uint8Array | Uint8ClampedArray,
): void {
  const planeSize = pixels.length / CHANNELS;
  for (let channel = 0; channel < CHANNELS; channel++) {
    const values = normalizedValues[channel] as Float32Array;
    const plane = offset + channel * planeSize;
    for (let pixel = 0, at = channel; pixel < planeSize; pixel++, at += CHANNELS) {
      target[plane + pixel] = values[pixels[at] as number] as number;
    }
  }
}

// JavaScript's \s is not Python's: U+001C–001F and U+0085 are white space there, U+FEFF is not.
const NOT_ALPHANUMERIC =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are Python's white space
  /[^a-zA-Z0-9\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;

/** Python's `re.sub(r"[^a-zA-Z0-9\s]", "", text.lower())`. */
export function cleanText(text: string): string {
  return text.toLowerCase().replace(NOT_ALPHANUMERIC, "");
}

/** The dataset indices of each batch of an epoch in dataset order. */
export function sequentialBatches(length: number, batchSize: number): number[][] {
  const batches: number[][] = [];
  for (let first = 0; first < length; first += batchSize) {
    const rows = Math.min(batchSize, length - first);
    batches.push(Array.from({ length: rows }, (_, row) => first + row));
  }
  return batches;
}
