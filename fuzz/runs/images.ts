import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ImageProcessor, PixtokError } from "pixtok";
import { CANVAS_SIDE, MOST_PIXELS } from "../limits.js";
import type { CaseRequest, Outcome } from "../outcome.js";

const asDecoded = {
  resize: null,
  pad: CANVAS_SIDE,
  type: "uint8",
  layout: "hwc",
  maxPixels: MOST_PIXELS,
} as const;
const upright = new ImageProcessor({ ...asDecoded, exifOrientation: true });
const asStored = new ImageProcessor(asDecoded);

/** The pixels of the one image in the folder, as they are decoded. */
export async function runImages(request: CaseRequest): Promise<Outcome> {
  const { folder, exifOrientation, pixelsTo } = request;
  const [name = ""] = readdirSync(folder);
  const bytes = readFileSync(join(folder, name));
  try {
    const processor = exifOrientation ? upright : asStored;
    const { pixel_values } = await processor.process(bytes);
    const pixels = pixel_values.data as Uint8Array;
    if (pixelsTo !== undefined) writeFileSync(pixelsTo, pixels);
    const digest = createHash("sha256").update(pixels).digest("hex");
    return { kind: "read", rows: [{ verdict: "read", digest }] };
  } catch (error) {
    if (!(error instanceof PixtokError) || error.message.length > 1000) throw error;
    return { kind: "read", rows: [{ verdict: "refused", code: error.code }] };
  }
}
