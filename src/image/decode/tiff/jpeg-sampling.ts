const FRAME_OF_YCC_BYTES = 17;
/** SOI has no content. */
const START_OF_IMAGE = 0xd8;
const frames: readonly number[] = [0xc0, 0xc1, 0xc2, 0xc9, 0xca];
const passedOver: readonly number[] = [0xc4, 0xda, 0xdb, 0xdd, 0xfe];
const isApplication = (marker: number): boolean => marker >= 0xe0 && marker <= 0xef;

/** Sampling factors of YCbCr: how many samples of luma there are to one of chroma, across and down. */
export interface YccSampling {
  across: number;
  down: number;
}

/**
 * What libtiff takes for the sampling of a file that does not declare it: what the first strip's frame header says. Null
 * where libtiff finds none that TIFF has.
 */
export function samplingOfJpeg(jpeg: Buffer): YccSampling | null {
  for (let at = 0; ; ) {
    at = jpeg.indexOf(0xff, at);
    while (at >= 0 && jpeg[at] === 0xff) at += 1;
    const marker = jpeg[at];
    if (at < 0 || marker === undefined) return null;
    at += 1;
    if (marker === START_OF_IMAGE) continue;
    if (at + 2 > jpeg.length) return null;
    const length = jpeg.readUInt16BE(at);
    if (frames.includes(marker)) return samplingOfFrame(jpeg.subarray(at, at + length));
    if (length < 2 || !(passedOver.includes(marker) || isApplication(marker))) return null;
    at += length;
  }
}

function samplingOfFrame(frame: Buffer): YccSampling | null {
  if (frame.length !== FRAME_OF_YCC_BYTES) return null;
  const [luma = 0, cb, cr] = [9, 12, 15].map((at) => frame[at]);
  const [across, down] = [luma >> 4, luma & 15];
  const isOfTiff = [across, down].every((factor) => [1, 2, 4].includes(factor));
  return isOfTiff && cb === 0x11 && cr === 0x11 ? { across, down } : null;
}
