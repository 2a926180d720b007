import { posix } from "node:path";
import { downloadedFile } from "../hub/hub-dataset.js";
import { neverAborted } from "../shared/abort.js";
import { PixtokError } from "../shared/errors.js";
import { keptAnswers } from "./kept-answers.js";
import type { RemoteFacts } from "./remote-answer.js";
import { type RemoteFile, remoteFile } from "./remote-file.js";
import { type HubLocation, type ListedFile, listHub, listS3 } from "./remote-listing.js";
import { type RemoteLocation, remoteLocation, shownUrl } from "./remote-location.js";
import type { RemoteSettings } from "./remote-options.js";
import { requestFacts } from "./remote-request.js";

/** Files of a folder, by their paths from there. */
export type RemoteFolder = ReadonlyMap<string, RemoteFile>;

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
  below(url: string): Promise<RemoteFolder>;
}

/** By name, where a pattern has `*` in its last part. */
function matcher(pattern: string): (path: string) => boolean {
  const literals = pattern
    .split("*")
    .map((literal) => literal.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const whole = new RegExp(`^${literals.join("[^/]*")}$`);
  return (path) => whole.test(path);
}

/** Whether a URL is that of one of the files. */
function listedAmong(files: readonly ListedFile[], urlOf: (path: string) => string) {
  const urls = new Set(files.map(({ path }) => urlOf(path)));
  return (url: string) => urls.has(url);
}

function notListed(url: string): PixtokError {
  return new PixtokError(
    "UNKNOWN_SOURCE",
    "a web server does not list its files: expected the URL of a file, or a pattern such as {000..099}",
    { source: shownUrl(url) },
  );
}

export function remotePlaces(settings: RemoteSettings): RemotePlaces {
  const answers = keptAnswers(settings);
  const prefixes = new Map<string, Promise<readonly ListedFile[]>>();
  const datasets = new Map<string, Promise<Map<string, RemoteFile>>>();
  const filesOfHub = async (location: HubLocation): Promise<Map<string, RemoteFile>> => {
    const { id } = location;
    const { commit, files } = await listHub(location, answers);
    const urlOf = (path: string) => `hf://datasets/${id}@${commit}/${path}`;
    const isListed = listedAmong(files, urlOf);
    return new Map(
      files.map((one) => {
        const options = {
          // the bytes are known by their checksum, whatever commit they are of
          identity: `hf://datasets/${id}/${one.path}`,
          hasOwnValidator: true,
          isListed,
          downloaded: () => downloadedFile(id, commit, one.path),
        };
        return [one.path, remoteFile(urlOf(one.path), one, settings, options)];
      }),
    );
  };
  /** All files of a dataset, by their paths. */
  const hubFiles = (location: HubLocation): Promise<Map<string, RemoteFile>> => {
    const key = `${location.id} ${location.revision}`;
    const made = datasets.get(key) ?? filesOfHub(location);
    datasets.set(key, made);
    return made;
  };
  /** Files whose paths begin so. */
  const listed = async (url: string, prefix: string): Promise<Map<string, RemoteFile>> => {
    const location = remoteLocation(url);
    if (location.kind === "http") throw notListed(url);
    if (location.kind === "s3") {
      const { bucket } = location;
      const key = `${bucket}/${prefix}`;
      const made =
        prefixes.get(key) ?? listS3(url, { ...location, path: prefix }, settings, answers);
      prefixes.set(key, made);
      const files = await made;
      const urlOf = (path: string) => `s3://${bucket}/${path}`;
      const isListed = listedAmong(files, urlOf);
      return new Map(
        files.map((one) => [one.path, remoteFile(urlOf(one.path), one, settings, { isListed })]),
      );
    }
    const all = await hubFiles(location);
    return new Map([...all].filter(([path]) => path.startsWith(prefix)));
  };

  const fileAt = async (url: string, location: RemoteLocation): Promise<RemoteFile> => {
    if (location.kind === "hub") {
      const found = (await hubFiles(location)).get(location.path);
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
      const found = [...all].filter(([one]) => isMatch(one)).sort(([a], [b]) => (a < b ? -1 : 1));
      if (found.length > 0) return found.map(([, file]) => file);
      throw new PixtokError("REMOTE_NOT_FOUND", "there are no such files", {
        source: shownUrl(url),
      });
    },

    async below(url) {
      const location = remoteLocation(url);
      if (location.kind === "http") throw notListed(url);
      const folder = location.path.replace(/\/+$/, "");
      const prefix = folder === "" ? "" : `${folder}/`;
      const all = await listed(url, prefix);
      return new Map([...all].map(([path, file]) => [path.slice(prefix.length), file]));
    },
  };
}
