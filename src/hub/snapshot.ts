import { PixtokError, type PixtokErrorCode } from "../shared/errors.js";
import { CachedRepo, isCommit } from "./cache.js";
import { hubClient } from "./client.js";
import { hubEnvironment } from "./environment.js";

/** The files that something pretrained is made from. */
export interface PretrainedFiles {
  /** What they make: "tokenizer". */
  kind: string;
  /** One of them is needed: the first that there is. */
  oneOf: readonly string[];
  /** Taken along where they are. */
  also: readonly string[];
  /** The error where there is none of `oneOf`. */
  missing: PixtokErrorCode;
  /** Code of an error where there is no such folder or file. Default: `missing`. */
  absent?: PixtokErrorCode;
}

/** Whether this can be the id of a model: "name" or "org/name", by huggingface_hub's rules. */
export function isHubId(text: string): boolean {
  return (
    /^(\w[\w.-]{0,95}\/)?\w[\w.-]{0,95}$/.test(text) && !/--|\.\.|[.-](\/|$)|\.git$/.test(text)
  );
}

/** A branch, a tag, a commit, or a reference such as refs/pr/1. */
export function isRevision(text: string): boolean {
  return /^\w[\w.-]*(\/\w[\w.-]*)*$/.test(text) && !text.includes("..");
}

async function firstOf<T>(
  items: readonly T[],
  test: (item: T) => boolean | Promise<boolean>,
): Promise<T | undefined> {
  for (const item of items) if (await test(item)) return item;
  return undefined;
}

/** The folder of a commit where it has one of `oneOf`, and with `all` every file of `also`. */
async function cachedSnapshot(
  cache: CachedRepo,
  commit: string | undefined,
  files: PretrainedFiles,
  all: boolean,
): Promise<string | undefined> {
  if (commit === undefined) return undefined;
  const has = (path: string) => cache.has(commit, path);
  if ((await firstOf(files.oneOf, has)) === undefined) return undefined;
  if (all && (await firstOf(files.also, async (path) => !(await has(path))))) return undefined;
  return cache.snapshot(commit);
}

/**
 * The local folder with a model's files, downloaded where the cache does not have them.
 *
 * Without a connection the cache's state is used, with a process warning PIXTOK_HUB_UNREACHABLE;
 * with HF_HUB_OFFLINE without asking.
 *
 * @throws {PixtokError} HUB_REPO_NOT_FOUND, HUB_REVISION_NOT_FOUND, HUB_ACCESS_DENIED,
 *   HUB_UNREACHABLE, HUB_CORRUPT_FILE, HUB_NOT_CACHED, HUB_CACHE_UNWRITABLE, and `files.missing`.
 */
export async function hubSnapshot(
  id: string,
  files: PretrainedFiles,
  revision: string,
): Promise<string> {
  const environment = await hubEnvironment();
  const cache = new CachedRepo(environment.cacheFolder, id);
  const cached = async (all: boolean) =>
    cachedSnapshot(cache, await cache.commitOf(revision), files, all);

  if (environment.offline) {
    const folder = await cached(false);
    if (folder !== undefined) return folder;
    throw new PixtokError(
      "HUB_NOT_CACHED",
      `there is no folder or file of this name, HF_HUB_OFFLINE is set, and ${environment.cacheFolder} has no ${files.oneOf.join(" or ")} of such a model at ${JSON.stringify(revision)}`,
      { source: id },
    );
  }

  // a commit never changes
  const kept = isCommit(revision) ? await cached(true) : undefined;
  if (kept !== undefined) return kept;

  try {
    const client = await hubClient(id, environment);
    const commit = isCommit(revision) ? revision : await client.commitOf(revision);
    if ((await cachedSnapshot(cache, commit, files, true)) === undefined) {
      const found = await client.filesAt(commit, [...new Set([...files.oneOf, ...files.also])]);
      const needed = await firstOf(files.oneOf, (path) => found.some((file) => file.path === path));
      if (needed === undefined) {
        throw new PixtokError(
          files.missing,
          `the model has no ${files.kind} that can be read: no ${files.oneOf.join(" or ")}`,
          { source: id },
        );
      }
      const wanted = found.filter(({ path }) => path === needed || files.also.includes(path));
      // waited for together, so that nothing writes after a failure was reported
      const results = await Promise.allSettled(
        wanted.map((file) => cache.add(commit, file, () => client.download(commit, file))),
      );
      for (const result of results) if (result.status === "rejected") throw result.reason;
    }
    // last, so that a broken download leaves the earlier state to those who are offline
    await cache.setCommit(revision, commit);
    return cache.snapshot(commit);
  } catch (error) {
    if (!(error instanceof PixtokError) || error.code !== "HUB_UNREACHABLE") throw error;
    const folder = await cached(false);
    if (folder === undefined) {
      const message = `there is no folder or file of this name, and ${error.reason}`;
      throw new PixtokError(error.code, message, { source: id, cause: error });
    }
    process.emitWarning(`the cached copy is used, as ${error.message}`, {
      code: "PIXTOK_HUB_UNREACHABLE",
    });
    return folder;
  }
}
