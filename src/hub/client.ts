import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { PixtokError, type PixtokErrorCode } from "../shared/errors.js";
import type { HubEnvironment } from "./environment.js";

/** A file of a repository at a commit. */
export interface HubFile {
  path: string;
  size: number;
  /** SHA-256 of a file in large file storage, else git's SHA-1; the file's name in the cache. */
  etag: string;
}

/** Questions to the hub; each is retried, then fails with a PixtokError. */
export interface HubClient {
  /** The commit that a branch or tag is at. */
  commitOf(revision: string): Promise<string>;
  /** Those of the paths that are files at a commit. */
  filesAt(commit: string, paths: readonly string[]): Promise<HubFile[]>;
  /** Contents of a file, compared with its size and checksum. */
  download(commit: string, file: HubFile): Promise<Uint8Array>;
}

/** An answer to a question has some kilobytes, and is not waited for as long as a file. */
const MOST_ANSWER_BYTES = 1 << 24;
const MOST_ANSWER_SECONDS = 300;
/** The largest file that people use has some 40 MB. */
const MOST_FILE_BYTES = 1 << 28;
const RETRY_DELAYS_MS = [200, 600];
const worthRetrying: readonly PixtokErrorCode[] = ["HUB_UNREACHABLE", "HUB_CORRUPT_FILE"];

async function withRetries<T>(ask: () => Promise<T>): Promise<T> {
  for (const delay of RETRY_DELAYS_MS) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof PixtokError) || !worthRetrying.includes(error.code)) throw error;
    }
    await sleep(delay);
  }
  return ask();
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // fetch says no more than "fetch failed" itself
  const { cause } = error;
  const detail = cause instanceof Error ? cause.message || (cause as { code?: string }).code : "";
  return detail ? `${error.message}: ${detail}` : error.message;
}

/** @see huggingface_hub's `hf_raise_for_status`, which reads the same headers. */
function refusal(id: string, endpoint: string, response: Response): PixtokError {
  const { status, headers } = response;
  const name = headers.get("X-Error-Code");
  const said = headers.get("X-Error-Message");
  const error = (code: PixtokErrorCode, message: string) =>
    new PixtokError(code, said === null ? message : `${message}: ${said}`, { source: id });

  if (name === "GatedRepo") return error("HUB_ACCESS_DENIED", "the model is gated");
  if (name === "RevisionNotFound") {
    return error("HUB_REVISION_NOT_FOUND", "the model has no such revision");
  }
  const badToken = said === "Invalid credentials in Authorization header";
  if (status === 403 || (status === 401 && badToken)) {
    return error("HUB_ACCESS_DENIED", `${endpoint} refuses access`);
  }
  // without a token the hub does not tell what is private from what does not exist
  if (status === 404 || status === 401) {
    return error(
      "HUB_REPO_NOT_FOUND",
      `there is neither a folder or file of this name nor such a model at ${endpoint}`,
    );
  }
  return error("HUB_UNREACHABLE", `${endpoint} answered with status ${status}`);
}

/** What an answer may cost. */
interface Limits {
  bytes: number;
  /** Of the whole answer; a file may take any time while it comes. */
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

/** A fetch that authenticates, has limits, and throws a PixtokError for what went wrong. */
function hubFetch(
  id: string,
  { endpoint, token, timeoutSeconds }: HubEnvironment,
  limits: Limits,
): typeof fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    // not by the library, which takes no token that does not start with "hf_"
    if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
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
    throw refusal(id, endpoint, response);
  };
}

function checksum(bytes: Uint8Array, etag: string): string {
  if (etag.length === 64) return createHash("sha256").update(bytes).digest("hex");
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

const isChecksum = (value: unknown): value is string =>
  typeof value === "string" && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(value);

/**
 * The hub as the library `@huggingface/hub` speaks with it. Its `downloadFileToCacheDir` is not used:
 * it checks neither size nor checksum, lets two processes write one file, and prints.
 */
export async function hubClient(id: string, environment: HubEnvironment): Promise<HubClient> {
  const hub = await import("@huggingface/hub");
  const { endpoint } = environment;
  const answers = { bytes: MOST_ANSWER_BYTES, seconds: MOST_ANSWER_SECONDS };
  const common = { hubUrl: endpoint, fetch: hubFetch(id, environment, answers) };

  const ask = <T>(question: string, answer: () => Promise<T>): Promise<T> =>
    withRetries(async () => {
      try {
        return await answer();
      } catch (cause) {
        if (cause instanceof PixtokError) throw cause;
        const message = `${question} from ${endpoint} failed: ${reasonOf(cause)}`;
        throw new PixtokError("HUB_UNREACHABLE", message, { source: id, cause });
      }
    });

  return {
    commitOf: (revision) =>
      ask(`reading the commit of ${JSON.stringify(revision)}`, async () => {
        const info = await hub.modelInfo({
          ...common,
          name: id,
          revision,
          additionalFields: ["sha"],
        });
        if (!isChecksum(info.sha)) throw new Error("the answer has no commit");
        return info.sha;
      }),

    filesAt: (commit, paths) =>
      ask("listing the files", async () => {
        const found = await hub.pathsInfo({
          ...common,
          repo: id,
          revision: commit,
          paths: [...paths],
        });
        return found
          .filter(({ path, type }) => type === "file" && paths.includes(path))
          .map(({ path, size, oid, lfs }) => {
            const etag = lfs?.oid ?? oid;
            if (!isChecksum(etag)) throw new Error(`the answer has no checksum of ${path}`);
            const bytes: unknown = lfs?.size ?? size;
            if (typeof bytes !== "number" || !Number.isSafeInteger(bytes) || bytes < 0) {
              throw new Error(`the answer has no size of ${path}`);
            }
            return { path, size: bytes, etag };
          });
      }),

    download: (commit, { path, size, etag }) =>
      ask(`downloading ${path}`, async () => {
        if (size > MOST_FILE_BYTES) {
          const message = `${path} has ${size} bytes; at most ${MOST_FILE_BYTES} are read`;
          throw new PixtokError("FILE_TOO_LARGE", message, { source: id });
        }
        // given the address, the library asks for the file alone
        const url = `${endpoint}/${id}/resolve/${commit}/${path}`;
        const blob = await hub.downloadFile({
          ...common,
          fetch: hubFetch(id, environment, { bytes: size }),
          repo: id,
          path,
          revision: commit,
          downloadInfo: { url, size, etag },
        });
        const bytes = new Uint8Array((await blob?.arrayBuffer()) ?? []);
        if (bytes.length !== size || checksum(bytes, etag) !== etag) {
          const got =
            bytes.length === size
              ? "bytes of another checksum"
              : `${bytes.length} of ${size} bytes`;
          throw new PixtokError("HUB_CORRUPT_FILE", `downloading ${path} gave ${got}`, {
            source: id,
          });
        }
        return bytes;
      }),
  };
}
