import { PixtokError, type PixtokErrorCode, type SampleOrigin } from "./errors.js";

/** What the operating system says when the machine, and not a file, is at fault. */
const faults: Readonly<Record<string, PixtokErrorCode>> = {
  EMFILE: "OUT_OF_FILE_DESCRIPTORS",
  ENFILE: "OUT_OF_FILE_DESCRIPTORS",
  ENOMEM: "OUT_OF_MEMORY",
  EIO: "STORAGE_FAILED",
  ESTALE: "STORAGE_FAILED",
  ENXIO: "STORAGE_FAILED",
  ENODEV: "STORAGE_FAILED",
  ENOLINK: "STORAGE_FAILED",
  EREMOTEIO: "STORAGE_FAILED",
  ETIMEDOUT: "STORAGE_FAILED",
  EHOSTDOWN: "STORAGE_FAILED",
  EAGAIN: "STORAGE_FAILED",
  EINTR: "STORAGE_FAILED",
};

const faultCodes: ReadonlySet<PixtokErrorCode> = new Set([
  ...Object.values(faults),
  "ADDON_NOT_FOUND",
  "DECODER_NOT_FOUND",
  "SOURCE_CHANGED",
]);

/** An error that wraps another one may be wrapped itself, but not for ever. */
const MAX_CAUSES = 8;

/**
 * Whether an error is one of the machine, the installation or a file that all samples are in: a sample
 * cannot be judged by it, and the same sample may be read another time.
 */
export function isMachineFault({ code }: PixtokError): boolean {
  return faultCodes.has(code);
}

/** The machine's fault behind an error of Node or of a dependency; null where there is none. */
export function machineFault(error: unknown, origin: SampleOrigin = {}): PixtokError | null {
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth += 1) {
    const code = faultOf(current);
    if (code !== null) {
      if (current instanceof PixtokError && current === error) return current;
      return new PixtokError(code, firstLine(current.message), { ...origin, cause: error });
    }
    current = current.cause;
  }
  return null;
}

function faultOf(error: Error): PixtokErrorCode | null {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof PixtokError) return isMachineFault(error) ? error.code : null;
  if (code !== undefined && Object.hasOwn(faults, code)) return faults[code] ?? null;
  if (error instanceof RangeError && /array buffer allocation failed/i.test(error.message)) {
    return "OUT_OF_MEMORY";
  }
  return null;
}

function firstLine(message: string): string {
  return message.split("\n")[0] ?? "";
}
