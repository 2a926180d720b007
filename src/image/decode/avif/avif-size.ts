import { corrupt } from "../image-fault.js";
import { boxes, FULL_BOX } from "./avif-boxes.js";
import { readItems } from "./avif-items.js";

/** libavif's limits. */
const MOST_SIDE = 32_768;
const MOST_PIXELS = 16_384 ** 2;

/**
 * Refuses an AVIF file with an item whose declared size (ISO/IEC 23008-12, section 6.5.3) libavif refuses.
 * To be called before libvips opens the file: it prints to the console where a size does not fit it.
 *
 * @throws {ImageFault}
 * @throws {RangeError} where the file ends early.
 */
export function requireAvifSize(file: Buffer): void {
  const meta = boxes(file, 0, file.length).find(({ type }) => type === "meta");
  if (meta === undefined) return;
  const iprp = boxes(file, meta.body + FULL_BOX, meta.end).find(({ type }) => type === "iprp");
  if (iprp === undefined) return;
  const children = boxes(file, iprp.body, iprp.end);
  const [ipco, ipma] = ["ipco", "ipma"].map((name) => children.find(({ type }) => type === name));
  if (ipco === undefined || ipma === undefined) return;
  const properties = boxes(file, ipco.body, ipco.end);
  for (const { index } of [...readItems(file, ipma).values()].flat()) {
    const property = properties[index - 1];
    if (property?.type !== "ispe") continue;
    const width = file.readUInt32BE(property.body + FULL_BOX);
    const height = file.readUInt32BE(property.body + FULL_BOX + 4);
    const isPossible =
      Math.min(width, height) > 0 &&
      Math.max(width, height) <= MOST_SIDE &&
      width * height <= MOST_PIXELS;
    if (!isPossible) throw corrupt(`it declares a size of ${width} x ${height}`);
  }
}
