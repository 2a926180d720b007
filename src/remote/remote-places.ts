import { posix } from "node:path";
import { downloadedFile } from "../hub/hub-dataset.js";
import { neverAborted } from "../shared/abort.js";
import { PixtokError } from "../shared/errors.js";
import { type ListedFolder, listedFolder } from "../shared/listed-folder.js";
import { withoutIndexes } from "../shared/written-beside.js";
import { keptAnswers } from "./kept-answers.js";
import type { RemoteFacts } from "./remote-answer.js";
import { type RemoteFile, type RemoteFileOptions, remoteFile } from "./remote-file.js";
import { type HubLocation, type ListedFile, listHub, listS3 } from "./remote-listing.js";
import { type RemoteLocation, remoteLocation, shownUrl } from "./remote-location.js";
import type { RemoteSettings } from "./remote-options.js";
import { requestFacts } from "./remote-request.js";

/**
 * Finds remote files. What is found is remembered, so that a folder is listed once; and kept in the cache, for
 * when its server cannot be reached.
 */
export interface RemotePlaces {
  /**
   * The file at a URL, or those whose names match where its last part has `*`.
   *
   * @throws {PixtokError} REMOTE_NOT_FOUND where there is none; UNKNOWN_SOURCE for a pattern on a server that
   *   does not list its files.
   */
  files(url: string): Promise<RemoteFile[]>;
  /**
   * All files below a folder; none where there is no such folder.
   *
   * @throws {PixtokError} UNKNOWN_SOURCE for a server that does not list its files.
   */
  below(url: string): Promise<ListedFolder<RemoteFile>>;
}

/** By name, where a pattern has `*` in its last part. */
function matcher(pattern: string): (path: string) => boolean {
  const literals = pattern
    .split("*")
    .map((literal) => literal.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const whole = new RegExp(`^${literals.join("[^/]*")}$`);
  return (path) => whole.test(path);
}

function notListed(url: string): PixtokError {
  return new PixtokError(
    "UNKNOWN_SOURCE",
    "a web server does not list its files: expected the URL of a file, or a pattern such as {000..099}",
    { source: shownUrl(url) },
  );
}

/** Makes the files of a list, which tells whether there may be others beside them. */
function filesOfList(
  listed: readonly ListedFile[],
  urlOf: (path: string) => string,
  settings: RemoteSettings,
  optionsOf: (path: string) => RemoteFileOptions = () => ({}),
): ListedFolder<RemoteFile> {
  const files = new Map(listed.map((one) => [one.path, one]));
  const start = urlOf("");
  const isListed = (url: string) => url.startsWith(start) && files.has(url.slice(start.length));
  return listedFolder(files, (one) =>
    remoteFile(urlOf(one.path), one, settings, { isListed, ...optionsOf(one.path) }),
  );
}

export function remotePlaces(settings: RemoteSettings): RemotePlaces {
  const answers = keptAnswers(settings);
  const listings = new Map<string, Promise<ListedFolder<RemoteFile>>>();
  /** What is listed once. */
  const once = (
    key: string,
    list: () => Promise<ListedFolder<RemoteFile>>,
  ): Promise<ListedFolder<RemoteFile>> => {
    const made = listings.get(key) ?? list();
    listings.set(key, made);
    return made;
  };
  /** All files of a dataset, by their paths. */
  const hubFiles = (location: HubLocation): Promise<ListedFolder<RemoteFile>> => {
    const { id, revision } = location;
    return once(`hub ${id} ${revision}`, async () => {
      const { commit, files } = await listHub(location, answers);
      const urlOf = (path: string) => `hf://datasets/${id}@${commit}/${path}`;
      return filesOfList(files, urlOf, settings, (path) => ({
        // the bytes are known by their checksum, whatever commit they are of
        identity: `hf://datasets/${id}/${path}`,
        hasOwnValidator: true,
        downloaded: () => downloadedFile(id, commit, path),
      }));
    });
  };
  /** Files of a bucket or dataset, by their paths; of a bucket those whose paths begin so. */
  const listed = (url: string, prefix: string): Promise<ListedFolder<RemoteFile>> => {
    const location = remoteLocation(url);
    if (location.kind === "http") throw notListed(url);
    if (location.kind === "hub") return hubFiles(location);
    const { bucket } = location;
    return once(`s3 ${bucket}/${prefix}`, async () => {
      const files = await listS3(url, { ...location, path: prefix }, settings, answers);
      return filesOfList(files, (path) => `s3://${bucket}/${path}`, settings);
    });
  };

  const fileAt = async (url: string, location: RemoteLocation): Promise<RemoteFile> => {
    if (location.kind === "hub") {
      const found = (await hubFiles(location)).file(location.path);
      if (found !== undefined) return found;
      const message = "the dataset has no such file at this revision";
      throw new PixtokError("REMOTE_NOT_FOUND", message, { source: shownUrl(url) });
    }
    const server = location.kind === "http" ? location.url.origin : `s3 ${location.bucket}`;
    const facts = await answers.ask<RemoteFacts>(server, url, () =>
      requestFacts(url, settings, neverAborted),
    );
    return remoteFile(url, facts, settings);
  };

  return {
    async files(url) {
      const location = remoteLocation(url);
      const path = location.kind === "http" ? location.url.pathname : location.path;
      if (!path.includes("*")) return [await fileAt(url, location)];
      const folder = posix.dirname(path.slice(0, path.indexOf("*") + 1));
      const isMatch = matcher(path);
      const all = await listed(url, folder === "." ? "" : `${folder}/`);
      const found = withoutIndexes([...all.paths()].filter(isMatch)).sort();
      if (found.length > 0) return found.map((one) => all.file(one) as RemoteFile);
      throw new PixtokError("REMOTE_NOT_FOUND", "there are no such files", {
        source: shownUrl(url),
      });
    },

    async below(url) {
      const location = remoteLocation(url);
      if (location.kind === "http") throw notListed(url);
      const folder = location.path.replace(/\/+$/, "");
      const all = await listed(url, folder === "" ? "" : `${folder}/`);
      return all.within(folder);
    },
  };
}
