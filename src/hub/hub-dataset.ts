import { join } from "node:path";
import { CachedRepo, isCommit } from "./cache.js";
import { type HubFile, hubClient } from "./client.js";
import { hubEnvironment } from "./environment.js";

/** The files of a dataset at a commit. */
export interface HubDataset {
  readonly commit: string;
  /** Their paths have slashes. */
  readonly files: readonly HubFile[];
}

/**
 * Lists a dataset of the hub.
 *
 * @param revision branch, tag, commit or reference.
 * @throws {PixtokError} HUB_REPO_NOT_FOUND, HUB_REVISION_NOT_FOUND, HUB_ACCESS_DENIED, HUB_UNREACHABLE.
 */
export async function hubDataset(id: string, revision: string): Promise<HubDataset> {
  const client = await hubClient(id, await hubEnvironment(), "dataset");
  const commit = isCommit(revision) ? revision : await client.commitOf(revision);
  return { commit, files: await client.allFiles(commit) };
}

/** What huggingface_hub, or load_dataset, has downloaded of a dataset; undefined where it has nothing. */
export async function downloadedDataset(
  id: string,
  revision: string,
): Promise<HubDataset | undefined> {
  const cache = new CachedRepo((await hubEnvironment()).cacheFolder, id, "dataset");
  const commit = await cache.commitOf(revision);
  const files = commit === undefined ? [] : await cache.files(commit);
  return commit === undefined || files.length === 0 ? undefined : { commit, files };
}

/** Path of a file of a dataset that huggingface_hub has downloaded; undefined where it has not. */
export async function downloadedFile(
  id: string,
  commit: string,
  path: string,
): Promise<string | undefined> {
  const cache = new CachedRepo((await hubEnvironment()).cacheFolder, id, "dataset");
  return (await cache.has(commit, path)) ? join(cache.snapshot(commit), path) : undefined;
}

/** Where a file of a dataset is, and what authorizes to read it. */
export async function hubDatasetRequest(
  id: string,
  commit: string,
  path: string,
): Promise<{ url: URL; headers: Record<string, string> }> {
  const { endpoint, token } = await hubEnvironment();
  const escaped = path.split("/").map(encodeURIComponent).join("/");
  return {
    url: new URL(`${endpoint}/datasets/${id}/resolve/${commit}/${escaped}`),
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  };
}

/** Whether the hub is not to be asked: HF_HUB_OFFLINE. */
export async function isHubOffline(): Promise<boolean> {
  return (await hubEnvironment()).offline;
}
