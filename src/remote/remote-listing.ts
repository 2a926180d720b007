import {
  downloadedDataset,
  type HubDataset,
  hubDataset,
  isHubOffline,
} from "../hub/hub-dataset.js";
import { neverAborted } from "../shared/abort.js";
import { PixtokError } from "../shared/errors.js";
import { isUnreachable, type KeptAnswers, warnOfUse } from "./kept-answers.js";
import type { Checksum, RemoteFacts } from "./remote-answer.js";
import { type RemoteLocation, shownUrl } from "./remote-location.js";
import type { RemoteSettings } from "./remote-options.js";

export type HubLocation = Extract<RemoteLocation, { kind: "hub" }>;
export type S3Location = Extract<RemoteLocation, { kind: "s3" }>;

/** What a list has of a file. */
export interface ListedFile extends RemoteFacts {
  readonly path: string;
}

/** What there is in a dataset of the hub. */
export interface HubListing {
  readonly commit: string;
  readonly files: readonly ListedFile[];
}

function checksumOfHub(etag: string): Checksum {
  return { algorithm: etag.length === 64 ? "sha256" : "git-sha1", digest: etag };
}

function hubListing(dataset: HubDataset): HubListing {
  const files = dataset.files.map(({ path, size, etag }) => ({
    path,
    size,
    validator: etag,
    checksum: checksumOfHub(etag),
  }));
  return { commit: dataset.commit, files };
}

/** By what huggingface_hub has downloaded. */
async function downloadedListing(id: string, revision: string): Promise<HubListing | undefined> {
  const dataset = await downloadedDataset(id, revision);
  return dataset && hubListing(dataset);
}

/** Files of a dataset: as the hub has them, or else as they were the last time or have been downloaded. */
export async function listHub(
  { id, revision = "main" }: HubLocation,
  answers: KeptAnswers,
): Promise<HubListing> {
  const question = `hub ${id} ${revision}`;
  if (await isHubOffline()) {
    const listing =
      (await answers.read<HubListing>(question)) ?? (await downloadedListing(id, revision));
    if (listing !== undefined) return listing;
    const message = `HF_HUB_OFFLINE is set, and neither cacheDir nor the hub's cache has the dataset at ${JSON.stringify(revision)}`;
    throw new PixtokError("HUB_NOT_CACHED", message, { source: id });
  }
  const ask = async () => hubListing(await hubDataset(id, revision));
  return answers.ask("hub", question, ask).catch(async (error) => {
    const listing = isUnreachable(error) ? await downloadedListing(id, revision) : undefined;
    if (listing === undefined) throw error;
    warnOfUse("what has been downloaded", error);
    return listing;
  });
}

/** Objects of a bucket whose keys begin with the location's path. */
export function listS3(
  url: string,
  location: S3Location,
  settings: RemoteSettings,
  answers: KeptAnswers,
): Promise<readonly ListedFile[]> {
  const { bucket, path } = location;
  return answers.ask(`s3 ${bucket}`, `s3 ${bucket}/${path}`, async () => {
    const { s3List } = await import("./s3.js");
    return s3List(shownUrl(url), location, settings, neverAborted);
  });
}
