import { PixtokError, type PixtokErrorCode } from "../shared/errors.js";
import type { HubEnvironment } from "./environment.js";
import type { HubRepoType } from "./hub-repo-type.js";

/** An answer to a question has some kilobytes, and is not waited for as long as a file. */
export const MOST_ANSWER_BYTES = 1 << 24;

export const MOST_ANSWER_SECONDS = 300;

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // fetch says no more than "fetch failed" itself
  const { cause } = error;
  const detail = cause instanceof Error ? cause.message || (cause as { code?: string }).code : "";
  return detail ? `${error.message}: ${detail}` : error.message;
}

/** @see huggingface_hub's `hf_raise_for_status`, which reads the same headers. */
function refusal(id: string, type: string, endpoint: string, response: Response): PixtokError {
  const { status, headers } = response;
  const name = headers.get("X-Error-Code");
  const said = headers.get("X-Error-Message");
  const error = (code: PixtokErrorCode, message: string) =>
    new PixtokError(code, said === null ? message : `${message}: ${said}`, { source: id });

  if (name === "GatedRepo") return error("HUB_ACCESS_DENIED", `the ${type} is gated`);
  if (name === "RevisionNotFound") {
    return error("HUB_REVISION_NOT_FOUND", `the ${type} has no such revision`);
  }
  const badToken = said === "Invalid credentials in Authorization header";
  if (status === 403 || (status === 401 && badToken)) {
    return error("HUB_ACCESS_DENIED", `${endpoint} refuses access`);
  }
  // without a token the hub does not tell what is private from what does not exist
  if (status === 404 || status === 401) {
    return error(
      "HUB_REPO_NOT_FOUND",
      `there is neither a folder or file of this name nor such a ${type} at ${endpoint}`,
    );
  }
  return error("HUB_UNREACHABLE", `${endpoint} answered with status ${status}`);
}

/** What an answer may cost. */
interface Limits {
  bytes: number;
  /** Limit of the whole answer's time; a file may take any time while it comes. */
  seconds?: number;
}

/** The same answer, which ends with an error where it is longer than it may be, or stops coming. */
function withLimits(response: Response, limits: Limits, idleSeconds: number): Response {
  const { body } = response;
  if (body === null) return response;
  const reader = body.getReader();
  const end = Date.now() + 1000 * (limits.seconds ?? Number.POSITIVE_INFINITY);
  let left = limits.bytes;
  const next = async () => {
    let timer: NodeJS.Timeout | undefined;
    const stopped = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`nothing came for ${idleSeconds} seconds`)),
        1000 * idleSeconds,
      );
    });
    try {
      return await Promise.race([reader.read(), stopped]);
    } finally {
      clearTimeout(timer);
    }
  };
  const bounded = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await next();
        if (done) return controller.close();
        left -= value.length;
        if (left < 0) throw new Error(`the answer is longer than ${limits.bytes} bytes`);
        if (Date.now() > end) throw new Error(`the answer took over ${limits.seconds} seconds`);
        controller.enqueue(value);
      } catch (error) {
        controller.error(error);
        reader.cancel().catch(() => {});
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  const { status, statusText, headers } = response;
  return new Response(bounded, { status, statusText, headers });
}

function isAt(endpoint: string, input: Parameters<typeof fetch>[0]): boolean {
  const url = input instanceof Request ? input.url : input;
  return new URL(url).origin === new URL(endpoint).origin;
}

/** A fetch that authenticates, has limits, and throws a PixtokError for what went wrong. */
export function hubFetch(
  id: string,
  { endpoint, token, timeoutSeconds }: HubEnvironment,
  limits: Limits,
  type: HubRepoType = "model",
): typeof fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    // not by the library, which takes no token that does not start with "hf_"; an answer may name another server
    if (token !== undefined && isAt(endpoint, input)) {
      headers.set("Authorization", `Bearer ${token}`);
    }
    const timeout = new AbortController();
    const timer = setTimeout(
      () => timeout.abort(new Error(`no answer for ${timeoutSeconds} seconds`)),
      1000 * timeoutSeconds,
    );
    let response: Response;
    try {
      response = await fetch(input, { ...init, headers, signal: timeout.signal });
    } catch (cause) {
      const message = `${endpoint} cannot be reached: ${reasonOf(cause)}`;
      throw new PixtokError("HUB_UNREACHABLE", message, { source: id, cause });
    } finally {
      clearTimeout(timer);
    }
    if (response.ok) return withLimits(response, limits, timeoutSeconds);
    response.body?.cancel().catch(() => {});
    throw refusal(id, type, endpoint, response);
  };
}
