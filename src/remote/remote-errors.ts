import { PixtokError, type PixtokErrorCode } from "../shared/errors.js";

/** How long a server has asked to wait, in milliseconds, by the error that says so. */
const waits = new WeakMap<PixtokError, number>();

/** How long a server wants nobody to ask again, in milliseconds. */
export function waitOf(error: PixtokError): number | undefined {
  return waits.get(error);
}

/** Statuses of answers that have no file, by the errors that they are in. */
const statuses = new WeakMap<PixtokError, number>();

/** Whether a server says that a file ends before the part that was asked for. */
export function isBeyondEnd(error: unknown): boolean {
  return error instanceof PixtokError && statuses.get(error) === 416;
}

/** A wait in seconds, or a date. */
function milliseconds(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(retryAfter)) return 1000 * Number(retryAfter);
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function codeOf(status: number): PixtokErrorCode {
  if (status === 404 || status === 410) return "REMOTE_NOT_FOUND";
  // what may be over when it is asked again
  const isServers = status >= 500 && status < 600;
  const mayPass = isServers || status === 408 || status === 425 || status === 429;
  return mayPass ? "REMOTE_UNREACHABLE" : "REMOTE_REFUSED";
}

/** What is known of an answer beside its status. */
interface AnswerDetails {
  /** What the server calls the fault. */
  readonly fault?: string | undefined;
  /** Whether it may be over when it is asked again, where the status does not say so. */
  readonly mayPass?: boolean;
  readonly cause?: unknown;
}

/** The error for an answer that has not what was asked for. */
export function answeredWith(
  source: string,
  status: number,
  retryAfter?: string,
  { fault, mayPass = false, cause }: AnswerDetails = {},
): PixtokError {
  const wait = milliseconds(retryAfter);
  const until = wait ? `, and wants to be asked again in ${Math.ceil(wait / 1000)} seconds` : "";
  const named = fault === undefined ? "" : `, ${fault}`;
  const message = `the server answered with status ${status}${named}${until}`;
  const code = mayPass ? "REMOTE_UNREACHABLE" : codeOf(status);
  const error = new PixtokError(code, message, { source, cause });
  if (wait !== undefined) waits.set(error, wait);
  statuses.set(error, status);
  return error;
}

export function refused(source: string, message: string, cause?: unknown): PixtokError {
  return new PixtokError("REMOTE_REFUSED", message, { source, cause });
}

export function unreachable(source: string, cause: unknown): PixtokError {
  const reason = reasonOf(cause);
  return new PixtokError("REMOTE_UNREACHABLE", `the server cannot be reached: ${reason}`, {
    source,
    cause,
  });
}

/** What was wrong with a connection; of several addresses that were tried, with the last one. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const last = cause instanceof AggregateError ? (cause.errors.at(-1) as unknown) : undefined;
  if (last !== undefined) return reasonOf(last);
  return cause.message || (cause as NodeJS.ErrnoException).code || cause.name;
}

/** The error for bytes that are not those that were to come. */
export function corrupt(source: string, message: string, cause?: unknown): PixtokError {
  return new PixtokError("REMOTE_CORRUPT_FILE", message, { source, cause });
}

export function changed(source: string): PixtokError {
  const message = "the file has been changed on the server since it was opened";
  return new PixtokError("SOURCE_CHANGED", message, { source });
}
