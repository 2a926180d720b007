const START_OF_SCAN = 0xda;

/** Frames: 0xC0 to 0xCF, but for tables of Huffman codes, extensions and arithmetic codes. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** What the frame header of JPEG data says; null where none is found in front of the first scan. */
export function jpegSize(jpeg: Buffer): { width: number; height: number } | null {
  for (let at = 2; at + 9 <= jpeg.length; ) {
    if (jpeg[at] !== 0xff) return null;
    const marker = jpeg[at + 1] as number;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (isFrame(marker)) {
      return { height: jpeg.readUInt16BE(at + 5), width: jpeg.readUInt16BE(at + 7) };
    }
    if (marker === START_OF_SCAN) return null;
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  return null;
}
