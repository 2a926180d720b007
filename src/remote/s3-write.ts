import type { IncomingMessage } from "node:http";
import { PixtokError } from "../shared/errors.js";
import { bodyChunks } from "./body-chunks.js";
import type { ServerSettings } from "./remote-options.js";
import { withRetries } from "./remote-retries.js";
import { s3Facts } from "./s3.js";
import { clientOf, failure, faultOf, type S3Place, statusOf } from "./s3-client.js";
import { stayAlive } from "./stay-alive.js";

/** What has to be in a place for something to be put there; undefined: whatever is. */
export type PutCondition = { readonly isAbsent: true } | { readonly etag: string } | undefined;

/** Headers of a request that is to be done under a condition, as S3 has them. */
export function conditionHeaders(condition: PutCondition): {
  IfNoneMatch?: string;
  IfMatch?: string;
} {
  if (condition === undefined) return {};
  return "etag" in condition ? { IfMatch: condition.etag } : { IfNoneMatch: "*" };
}

/** Of an object that is not there, though its bucket is. */
const isMissing = (thrown: unknown) =>
  statusOf(thrown) === 404 && faultOf(thrown) !== "NoSuchBucket";

/** Of a condition that does not hold: another object is there, or none is. */
export function isUnmet(thrown: unknown, condition: PutCondition): boolean {
  if (statusOf(thrown) === 412) return true;
  return isMissing(thrown) && condition !== undefined && "etag" in condition;
}

/** Errors for what nobody is authorized to write who asks. */
const unauthorized = new WeakSet<PixtokError>();

/** Whether a server has refused to write for want of rights. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof PixtokError && unauthorized.has(error);
}

/** The error for what the client throws where something is written. */
export function writeFailure(source: string, thrown: unknown): PixtokError {
  const status = statusOf(thrown);
  const { name } = thrown as Error;
  const cause = failure(source, thrown);
  if (status === 409) {
    const message = `${cause.reason}: another process is writing the object`;
    return new PixtokError("REMOTE_UNREACHABLE", message, { source, cause });
  }
  if (status === 501) {
    const message = `${cause.reason}: it does not know what is asked`;
    const advice = `${NO_CONDITIONS}. Where it is checksums that the server does not know, set AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED`;
    return new PixtokError("REMOTE_REFUSED", message, { source, cause, advice });
  }
  if (name === "NoSuchUpload") {
    const message =
      "the server does not know the upload any more: another process may have begun it anew";
    return new PixtokError("REMOTE_UNREACHABLE", message, { source, cause });
  }
  if (cause.code !== "REMOTE_REFUSED") return cause;
  const isRights = status === 401 || status === 403;
  const rights = ": s3:PutObject, s3:DeleteObject and s3:ListBucket";
  const advice = `check the URL, and what authorizes to write it${isRights ? rights : ""}`;
  const error = new PixtokError(cause.code, cause.reason, { source, cause: cause.cause, advice });
  if (isRights) unauthorized.add(error);
  return error;
}

const NO_CONDITIONS =
  "sets are packed to stores that know conditional writes (If-None-Match, If-Match), such as those of Amazon, Cloudflare and MinIO; pack into a folder and copy it";

/** The error for a store that overwrites what it was not to overwrite. */
export const noConditions = (source: string) =>
  new PixtokError("REMOTE_REFUSED", "the server overwrites what it was asked not to", {
    ...{ source, advice: NO_CONDITIONS },
  });

/**
 * Puts a small object in its place.
 *
 * @returns its ETag; undefined where the condition does not hold.
 * @throws {PixtokError} REMOTE_REFUSED, REMOTE_UNREACHABLE
 */
export function s3Put(
  source: string,
  { bucket, path }: S3Place,
  content: Uint8Array,
  condition: PutCondition,
  settings: ServerSettings,
  signal: AbortSignal,
): Promise<string | undefined> {
  const put = async () => {
    const { sdk, client } = await clientOf(settings);
    try {
      const command = new sdk.PutObjectCommand({
        ...{ Bucket: bucket, Key: path, Body: content },
        ...conditionHeaders(condition),
      });
      return (await client.send(command, { abortSignal: signal })).ETag ?? "";
    } catch (thrown) {
      signal.throwIfAborted();
      if (isUnmet(thrown, condition)) return undefined;
      throw writeFailure(source, thrown);
    }
  };
  return stayAlive(withRetries(settings.remoteRetries, signal, put));
}

/** Removes an object, if it is there. */
export function s3Delete(
  source: string,
  { bucket, path }: S3Place,
  settings: ServerSettings,
  signal: AbortSignal,
): Promise<void> {
  const remove = async () => {
    const { sdk, client } = await clientOf(settings);
    try {
      const command = new sdk.DeleteObjectCommand({ Bucket: bucket, Key: path });
      await client.send(command, { abortSignal: signal });
    } catch (thrown) {
      signal.throwIfAborted();
      if (!isMissing(thrown)) throw writeFailure(source, thrown);
    }
  };
  return stayAlive(withRetries(settings.remoteRetries, signal, remove));
}

/** Whether there is an object in a place. */
export function s3Has(
  source: string,
  place: S3Place,
  settings: ServerSettings,
  signal: AbortSignal,
): Promise<boolean> {
  const look = async () => {
    try {
      await s3Facts(source, place, settings, signal);
      return true;
    } catch (error) {
      if (error instanceof PixtokError && error.code === "REMOTE_NOT_FOUND") return false;
      throw error;
    }
  };
  return stayAlive(withRetries(settings.remoteRetries, signal, look));
}

/** A small object, and when it was written and read by its server's clock, in milliseconds since 1970. */
export interface S3Content {
  readonly content: Buffer;
  readonly etag: string;
  readonly written: number;
  readonly read: number;
}

/** An object that is being changed by others, with its times; undefined where there is none. */
export function s3Read(
  source: string,
  { bucket, path }: S3Place,
  settings: ServerSettings,
  signal: AbortSignal,
): Promise<S3Content | undefined> {
  const read = async (): Promise<S3Content | undefined> => {
    const { sdk, client } = await clientOf(settings);
    try {
      const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: path });
      let date: string | undefined;
      command.middlewareStack.add(
        (next) => async (step) => {
          const result = await next(step);
          const { headers } = result.response as { headers: Record<string, string> };
          date = headers.date;
          return result;
        },
        { step: "deserialize", name: "noteDate" },
      );
      const answer = await client.send(command, { abortSignal: signal });
      const { Body, ETag = "", LastModified } = answer;
      const pieces: Buffer[] = [];
      const body = Body as unknown as IncomingMessage;
      for await (const piece of bodyChunks(source, body, settings.timeoutSeconds)) {
        pieces.push(piece);
      }
      const now = date === undefined ? Date.now() : Date.parse(date);
      const written = LastModified?.getTime() ?? now;
      return { content: Buffer.concat(pieces), etag: ETag, written, read: now };
    } catch (thrown) {
      signal.throwIfAborted();
      if (isMissing(thrown)) return undefined;
      throw failure(source, thrown);
    }
  };
  return stayAlive(withRetries(settings.remoteRetries, signal, read));
}
