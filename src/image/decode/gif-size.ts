import { nativeAddon } from "../../native/addon.js";
import { type FaultCode, ImageFault } from "./image-fault.js";

/** The size that Pillow gives a GIF image. @throws {ImageFault} */
export function gifSize(file: Buffer): { width: number; height: number } {
  const size = nativeAddon().gifSize(file);
  if ("width" in size) return size;
  throw new ImageFault(size.code as FaultCode, size.message);
}
