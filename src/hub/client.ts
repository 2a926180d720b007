import { createHash } from "node:crypto";
import type { ListFileEntry, PathInfo } from "@huggingface/hub";
import { PixtokError } from "../shared/errors.js";
import { MAX_MODEL_FILE_BYTES } from "../shared/limits.js";
import type { HubEnvironment } from "./environment.js";
import { hubFetch, MOST_ANSWER_BYTES, MOST_ANSWER_SECONDS, reasonOf } from "./hub-fetch.js";
import type { HubRepoType } from "./hub-repo-type.js";
import { withRetries } from "./hub-retries.js";

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
  /** All files at a commit. */
  allFiles(commit: string): Promise<HubFile[]>;
  /** Those of the paths that are files at a commit. */
  filesAt(commit: string, paths: readonly string[]): Promise<HubFile[]>;
  /** Contents of a file, compared with its size and checksum. */
  download(commit: string, file: HubFile): Promise<Uint8Array>;
}

function checksum(bytes: Uint8Array, etag: string): string {
  if (etag.length === 64) return createHash("sha256").update(bytes).digest("hex");
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

const isChecksum = (value: unknown): value is string =>
  typeof value === "string" && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(value);

/** @throws {Error} where the hub's answer is not as it should be. */
function fileOf({ path, size, oid, lfs }: ListFileEntry | PathInfo): HubFile {
  if (typeof path !== "string") throw new Error("the answer has a file without a path");
  const etag: unknown = lfs?.oid ?? oid;
  if (!isChecksum(etag)) throw new Error(`the answer has no checksum of ${path}`);
  const bytes: unknown = lfs?.size ?? size;
  if (typeof bytes !== "number" || !Number.isSafeInteger(bytes) || bytes < 0) {
    throw new Error(`the answer has no size of ${path}`);
  }
  return { path, size: bytes, etag };
}

/**
 * The hub as the library `@huggingface/hub` speaks with it. Its `downloadFileToCacheDir` is not used:
 * it checks neither size nor checksum, lets two processes write one file, and prints.
 */
export async function hubClient(
  id: string,
  environment: HubEnvironment,
  type: HubRepoType = "model",
): Promise<HubClient> {
  const hub = await import("@huggingface/hub");
  const { endpoint } = environment;
  const answers = { bytes: MOST_ANSWER_BYTES, seconds: MOST_ANSWER_SECONDS };
  const common = { hubUrl: endpoint, fetch: hubFetch(id, environment, answers, type) };
  const repo = { type, name: id } as const;

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
        const question = { ...common, name: id, revision };
        const { sha } =
          type === "model"
            ? await hub.modelInfo({ ...question, additionalFields: ["sha"] })
            : await hub.datasetInfo({ ...question, additionalFields: ["sha"] });
        if (!isChecksum(sha)) throw new Error("the answer has no commit");
        return sha;
      }),

    allFiles: (commit) =>
      ask("listing the files", async () => {
        const found = new Map<string, HubFile>();
        const listed = hub.listFiles({ ...common, repo, revision: commit, recursive: true });
        for await (const entry of listed) {
          if (entry.type !== "file") continue;
          // pages whose next one has been there before would have no end
          if (found.has(entry.path)) throw new Error(`the answer has ${entry.path} twice`);
          found.set(entry.path, fileOf(entry));
        }
        return [...found.values()];
      }),

    filesAt: (commit, paths) =>
      ask("listing the files", async () => {
        const found = await hub.pathsInfo({
          ...common,
          repo,
          revision: commit,
          paths: [...paths],
        });
        return found
          .filter(({ path, type }) => type === "file" && paths.includes(path))
          .map(fileOf);
      }),

    download: (commit, { path, size, etag }) =>
      ask(`downloading ${path}`, async () => {
        if (size > MAX_MODEL_FILE_BYTES) {
          const message = `${path} has ${size} bytes; at most ${MAX_MODEL_FILE_BYTES} are read`;
          throw new PixtokError("FILE_TOO_LARGE", message, { source: id });
        }
        // given the address, the library asks for the file alone
        const url = `${endpoint}/${id}/resolve/${commit}/${path}`;
        const blob = await hub.downloadFile({
          ...common,
          fetch: hubFetch(id, environment, { bytes: size }),
          repo,
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
