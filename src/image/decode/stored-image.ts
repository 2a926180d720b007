import { nativeAddon } from "../../native/load-addon.js";
import { unlessRefused } from "./image-fault.js";

/** What is in front of the pixels of a file that threads of the addon decode. */
export interface StoredImage {
  readonly width: number;
  readonly height: number;
  /** Its channels: "grey", "rgba", "palette", … */
  readonly mode: string;
}

/**
 * As Pillow opens the file. Precondition: isNativeFormat() of its format.
 *
 * @throws {ImageFault}
 */
export function storedImage(file: Buffer): StoredImage {
  return unlessRefused(nativeAddon().storedImage(file));
}
