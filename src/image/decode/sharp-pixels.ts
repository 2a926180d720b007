import type { Sharp } from "sharp";
import type { DecodedPixels } from "../../native/addon.js";

/** What sharp decodes, its alpha left out. */
export async function readRgb(image: Sharp): Promise<DecodedPixels> {
  const { data, info } = await image
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, format: "rgb" };
}

/** Precondition: of one channel. */
export async function readGrey(image: Sharp): Promise<DecodedPixels> {
  const { data, info } = await image
    .toColourspace("b-w")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, format: "grey" };
}

/** Precondition: of two channels. */
export async function readGreyAlpha(image: Sharp): Promise<DecodedPixels> {
  // sharp gives no more than one channel where it is not asked for colours
  const { data, info } = await image
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const pairs = Buffer.allocUnsafe(2 * width * height);
  for (let from = 0, to = 0; to < pairs.length; from += channels) {
    pairs[to++] = data[from] as number;
    pairs[to++] = data[from + channels - 1] as number;
  }
  return { data: pairs, width, height, format: "grey-alpha" };
}

export async function readCmyk(image: Sharp): Promise<DecodedPixels> {
  const { data, info } = await image
    .pipelineColourspace("cmyk")
    .toColourspace("cmyk")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, format: "cmyk" };
}

export async function readGrey16(image: Sharp): Promise<DecodedPixels> {
  const { data, info } = await image
    .removeAlpha()
    .pipelineColourspace("grey16")
    .toColourspace("grey16")
    .raw({ depth: "ushort" })
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, format: "grey16" };
}
