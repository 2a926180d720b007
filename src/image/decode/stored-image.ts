import { nativeAddon } from "../../native/addon.js";
import { type FaultCode, ImageFault } from "./image-fault.js";

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
  const image = nativeAddon().storedImage(file);
  if ("width" in image) return image;
  throw new ImageFault(image.code as FaultCode, image.message);
}
