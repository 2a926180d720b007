import { addAbortSignal } from "node:stream";
import { hubDatasetRequest, isHubOffline } from "../hub/hub-dataset.js";
import { PixtokError } from "../shared/errors.js";
import { httpRequest } from "./http-request.js";
import {
  answerOf,
  type ByteSpan,
  factsOf,
  type RemoteAnswer,
  type RemoteFacts,
  rangeHeader,
} from "./remote-answer.js";
import { answeredWith } from "./remote-errors.js";
import { type RemoteLocation, remoteLocation, shownUrl } from "./remote-location.js";
import type { ServerSettings } from "./remote-options.js";

/** Statuses of the hub for those who have no token, or have not accepted the terms. */
const REFUSED = [401, 403];

type HubLocation = Extract<RemoteLocation, { kind: "hub" }>;
type HttpAsked = Exclude<RemoteLocation, { kind: "s3" }>;

/** Statuses of servers that have no HEAD, do not know it, or whose signed URLs are for GET alone. */
const NO_HEAD = [400, 401, 403, 404, 405, 501];

async function ask(
  location: HttpAsked,
  method: "GET" | "HEAD",
  span: ByteSpan | undefined,
  { timeoutSeconds }: ServerSettings,
  signal: AbortSignal,
) {
  const { url, headers } =
    location.kind === "http" ? { url: location.url, headers: {} } : await hubRequest(location);
  const range = span === undefined ? {} : { Range: rangeHeader(span) };
  return httpRequest(url, { method, headers: { ...headers, ...range }, timeoutSeconds, signal });
}

async function hubRequest({ id, revision = "main", path }: HubLocation) {
  if (!(await isHubOffline())) return hubDatasetRequest(id, revision, path);
  const message = "HF_HUB_OFFLINE is set, and the file is not in the cache";
  throw new PixtokError("HUB_NOT_CACHED", message, { source: `hf://datasets/${id}/${path}` });
}

/**
 * A file as it comes, or a part of it, where the server gives parts.
 *
 * @throws {PixtokError} REMOTE_NOT_FOUND, REMOTE_REFUSED, REMOTE_UNREACHABLE, REMOTE_CORRUPT_FILE.
 */
export async function requestFile(
  url: string,
  span: ByteSpan | undefined,
  settings: ServerSettings,
  signal: AbortSignal,
): Promise<RemoteAnswer> {
  const location = remoteLocation(url);
  const source = shownUrl(url);
  if (location.kind === "s3") {
    const { s3Get } = await import("./s3.js");
    return endedBy(signal, await s3Get(source, location, span, settings, signal));
  }
  const response = await ask(location, "GET", span, settings, signal);
  if (location.kind === "hub" && REFUSED.includes(response.statusCode ?? 0)) {
    response.destroy();
    throw new PixtokError("HUB_ACCESS_DENIED", "the hub refuses access", { source });
  }
  return endedBy(signal, answerOf(source, response));
}

function endedBy(signal: AbortSignal, answer: RemoteAnswer): RemoteAnswer {
  addAbortSignal(signal, answer.body);
  return answer;
}

/** What a server says of a file. */
export async function requestFacts(
  url: string,
  settings: ServerSettings,
  signal: AbortSignal,
): Promise<RemoteFacts> {
  const location = remoteLocation(url);
  const source = shownUrl(url);
  if (location.kind === "s3") {
    const { s3Facts } = await import("./s3.js");
    return s3Facts(source, location, settings, signal);
  }
  const response = await ask(location, "HEAD", undefined, settings, signal);
  response.resume();
  const { statusCode = 0, headers } = response;
  // programs say it of an answer without a body, whatever the file's size
  const isEmpty = statusCode === 200 && headers["content-length"] === "0";
  if (statusCode === 200 && !isEmpty) return factsOf(source, response);
  if (statusCode !== 200 && !NO_HEAD.includes(statusCode)) {
    throw answeredWith(source, statusCode, headers["retry-after"]);
  }
  const { body, size, validator, checksum } = await requestFile(
    url,
    // of an empty file there are no parts
    isEmpty ? undefined : { first: 0, end: 1 },
    settings,
    signal,
  );
  body.destroy();
  return { size, validator, checksum };
}
