import type { NativeRefusal } from "../../native/addon.js";
import { PixtokError, type PixtokErrorCode, type SampleOrigin } from "../../shared/errors.js";
import { MAX_SIDE } from "../image-side.js";

export type FaultCode = Extract<
  PixtokErrorCode,
  "UNSUPPORTED_FORMAT" | "CORRUPT_IMAGE" | "TRUNCATED_IMAGE" | "TOO_MANY_PIXELS"
>;

/** What is wrong with an image file, as its own bytes show. */
export class ImageFault extends Error {
  override readonly name = "ImageFault";
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** The fault for users, with the sample that has it. */
export function faultOfSample(
  { code, message, cause }: ImageFault,
  origin: SampleOrigin,
): PixtokError {
  return new PixtokError(code, message, { ...origin, cause });
}

/** What the addon says of a file. @throws {ImageFault} where it says why the file is not opened. */
export function unlessRefused<Answer extends object>(answer: Answer | NativeRefusal): Answer {
  if ("code" in answer) throw new ImageFault(answer.code as FaultCode, answer.message);
  return answer;
}

/** The format, or a kind of it, is not read. */
export function unsupported(what: string): ImageFault {
  return new ImageFault("UNSUPPORTED_FORMAT", what);
}

export function corrupt(what: string, cause?: unknown): ImageFault {
  return new ImageFault("CORRUPT_IMAGE", `the file is corrupt: ${what}`, cause);
}

export function truncated(what: string, cause?: unknown): ImageFault {
  return new ImageFault("TRUNCATED_IMAGE", `the file is truncated: ${what}`, cause);
}

/** @throws {ImageFault} TOO_MANY_PIXELS, and UNSUPPORTED_FORMAT for a side that is too long. */
export function requireSize(width: number, height: number, maxPixels: number): void {
  if (width * height > maxPixels) {
    throw new ImageFault(
      "TOO_MANY_PIXELS",
      `the file declares ${width} x ${height} pixels, more than maxPixels = ${maxPixels}`,
    );
  }
  if (Math.max(width, height) > MAX_SIDE) {
    throw unsupported(
      `the file declares ${width} x ${height} pixels; no side may be over ${MAX_SIDE}`,
    );
  }
}
