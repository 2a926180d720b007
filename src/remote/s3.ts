import type { IncomingMessage } from "node:http";
import {
  type ByteSpan,
  type Checksum,
  contentRange,
  type RemoteAnswer,
  type RemoteFacts,
  rangeHeader,
  refuseEncoding,
} from "./remote-answer.js";
import { refused } from "./remote-errors.js";
import type { ServerSettings } from "./remote-options.js";
import { clientOf, failure, NOT_S3, type S3Place } from "./s3-client.js";

/** An object of a bucket, as a list has it. */
export interface S3Object extends RemoteFacts {
  readonly path: string;
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
  settings: ServerSettings,
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
  settings: ServerSettings,
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
  settings: ServerSettings,
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
