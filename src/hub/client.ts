import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { PixtokError, type PixtokErrorCode } from "../errors.js";
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

const ANSWER_TIMEOUT_MS = 30_000;
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

/** A fetch that authenticates, has a timeout, and throws a PixtokError for what went wrong. */
function hubFetch(id: string, { endpoint, token }: HubEnvironment): typeof fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    // not by the library, which takes no token that does not start with "hf_"
    if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
    const timeout = new AbortController();
    const timer = setTimeout(
      () => timeout.abort(new Error(`no answer for ${ANSWER_TIMEOUT_MS / 1000} seconds`)),
      ANSWER_TIMEOUT_MS,
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
    if (response.ok) return response;
    await response.body?.cancel();
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
  const common = { hubUrl: endpoint, fetch: hubFetch(id, environment) };

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
            return { path, size: lfs?.size ?? size, etag };
          });
      }),

    download: (commit, { path, size, etag }) =>
      ask(`downloading ${path}`, async () => {
        // given the address, the library asks for the file alone
        const url = `${endpoint}/${id}/resolve/${commit}/${path}`;
        const blob = await hub.downloadFile({
          ...common,
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
