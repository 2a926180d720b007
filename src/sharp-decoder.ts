import sharp from "sharp";
import type { PixtokErrorCode } from "./errors.js";
import type { RawPixels } from "./native-addon.js";

/** Pictures that sharp decodes at once: as many as libuv has threads for it. */
const concurrency = Number(process.env.UV_THREADPOOL_SIZE) || 4;
let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(task: () => Promise<T>): Promise<T> {
  if (running >= concurrency) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await task();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

/** Why a picture could not be decoded. */
export interface DecodeFailure {
  code: PixtokErrorCode;
  message: string;
  cause: unknown;
}

/**
 * A picture file of any format to 8-bit RGB, as Pillow's `convert("RGB")` gives it: no EXIF turning,
 * no colour management, alpha dropped.
 */
export async function decodeWithSharp(
  image: string | Uint8Array,
  maxPixels: number,
): Promise<RawPixels | DecodeFailure> {
  return inTurn(async () => {
    try {
      const { data, info } = await sharp(image, {
        ignoreIcc: true,
        failOn: "truncated",
        limitInputPixels: maxPixels,
      })
        .toColourspace("srgb")
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      return { data, width: info.width, height: info.height, channels: info.channels };
    } catch (cause) {
      const message = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
      return { code: codeOf(message), message, cause };
    }
  });
}

function codeOf(message: string): PixtokErrorCode {
  if (/unsupported image format/i.test(message)) return "UNSUPPORTED_FORMAT";
  if (/pixel limit/i.test(message)) return "TOO_MANY_PIXELS";
  if (/premature end|truncated|end of stream/i.test(message)) return "TRUNCATED_IMAGE";
  return "CORRUPT_IMAGE";
}
