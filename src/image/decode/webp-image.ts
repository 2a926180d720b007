import { nativeAddon } from "../../native/load-addon.js";
import { unlessRefused } from "./image-fault.js";

/** What is in front of the pixels of a WebP file. */
export interface WebpImage {
  readonly width: number;
  readonly height: number;
  /** Whether Pillow shows alpha. */
  readonly hasAlpha: boolean;
  /** EXIF's, 1 to 8. */
  readonly orientation: number;
}

/**
 * As Pillow opens the file. Precondition: it has the signature of WebP.
 *
 * @throws {ImageFault}
 */
export function webpImage(file: Buffer): WebpImage {
  return unlessRefused(nativeAddon().webpImage(file));
}
