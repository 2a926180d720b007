import type { IncomingMessage } from "node:http";
import type { S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { PixtokError } from "../shared/errors.js";
import { quietAgents } from "./quiet-agents.js";
import {
  type ByteSpan,
  type Checksum,
  contentRange,
  type RemoteAnswer,
  type RemoteFacts,
  rangeHeader,
  refuseEncoding,
} from "./remote-answer.js";
import { answeredWith, refused, unreachable } from "./remote-errors.js";
import type { RemoteSettings } from "./remote-options.js";

type Sdk = typeof import("@aws-sdk/client-s3");

/** A file or folder of a bucket. */
export interface S3Place {
  readonly bucket: string;
  readonly path: string;
}

/** An object of a bucket, as a list has it. */
export interface S3Object extends RemoteFacts {
  readonly path: string;
}

async function loadSdk(): Promise<Sdk> {
  try {
    return await import("@aws-sdk/client-s3");
  } catch (cause) {
    throw new PixtokError(
      "OPTIONAL_PACKAGE_NOT_FOUND",
      "s3:// is read by a package that is not installed with pixtok: npm install @aws-sdk/client-s3",
      { cause },
    );
  }
}

const clients = new Map<string, Promise<{ sdk: Sdk; client: S3Client }>>();

/** One client for each endpoint: each has connections and credentials of its own. */
function clientOf({ endpoint, timeoutSeconds }: RemoteSettings) {
  const key = `${timeoutSeconds} ${endpoint ?? ""}`;
  const made =
    clients.get(key) ??
    loadSdk().then((sdk) => {
      const own = endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
      const client = new sdk.S3Client({
        // other servers have no name for each bucket
        ...(own && { endpoint: own, forcePathStyle: true }),
        ...(endpoint !== undefined && { region: process.env.AWS_REGION ?? "us-east-1" }),
        // asked again by withRetries()
        maxAttempts: 1,
        // the body is to be that of Node's own client; what it is checked by is its checksum
        responseChecksumValidation: "WHEN_REQUIRED",
        followRegionRedirects: true,
        requestHandler: {
          ...quietAgents(),
          connectionTimeout: 1000 * timeoutSeconds,
          socketTimeout: 1000 * timeoutSeconds,
          // it warns of too few connections, which have no limit here, by a timer that the process waits for
          socketAcquisitionWarningTimeout: 0,
        },
      });
      return { sdk, client };
    });
  clients.set(key, made);
  made.catch(() => clients.delete(key));
  return made;
}

/** What the client throws has the answer in it, and with it parts of what signed the question. */
function bare({ name, message, code }: Error & { code?: string }): Error {
  return Object.assign(new Error(`${name}: ${message}`), code !== undefined && { code });
}

const NOT_S3 = "the server's answer is none of S3: check endpoint";

function failure(source: string, thrown: unknown): PixtokError {
  if (thrown instanceof PixtokError) return thrown;
  const { name, message, $metadata, $response } = thrown as S3ServiceException;
  const cause = bare(thrown as Error);
  if (name === "CredentialsProviderError") {
    return refused(
      source,
      "there are no credentials for S3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
      cause,
    );
  }
  if (/region is missing/i.test(message)) {
    return refused(source, "S3 needs a region: set AWS_REGION", cause);
  }
  if (/^Invalid URL$/.test(message)) {
    return refused(source, "AWS_ENDPOINT_URL is not the URL of a server, https://HOST", cause);
  }
  const status = $metadata?.httpStatusCode;
  if (status === undefined) return unreachable(source, cause);
  if (status < 300) {
    return refused(source, NOT_S3, cause);
  }
  return answeredWith(source, status, $response?.headers["retry-after"], cause);
}

const hexOf = (base64: string) => Buffer.from(base64, "base64").toString("hex");

/** That of the whole object, where S3 keeps one. */
function checksumOf(answer: {
  ChecksumType?: string | undefined;
  ChecksumSHA256?: string | undefined;
  ChecksumCRC32?: string | undefined;
}): Checksum | undefined {
  if (answer.ChecksumType === "COMPOSITE") return undefined;
  const { ChecksumSHA256: sha256, ChecksumCRC32: crc32 } = answer;
  // of an object in parts there is one of parts, and how many they are
  if (sha256 !== undefined && !sha256.includes("-")) {
    return { algorithm: "sha256", digest: hexOf(sha256) };
  }
  if (crc32 === undefined || crc32.includes("-")) return undefined;
  return { algorithm: "crc32", digest: hexOf(crc32) };
}

export async function s3Facts(
  source: string,
  { bucket, path }: S3Place,
  settings: RemoteSettings,
  signal: AbortSignal,
): Promise<RemoteFacts> {
  const { sdk, client } = await clientOf(settings);
  try {
    const command = new sdk.HeadObjectCommand({ Bucket: bucket, Key: path });
    const answer = await client.send(command, { abortSignal: signal });
    const { ContentEncoding, ContentLength, ETag } = answer;
    refuseEncoding(source, ContentEncoding);
    return { size: ContentLength, validator: ETag, checksum: undefined };
  } catch (cause) {
    signal.throwIfAborted();
    throw failure(source, cause);
  }
}

export async function s3Get(
  source: string,
  { bucket, path }: S3Place,
  span: ByteSpan | undefined,
  settings: RemoteSettings,
  signal: AbortSignal,
): Promise<RemoteAnswer> {
  const { sdk, client } = await clientOf(settings);
  try {
    const command = new sdk.GetObjectCommand({
      Bucket: bucket,
      Key: path,
      ...(span !== undefined && { Range: rangeHeader(span) }),
    });
    // asked for by the header itself: by its option the client would put a stream of its own before the body
    command.middlewareStack.add(
      (next) => (step) => {
        const { headers } = step.request as { headers: Record<string, string> };
        if (span === undefined) headers["x-amz-checksum-mode"] = "ENABLED";
        return next(step);
      },
      { step: "build", name: "askForChecksum" },
    );
    const answer = await client.send(command, { abortSignal: signal });
    const { Body, ContentEncoding, ContentLength, ContentRange, ETag } = answer;
    const body = Body as unknown as IncomingMessage;
    try {
      refuseEncoding(source, ContentEncoding);
    } catch (error) {
      body.destroy();
      throw error;
    }
    const part = ContentRange === undefined ? undefined : contentRange(ContentRange);
    return {
      first: part?.first ?? 0,
      size: part === undefined ? ContentLength : part.size,
      validator: ETag,
      checksum: span === undefined ? checksumOf(answer) : undefined,
      body,
    };
  } catch (cause) {
    signal.throwIfAborted();
    throw failure(source, cause);
  }
}

/** Objects of a list; more would fill the memory, and are no set that somebody has in mind. */
const MOST_OBJECTS = 2_000_000;

/** Objects whose keys begin with a prefix, in the order of their keys. */
export async function s3List(
  source: string,
  { bucket, path }: S3Place,
  settings: RemoteSettings,
  signal: AbortSignal,
): Promise<S3Object[]> {
  const { sdk, client } = await clientOf(settings);
  const found: S3Object[] = [];
  try {
    let last: string | undefined;
    for await (const page of sdk.paginateListObjectsV2(
      { client },
      { Bucket: bucket, Prefix: path },
    )) {
      const { Contents: objects = [], IsTruncated, NextContinuationToken: next } = page;
      if (IsTruncated === undefined) throw refused(source, NOT_S3);
      // the page that has just come would come again and again
      if (next !== undefined && next === last) {
        throw refused(source, "the server's list has no end: a page leads to itself");
      }
      last = next;
      for (const { Key, Size, ETag } of objects) {
        // a key that ends so is a folder's
        if (Key === undefined || Key.endsWith("/")) continue;
        found.push({ path: Key, size: Size, validator: ETag, checksum: undefined });
      }
      if (found.length > MOST_OBJECTS) {
        throw refused(
          source,
          `there are more than ${MOST_OBJECTS} objects below it; name a folder of fewer`,
        );
      }
      signal.throwIfAborted();
    }
    return found;
  } catch (cause) {
    signal.throwIfAborted();
    throw failure(source, cause);
  }
}
