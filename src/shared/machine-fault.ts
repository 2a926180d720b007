import { errorOfSample } from "./error-of-sample.js";
import { PixtokError, type PixtokErrorCode, type SampleOrigin } from "./errors.js";
import { MAX_CAUSES } from "./limits.js";
import { isNoRegularFile } from "./no-regular-file.js";

type Fault = "OUT_OF_FILE_DESCRIPTORS" | "OUT_OF_MEMORY" | "STORAGE_FAILED";

/** What the operating system says when the machine, and not a file, is at fault. */
const faultsOfErrno: Readonly<Record<string, Fault>> = {
  EMFILE: "OUT_OF_FILE_DESCRIPTORS",
  ENFILE: "OUT_OF_FILE_DESCRIPTORS",
  ENOMEM: "OUT_OF_MEMORY",
  ERR_MEMORY_ALLOCATION_FAILED: "OUT_OF_MEMORY",
  ERR_WORKER_OUT_OF_MEMORY: "OUT_OF_MEMORY",
  EIO: "STORAGE_FAILED",
  ESTALE: "STORAGE_FAILED",
  ENXIO: "STORAGE_FAILED",
  ENODEV: "STORAGE_FAILED",
  ENOLINK: "STORAGE_FAILED",
  ENOTCONN: "STORAGE_FAILED",
  EREMOTEIO: "STORAGE_FAILED",
  ETIMEDOUT: "STORAGE_FAILED",
  EHOSTDOWN: "STORAGE_FAILED",
  EAGAIN: "STORAGE_FAILED",
  EINTR: "STORAGE_FAILED",
  ENOSPC: "STORAGE_FAILED",
  EDQUOT: "STORAGE_FAILED",
};

/** The same as text, where a library or a user's function has made a message of it. */
const faultsOfText: readonly (readonly [RegExp, Fault])[] = [
  [/\bE[MN]FILE: |too many open files/i, "OUT_OF_FILE_DESCRIPTORS"],
  [/\bENOMEM: |cannot allocate memory|array buffer allocation failed/i, "OUT_OF_MEMORY"],
  [/\bout of memory\b|\bbad[_ ]alloc(?:ation)?\b/i, "OUT_OF_MEMORY"],
  [/\b(?:EIO|ESTALE): |input\/output error|stale (?:NFS )?file handle/i, "STORAGE_FAILED"],
];

const transientCodes: ReadonlySet<PixtokErrorCode> = new Set<PixtokErrorCode>([
  "OUT_OF_FILE_DESCRIPTORS",
  "OUT_OF_MEMORY",
  "STORAGE_FAILED",
  "REMOTE_UNREACHABLE",
]);

const faultCodes: ReadonlySet<PixtokErrorCode> = new Set<PixtokErrorCode>([
  ...transientCodes,
  "ADDON_NOT_FOUND",
  "DECODER_NOT_FOUND",
  "SOURCE_CHANGED",
  "FILE_UNWRITABLE",
  "REMOTE_NOT_FOUND",
  "REMOTE_REFUSED",
  "REMOTE_CORRUPT_FILE",
  "CACHE_FULL",
  "HUB_ACCESS_DENIED",
  "HUB_NOT_CACHED",
]);

/**
 * Whether an error is one of the machine, the installation or a file that all samples are in: a sample
 * cannot be judged by it, and the same sample may be read another time.
 */
export function isMachineFault({ code }: PixtokError): boolean {
  return faultCodes.has(code);
}

/** Throws the first of the failures that is a fault of the machine. */
export function throwMachineFault(failures: readonly { readonly error: PixtokError }[]): void {
  const found = failures.find(({ error }) => isMachineFault(error));
  if (found !== undefined) throw found.error;
}

/** Whether it is a fault of the machine that may pass. */
export function isTransientFault({ code }: PixtokError): boolean {
  return transientCodes.has(code);
}

/** The machine's fault behind an error, of the sample where it names none; null where there is none. */
export function machineFault(error: unknown, origin: SampleOrigin = {}): PixtokError | null {
  if (error instanceof PixtokError && isMachineFault(error)) {
    return origin.index === undefined ? error : errorOfSample(error, origin);
  }
  for (const { code, message } of faultsBehind(error, MAX_CAUSES)) {
    return new PixtokError(code, message, { ...origin, cause: error });
  }
  return null;
}

/** Does work of the addon; that it lacks memory or threads is a fault of the machine, and thrown as such. */
export async function withMachineFaults<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw machineFault(error) ?? error;
  }
}

/** Faults in an error, its cause, the cause of that, and in errors that were put together into one. */
function* faultsBehind(
  error: unknown,
  depth: number,
): Generator<{ code: PixtokErrorCode; message: string }> {
  if (depth === 0 || error === undefined || error === null) return;
  const fault = faultOf(error);
  if (fault !== null) yield fault;
  if (!(error instanceof Error)) return;
  yield* faultsBehind(error.cause, depth - 1);
  if (!(error instanceof AggregateError)) return;
  for (const one of error.errors.slice(0, MAX_CAUSES)) yield* faultsBehind(one, depth - 1);
}

function faultOf(error: unknown): { code: PixtokErrorCode; message: string } | null {
  if (!(error instanceof Error)) return faultInText(String(error));
  const message = error.message.split("\n")[0] ?? "";
  if (error instanceof PixtokError) {
    return isMachineFault(error) ? { code: error.code, message } : null;
  }
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined) return faultInText(error.message);
  if (!Object.hasOwn(faultsOfErrno, code) || isNoRegularFile(error)) return null;
  const fault = faultsOfErrno[code] as Fault;
  // Node writes "EIO: i/o error, read" of files, and "connect ETIMEDOUT 10.0.0.1:443" of one server
  const isOfNetwork = syscall !== undefined && message.startsWith(`${syscall} ${code}`);
  return fault === "STORAGE_FAILED" && isOfNetwork ? null : { code: fault, message };
}

function faultInText(text: string): { code: Fault; message: string } | null {
  for (const message of text.split("\n")) {
    const found = faultsOfText.find(([pattern]) => pattern.test(message));
    if (found !== undefined) return { code: found[1], message };
  }
  return null;
}
